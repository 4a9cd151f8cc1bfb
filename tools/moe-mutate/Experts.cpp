// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Mutations.h"
#include "support/FusedCopy.h"

#include "moe/IR/MoEOps.h"
#include "moe/Validation/RoutingEdges.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Which arguments feed routers, asked of what becomes of a copy; none where
/// experts stand in groups, which a rotation would change.
RouterArguments findRouters(func::FuncOp function) {
  OwningOpRef<ModuleOp> copy = fuseCopy(function->getParentOfType<ModuleOp>());
  if (!copy)
    return {};
  auto raised = copy->lookupSymbol<func::FuncOp>(function.getName());
  WalkResult grouped = raised.walk([](Operation *op) {
    return op->getAttr("groups") ? WalkResult::interrupt()
                                 : WalkResult::advance();
  });
  return grouped.wasInterrupted() ? RouterArguments()
                                  : findRouterArguments(raised);
}

/// [v[by:], v[:by]] along `dim`.
Value rotate(OpBuilder &b, Location loc, Value value, int64_t dim, int64_t by) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<OpFoldResult> strides(type.getRank(), b.getIndexAttr(1));
  Value rotated = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, value), type.getElementType());
  auto move = [&](int64_t from, int64_t to, int64_t size) {
    SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, value);
    offsets[dim] = b.getIndexAttr(from);
    sizes[dim] = b.getIndexAttr(size);
    Value part =
        tensor::ExtractSliceOp::create(b, loc, value, offsets, sizes, strides);
    offsets[dim] = b.getIndexAttr(to);
    rotated = tensor::InsertSliceOp::create(b, loc, part, rotated, offsets,
                                            sizes, strides);
  };
  int64_t size = type.getDimSize(dim);
  move(by, 0, size - by);
  move(0, size - by, by);
  return rotated;
}
} // namespace

bool moe::reorderExperts(Site &site) {
  RouterArguments found = findRouters(site.function);
  if (found.routers.empty())
    return false;
  auto [first, expertDim] = found.routers.front();
  Block &entry = site.function.getBody().front();
  int64_t experts = cast<RankedTensorType>(entry.getArgument(first).getType())
                        .getDimSize(expertDim);
  if (experts < 2)
    return false;
  // Everything with a part per expert, as far as sizes tell.
  SmallVector<std::pair<BlockArgument, int64_t>> arguments;
  for (BlockArgument argument : entry.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || llvm::is_contained(found.tokens, argument.getArgNumber()))
      continue;
    int64_t count = llvm::count(type.getShape(), experts);
    if (count > 1)
      return false;
    if (count == 1)
      arguments.push_back({argument, llvm::find(type.getShape(), experts) -
                                         type.getShape().begin()});
  }
  int64_t by = 1 + site.pick(experts - 1);
  for (auto [argument, dim] : arguments) {
    site.rewriter.setInsertionPointToStart(&entry);
    SmallPtrSet<Operation *, 8> reads;
    for (Operation *user : argument.getUsers())
      reads.insert(user);
    Value rotated = rotate(site.rewriter, argument.getLoc(), argument, dim, by);
    argument.replaceUsesWithIf(rotated, [&](OpOperand &use) {
      return reads.contains(use.getOwner());
    });
  }
  return true;
}
