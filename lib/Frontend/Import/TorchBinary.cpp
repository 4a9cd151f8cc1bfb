// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise arithmetic and comparisons of two. Operands are converted to the
// type of the result; comparisons to the type that PyTorch promotes both to.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

namespace {
/// Scalar arithmetic in a dtype.
struct Scalar {
  FunctionImporter &f;
  OpBuilder &b;
  Location loc;
  Type type;

  template <typename Float, typename Int> Value either(Value x, Value y) {
    if (isFloat(type))
      return Float::create(b, loc, x, y);
    return Int::create(b, loc, x, y);
  }
  template <typename Float, typename Signed, typename Unsigned>
  Value either(Value x, Value y) {
    if (!isFloat(type) && isUnsigned(type))
      return Unsigned::create(b, loc, x, y);
    return either<Float, Signed>(x, y);
  }
  Value c(double value) { return f.constant(type, value); }
  /// bool + bool is or, bool * bool and.
  Value add(Value x, Value y) {
    if (isBool(type))
      return arith::OrIOp::create(b, loc, x, y);
    return either<arith::AddFOp, arith::AddIOp>(x, y);
  }
  Value sub(Value x, Value y) {
    return either<arith::SubFOp, arith::SubIOp>(x, y);
  }
  Value mul(Value x, Value y) {
    return either<arith::MulFOp, arith::MulIOp>(x, y);
  }
  Value pick(Value c, Value x, Value y) {
    return arith::SelectOp::create(b, loc, c, x, y);
  }
  Value compare(arith::CmpFPredicate real, arith::CmpIPredicate sign,
                arith::CmpIPredicate plain, Value x, Value y) {
    if (isFloat(type))
      return arith::CmpFOp::create(b, loc, real, x, y);
    return arith::CmpIOp::create(b, loc, isUnsigned(type) ? plain : sign, x, y);
  }
  Value less(Value x, Value y) {
    return compare(arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt,
                   arith::CmpIPredicate::ult, x, y);
  }
  Value differs(Value x, Value y) {
    return compare(arith::CmpFPredicate::UNE, arith::CmpIPredicate::ne,
                   arith::CmpIPredicate::ne, x, y);
  }
  /// The rest of division rounded to zero, with the sign of x.
  Value rest(Value x, Value y) {
    return either<arith::RemFOp, arith::RemSIOp, arith::RemUIOp>(x, y);
  }
  /// Whether a rest must be carried over for division rounded down.
  Value carries(Value rest, Value y) {
    Value some = differs(rest, c(0));
    Value apart =
        arith::XOrIOp::create(b, loc, less(rest, c(0)), less(y, c(0)));
    return arith::AndIOp::create(b, loc, some, apart);
  }
  Value remainder(Value x, Value y) {
    Value r = rest(x, y);
    if (!isFloat(type) && isUnsigned(type))
      return r;
    return pick(carries(r, y), add(r, y), r);
  }
  Value floorDivide(Value x, Value y) {
    if (!isFloat(type))
      return either<arith::DivFOp, arith::FloorDivSIOp, arith::DivUIOp>(x, y);
    // As PyTorch and Python have it, exact where x / y would round up.
    Value r = rest(x, y);
    Value quotient = arith::DivFOp::create(b, loc, sub(x, r), y);
    quotient = pick(carries(r, y), sub(quotient, c(1)), quotient);
    Value whole = math::FloorOp::create(b, loc, quotient);
    Value over = less(c(0.5), sub(quotient, whole));
    whole = pick(over, add(whole, c(1)), whole);
    Value exact = arith::DivFOp::create(b, loc, x, y);
    Value zero = math::CopySignOp::create(b, loc, c(0), exact);
    whole = pick(differs(quotient, c(0)), whole, zero);
    return pick(differs(y, c(0)), whole, exact);
  }
};
using Function = function_ref<Value(Scalar &, Value, Value)>;
} // namespace

/// In the type of the result, or where `wide` in the type it is rounded from.
static LogicalResult importArithmetic(Call &call, bool wide, Function function,
                                      bool swap = false) {
  Type result = call.resultDtype();
  if (!result)
    return call.error() << "has an unsupported element type";
  Type compute = wide ? mathType(result) : result;
  return call.elementwiseOf({0u, 1u}, compute, result,
                            [&](OpBuilder &b, Location loc, ValueRange in) {
                              Scalar s{call.f, b, loc, compute};
                              Value value = swap ? function(s, in[1], in[0])
                                                 : function(s, in[0], in[1]);
                              return call.f.convert(b, loc, value, compute,
                                                    result);
                            });
}

/// self + alpha * other; one rounding.
template <bool minus, bool swap> static LogicalResult importAdd(Call &call) {
  const Item &alpha = call.item(2);
  bool plain = call.knownNumber(2) == 1.0;
  Type result = call.resultDtype();
  Value factor =
      plain || !result ? Value() : call.f.convert(alpha, mathType(result));
  return importArithmetic(
      call, !plain,
      [&](Scalar &s, Value x, Value y) {
        if (factor)
          y = s.mul(y, factor);
        return minus ? s.sub(x, y) : s.add(x, y);
      },
      swap);
}

static LogicalResult importMul(Call &call) {
  return importArithmetic(
      call, false, [](Scalar &s, Value x, Value y) { return s.mul(x, y); });
}

static LogicalResult importDiv(Call &call) {
  Type result = call.resultDtype();
  if (!result || !isFloat(result))
    return call.error() << "is true division, which gives floats";
  return importArithmetic(call, false,
                          [](Scalar &s, Value x, Value y) -> Value {
                            return arith::DivFOp::create(s.b, s.loc, x, y);
                          });
}

static LogicalResult importFloorDivide(Call &call) {
  return importArithmetic(call, true, [](Scalar &s, Value x, Value y) {
    return s.floorDivide(x, y);
  });
}

static LogicalResult importTruncDivide(Call &call) {
  return importArithmetic(call, true, [](Scalar &s, Value x, Value y) {
    Value q = s.either<arith::DivFOp, arith::DivSIOp, arith::DivUIOp>(x, y);
    return isFloat(s.type) ? math::TruncOp::create(s.b, s.loc, q) : q;
  });
}

static LogicalResult importDivMode(Call &call) {
  if (call.isNone(2))
    return importDiv(call);
  if (call.text(2) == "floor")
    return importFloorDivide(call);
  if (call.text(2) == "trunc")
    return importTruncDivide(call);
  return call.error() << "rounds by '" << call.text(2)
                      << "'; floor or trunc is expected";
}

static LogicalResult importRemainder(Call &call) {
  return importArithmetic(call, true, [](Scalar &s, Value x, Value y) {
    return s.remainder(x, y);
  });
}

static LogicalResult importFmod(Call &call) {
  return importArithmetic(
      call, true, [](Scalar &s, Value x, Value y) { return s.rest(x, y); });
}

static LogicalResult importMaximum(Call &call) {
  return importArithmetic(call, false, [](Scalar &s, Value x, Value y) {
    return s.either<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>(x, y);
  });
}

static LogicalResult importMinimum(Call &call) {
  return importArithmetic(call, false, [](Scalar &s, Value x, Value y) {
    return s.either<arith::MinimumFOp, arith::MinSIOp, arith::MinUIOp>(x, y);
  });
}

static LogicalResult importAtan2(Call &call) {
  return importArithmetic(call, true, [](Scalar &s, Value x, Value y) -> Value {
    return math::Atan2Op::create(s.b, s.loc, x, y);
  });
}

/// Squares, cubes and roots by their own names, as PyTorch computes them.
static LogicalResult importPow(Call &call) {
  std::optional<double> exponent = call.knownNumber(1);
  return importArithmetic(
      call, true, [&](Scalar &s, Value x, Value y) -> Value {
        if (exponent == 1.0)
          return x;
        if (exponent == 2.0)
          return s.mul(x, x);
        if (exponent == 3.0)
          return s.mul(s.mul(x, x), x);
        if (!isFloat(s.type))
          return math::IPowIOp::create(s.b, s.loc, x, y);
        if (exponent == 0.5)
          return math::SqrtOp::create(s.b, s.loc, x);
        if (exponent == -0.5)
          return math::RsqrtOp::create(s.b, s.loc, x);
        if (exponent == -1.0)
          return arith::DivFOp::create(s.b, s.loc, s.c(1), x);
        return math::PowFOp::create(s.b, s.loc, x, y);
      });
}

template <arith::CmpFPredicate real, arith::CmpIPredicate sign,
          arith::CmpIPredicate plain>
static LogicalResult importCompare(Call &call) {
  Type compute = call.promote({&call.item(0), &call.item(1)});
  Type i1 = parseDtype(call.f.getContext(), "i1");
  return call.elementwiseOf({0u, 1u}, compute, i1,
                            [&](OpBuilder &b, Location loc, ValueRange in) {
                              Scalar s{call.f, b, loc, compute};
                              return s.compare(real, sign, plain, in[0], in[1]);
                            });
}

template <typename Op> static LogicalResult importBitwise(Call &call) {
  Type result = call.resultDtype();
  if (!result || isFloat(result))
    return call.error() << "gives integers or booleans";
  return importArithmetic(call, false,
                          [](Scalar &s, Value x, Value y) -> Value {
                            return Op::create(s.b, s.loc, x, y);
                          });
}

/// The sign is shifted in on the right.
static LogicalResult importShiftRight(Call &call) {
  return importArithmetic(call, false,
                          [](Scalar &s, Value x, Value y) -> Value {
                            if (isUnsigned(s.type))
                              return arith::ShRUIOp::create(s.b, s.loc, x, y);
                            return arith::ShRSIOp::create(s.b, s.loc, x, y);
                          });
}

template <typename Op> static LogicalResult importLogical(Call &call) {
  Type i1 = parseDtype(call.f.getContext(), "i1");
  return call.elementwiseOf(
      {0u, 1u}, i1, i1,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        return Op::create(b, loc, in[0], in[1]);
      });
}

void torch::addBinaryOps(Table &table) {
  auto both = [&](StringRef name, StringRef more, ImportFn import) {
    table[("aten." + name + ".Tensor").str()] = {more.empty()  ? "TT"
                                                 : more == "N" ? "TTN"
                                                               : "TTS",
                                                 import};
    table[("aten." + name + ".Scalar").str()] = {more.empty()  ? "TN"
                                                 : more == "N" ? "TNN"
                                                               : "TNS",
                                                 import};
  };
  both("add", "N", importAdd<false, false>);
  both("sub", "N", importAdd<true, false>);
  both("rsub", "N", importAdd<true, true>);
  both("mul", "", importMul);
  both("div", "", importDiv);
  table["aten.div.Tensor_mode"] = {"TTS", importDivMode};
  table["aten.div.Scalar_mode"] = {"TNS", importDivMode};
  table["aten.floor_divide"] = {"TT", importFloorDivide};
  table["aten.floor_divide.Scalar"] = {"TN", importFloorDivide};
  both("remainder", "", importRemainder);
  both("fmod", "", importFmod);
  table["aten.remainder.Scalar_Tensor"] = {"NT", importRemainder};
  table["aten.maximum"] = {"TT", importMaximum};
  table["aten.minimum"] = {"TT", importMinimum};
  table["aten.max.other"] = {"TT", importMaximum};
  table["aten.min.other"] = {"TT", importMinimum};
  table["aten.atan2"] = {"TT", importAtan2};
  table["aten.pow.Tensor_Scalar"] = {"TN", importPow};
  table["aten.pow.Tensor_Tensor"] = {"TT", importPow};
  table["aten.pow.Scalar"] = {"NT", importPow};
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  both("eq", "", importCompare<F::OEQ, I::eq, I::eq>);
  both("ne", "", importCompare<F::UNE, I::ne, I::ne>);
  both("lt", "", importCompare<F::OLT, I::slt, I::ult>);
  both("le", "", importCompare<F::OLE, I::sle, I::ule>);
  both("gt", "", importCompare<F::OGT, I::sgt, I::ugt>);
  both("ge", "", importCompare<F::OGE, I::sge, I::uge>);
  both("bitwise_and", "", importBitwise<arith::AndIOp>);
  both("bitwise_or", "", importBitwise<arith::OrIOp>);
  both("bitwise_xor", "", importBitwise<arith::XOrIOp>);
  both("__and__", "", importBitwise<arith::AndIOp>);
  both("__or__", "", importBitwise<arith::OrIOp>);
  both("bitwise_left_shift", "", importBitwise<arith::ShLIOp>);
  both("bitwise_right_shift", "", importShiftRight);
  table["aten.__lshift__.Scalar"] = {"TN", importBitwise<arith::ShLIOp>};
  table["aten.__rshift__.Scalar"] = {"TN", importShiftRight};
  table["aten.logical_and"] = {"TT", importLogical<arith::AndIOp>};
  table["aten.logical_or"] = {"TT", importLogical<arith::OrIOp>};
  table["aten.logical_xor"] = {"TT", importLogical<arith::XOrIOp>};
}
