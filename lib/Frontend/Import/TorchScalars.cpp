// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Python numbers of a graph: sizes, and arithmetic on them.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

static LogicalResult importSize(Call &call) {
  return call.giveInteger(call.f.toInteger(call.sizesOf(0)[call.dimension(1)]));
}

static LogicalResult importAllSizes(Call &call) {
  Item list;
  list.kind = Item::Kind::list;
  for (Size size : call.sizesOf(0))
    list.list.push_back(
        {Item::Kind::integer, {}, call.f.toInteger(size), {}, {}});
  return call.giveItem(std::move(list));
}

static LogicalResult importNumel(Call &call) {
  return call.giveInteger(call.f.toInteger(call.f.product(call.sizesOf(0))));
}

static LogicalResult importRank(Call &call) {
  return call.giveInteger(call.f.constantInt(call.tensor(0).getRank()));
}

enum class IntOp { add, sub, mul, min, max };

template <IntOp kind> static LogicalResult importIntOp(Call &call) {
  Size lhs = call.f.sizeOf(call.item(0).scalar);
  Size rhs = call.f.sizeOf(call.item(1).scalar);
  Size result = kind == IntOp::add   ? lhs + rhs
                : kind == IntOp::sub ? lhs - rhs
                : kind == IntOp::mul ? call.f.multiply(lhs, rhs)
                : kind == IntOp::min ? call.f.minimum(lhs, rhs)
                                     : call.f.maximum(lhs, rhs);
  return call.giveInteger(call.f.toInteger(result));
}

static LogicalResult importNegInt(Call &call) {
  return call.giveInteger(
      call.f.toInteger(-call.f.sizeOf(call.item(0).scalar)));
}

/// Python's: rounds down, and the rest has the sign of the divisor. Affine
/// division is that of positive divisors.
template <bool rest> static LogicalResult importDivide(Call &call) {
  Size lhs = call.f.sizeOf(call.item(0).scalar);
  Size rhs = call.f.sizeOf(call.item(1).scalar);
  auto divisor = dyn_cast<AffineConstantExpr>(rhs);
  if (divisor && divisor.getValue() == 0)
    return call.error() << "divides by zero";
  if (divisor && divisor.getValue() > 0)
    return call.giveInteger(
        call.f.toInteger(rest ? lhs % rhs : lhs.floorDiv(rhs)));
  Value a = call.item(0).scalar, b = call.item(1).scalar;
  OpBuilder &builder = call.f.builder;
  Value quotient = arith::FloorDivSIOp::create(builder, call.f.loc, a, b);
  if (!rest)
    return call.giveInteger(quotient);
  Value whole = arith::MulIOp::create(builder, call.f.loc, quotient, b);
  return call.giveInteger(arith::SubIOp::create(builder, call.f.loc, a, whole));
}

template <arith::CmpIPredicate predicate>
static LogicalResult importCompareInt(Call &call) {
  Size lhs = call.f.sizeOf(call.item(0).scalar);
  Size rhs = call.f.sizeOf(call.item(1).scalar);
  auto left = dyn_cast<AffineConstantExpr>(lhs);
  auto right = dyn_cast<AffineConstantExpr>(rhs);
  OpBuilder &b = call.f.builder;
  if (left && right)
    return call.giveBool(call.f.constant(b.getBoolAttr(arith::applyCmpPredicate(
        predicate, APInt(64, left.getValue()), APInt(64, right.getValue())))));
  return call.giveBool(arith::CmpIOp::create(
      b, call.f.loc, predicate, call.item(0).scalar, call.item(1).scalar));
}

/// `item` as the kind of number that the result is declared to be.
static LogicalResult giveAs(Call &call, const Item &item) {
  std::string storage;
  FailureOr<TorchType> type =
      parseTorchType(call.op->getResult(0).getType(), storage);
  StringRef name = succeeded(type) ? type->name : "";
  MLIRContext *context = call.f.getContext();
  auto as = [&](Item::Kind kind, StringRef dtype) {
    Value value = call.f.convert(item, parseDtype(context, dtype));
    return call.giveItem({kind, {}, value, {}, {}});
  };
  if (name == "int")
    return as(Item::Kind::integer, "si64");
  if (name == "float")
    return as(Item::Kind::real, "f64");
  if (name == "bool")
    return as(Item::Kind::boolean, "i1");
  return call.error() << "expected a result of type !torch.int, !torch.float "
                         "or !torch.bool";
}

static LogicalResult importNumberAs(Call &call) {
  return giveAs(call, call.item(0));
}

/// The only element of a tensor as a number.
static LogicalResult importItem(Call &call) {
  FunctionImporter &f = call.f;
  const Tensor &tensor = call.tensor(0);
  Size count = f.product(call.sizesOf(0));
  if (isa<AffineConstantExpr>(count) && count != f.size(1))
    return call.error() << "takes a tensor of one element, found "
                        << tensor.getType();
  SmallVector<Value> zeros(tensor.getRank(), f.index(0));
  Value element =
      tensor::ExtractOp::create(f.builder, f.loc, tensor.value, zeros);
  MLIRContext *context = f.getContext();
  // By way of the number that holds any of its kind.
  bool real = isFloat(tensor.dtype);
  Type wide = parseDtype(context, real ? "f64" : "si64");
  Value number = f.convert(f.builder, f.loc, element, tensor.dtype, wide);
  return giveAs(
      call,
      {real ? Item::Kind::real : Item::Kind::integer, {}, number, {}, {}});
}

template <typename Op> static LogicalResult importBoolOp(Call &call) {
  Type i1 = call.f.builder.getI1Type();
  return call.giveBool(Op::create(call.f.builder, call.f.loc,
                                  call.f.convert(call.item(0), i1),
                                  call.f.convert(call.item(1), i1)));
}

static LogicalResult importNot(Call &call) {
  Type i1 = call.f.builder.getI1Type();
  Value one = call.f.constant(i1, 1.0);
  return call.giveBool(arith::XOrIOp::create(
      call.f.builder, call.f.loc, call.f.convert(call.item(0), i1), one));
}

template <typename Op> static LogicalResult importFloatOp(Call &call) {
  Type f64 = call.f.builder.getF64Type();
  Value result =
      Op::create(call.f.builder, call.f.loc, call.f.convert(call.item(0), f64),
                 call.f.convert(call.item(1), f64));
  return call.giveItem({Item::Kind::real, {}, result, {}, {}});
}

void torch::addScalarOps(Table &table) {
  table["aten.size.int"] = {"TD", importSize};
  table["aten.sym_size.int"] = {"TD", importSize};
  table["aten.size"] = {"T", importAllSizes};
  table["aten.numel"] = {"T", importNumel};
  table["aten.dim"] = {"T", importRank};
  table["aten.add.int"] = {"II", importIntOp<IntOp::add>};
  table["aten.sub.int"] = {"II", importIntOp<IntOp::sub>};
  table["aten.mul.int"] = {"II", importIntOp<IntOp::mul>};
  table["prim.min.int"] = {"II", importIntOp<IntOp::min>};
  table["prim.max.int"] = {"II", importIntOp<IntOp::max>};
  table["aten.neg.int"] = {"I", importNegInt};
  table["aten.floordiv.int"] = {"II", importDivide<false>};
  table["aten.remainder.int"] = {"II", importDivide<true>};
  table["aten.eq.int"] = {"II", importCompareInt<arith::CmpIPredicate::eq>};
  table["aten.ne.int"] = {"II", importCompareInt<arith::CmpIPredicate::ne>};
  table["aten.lt.int"] = {"II", importCompareInt<arith::CmpIPredicate::slt>};
  table["aten.le.int"] = {"II", importCompareInt<arith::CmpIPredicate::sle>};
  table["aten.gt.int"] = {"II", importCompareInt<arith::CmpIPredicate::sgt>};
  table["aten.ge.int"] = {"II", importCompareInt<arith::CmpIPredicate::sge>};
  for (StringRef name :
       {"aten.Int.bool", "aten.Int.float", "aten.Int.Scalar",
        "aten.Float.Scalar", "aten.Bool.int", "aten.Bool.float"})
    table[name] = {"N", importNumberAs};
  for (StringRef name :
       {"aten.item", "aten._local_scalar_dense", "aten.Int.Tensor",
        "aten.Float.Tensor", "aten.Bool.Tensor"})
    table[name] = {"T", importItem};
  table["aten.__and__.bool"] = {"NN", importBoolOp<arith::AndIOp>};
  table["aten.__or__.bool"] = {"NN", importBoolOp<arith::OrIOp>};
  table["aten.__not__"] = {"N", importNot};
  table["aten.mul.float"] = {"NN", importFloatOp<arith::MulFOp>};
  table["aten.sub.float"] = {"NN", importFloatOp<arith::SubFOp>};
  table["aten.div.float"] = {"NN", importFloatOp<arith::DivFOp>};
  table["aten.div.int"] = {"NN", importFloatOp<arith::DivFOp>};
  table["aten.div"] = {"NN", importFloatOp<arith::DivFOp>};
}
