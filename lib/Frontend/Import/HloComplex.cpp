// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"

using namespace mlir;
using namespace mlir::moe;
using hlo::Scalar;

namespace {
bool isComplex(const Scalar &s) { return isa<ComplexType>(s.argType()); }

template <typename Op> Value unary(const Scalar &s) {
  return isComplex(s) ? s.make<Op>(s.argType(), s.args[0]) : nullptr;
}

template <typename Op> Value binary(const Scalar &s) {
  return isComplex(s) ? s.make<Op>(s.args[0], s.args[1]) : nullptr;
}

Value create(const Scalar &s) {
  auto part = dyn_cast<FloatType>(s.argType());
  if (!part || s.args[1].getType() != part)
    return nullptr;
  return s.make<complex::CreateOp>(ComplexType::get(part), s.args[0],
                                   s.args[1]);
}

Value real(const Scalar &s) {
  if (s.isFloat())
    return s.args[0];
  return isComplex(s) ? s.make<complex::ReOp>(s.args[0]) : nullptr;
}

Value imaginary(const Scalar &s) {
  if (s.isFloat())
    return s.constant(s.type, 0.0);
  return isComplex(s) ? s.make<complex::ImOp>(s.args[0]) : nullptr;
}

Value abs(const Scalar &s) {
  return isComplex(s) ? s.make<complex::AbsOp>(s.args[0]) : nullptr;
}

/// By the real part, then by the imaginary one.
Value isLess(const Scalar &s, Value a, Value b) {
  auto compareParts = [&](arith::CmpFPredicate predicate, bool imaginary) {
    Value x = imaginary ? s.make<complex::ImOp>(a) : s.make<complex::ReOp>(a);
    Value y = imaginary ? s.make<complex::ImOp>(b) : s.make<complex::ReOp>(b);
    return s.make<arith::CmpFOp>(predicate, x, y);
  };
  Value less = compareParts(arith::CmpFPredicate::OLT, false);
  Value equal = compareParts(arith::CmpFPredicate::OEQ, false);
  Value lessBehind = compareParts(arith::CmpFPredicate::OLT, true);
  return s.make<arith::OrIOp>(less, s.make<arith::AndIOp>(equal, lessBehind));
}

Value lesser(const Scalar &s, Value a, Value b) {
  return s.make<arith::SelectOp>(isLess(s, a, b), a, b);
}
Value greater(const Scalar &s, Value a, Value b) {
  return s.make<arith::SelectOp>(isLess(s, a, b), b, a);
}

Value minimum(const Scalar &s) {
  return isComplex(s) ? lesser(s, s.args[0], s.args[1]) : nullptr;
}
Value maximum(const Scalar &s) {
  return isComplex(s) ? greater(s, s.args[0], s.args[1]) : nullptr;
}
Value clamp(const Scalar &s) {
  return isComplex(s) ? lesser(s, greater(s, s.args[0], s.args[1]), s.args[2])
                      : nullptr;
}

Value conjugate(const Scalar &s) {
  return isComplex(s) ? s.make<complex::ConjOp>(s.args[0]) : nullptr;
}

Value square(const Scalar &s) {
  return isComplex(s) ? s.make<complex::MulOp>(s.args[0], s.args[0]) : nullptr;
}

/// 1 / (1 + exp(-z))
Value logistic(const Scalar &s) {
  if (!isComplex(s))
    return nullptr;
  Value one = hlo::buildOne(s.b, s.loc, s.type);
  Value power = s.make<complex::ExpOp>(s.make<complex::NegOp>(s.args[0]));
  return s.make<complex::DivOp>(one, s.make<complex::AddOp>(one, power));
}

/// The root of the least angle.
Value cubeRoot(const Scalar &s) {
  auto type = dyn_cast<ComplexType>(s.argType());
  if (!type)
    return nullptr;
  Type part = type.getElementType();
  Value third = s.make<complex::CreateOp>(type, s.constant(part, 1.0 / 3),
                                          s.constant(part, 0.0));
  return s.make<complex::PowOp>(s.args[0], third);
}

/// Complex numbers are equal or not; they have no order.
Value compare(const Scalar &s) {
  if (!isComplex(s))
    return nullptr;
  std::string direction = hlo::enumerator(s.op, "comparison_direction");
  if (direction == "EQ")
    return s.make<complex::EqualOp>(s.args[0], s.args[1]);
  if (direction == "NE")
    return s.make<complex::NotEqualOp>(s.args[0], s.args[1]);
  return nullptr;
}

Value convertPart(const Scalar &s, Value value, Type type) {
  Scalar part{s.op, s.b, s.loc, {value}, type};
  for (const hlo::ScalarEntry &entry : hlo::conversionScalars())
    if (entry.name == "stablehlo.convert")
      return entry.build(part);
  return nullptr;
}

/// What is not complex has no imaginary part, and keeps none.
Value convert(const Scalar &s) {
  auto to = dyn_cast<ComplexType>(s.type);
  if (!isComplex(s) && !to)
    return nullptr;
  Value real = s.args[0], imaginary;
  if (isComplex(s)) {
    real = s.make<complex::ReOp>(s.args[0]);
    imaginary = s.make<complex::ImOp>(s.args[0]);
  }
  if (!to)
    return convertPart(s, real, s.type);
  Type part = to.getElementType();
  real = convertPart(s, real, part);
  imaginary =
      imaginary ? convertPart(s, imaginary, part) : s.constant(part, 0.0);
  if (!real)
    return nullptr;
  return s.make<complex::CreateOp>(to, real, imaginary);
}
} // namespace

ArrayRef<hlo::ScalarEntry> hlo::complexScalars() {
  static constexpr ScalarEntry table[] = {
      {"chlo.conj", 1, conjugate},
      {"chlo.square", 1, square},
      {"stablehlo.abs", 1, abs},
      {"stablehlo.add", 2, binary<complex::AddOp>},
      {"stablehlo.atan2", 2, binary<complex::Atan2Op>},
      {"stablehlo.cbrt", 1, cubeRoot},
      {"stablehlo.clamp", 3, clamp},
      {"stablehlo.compare", 2, compare},
      {"stablehlo.complex", 2, create},
      {"stablehlo.convert", 1, convert},
      {"stablehlo.cosine", 1, unary<complex::CosOp>},
      {"stablehlo.divide", 2, binary<complex::DivOp>},
      {"stablehlo.exponential", 1, unary<complex::ExpOp>},
      {"stablehlo.exponential_minus_one", 1, unary<complex::Expm1Op>},
      {"stablehlo.imag", 1, imaginary},
      {"stablehlo.log", 1, unary<complex::LogOp>},
      {"stablehlo.log_plus_one", 1, unary<complex::Log1pOp>},
      {"stablehlo.logistic", 1, logistic},
      {"stablehlo.maximum", 2, maximum},
      {"stablehlo.minimum", 2, minimum},
      {"stablehlo.multiply", 2, binary<complex::MulOp>},
      {"stablehlo.negate", 1, unary<complex::NegOp>},
      {"stablehlo.power", 2, binary<complex::PowOp>},
      {"stablehlo.real", 1, real},
      {"stablehlo.rsqrt", 1, unary<complex::RsqrtOp>},
      {"stablehlo.sign", 1, unary<complex::SignOp>},
      {"stablehlo.sine", 1, unary<complex::SinOp>},
      {"stablehlo.sqrt", 1, unary<complex::SqrtOp>},
      {"stablehlo.subtract", 2, binary<complex::SubOp>},
      {"stablehlo.tan", 1, unary<complex::TanOp>},
      {"stablehlo.tanh", 1, unary<complex::TanhOp>},
  };
  return table;
}
