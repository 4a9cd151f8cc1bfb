// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise choices: where, clamp, masks and triangles.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

/// condition ? x : y, where the condition is operand `c`.
template <int c, int x, int y> static LogicalResult importWhere(Call &call) {
  Type result = call.resultDtype();
  if (!result)
    return call.error() << "has an unsupported element type";
  FunctionImporter &f = call.f;
  Type i1 = parseDtype(f.getContext(), "i1");
  // In i1, where every element type can be told from zero.
  Item condition = call.item(c);
  condition.tensor = f.asType(condition.tensor, i1);
  SmallVector<Item> sides{call.item(x), call.item(y)};
  for (Item &side : sides)
    if (side.kind == Item::Kind::tensor)
      side.tensor = f.asType(side.tensor, result);
  SmallVector<Sizes> shapes;
  SmallVector<Value> tensors{condition.tensor.value};
  shapes.push_back(f.sizesOf(condition.tensor.value));
  for (Item &side : sides)
    if (side.kind == Item::Kind::tensor) {
      shapes.push_back(f.sizesOf(side.tensor.value));
      tensors.push_back(side.tensor.value);
    } else {
      side.scalar = f.convert(side, result);
    }
  FailureOr<Sizes> sizes =
      call.broadcast(SmallVector<ArrayRef<Size>>(shapes.begin(), shapes.end()));
  if (failed(sizes))
    return failure();
  Value value = f.elementwise(
      tensors, *sizes, signless(result),
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        unsigned next = 1;
        Value values[2];
        for (auto [side, value] : llvm::zip_equal(sides, values))
          value = side.kind == Item::Kind::tensor ? in[next++] : side.scalar;
        return arith::SelectOp::create(b, loc, in[0], values[0], values[1]);
      });
  return call.give(Tensor{value, result});
}

/// Bounds are tensors, numbers or none. NaN stays NaN.
static LogicalResult importBounds(Call &call, const Item *low,
                                  const Item *high) {
  Type type = call.resultDtype();
  if (low && low->kind == Item::Kind::none)
    low = nullptr;
  if (high && high->kind == Item::Kind::none)
    high = nullptr;
  SmallVector<const Item *> inputs{&call.item(0)};
  for (const Item *bound : {low, high})
    if (bound)
      inputs.push_back(bound);
  return call.elementwise(
      inputs, type, type,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        Value x = in[0];
        if (isFloat(type)) {
          if (low)
            x = arith::MaximumFOp::create(b, loc, x, in[1]);
          if (high)
            x = arith::MinimumFOp::create(b, loc, x, in.back());
        } else if (isUnsigned(type)) {
          if (low)
            x = arith::MaxUIOp::create(b, loc, x, in[1]);
          if (high)
            x = arith::MinUIOp::create(b, loc, x, in.back());
        } else {
          if (low)
            x = arith::MaxSIOp::create(b, loc, x, in[1]);
          if (high)
            x = arith::MinSIOp::create(b, loc, x, in.back());
        }
        return x;
      });
}

static LogicalResult importClamp(Call &call) {
  return importBounds(call, &call.item(1), &call.item(2));
}
static LogicalResult importClampMin(Call &call) {
  return importBounds(call, &call.item(1), nullptr);
}
static LogicalResult importClampMax(Call &call) {
  return importBounds(call, nullptr, &call.item(1));
}

LogicalResult torch::giveTriangle(Call &call, const Tensor &tensor,
                                  int64_t offset, bool lower) {
  FunctionImporter &f = call.f;
  int64_t rank = tensor.getRank();
  if (rank < 2)
    return call.error() << "takes matrices, found rank " << rank;
  Value zero = f.constant(tensor.dtype, 0.0);
  Value diagonal = f.index(offset);
  Value result = f.elementwise(
      tensor.value, f.sizesOf(tensor.value), signless(tensor.dtype),
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        Value row = linalg::IndexOp::create(b, loc, rank - 2);
        Value column = linalg::IndexOp::create(b, loc, rank - 1);
        Value last = arith::AddIOp::create(b, loc, row, diagonal);
        Value keep = arith::CmpIOp::create(b, loc,
                                           lower ? arith::CmpIPredicate::sle
                                                 : arith::CmpIPredicate::sge,
                                           column, last);
        return arith::SelectOp::create(b, loc, keep, in[0], zero);
      });
  return call.give(Tensor{result, tensor.dtype});
}

template <bool lower> static LogicalResult importTriangle(Call &call) {
  return giveTriangle(call, call.tensor(0), call.integer(1), lower);
}

/// self + value * x * y, or x / y; one rounding.
template <bool divide> static LogicalResult importAddProduct(Call &call) {
  Type result = call.resultDtype();
  if (!result)
    return call.error() << "has an unsupported element type";
  Type compute = mathType(result);
  Value factor = call.f.convert(call.item(3), compute);
  if (divide && !isFloat(compute))
    return call.error() << "divides, which gives floats";
  return call.elementwiseOf(
      {0u, 1u, 2u}, compute, result,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        Value value;
        if (isFloat(compute)) {
          value = arith::MulFOp::create(b, loc, in[1], factor);
          if (divide)
            value = arith::DivFOp::create(b, loc, value, in[2]);
          else
            value = arith::MulFOp::create(b, loc, value, in[2]);
          value = arith::AddFOp::create(b, loc, in[0], value);
        } else {
          value = arith::MulIOp::create(b, loc, in[1], factor);
          value = arith::MulIOp::create(b, loc, value, in[2]);
          value = arith::AddIOp::create(b, loc, in[0], value);
        }
        return call.f.convert(b, loc, value, compute, result);
      });
}

void torch::addSelectionOps(Table &table) {
  table["aten.where.self"] = {"TTT", importWhere<0, 1, 2>};
  table["aten.where.Scalar"] = {"TNN", importWhere<0, 1, 2>};
  table["aten.where.ScalarSelf"] = {"TNT", importWhere<0, 1, 2>};
  table["aten.where.ScalarOther"] = {"TTN", importWhere<0, 1, 2>};
  table["aten.masked_fill.Scalar"] = {"TTN", importWhere<1, 2, 0>};
  table["aten.masked_fill.Tensor"] = {"TTT", importWhere<1, 2, 0>};
  table["aten.clamp"] = {"Tnn", importClamp};
  table["aten.clamp.Tensor"] = {"Ttt", importClamp};
  table["aten.hardtanh"] = {"TNN", importClamp};
  table["aten.clamp_min"] = {"TN", importClampMin};
  table["aten.clamp_min.Tensor"] = {"TT", importClampMin};
  table["aten.clamp_max"] = {"TN", importClampMax};
  table["aten.clamp_max.Tensor"] = {"TT", importClampMax};
  table["aten.tril"] = {"Ti", importTriangle<true>};
  table["aten.triu"] = {"Ti", importTriangle<false>};
  table["aten.addcmul"] = {"TTTN", importAddProduct<false>};
  table["aten.addcdiv"] = {"TTTN", importAddProduct<true>};
}
