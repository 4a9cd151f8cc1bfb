// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Analysis/ElementTracer.h"

#include "Indices.h"

using namespace mlir;
using namespace mlir::moe;

namespace {} // namespace

bool moe::splitIndex(ElementExprContext &context, Expr index,
                     ArrayRef<int64_t> sizes, SmallVectorImpl<Expr> &result) {
  SmallVector<Expr> parts(sizes.size(), context.index(0));
  SmallVector<unsigned> wide;
  for (auto [i, size] : llvm::enumerate(sizes))
    if (size != 1)
      wide.push_back(i);
  for (unsigned i : llvm::reverse(wide)) {
    if (i == wide.front()) {
      parts[i] = index;
      break;
    }
    if (ShapedType::isDynamic(sizes[i]))
      return false;
    parts[i] = context.mod(index, sizes[i]);
    index = context.floorDiv(index, sizes[i]);
    if (!parts[i] || !index)
      return false;
  }
  result.append(parts);
  return true;
}

Expr moe::joinIndices(ElementExprContext &context, ArrayRef<Expr> indices,
                      ArrayRef<int64_t> sizes) {
  Expr result = context.index(0);
  for (auto [index, size] : llvm::zip(indices, sizes)) {
    if (size == 1)
      continue;
    if (!result->isIndex(0)) {
      if (ShapedType::isDynamic(size))
        return nullptr;
      result = context.scale(result, size);
    }
    result = context.add(result, index);
  }
  return result;
}

void ElementTracer::splitRows(Value matrix, Expr row) {
  if (row->kind != ElementExpr::Kind::Var || ShapedType::isDynamic(row->extent))
    return;
  constexpr size_t maxOps = 32;
  SmallVector<Value> worklist{matrix};
  DenseSet<Value> seen{matrix};
  for (size_t i = 0; i < worklist.size() && i < maxOps; ++i) {
    auto type = dyn_cast<RankedTensorType>(worklist[i].getType());
    int64_t product = 1;
    for (int64_t rank = 1; type && rank <= type.getRank(); ++rank) {
      product *= type.getDimSize(rank - 1);
      if (product == row->extent && rank > 1 && type.getDimSize(rank - 1) != 1)
        (void)partsOf(row, type.getShape().take_front(rank));
      if (type.isDynamicDim(rank - 1) || product >= row->extent)
        break;
    }
    if (Operation *op = worklist[i].getDefiningOp())
      for (Value operand : op->getOperands())
        if (seen.insert(operand).second)
          worklist.push_back(operand);
  }
}

/// Splits `index` into the parts of another, and others behind them.
bool ElementTracer::splitNamed(Expr index, ArrayRef<int64_t> sizes,
                               SmallVectorImpl<Expr> &result) {
  SmallVector<Expr> last;
  while (true) {
    for (const Split &split : splits)
      if (split.isNamed && split.index == index &&
          ArrayRef<int64_t>(split.sizes) == sizes) {
        llvm::append_range(result, split.parts);
        llvm::append_range(result, llvm::reverse(last));
        return true;
      }
    if (sizes.size() < 2 || ShapedType::isDynamic(sizes.back()))
      return false;
    last.push_back(context.mod(index, sizes.back()));
    index = context.floorDiv(index, sizes.back());
    if (!last.back() || !index)
      return false;
    sizes = sizes.drop_back();
  }
}

Value ElementTracer::findTracedRows(Expr expr, Expr row, Expr column) {
  Value found = findTraced(expr, {row, column});
  for (const Split &split : splits) {
    if (found)
      return found;
    if (!split.isNamed || split.index != row)
      continue;
    SmallVector<Expr> indices(split.parts);
    indices.push_back(column);
    found = findTraced(expr, indices);
  }
  return found;
}

Expr ElementTracer::join(ArrayRef<Expr> parts, ArrayRef<int64_t> sizes) {
  // Read in part, a size that is not known need not be that of other reads.
  bool isKnown = !inPart || !ShapedType::isDynamicShape(sizes);
  if (isKnown)
    for (const Split &split : splits)
      if (ArrayRef<Expr>(split.parts) == parts &&
          ArrayRef<int64_t>(split.sizes) == sizes)
        return split.index;
  // Leading parts may be those of an index.
  for (const Split &split : splits) {
    size_t count = split.parts.size();
    if (!split.isNamed || count >= parts.size() ||
        parts.take_front(count) != ArrayRef<Expr>(split.parts) ||
        sizes.take_front(count) != ArrayRef<int64_t>(split.sizes))
      continue;
    SmallVector<Expr> rest{split.index};
    SmallVector<int64_t> restSizes{
        ShapedType::getNumElements(sizes.take_front(count))};
    llvm::append_range(rest, parts.drop_front(count));
    llvm::append_range(restSizes, sizes.drop_front(count));
    return join(rest, restSizes);
  }
  Expr index = joinIndices(context, parts, sizes);
  if (!index && isKnown) {
    index = context.var(ShapedType::kDynamic);
    splits.push_back(
        {SmallVector<Expr>(parts), SmallVector<int64_t>(sizes), index});
  }
  return index;
}

SmallVector<Expr> ElementTracer::partsOf(Expr index, ArrayRef<int64_t> sizes) {
  SmallVector<Expr> parts;
  if (sizes.size() == 1)
    return {index};
  if (splitIndex(context, index, sizes, parts))
    return parts;
  parts.clear();
  for (Split &split : splits)
    if (split.index == index && ArrayRef<int64_t>(split.sizes) == sizes) {
      split.isNamed = true;
      return split.parts;
    }
  parts = llvm::map_to_vector(sizes,
                              [&](int64_t size) { return context.var(size); });
  splits.push_back({parts, SmallVector<int64_t>(sizes), index, true});
  return parts;
}
