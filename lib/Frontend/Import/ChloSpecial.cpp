// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions that no dialect has, computed in f64 and rounded once.
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::moe;
using hlo::Scalar;

namespace {
constexpr double pi = 3.14159265358979323846;
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Arithmetic on f64 that reads like arithmetic.
struct Number {
  const Scalar *s;
  Value value;

  Number of(Value other) const { return {s, other}; }
  Number of(double other) const {
    return of(s->constant(s->b.getF64Type(), other));
  }
  template <typename Op> Number apply() const { return of(s->make<Op>(value)); }
  Value is(arith::CmpFPredicate predicate, Number other) const {
    return s->make<arith::CmpFOp>(predicate, value, other.value);
  }
  Value isBelow(double other) const {
    return is(arith::CmpFPredicate::OLT, of(other));
  }
  Value equals(double other) const {
    return is(arith::CmpFPredicate::OEQ, of(other));
  }
  Number orElse(Value condition, Number other) const {
    return of(s->make<arith::SelectOp>(condition, value, other.value));
  }
};

Number operator+(Number a, Number b) {
  return a.of(a.s->make<arith::AddFOp>(a.value, b.value));
}
Number operator-(Number a, Number b) {
  return a.of(a.s->make<arith::SubFOp>(a.value, b.value));
}
Number operator*(Number a, Number b) {
  return a.of(a.s->make<arith::MulFOp>(a.value, b.value));
}
Number operator/(Number a, Number b) {
  return a.of(a.s->make<arith::DivFOp>(a.value, b.value));
}
Number operator+(Number a, double b) { return a + a.of(b); }
Number operator-(Number a, double b) { return a - a.of(b); }
Number operator*(Number a, double b) { return a * a.of(b); }
Number operator-(double a, Number b) { return b.of(a) - b; }
Number operator/(double a, Number b) { return b.of(a) / b; }

Number log(Number x) { return x.apply<math::LogOp>(); }
Number power(Number x, Number y) {
  return x.of(x.s->make<math::PowFOp>(x.value, y.value));
}

/// Highest power first.
Number polynomial(Number x, ArrayRef<double> coefficients) {
  Number sum = x.of(coefficients.front());
  for (double coefficient : coefficients.drop_front())
    sum = sum * x + coefficient;
  return sum;
}

/// `function` of the operands in f64, in the type of the result.
template <typename... Numbers>
Value inF64(const Scalar &s, Number (*function)(Numbers...)) {
  if (!s.isFloat())
    return nullptr;
  auto number = [&](Value value) {
    return Number{&s, hlo::castFloat(s.b, s.loc, value, s.b.getF64Type())};
  };
  Value result;
  if constexpr (sizeof...(Numbers) == 1)
    result = function(number(s.args[0])).value;
  else
    result = function(number(s.args[0]), number(s.args[1])).value;
  return hlo::castFloat(s.b, s.loc, result, s.type);
}

/// Whole numbers up to zero, where gamma functions have poles.
Value isPole(Number x) {
  Value isWhole = x.is(arith::CmpFPredicate::OEQ, x.apply<math::FloorOp>());
  Value isLow = x.is(arith::CmpFPredicate::OLE, x.of(0.0));
  return x.s->make<arith::AndIOp>(isWhole, isLow);
}

/// Lanczos' approximation with g = 7 and 9 terms, for x >= 1/2.
Number lgammaAbove(Number x) {
  constexpr double terms[] = {676.5203681218851,     -1259.1392167224028,
                              771.32342877765313,    -176.61502916214059,
                              12.507343278686905,    -0.13857109526572012,
                              9.9843695780195716e-6, 1.5056327351493116e-7};
  Number z = x - 1.0;
  Number sum = x.of(0.99999999999980993);
  for (auto [i, term] : llvm::enumerate(terms))
    sum = sum + x.of(term) / (z + double(i + 1));
  Number t = z + 7.5;
  return (z + 0.5) * log(t) - t + log(sum) + 0.91893853320467274178;
}

/// log |gamma(x)|, below 1/2 by reflection.
Number lgamma(Number x) {
  Value isLow = x.isBelow(0.5);
  Number above = lgammaAbove((1.0 - x).orElse(isLow, x));
  // sin(pi x) by the distance to a whole number, which is exact.
  Number fraction = x - x.apply<math::FloorOp>();
  Number sine = (fraction * pi).apply<math::SinOp>();
  Number below = x.of(1.14472988584940017414) - log(sine) - above;
  Number result = below.orElse(isLow, above);
  result = x.of(inf).orElse(isPole(x), result);
  return x.of(inf).orElse(x.apply<math::AbsFOp>().equals(inf), result);
}

/// The derivative of lgamma: ten steps up, then the asymptotic series.
Number digammaAbove(Number x) {
  Number sum = x.of(0.0);
  for (int i = 0; i < 10; ++i)
    sum = sum + 1.0 / (x + double(i));
  Number z = x + 10.0;
  Number inverse = 1.0 / (z * z);
  constexpr double series[] = {1.0 / 12,  -691.0 / 32760, 1.0 / 132, -1.0 / 240,
                               1.0 / 252, -1.0 / 120,     1.0 / 12};
  return log(z) - 0.5 / z - inverse * polynomial(inverse, series) - sum;
}

Number digamma(Number x) {
  Value isLow = x.isBelow(0.5);
  Number above = digammaAbove((1.0 - x).orElse(isLow, x));
  Number fraction = x - x.apply<math::FloorOp>();
  Number below = above - x.of(pi) / (fraction * pi).apply<math::TanOp>();
  return x.of(nan).orElse(isPole(x), below.orElse(isLow, above));
}

/// Hurwitz' zeta function, sum over n >= 0 of (q + n)^-x, by Euler and
/// Maclaurin: the terms below ten one by one, an integral for the rest.
Number zeta(Number x, Number q) {
  const Scalar &s = *x.s;
  Type f64 = s.b.getF64Type();
  auto loop = scf::WhileOp::create(
      s.b, s.loc, TypeRange{f64, f64}, ValueRange{q.value, x.of(0.0).value},
      [&](OpBuilder &b, Location loc, ValueRange state) {
        Scalar inner{s.op, b, loc, s.args, s.type};
        Number term{&inner, state[0]};
        scf::ConditionOp::create(b, loc, term.isBelow(10.0), state);
      },
      [&](OpBuilder &b, Location loc, ValueRange state) {
        Scalar inner{s.op, b, loc, s.args, s.type};
        Number term{&inner, state[0]}, sum{&inner, state[1]};
        Number exponent{&inner, x.value};
        Number next = sum + power(term, 0.0 - exponent);
        scf::YieldOp::create(b, loc,
                             ValueRange{(term + 1.0).value, next.value});
      });
  Number a = x.of(loop.getResult(0)), sum = x.of(loop.getResult(1));
  Number first = power(a, 0.0 - x);
  sum = sum + a * first / (x - 1.0) + first * 0.5;
  // Bernoulli numbers B_2j / (2j)!, times x (x+1) .. (x+2j-2) a^-(x+2j-1).
  constexpr double bernoulli[] = {
      1.0 / 12,           -1.0 / 720,
      1.0 / 30240,        -1.0 / 1209600,
      1.0 / 47900160,     -691.0 / 1307674368000.0,
      1.0 / 74724249600., -3617.0 / 10670622842880000.0};
  Number factor = x * first / a;
  for (auto [j, number] : llvm::enumerate(bernoulli)) {
    sum = sum + factor * number;
    factor =
        factor * (x + double(2 * j + 1)) * (x + double(2 * j + 2)) / (a * a);
  }
  sum = x.of(inf).orElse(x.equals(1), sum);
  sum = x.of(inf).orElse(isPole(q), sum);
  return x.of(nan).orElse(x.isBelow(1), sum);
}

/// The n-th derivative of digamma: (-1)^(n+1) n! zeta(n + 1, x).
Number polygamma(Number n, Number x) {
  Number size = lgamma(n + 1.0).apply<math::ExpOp>() * zeta(n + 1.0, x);
  Number half = n * 0.5;
  Value isEven =
      half.is(arith::CmpFPredicate::OEQ, half.apply<math::FloorOp>());
  Number result = (0.0 - size).orElse(isEven, size);
  result = digamma(x).orElse(n.equals(0), result);
  Value isOrder = n.is(arith::CmpFPredicate::OEQ, n.apply<math::FloorOp>());
  isOrder = n.s->make<arith::AndIOp>(
      isOrder, n.is(arith::CmpFPredicate::OGE, n.of(0.0)));
  return result.orElse(isOrder, n.of(nan));
}

/// Mike Giles' polynomials in w = -log(1 - x^2), for double precision.
Number erfInv(Number x) {
  constexpr double centre[] = {
      -3.6444120640178196996e-21, -1.685059138182016589e-19,
      1.2858480715256400167e-18,  1.115787767802518096e-17,
      -1.333171662854620906e-16,  2.0972767875968561637e-17,
      6.6376381343583238325e-15,  -4.0545662729752068639e-14,
      -8.1519341976054721522e-14, 2.6335093153082322977e-12,
      -1.2975133253453532498e-11, -5.4154120542946279317e-11,
      1.051212273321532285e-09,   -4.1126339803469836976e-09,
      -2.9070369957882005086e-08, 4.2347877827932403518e-07,
      -1.3654692000834678645e-06, -1.3882523362786468719e-05,
      0.0001867342080340571352,   -0.00074070253416626697512,
      -0.0060336708714301490533,  0.24015818242558961693,
      1.6536545626831027356};
  constexpr double middle[] = {
      2.2137376921775787049e-09,  9.0756561938885390979e-08,
      -2.7517406297064545428e-07, 1.8239629214389227755e-08,
      1.5027403968909827627e-06,  -4.013867526981545969e-06,
      2.9234449089955446044e-06,  1.2475304481671778723e-05,
      -4.7318229009055733981e-05, 6.8284851459573175448e-05,
      2.4031110387097893999e-05,  -0.0003550375203628474796,
      0.00095328937973738049703,  -0.0016882755560235047313,
      0.0024914420961078508066,   -0.0037512085075692412107,
      0.005370914553590063617,    1.0052589676941592334,
      3.0838856104922207635};
  constexpr double tail[] = {
      -2.7109920616438573243e-11, -2.5556418169965252055e-10,
      1.5076572693500548083e-09,  -3.7894654401267369937e-09,
      7.6157012080783393804e-09,  -1.4960026627149240478e-08,
      2.9147953450901080826e-08,  -6.7711997758452339498e-08,
      2.2900482228026654717e-07,  -9.9298272942317002539e-07,
      4.5260625972231537039e-06,  -1.9681778105531670567e-05,
      7.5995277030017761139e-05,  -0.00021503011930044477347,
      -0.00013871931833623122026, 1.0103004648645343977,
      4.8499064014085844221};
  Number w = 0.0 - log((1.0 - x) * (x + 1.0));
  Number root = w.apply<math::SqrtOp>();
  Number ratio = polynomial(root - 5.0, tail);
  ratio = polynomial(root - 3.25, middle).orElse(w.isBelow(16), ratio);
  ratio = polynomial(w - 3.125, centre).orElse(w.isBelow(6.25), ratio);
  Value isEnd = x.apply<math::AbsFOp>().equals(1);
  return (x * inf).orElse(isEnd, ratio * x);
}

/// exp(-|x|) I1(x). Up to 50 the integral of exp(|x| (cos t - 1)) cos t over
/// half a period, whose trapezoid sum converges faster than any power; above
/// the asymptotic series.
Number besselI1e(Number x) {
  Number size = x.apply<math::AbsFOp>();
  constexpr int steps = 48;
  Number sum = x.of(0.0);
  for (int i = 0; i < steps; ++i) {
    double cosine = std::cos(pi * (i + 0.5) / steps);
    Number term = (size * (cosine - 1)).apply<math::ExpOp>();
    sum = sum + term * (cosine / steps);
  }
  // Coefficients of 1/x^k: product over j of ((2j-1)^2 - 4) / (8 j).
  SmallVector<double> series{1};
  for (int j = 1; j < 16; ++j)
    series.push_back(series.back() * ((2 * j - 1) * (2 * j - 1) - 4) /
                     (8.0 * j));
  std::reverse(series.begin(), series.end());
  Number large =
      polynomial(1.0 / size, series) / (size * (2 * pi)).apply<math::SqrtOp>();
  Number result = sum.orElse(size.isBelow(50), large);
  return x.of(x.s->make<math::CopySignOp>(result.value, x.value));
}

template <Number function(Number)> Value one(const Scalar &s) {
  return inF64(s, function);
}
template <Number function(Number, Number)> Value two(const Scalar &s) {
  return inF64(s, function);
}
} // namespace

ArrayRef<hlo::ScalarEntry> hlo::specialScalars() {
  static constexpr ScalarEntry table[] = {
      {"chlo.bessel_i1e", 1, one<besselI1e>}, {"chlo.digamma", 1, one<digamma>},
      {"chlo.erf_inv", 1, one<erfInv>},       {"chlo.lgamma", 1, one<lgamma>},
      {"chlo.polygamma", 2, two<polygamma>},  {"chlo.zeta", 2, two<zeta>},
  };
  return table;
}
