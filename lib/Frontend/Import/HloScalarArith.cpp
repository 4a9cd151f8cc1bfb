// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::moe;
using hlo::Scalar;

namespace {
Value compare(const Scalar &s, arith::CmpIPredicate predicate, Value a,
              Value b) {
  return s.make<arith::CmpIOp>(predicate, a, b);
}
Value isZero(const Scalar &s, Value value) {
  return compare(s, arith::CmpIPredicate::eq, value,
                 s.constant(value.getType(), 0));
}
Value select(const Scalar &s, Value condition, Value a, Value b) {
  return s.make<arith::SelectOp>(condition, a, b);
}

/// One operation for floats, one for integers, one for i1.
template <typename Float, typename Int, typename Bool>
Value binary(const Scalar &s) {
  if (s.isFloat())
    return s.make<Float>(s.args[0], s.args[1]);
  if (s.argType().isInteger(1))
    return s.make<Bool>(s.args[0], s.args[1]);
  if (s.isInteger())
    return s.make<Int>(s.args[0], s.args[1]);
  return nullptr;
}

Value subtract(const Scalar &s) {
  return binary<arith::SubFOp, arith::SubIOp, arith::XOrIOp>(s);
}

template <typename Float, typename Signed, typename Unsigned>
Value extremum(const Scalar &s) {
  if (s.isFloat())
    return s.make<Float>(s.args[0], s.args[1]);
  if (!s.isInteger())
    return nullptr;
  return s.isUnsigned() ? s.make<Unsigned>(s.args[0], s.args[1])
                        : s.make<Signed>(s.args[0], s.args[1]);
}

template <typename Op> Value bitwise(const Scalar &s) {
  return s.isInteger() ? s.make<Op>(s.args[0], s.args[1]) : nullptr;
}

Value bitwiseNot(const Scalar &s) {
  if (!s.isInteger())
    return nullptr;
  unsigned width = s.argType().getIntOrFloatBitWidth();
  return s.make<arith::XOrIOp>(
      s.args[0], s.constant(s.argType(), APInt::getAllOnes(width)));
}

/// As XLA: x / 0 has all bits set, and the least value divided by -1 is itself.
/// Both are undefined in arith.
Value divide(const Scalar &s) {
  Value a = s.args[0], b = s.args[1];
  if (s.isFloat())
    return s.make<arith::DivFOp>(a, b);
  if (!s.isInteger())
    return nullptr;
  Type type = s.argType();
  Value zero = s.constant(type, 0), one = s.constant(type, 1);
  Value minusOne =
      s.constant(type, APInt::getAllOnes(type.getIntOrFloatBitWidth()));
  Value byZero = isZero(s, b);
  Value divisor = select(s, byZero, one, b);
  if (s.isUnsigned())
    return select(s, byZero, minusOne, s.make<arith::DivUIOp>(a, divisor));
  Value negates = compare(s, arith::CmpIPredicate::eq, b, minusOne);
  divisor = select(s, negates, one, divisor);
  Value quotient = s.make<arith::DivSIOp>(a, divisor);
  quotient = select(s, negates, s.make<arith::SubIOp>(zero, a), quotient);
  return select(s, byZero, minusOne, quotient);
}

/// The sign is that of the dividend; x % 0 is x.
Value remainder(const Scalar &s) {
  Value a = s.args[0], b = s.args[1];
  if (s.isFloat())
    return s.make<arith::RemFOp>(a, b);
  if (!s.isInteger())
    return nullptr;
  Type type = s.argType();
  Value one = s.constant(type, 1);
  Value byZero = isZero(s, b);
  Value divisor = select(s, byZero, one, b);
  if (s.isUnsigned())
    return select(s, byZero, a, s.make<arith::RemUIOp>(a, divisor));
  Value minusOne =
      s.constant(type, APInt::getAllOnes(type.getIntOrFloatBitWidth()));
  divisor = select(s, compare(s, arith::CmpIPredicate::eq, b, minusOne), one,
                   divisor);
  return select(s, byZero, a, s.make<arith::RemSIOp>(a, divisor));
}

/// By squaring, modulo the width. A negative exponent gives the integer part.
Value integerPower(const Scalar &s) {
  Type type = s.argType();
  unsigned width = type.getIntOrFloatBitWidth();
  Value base = s.args[0], exponent = s.args[1];
  Value zero = s.constant(type, 0), one = s.constant(type, 1);
  Value lower = s.make<arith::ConstantIndexOp>(0);
  Value upper = s.make<arith::ConstantIndexOp>(width);
  Value step = s.make<arith::ConstantIndexOp>(1);
  auto loop = scf::ForOp::create(
      s.b, s.loc, lower, upper, step, ValueRange{one, base, exponent},
      [&](OpBuilder &b, Location loc, Value, ValueRange state) {
        Scalar inner{s.op, b, loc, s.args, s.type};
        Value bit = inner.make<arith::AndIOp>(state[2], one);
        Value odd =
            inner.make<arith::CmpIOp>(arith::CmpIPredicate::ne, bit, zero);
        Value product = inner.make<arith::MulIOp>(state[0], state[1]);
        Value result = inner.make<arith::SelectOp>(odd, product, state[0]);
        Value square = inner.make<arith::MulIOp>(state[1], state[1]);
        Value rest = inner.make<arith::ShRUIOp>(state[2], one);
        scf::YieldOp::create(b, loc, ValueRange{result, square, rest});
      });
  Value power = loop.getResult(0);
  if (s.isUnsigned())
    return power;
  // 1 / base^n is 1 or -1 where the base is, and rounds to 0 elsewhere. The
  // powers of 1 and -1 depend on the lowest bit only, so they are right.
  Value isUnit = compare(s, arith::CmpIPredicate::ule,
                         s.make<arith::AddIOp>(base, one), s.constant(type, 2));
  Value isUnitNotZero = s.make<arith::AndIOp>(
      isUnit, compare(s, arith::CmpIPredicate::ne, base, zero));
  Value inverse = select(s, isUnitNotZero, power, zero);
  Value negative = compare(s, arith::CmpIPredicate::slt, exponent, zero);
  return select(s, negative, inverse, power);
}

Value power(const Scalar &s) {
  if (s.isFloat())
    return s.make<math::PowFOp>(s.args[0], s.args[1]);
  return s.isInteger() ? integerPower(s) : nullptr;
}

Value atan2(const Scalar &s) {
  return s.isFloat() ? s.make<math::Atan2Op>(s.args[0], s.args[1]) : nullptr;
}

/// Shifts by the width or more leave nothing, or only the sign.
template <typename Op> Value shift(const Scalar &s) {
  if (!s.isInteger())
    return nullptr;
  Type type = s.argType();
  unsigned width = type.getIntOrFloatBitWidth();
  Value inRange = compare(s, arith::CmpIPredicate::ult, s.args[1],
                          s.constant(type, APInt(width, width)));
  if (width == 1)
    inRange = isZero(s, s.args[1]);
  bool keepsSign = std::is_same_v<Op, arith::ShRSIOp>;
  Value most = s.constant(type, APInt(width, keepsSign ? width - 1 : 0));
  Value shifted = s.make<Op>(s.args[0], select(s, inRange, s.args[1], most));
  return keepsSign ? shifted : select(s, inRange, shifted, s.constant(type, 0));
}

Value selectElement(const Scalar &s) {
  if (!s.argType().isInteger(1))
    return nullptr;
  return select(s, s.args[0], s.args[1], s.args[2]);
}

/// min(max(operand, lower), upper); operands are lower, operand, upper.
Value clamp(const Scalar &s) {
  Value low = s.args[0], value = s.args[1], high = s.args[2];
  if (s.isFloat())
    return s.make<arith::MinimumFOp>(s.make<arith::MaximumFOp>(value, low),
                                     high);
  if (!s.isInteger())
    return nullptr;
  if (s.isUnsigned())
    return s.make<arith::MinUIOp>(s.make<arith::MaxUIOp>(value, low), high);
  return s.make<arith::MinSIOp>(s.make<arith::MaxSIOp>(value, low), high);
}
} // namespace

ArrayRef<hlo::ScalarEntry> hlo::arithmeticScalars() {
  static constexpr ScalarEntry table[] = {
      {"stablehlo.add", 2, binary<arith::AddFOp, arith::AddIOp, arith::OrIOp>},
      {"stablehlo.and", 2, bitwise<arith::AndIOp>},
      {"stablehlo.atan2", 2, atan2},
      {"stablehlo.clamp", 3, clamp},
      {"stablehlo.divide", 2, divide},
      {"stablehlo.maximum", 2,
       extremum<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>},
      {"stablehlo.minimum", 2,
       extremum<arith::MinimumFOp, arith::MinSIOp, arith::MinUIOp>},
      {"stablehlo.multiply", 2,
       binary<arith::MulFOp, arith::MulIOp, arith::AndIOp>},
      {"stablehlo.not", 1, bitwiseNot},
      {"stablehlo.or", 2, bitwise<arith::OrIOp>},
      {"stablehlo.power", 2, power},
      {"stablehlo.remainder", 2, remainder},
      {"stablehlo.select", 3, selectElement},
      {"stablehlo.shift_left", 2, shift<arith::ShLIOp>},
      {"stablehlo.shift_right_arithmetic", 2, shift<arith::ShRSIOp>},
      {"stablehlo.shift_right_logical", 2, shift<arith::ShRUIOp>},
      {"stablehlo.subtract", 2, subtract},
      {"stablehlo.xor", 2, bitwise<arith::XOrIOp>},
  };
  return table;
}
