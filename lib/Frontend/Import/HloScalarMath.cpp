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

template <typename Op> Value countBits(const Scalar &s) {
  return s.isInteger() ? s.make<Op>(s.args[0]) : nullptr;
}

/// The least value is its own magnitude.
Value abs(const Scalar &s) {
  if (s.isFloat())
    return s.make<math::AbsFOp>(s.args[0]);
  if (!s.isInteger())
    return nullptr;
  return s.isUnsigned() ? s.args[0] : s.make<math::AbsIOp>(s.args[0]);
}

Value negate(const Scalar &s) {
  if (s.isFloat())
    return s.make<arith::NegFOp>(s.args[0]);
  if (!s.isInteger())
    return nullptr;
  return s.make<arith::SubIOp>(s.constant(s.argType(), 0), s.args[0]);
}

/// Zeros keep their sign, and NaN stays.
Value sign(const Scalar &s) {
  Value x = s.args[0];
  if (s.isFloat()) {
    Value zero = s.constant(s.type, 0.0), one = s.constant(s.type, 1.0);
    Value hasSign = s.make<arith::CmpFOp>(arith::CmpFPredicate::ONE, x, zero);
    return s.make<arith::SelectOp>(hasSign, s.make<math::CopySignOp>(one, x),
                                   x);
  }
  if (!s.isInteger() || s.isUnsigned())
    return nullptr;
  Value zero = s.constant(s.type, 0);
  Value above = s.make<arith::CmpIOp>(arith::CmpIPredicate::sgt, x, zero);
  Value below = s.make<arith::CmpIOp>(arith::CmpIPredicate::slt, x, zero);
  return s.make<arith::SubIOp>(s.make<arith::ExtUIOp>(s.type, above),
                               s.make<arith::ExtUIOp>(s.type, below));
}

/// 1 / (1 + exp(-x)), rounded once.
Value logistic(const Scalar &s) {
  if (!s.isFloat())
    return nullptr;
  Type type =
      s.argType().getIntOrFloatBitWidth() < 32 ? s.b.getF32Type() : s.argType();
  Value x = hlo::castFloat(s.b, s.loc, s.args[0], type);
  Value one = s.constant(type, 1.0);
  Value power = s.make<math::ExpOp>(s.make<arith::NegFOp>(x));
  Value result = s.make<arith::DivFOp>(one, s.make<arith::AddFOp>(power, one));
  return hlo::castFloat(s.b, s.loc, result, s.type);
}

Value isFinite(const Scalar &s) {
  auto type = dyn_cast<FloatType>(s.argType());
  if (!type)
    return nullptr;
  Value infinity = s.make<arith::ConstantOp>(
      FloatAttr::get(type, APFloat::getInf(type.getFloatSemantics())));
  return s.make<arith::CmpFOp>(arith::CmpFPredicate::OLT,
                               s.make<math::AbsFOp>(s.args[0]), infinity);
}
} // namespace

ArrayRef<hlo::ScalarEntry> hlo::mathScalars() {
  static constexpr ScalarEntry table[] = {
      {"stablehlo.abs", 1, abs},
      {"stablehlo.cbrt", 1, unary<math::CbrtOp>},
      {"stablehlo.ceil", 1, unary<math::CeilOp>},
      {"stablehlo.cosine", 1, unary<math::CosOp>},
      {"stablehlo.count_leading_zeros", 1,
       countBits<math::CountLeadingZerosOp>},
      {"stablehlo.exponential", 1, unary<math::ExpOp>},
      {"stablehlo.exponential_minus_one", 1, unary<math::ExpM1Op>},
      {"stablehlo.floor", 1, unary<math::FloorOp>},
      {"stablehlo.is_finite", 1, isFinite},
      {"stablehlo.log", 1, unary<math::LogOp>},
      {"stablehlo.log_plus_one", 1, unary<math::Log1pOp>},
      {"stablehlo.logistic", 1, logistic},
      {"stablehlo.negate", 1, negate},
      {"stablehlo.popcnt", 1, countBits<math::CtPopOp>},
      {"stablehlo.round_nearest_afz", 1, unary<math::RoundOp>},
      {"stablehlo.round_nearest_even", 1, unary<math::RoundEvenOp>},
      {"stablehlo.rsqrt", 1, unary<math::RsqrtOp>},
      {"stablehlo.sign", 1, sign},
      {"stablehlo.sine", 1, unary<math::SinOp>},
      {"stablehlo.sqrt", 1, unary<math::SqrtOp>},
      {"stablehlo.tan", 1, unary<math::TanOp>},
      {"stablehlo.tanh", 1, unary<math::TanhOp>},
  };
  return table;
}
