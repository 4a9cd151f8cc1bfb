// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TorchImporter.h"

#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

/// Whether a belongs before b; NaN counts as larger than every number.
static Value isBefore(OpBuilder &b, Location loc, Type dtype, bool descending,
                      Value x, Value y) {
  if (!isFloat(dtype)) {
    using I = arith::CmpIPredicate;
    I predicate = isUnsigned(dtype) ? (descending ? I::ugt : I::ult)
                                    : (descending ? I::sgt : I::slt);
    return arith::CmpIOp::create(b, loc, predicate, x, y);
  }
  using F = arith::CmpFPredicate;
  Value beyond =
      arith::CmpFOp::create(b, loc, descending ? F::OGT : F::OLT, x, y);
  Value first = descending ? x : y, second = descending ? y : x;
  Value nan = arith::CmpFOp::create(b, loc, F::UNO, first, first);
  Value number = arith::CmpFOp::create(b, loc, F::ORD, second, second);
  Value apart = arith::AndIOp::create(b, loc, nan, number);
  return arith::OrIOp::create(b, loc, beyond, apart);
}

std::pair<Value, Value> torch::sortAlong(FunctionImporter &f,
                                         const Tensor &tensor, int64_t dim,
                                         bool descending) {
  Sizes sizes = f.sizesOf(tensor.value);
  Type i64 = f.builder.getI64Type();
  SmallVector<Value> inputs{tensor.value, f.iota(sizes, dim, i64)};
  auto sort = SortOp::create(f.builder, f.loc, ValueRange(inputs).getTypes(),
                             inputs, dim);
  Type element = signless(tensor.dtype);
  OpBuilder::InsertionGuard guard(f.builder);
  Block *block = f.builder.createBlock(&sort.getComparator(), {},
                                       TypeRange{element, element, i64, i64},
                                       SmallVector<Location>(4, f.loc));
  YieldOp::create(f.builder, f.loc,
                  isBefore(f.builder, f.loc, tensor.dtype, descending,
                           block->getArgument(0), block->getArgument(1)));
  for (Value result : sort->getResults())
    f.setSizes(result, sizes);
  return {sort->getResult(0), sort->getResult(1)};
}

static LogicalResult giveSorted(Call &call, int64_t dim, bool descending,
                                bool values) {
  const Tensor &tensor = call.tensor(0);
  // One element is sorted.
  std::pair<Value, Value> sorted{
      tensor.value,
      tensor.getRank() == 0 ? call.f.fill({}, call.f.constantInt(0)) : Value()};
  if (tensor.getRank() > 0)
    sorted = sortAlong(call.f, tensor, dim, descending);
  if (!values)
    return call.give(sorted.second);
  if (failed(call.give(Tensor{sorted.first, tensor.dtype}, 0)))
    return failure();
  return call.give(sorted.second, 1);
}

static LogicalResult importSort(Call &call) {
  return giveSorted(call, call.dimension(1), call.flag(2), true);
}

static LogicalResult importStableSort(Call &call) {
  return giveSorted(call, call.dimension(2), call.flag(3), true);
}

static LogicalResult importArgsort(Call &call) {
  return giveSorted(call, call.dimension(1), call.flag(2), false);
}

static LogicalResult importStableArgsort(Call &call) {
  return giveSorted(call, call.dimension(2), call.flag(3), false);
}

LogicalResult torch::giveTopK(Call &call, const Tensor &tensor, Size k,
                              int64_t dim, bool largest) {
  FunctionImporter &f = call.f;
  if (tensor.getRank() == 0)
    return call.error() << "takes a tensor of rank 1 or more";
  Size size = f.sizesOf(tensor.value)[dim];
  auto count = dyn_cast<AffineConstantExpr>(k);
  auto extent = dyn_cast<AffineConstantExpr>(size);
  if (count && (count.getValue() < 0 ||
                (extent && count.getValue() > extent.getValue())))
    return call.error() << "picks " << toText(k) << " of " << toText(size);
  auto [values, places] = sortAlong(f, tensor, dim, largest);
  if (failed(call.give(Tensor{f.slice(values, dim, f.size(0), k), tensor.dtype},
                       0)))
    return failure();
  return call.give(f.slice(places, dim, f.size(0), k), 1);
}

static LogicalResult importTopK(Call &call) {
  return giveTopK(call, call.tensor(0), call.f.sizeOf(call.item(1).scalar),
                  call.dimension(2), call.flag(3));
}

void torch::addSortOps(Table &table) {
  table["aten.sort"] = {"TDb", importSort};
  table["aten.sort.stable"] = {"TxDb", importStableSort};
  table["aten.argsort"] = {"TDb", importArgsort};
  table["aten.argsort.stable"] = {"TbDb", importStableArgsort};
  table["aten.topk"] = {"TIDbb", importTopK};
}
