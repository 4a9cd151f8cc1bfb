// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::moe;
using hlo::Scalar;

namespace {
Type bitsOf(Type type) {
  return IntegerType::get(type.getContext(), type.getIntOrFloatBitWidth());
}

Value compare(const Scalar &s) {
  using Int = arith::CmpIPredicate;
  using Float = arith::CmpFPredicate;
  struct Direction {
    Float floats;
    Int isSigned, isUnsigned;
  };
  std::string name = hlo::enumerator(s.op, "comparison_direction");
  auto direction = llvm::StringSwitch<std::optional<Direction>>(name)
                       .Case("EQ", Direction{Float::OEQ, Int::eq, Int::eq})
                       .Case("NE", Direction{Float::UNE, Int::ne, Int::ne})
                       .Case("LT", Direction{Float::OLT, Int::slt, Int::ult})
                       .Case("LE", Direction{Float::OLE, Int::sle, Int::ule})
                       .Case("GT", Direction{Float::OGT, Int::sgt, Int::ugt})
                       .Case("GE", Direction{Float::OGE, Int::sge, Int::uge})
                       .Default(std::nullopt);
  if (!direction)
    return nullptr;
  Value a = s.args[0], b = s.args[1];
  bool isTotal = hlo::enumerator(s.op, "compare_type") == "TOTALORDER";
  if (s.isFloat() && !isTotal)
    return s.make<arith::CmpFOp>(direction->floats, a, b);
  if (s.isFloat())
    return s.make<arith::CmpIOp>(direction->isSigned,
                                 hlo::totalOrder(s.b, s.loc, a),
                                 hlo::totalOrder(s.b, s.loc, b));
  if (!s.isInteger())
    return nullptr;
  return s.make<arith::CmpIOp>(
      s.isUnsigned() ? direction->isUnsigned : direction->isSigned, a, b);
}

/// Towards zero. Numbers out of range become the nearest integer that there is,
/// and NaN becomes 0: arith leaves both undefined.
Value floatToInteger(const Scalar &s, Value value, bool isUnsigned) {
  auto from = cast<FloatType>(value.getType());
  unsigned width = s.type.getIntOrFloatBitWidth();
  APInt least =
      isUnsigned ? APInt::getZero(width) : APInt::getSignedMinValue(width);
  APInt most =
      isUnsigned ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width);
  // 2^width, or half of it, is a power of two: exact unless the float has no
  // exponent for it, and then nothing finite is out of range.
  auto bound = [&](APInt value, bool isSigned) {
    APFloat limit(from.getFloatSemantics());
    (void)limit.convertFromAPInt(value, isSigned, APFloat::rmTowardPositive);
    return s.make<arith::ConstantOp>(FloatAttr::get(from, limit));
  };
  Value lower = bound(least, !isUnsigned);
  Value upper = bound(most.zext(width + 1) + 1, false);
  Value result = isUnsigned ? s.make<arith::FPToUIOp>(s.type, value)
                            : s.make<arith::FPToSIOp>(s.type, value);
  Value over = s.make<arith::CmpFOp>(arith::CmpFPredicate::OGE, value, upper);
  // Also NaN for unsigned: nothing is below 0.
  Value inRange = s.make<arith::CmpFOp>(isUnsigned ? arith::CmpFPredicate::OGT
                                                   : arith::CmpFPredicate::OGE,
                                        value, lower);
  Value under = s.constant(s.type, least);
  if (!isUnsigned) {
    Value isNumber =
        s.make<arith::CmpFOp>(arith::CmpFPredicate::ORD, value, value);
    under = s.make<arith::SelectOp>(isNumber, under, s.constant(s.type, 0));
  }
  result = s.make<arith::SelectOp>(inRange, result, under);
  return s.make<arith::SelectOp>(over, s.constant(s.type, most), result);
}

Value convert(const Scalar &s) {
  Value value = s.args[0];
  Type from = s.argType(), to = s.type;
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  if ((!fromFloat && !isa<IntegerType>(from)) ||
      (!toFloat && !isa<IntegerType>(to)))
    return nullptr;
  if (to.isInteger(1) && !from.isInteger(1)) {
    if (fromFloat)
      return s.make<arith::CmpFOp>(arith::CmpFPredicate::UNE, value,
                                   s.constant(from, 0.0));
    return s.make<arith::CmpIOp>(arith::CmpIPredicate::ne, value,
                                 s.constant(from, 0));
  }
  if (fromFloat && toFloat)
    return hlo::castFloat(s.b, s.loc, value, to);
  if (fromFloat)
    return floatToInteger(s, value, hlo::yieldsUnsigned(s.op));
  if (toFloat)
    return s.isUnsigned() ? s.make<arith::UIToFPOp>(to, value)
                          : s.make<arith::SIToFPOp>(to, value);
  unsigned width = from.getIntOrFloatBitWidth();
  if (width == to.getIntOrFloatBitWidth())
    return value;
  if (width > to.getIntOrFloatBitWidth())
    return s.make<arith::TruncIOp>(to, value);
  return s.isUnsigned() ? s.make<arith::ExtUIOp>(to, value)
                        : s.make<arith::ExtSIOp>(to, value);
}

/// To a float of fewer exponent and mantissa bits, ties to even, and back. What
/// is too large becomes infinity, what is below the normal numbers zero.
Value reducePrecision(const Scalar &s) {
  auto type = dyn_cast<FloatType>(s.argType());
  std::optional<int64_t> exponentBits = hlo::integer(s.op, "exponent_bits");
  std::optional<int64_t> mantissaBits = hlo::integer(s.op, "mantissa_bits");
  if (!type || !exponentBits || !mantissaBits || *exponentBits < 1 ||
      *mantissaBits < 0)
    return nullptr;
  unsigned width = type.getWidth();
  unsigned sourceMantissa = type.getFPMantissaWidth() - 1;
  unsigned sourceExponent = width - 1 - sourceMantissa;
  Type bits = bitsOf(type);
  auto number = [&](uint64_t value) {
    return s.constant(bits, APInt(width, value, false, true));
  };
  Value raw = s.make<arith::BitcastOp>(bits, s.args[0]);
  Value reduced = raw;
  if (*mantissaBits < sourceMantissa) {
    unsigned dropped = sourceMantissa - *mantissaBits;
    Value last = s.make<arith::AndIOp>(
        s.make<arith::ShRUIOp>(raw, number(dropped)), number(1));
    Value half = number((uint64_t(1) << (dropped - 1)) - 1);
    reduced = s.make<arith::AddIOp>(s.make<arith::AddIOp>(reduced, last), half);
    reduced = s.make<arith::AndIOp>(
        reduced,
        s.constant(bits, APInt::getHighBitsSet(width, width - dropped)));
  }
  Value signMask = s.constant(bits, APInt::getSignMask(width));
  Value sign = s.make<arith::AndIOp>(raw, signMask);
  if (*exponentBits < sourceExponent) {
    uint64_t bias = (uint64_t(1) << (sourceExponent - 1)) - 1;
    uint64_t reducedBias = (uint64_t(1) << (*exponentBits - 1)) - 1;
    auto exponentAt = [&](uint64_t exponent) {
      return number(exponent << sourceMantissa);
    };
    APInt exponentMask = APInt::getBitsSet(width, sourceMantissa, width - 1);
    Value mask = s.constant(bits, exponentMask);
    Value exponent = s.make<arith::AndIOp>(reduced, mask);
    Value over = s.make<arith::CmpIOp>(arith::CmpIPredicate::ugt, exponent,
                                       exponentAt(bias + reducedBias));
    Value under = s.make<arith::CmpIOp>(arith::CmpIPredicate::ule, exponent,
                                        exponentAt(bias - reducedBias));
    reduced = s.make<arith::SelectOp>(over, s.make<arith::OrIOp>(sign, mask),
                                      reduced);
    reduced = s.make<arith::SelectOp>(under, sign, reduced);
  }
  Value result = s.make<arith::BitcastOp>(type, reduced);
  Value isNumber =
      s.make<arith::CmpFOp>(arith::CmpFPredicate::ORD, s.args[0], s.args[0]);
  return s.make<arith::SelectOp>(isNumber, result, s.args[0]);
}
} // namespace

Value hlo::totalOrder(OpBuilder &b, Location loc, Value value) {
  Type bits = bitsOf(value.getType());
  unsigned width = bits.getIntOrFloatBitWidth();
  auto number = [&](int64_t amount) -> Value {
    return arith::ConstantOp::create(b, loc, b.getIntegerAttr(bits, amount));
  };
  Value raw = arith::BitcastOp::create(b, loc, bits, value);
  // All bits but the sign, where that is set: the larger the magnitude of a
  // negative number, the smaller it is.
  Value sign = arith::ShRSIOp::create(b, loc, raw, number(width - 1));
  Value flipped = arith::ShRUIOp::create(b, loc, sign, number(1));
  return arith::XOrIOp::create(b, loc, raw, flipped);
}

ArrayRef<hlo::ScalarEntry> hlo::conversionScalars() {
  static constexpr ScalarEntry table[] = {
      {"stablehlo.compare", 2, compare},
      {"stablehlo.convert", 1, convert},
      {"stablehlo.reduce_precision", 1, reducePrecision},
  };
  return table;
}
