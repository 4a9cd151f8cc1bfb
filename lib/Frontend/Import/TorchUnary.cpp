// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise functions of one tensor. What is not exact in a narrow float is
// computed in f32 and rounded once, as PyTorch does.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

namespace {
/// Scalar arithmetic in one type, with constants in front of the function.
struct Scalar {
  FunctionImporter &f;
  OpBuilder &b;
  Location loc;
  Type type;

  Value c(double value) { return f.constant(type, value); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value neg(Value x) { return arith::NegFOp::create(b, loc, x); }
  Value exp(Value x) { return math::ExpOp::create(b, loc, x); }
  Value tanh(Value x) { return math::TanhOp::create(b, loc, x); }
  Value max(Value x, Value y) {
    return arith::MaximumFOp::create(b, loc, x, y);
  }
  Value min(Value x, Value y) {
    return arith::MinimumFOp::create(b, loc, x, y);
  }
  Value less(Value x, Value y) {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, y);
  }
  Value pick(Value c, Value x, Value y) {
    return arith::SelectOp::create(b, loc, c, x, y);
  }
  Value sigmoid(Value x) { return div(c(1), add(exp(neg(x)), c(1))); }
};
using Function = function_ref<Value(Scalar &, Value)>;
} // namespace

/// A function of floats; integers are taken as floats.
static LogicalResult importFloat(Call &call, Function function) {
  Type result = call.resultDtype();
  if (!result || !isFloat(result))
    return call.error() << "should give floats";
  Type compute = mathType(result);
  return call.elementwiseOf(
      {0u}, compute, result, [&](OpBuilder &b, Location loc, ValueRange in) {
        Scalar s{call.f, b, loc, compute};
        return call.f.convert(b, loc, function(s, in[0]), compute, result);
      });
}

template <typename Op> static LogicalResult importMath(Call &call) {
  return importFloat(call, [](Scalar &s, Value x) -> Value {
    return Op::create(s.b, s.loc, x);
  });
}

/// Of floats as they are, without rounding; integers stay as they are.
template <typename Op> static LogicalResult importRounding(Call &call) {
  Type type = call.tensor(0).dtype;
  return call.elementwiseOf({0u}, type, type,
                            [&](OpBuilder &b, Location loc, ValueRange in) {
                              if (!isFloat(type))
                                return in[0];
                              return Value(Op::create(b, loc, in[0]));
                            });
}

static LogicalResult importSigmoid(Call &call) {
  return importFloat(call, [](Scalar &s, Value x) { return s.sigmoid(x); });
}

static LogicalResult importSilu(Call &call) {
  return importFloat(call,
                     [](Scalar &s, Value x) { return s.mul(x, s.sigmoid(x)); });
}

static LogicalResult importReciprocal(Call &call) {
  return importFloat(call, [](Scalar &s, Value x) { return s.div(s.c(1), x); });
}

static LogicalResult importMish(Call &call) {
  return importFloat(call, [](Scalar &s, Value x) {
    Value soft = math::Log1pOp::create(s.b, s.loc, s.exp(x));
    // exp overflows where softplus is x.
    soft = s.pick(s.less(s.c(20), x), x, soft);
    return s.mul(x, s.tanh(soft));
  });
}

/// log(1 + exp(beta x)) / beta, and x where that is all but the same.
static LogicalResult importSoftplus(Call &call) {
  double beta = call.number(1), threshold = call.number(2);
  return importFloat(call, [&](Scalar &s, Value x) {
    Value scaled = s.mul(x, s.c(beta));
    Value soft =
        s.div(math::Log1pOp::create(s.b, s.loc, s.exp(scaled)), s.c(beta));
    return s.pick(s.less(s.c(threshold), scaled), x, soft);
  });
}

LogicalResult torch::giveGelu(Call &call, StringRef approximate) {
  if (approximate != "none" && approximate != "tanh")
    return call.error() << "approximates by '" << approximate
                        << "'; none or tanh is expected";
  bool tanh = approximate == "tanh";
  return importFloat(call, [&](Scalar &s, Value x) {
    Value half = s.mul(x, s.c(0.5));
    if (!tanh) {
      Value scaled = s.mul(x, s.c(M_SQRT1_2));
      Value erf = math::ErfOp::create(s.b, s.loc, scaled);
      return s.mul(half, s.add(erf, s.c(1)));
    }
    Value cube = s.mul(s.mul(x, x), x);
    Value inner = s.add(x, s.mul(cube, s.c(0.044715)));
    Value t = s.tanh(s.mul(inner, s.c(std::sqrt(2.0 / M_PI))));
    return s.mul(half, s.add(t, s.c(1)));
  });
}

static LogicalResult importGelu(Call &call) {
  return giveGelu(call, call.text(1));
}

static LogicalResult importLeakyRelu(Call &call) {
  double slope = call.number(1);
  return importFloat(call, [&](Scalar &s, Value x) {
    return s.pick(s.less(s.c(0), x), x, s.mul(x, s.c(slope)));
  });
}

/// alpha and scale of the negative side, and the input's own scale.
static LogicalResult importElu(Call &call) {
  double alpha = call.number(1), scale = call.number(2),
         inputScale = call.number(3);
  return importFloat(call, [&](Scalar &s, Value x) {
    Value below = math::ExpM1Op::create(s.b, s.loc, s.mul(x, s.c(inputScale)));
    below = s.mul(below, s.c(alpha * scale));
    return s.pick(s.less(s.c(0), x), s.mul(x, s.c(scale)), below);
  });
}

template <bool swish> static LogicalResult importHardSigmoid(Call &call) {
  return importFloat(call, [](Scalar &s, Value x) {
    Value gate = s.min(s.max(s.add(x, s.c(3)), s.c(0)), s.c(6));
    gate = s.div(gate, s.c(6));
    return swish ? s.mul(x, gate) : gate;
  });
}

/// relu(NaN) is NaN.
static LogicalResult importRelu(Call &call) {
  Type type = call.tensor(0).dtype;
  Value zero = call.f.constant(type, 0.0);
  return call.elementwiseOf(
      {0u}, type, type,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (isFloat(type))
          return arith::MaximumFOp::create(b, loc, in[0], zero);
        if (isUnsigned(type))
          return in[0];
        return arith::MaxSIOp::create(b, loc, in[0], zero);
      });
}

static LogicalResult importRelu6(Call &call) {
  return importFloat(
      call, [](Scalar &s, Value x) { return s.min(s.max(x, s.c(0)), s.c(6)); });
}

static LogicalResult importNeg(Call &call) {
  Type type = call.tensor(0).dtype;
  Value zero = isFloat(type) ? Value() : call.f.constant(type, 0.0);
  return call.elementwiseOf(
      {0u}, type, type,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (isFloat(type))
          return arith::NegFOp::create(b, loc, in[0]);
        return arith::SubIOp::create(b, loc, zero, in[0]);
      });
}

static LogicalResult importAbs(Call &call) {
  Type type = call.tensor(0).dtype;
  return call.elementwiseOf(
      {0u}, type, type,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (isFloat(type))
          return math::AbsFOp::create(b, loc, in[0]);
        if (isUnsigned(type))
          return in[0];
        return math::AbsIOp::create(b, loc, in[0]);
      });
}

/// x * x in its own type, as pow(x, 2) is.
static LogicalResult importSquare(Call &call) {
  Type type = call.tensor(0).dtype;
  return call.elementwiseOf(
      {0u}, type, type,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (isFloat(type))
          return arith::MulFOp::create(b, loc, in[0], in[0]);
        return arith::MulIOp::create(b, loc, in[0], in[0]);
      });
}

/// -1, 0 or 1; NaN gives 0.
static LogicalResult importSign(Call &call) {
  Type type = call.tensor(0).dtype;
  Value zero = call.f.constant(type, 0.0), one = call.f.constant(type, 1.0);
  return call.elementwiseOf(
      {0u}, type, type,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (isUnsigned(type)) {
          Value some = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                             in[0], zero);
          return arith::SelectOp::create(b, loc, some, one, zero);
        }
        Value minus = call.f.constant(type, -1.0);
        Value above, below;
        if (isFloat(type)) {
          above = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                        in[0], zero);
          below = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT,
                                        in[0], zero);
        } else {
          above = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt,
                                        in[0], zero);
          below = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt,
                                        in[0], zero);
        }
        Value rest = arith::SelectOp::create(b, loc, below, minus, zero);
        return arith::SelectOp::create(b, loc, above, one, rest);
      });
}

static LogicalResult importLogicalNot(Call &call) {
  Type i1 = parseDtype(call.f.getContext(), "i1");
  Value one = call.f.constant(i1, 1.0);
  return call.elementwiseOf(
      {0u}, i1, i1, [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        return arith::XOrIOp::create(b, loc, in[0], one);
      });
}

static LogicalResult importBitwiseNot(Call &call) {
  Type type = call.tensor(0).dtype;
  if (isFloat(type))
    return call.error() << "takes integers or booleans, found " << type;
  Value ones = call.f.constant(IntegerAttr::get(
      signless(type), APInt::getAllOnes(type.getIntOrFloatBitWidth())));
  return call.elementwiseOf(
      {0u}, type, type,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        return arith::XOrIOp::create(b, loc, in[0], ones);
      });
}

enum class Special { nan, infinity, finite };

template <Special kind> static LogicalResult importIs(Call &call) {
  Type type = mathType(call.tensor(0).dtype);
  Type i1 = parseDtype(call.f.getContext(), "i1");
  if (!isFloat(type))
    return call.give(
        Tensor{call.f.fill(call.sizesOf(0),
                           call.f.constant(i1, kind == Special::finite)),
               i1});
  Value infinity = call.f.constant(type, INFINITY);
  return call.elementwiseOf(
      {0u}, type, i1, [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (kind == Special::nan)
          return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, in[0],
                                       in[0]);
        Value size = math::AbsFOp::create(b, loc, in[0]);
        return arith::CmpFOp::create(b, loc,
                                     kind == Special::infinity
                                         ? arith::CmpFPredicate::OEQ
                                         : arith::CmpFPredicate::OLT,
                                     size, infinity);
      });
}

/// A conversion, or nothing.
static LogicalResult importCast(Call &call) {
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  return call.give(call.f.asType(call.tensor(0), dtype));
}

static LogicalResult importDropout(Call &call) {
  if (call.flag(2))
    return call.error() << "drops at random; export the model in eval mode";
  return call.give(call.tensor(0));
}

void torch::addUnaryOps(Table &table) {
  table["aten.exp"] = {"T", importMath<math::ExpOp>};
  table["aten.exp2"] = {"T", importMath<math::Exp2Op>};
  table["aten.expm1"] = {"T", importMath<math::ExpM1Op>};
  table["aten.log"] = {"T", importMath<math::LogOp>};
  table["aten.log2"] = {"T", importMath<math::Log2Op>};
  table["aten.log10"] = {"T", importMath<math::Log10Op>};
  table["aten.log1p"] = {"T", importMath<math::Log1pOp>};
  table["aten.sqrt"] = {"T", importMath<math::SqrtOp>};
  table["aten.rsqrt"] = {"T", importMath<math::RsqrtOp>};
  table["aten.sin"] = {"T", importMath<math::SinOp>};
  table["aten.cos"] = {"T", importMath<math::CosOp>};
  table["aten.tan"] = {"T", importMath<math::TanOp>};
  table["aten.tanh"] = {"T", importMath<math::TanhOp>};
  table["aten.atan"] = {"T", importMath<math::AtanOp>};
  table["aten.erf"] = {"T", importMath<math::ErfOp>};
  table["aten.ceil"] = {"T", importRounding<math::CeilOp>};
  table["aten.floor"] = {"T", importRounding<math::FloorOp>};
  table["aten.round"] = {"T", importRounding<math::RoundEvenOp>};
  table["aten.trunc"] = {"T", importRounding<math::TruncOp>};
  table["aten.sigmoid"] = {"T", importSigmoid};
  table["aten.silu"] = {"T", importSilu};
  table["aten.gelu"] = {"Ts", importGelu};
  table["aten.mish"] = {"T", importMish};
  table["aten.softplus"] = {"Tff", importSoftplus};
  table["aten.leaky_relu"] = {"Tf", importLeakyRelu};
  table["aten.elu"] = {"Tfff", importElu};
  table["aten.hardsigmoid"] = {"T", importHardSigmoid<false>};
  table["aten.hardswish"] = {"T", importHardSigmoid<true>};
  table["aten.relu"] = {"T", importRelu};
  table["aten.relu6"] = {"T", importRelu6};
  table["aten.reciprocal"] = {"T", importReciprocal};
  table["aten.square"] = {"T", importSquare};
  table["aten.neg"] = {"T", importNeg};
  table["aten.abs"] = {"T", importAbs};
  table["aten.sign"] = {"T", importSign};
  table["aten.sgn"] = {"T", importSign};
  table["aten.logical_not"] = {"T", importLogicalNot};
  table["aten.bitwise_not"] = {"T", importBitwiseNot};
  table["aten.isnan"] = {"T", importIs<Special::nan>};
  table["aten.isinf"] = {"T", importIs<Special::infinity>};
  table["aten.isfinite"] = {"T", importIs<Special::finite>};
  table["aten.dropout"] = {"Tfb", importDropout};
  table["prims.convert_element_type"] = {"Ti", importCast};
  table["aten.to.dtype"] = {"Tixxx", importCast};
  table["aten.to.dtype_layout"] = {"Txxxxxxx", importCast};
  table["aten.to.device"] = {"Txxxxx", importCast};
  table["aten.to.prim_Device"] = {"Txxxx", importCast};
  table["aten.to.other"] = {"TTxxx", importCast};
  table["aten._to_copy"] = {"Txxxxxx", importCast};
  table["aten.type_as"] = {"TT", importCast};
  for (StringRef name : {"aten.clone", "aten.contiguous"})
    table[name] = {"Tx", importCast};
  for (StringRef name : {"aten.alias", "aten.detach", "aten.lift_fresh_copy",
                         "aten.detach_copy", "aten.alias_copy"})
    table[name] = {"T", importCast};
}
