// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEHOISTROUTERSTATEPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-hoist-router-state";

/// Puts the insertion point where both values have just become available, and
/// says whether there is such a place.
bool setToFirstPlace(IRRewriter &rewriter, Value a, Value b,
                     DominanceInfo &dominance) {
  for (auto [last, other] : {std::pair(a, b), std::pair(b, a)}) {
    rewriter.setInsertionPointAfterValue(last);
    Block *block = rewriter.getInsertionBlock();
    Block::iterator point = rewriter.getInsertionPoint();
    if (point != block->end() && dominance.properlyDominates(other, &*point))
      return true;
  }
  return false;
}

/// Whether the cell's operands stand right before it: constants and the like
/// are no work to be done before or after.
bool passesOverNothing(Operation *point, Operation *cell) {
  if (point->getBlock() != cell->getBlock())
    return false;
  for (; point != cell; point = point->getNextNode())
    if (!point->hasTrait<OpTrait::ConstantLike>() &&
        !isa<tensor::EmptyOp, tensor::DimOp>(point))
      return false;
  return true;
}

/// state * weights^T, in f32, as the cell computes it.
Value multiply(IRRewriter &rewriter, Location loc, Value state, Value weights) {
  Type f32 = rewriter.getF32Type();
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, state);
  auto type =
      RankedTensorType::get({cast<ShapedType>(state.getType()).getDimSize(0),
                             cast<ShapedType>(weights.getType()).getDimSize(0)},
                            f32);
  Value zero =
      arith::ConstantOp::create(rewriter, loc, rewriter.getF32FloatAttr(0));
  Value empty = createDestination(rewriter, loc, type, sizes);
  Value init = linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
  return linalg::MatmulTransposeBOp::create(
             rewriter, loc, ValueRange{state, weights}, ValueRange{init})
      ->getResult(0);
}

/// Takes what needs only the state out of the cell:
///
///   %h = ...                           %h = ...
///   (experts, attention)         =>    %r = linalg.matmul %h, %u^T
///   moe.router_cell gru %x, %h         (experts, attention)
///       weights(%w, %u)                moe.router_cell gru %x, %h
///                                          recurrent(%r) weights(%w)
void hoistState(RouterCellOp op, DominanceInfo &dominance,
                IRRewriter &rewriter) {
  if (op.getRecurrent())
    return;
  if (op.getKind() == CellKind::ema) {
    (void)missed(op, passName, "ema multiplies its state with no matrix");
    return;
  }
  Value weights = op.getWeights().back();
  if (!setToFirstPlace(rewriter, op.getState(), weights, dominance)) {
    (void)missed(op, passName,
                 "there is no place where both the state and its weights have "
                 "just been made");
    return;
  }
  if (passesOverNothing(&*rewriter.getInsertionPoint(), op)) {
    (void)missed(op, passName, "nothing stands between the state and the cell");
    return;
  }
  Value products = multiply(rewriter, op.getLoc(), op.getState(), weights);
  rewriter.modifyOpInPlace(op, [&] {
    op.getRecurrentMutable().assign(products);
    op.getWeightsMutable().erase(op.getWeights().size() - 1);
  });
  fired(
      op, passName,
      "the product of the router's state is computed where the state is made");
}

struct HoistRouterState
    : moe::impl::MoEHoistRouterStatePassBase<HoistRouterState> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    auto &dominance = getAnalysis<DominanceInfo>();
    getOperation()->walk(
        [&](RouterCellOp op) { hoistState(op, dominance, rewriter); });
  }
};
} // namespace
