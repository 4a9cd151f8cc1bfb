// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::moe;
using hlo::Scalar;

namespace {
template <typename Op> Value unary(const Scalar &s) {
  return s.isFloat() ? s.make<Op>(s.args[0]) : nullptr;
}

Value square(const Scalar &s) {
  if (s.isFloat())
    return s.make<arith::MulFOp>(s.args[0], s.args[0]);
  return s.isInteger() ? s.make<arith::MulIOp>(s.args[0], s.args[0]) : nullptr;
}

/// Real numbers are their own conjugates.
Value conjugate(const Scalar &s) {
  return s.isFloat() || s.isInteger() ? s.args[0] : nullptr;
}

Value infinity(const Scalar &s, bool negative) {
  auto type = cast<FloatType>(s.argType());
  return s.make<arith::ConstantOp>(FloatAttr::get(
      type, APFloat::getInf(type.getFloatSemantics(), negative)));
}

Value isInf(const Scalar &s) {
  if (!s.isFloat())
    return nullptr;
  return s.make<arith::CmpFOp>(arith::CmpFPredicate::OEQ,
                               s.make<math::AbsFOp>(s.args[0]),
                               infinity(s, false));
}

template <bool negative> Value isSignedInf(const Scalar &s) {
  if (!s.isFloat())
    return nullptr;
  return s.make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, s.args[0],
                               infinity(s, negative));
}

/// The upper half of the product.
Value multiplyHigh(const Scalar &s) {
  if (!s.isInteger())
    return nullptr;
  return s.isUnsigned()
             ? arith::MulUIExtendedOp::create(s.b, s.loc, s.args[0], s.args[1])
                   .getHigh()
             : arith::MulSIExtendedOp::create(s.b, s.loc, s.args[0], s.args[1])
                   .getHigh();
}

/// The float beside the first operand in the direction of the second: its bits
/// are one more or less, but around zero.
Value nextAfter(const Scalar &s) {
  if (!s.isFloat())
    return nullptr;
  Value x = s.args[0], y = s.args[1];
  unsigned width = s.type.getIntOrFloatBitWidth();
  Type bits = s.b.getIntegerType(width);
  Value zero = s.constant(s.type, 0.0);
  Value raw = s.make<arith::BitcastOp>(bits, x);
  auto is = [&](arith::CmpFPredicate predicate, Value a, Value b) {
    return s.make<arith::CmpFOp>(predicate, a, b);
  };
  auto select = [&](Value condition, Value a, Value b) {
    return s.make<arith::SelectOp>(condition, a, b);
  };
  Value up = is(arith::CmpFPredicate::OLT, x, y);
  Value positive = is(arith::CmpFPredicate::OGT, x, zero);
  // Away from zero the magnitude grows.
  Value grows = s.make<arith::CmpIOp>(arith::CmpIPredicate::eq, up, positive);
  Value one = s.constant(bits, APInt(width, 1));
  Value next = select(grows, s.make<arith::AddIOp>(raw, one),
                      s.make<arith::SubIOp>(raw, one));
  APInt least(width, 1), leastNegative = APInt::getSignMask(width) | least;
  Value fromZero =
      select(up, s.constant(bits, least), s.constant(bits, leastNegative));
  next = select(is(arith::CmpFPredicate::OEQ, x, zero), fromZero, next);
  Value result = s.make<arith::BitcastOp>(s.type, next);
  result = select(is(arith::CmpFPredicate::OEQ, x, y), y, result);
  return select(is(arith::CmpFPredicate::UNO, x, y),
                s.make<arith::AddFOp>(x, y), result);
}
} // namespace

ArrayRef<hlo::ScalarEntry> hlo::chloScalars() {
  static constexpr ScalarEntry table[] = {
      {"chlo.acos", 1, unary<math::AcosOp>},
      {"chlo.acosh", 1, unary<math::AcoshOp>},
      {"chlo.asin", 1, unary<math::AsinOp>},
      {"chlo.asinh", 1, unary<math::AsinhOp>},
      {"chlo.atan", 1, unary<math::AtanOp>},
      {"chlo.atanh", 1, unary<math::AtanhOp>},
      {"chlo.conj", 1, conjugate},
      {"chlo.cosh", 1, unary<math::CoshOp>},
      {"chlo.erf", 1, unary<math::ErfOp>},
      {"chlo.erfc", 1, unary<math::ErfcOp>},
      {"chlo.is_inf", 1, isInf},
      {"chlo.is_neg_inf", 1, isSignedInf<true>},
      {"chlo.is_pos_inf", 1, isSignedInf<false>},
      {"chlo.mulhi", 2, multiplyHigh},
      {"chlo.next_after", 2, nextAfter},
      {"chlo.sinh", 1, unary<math::SinhOp>},
      {"chlo.square", 1, square},
      {"chlo.tan", 1, unary<math::TanOp>},
  };
  return table;
}
