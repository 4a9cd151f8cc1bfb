// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

using namespace mlir;
using namespace mlir::moe;

/// identity without a change of type is no work. In a graph region an op may be
/// its own operand; folding that would never end.
OpFoldResult ScoreOp::fold(FoldAdaptor) {
  if (getFn() == ScoreFn::identity && getLogits() != getScores() &&
      getLogits().getType() == getScores().getType())
    return getLogits();
  return {};
}

namespace {
/// A softmax over the selected already sums to one.
///
///   weigh softmax_selected {norm = sum}  =>  weigh softmax_selected
struct DropRedundantNorm : OpRewritePattern<WeighOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(WeighOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getFn() != WeighFn::softmax_selected ||
        op.getNorm() != WeighNorm::sum || !op.getEps().isZero() ||
        !op.getClamp().isZero())
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op.setNorm(WeighNorm::none); });
    return success();
  }
};
} // namespace

void WeighOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<DropRedundantNorm>(context);
}
