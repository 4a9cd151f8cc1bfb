// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Analysis/ElementTracer.h"

using namespace mlir;
using namespace mlir::moe;

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
