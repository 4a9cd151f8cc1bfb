// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEFUSECOMBINEPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-fuse-combine";

/// Lets every token fetch its rows, where the plan says they are:
///
///   %o, %p, %q = moe.plan_into ...       moe.gather_sum ins(%rows, %q, %w)
///   moe.combine %rows, %p, %w into %i => residual(%i)
///
/// An `init` of zeros is no residual.
struct FuseCombine : OpRewritePattern<CombineOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CombineOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getTokens())
      return missed(rewriter, op, passName,
                    "the weights are those of bins, not of slots of tokens");
    auto plan = op.getPairs().getDefiningOp<PlanIntoOp>();
    if (!plan || op.getPairs() != plan.getResult(1))
      return missed(rewriter, op, passName,
                    "the pairs do not come from a moe.plan_into");
    RankedTensorType weights = op.getWeights().getType();
    if (plan.getNumSlots() != weights.getDimSize(1))
      return missed(rewriter, op, passName,
                    "the weights have " + Twine(weights.getDimSize(1)) +
                        " slots, but the plan has " +
                        Twine(plan.getNumSlots()));
    Location loc = op.getLoc();
    RankedTensorType type = op.getResult().getType();
    SmallVector<OpFoldResult> sizes{
        tensor::getMixedSize(rewriter, loc, op.getWeights(), 0),
        tensor::getMixedSize(rewriter, loc, op.getRows(), 1)};
    Value out = createDestination(rewriter, loc, type, sizes);
    Value residual = isZeroFill(op.getInit()) ? Value() : op.getInit();
    auto sum = GatherSumOp::create(rewriter, loc, type, op.getRows(),
                                   plan.getResult(2), op.getWeights(),
                                   /*gate=*/Value(), residual, out,
                                   op.getProductTypeAttr(), op.getSumTypeAttr(),
                                   /*always_type=*/TypeAttr(), ScheduleAttr());
    rewriter.replaceOp(op, sum.getResults());
    fired(sum, passName, "every token sums its rows");
    return success();
  }
};

struct MoEFuseCombinePass
    : moe::impl::MoEFuseCombinePassBase<MoEFuseCombinePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseCombinePatterns(patterns);
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFuseCombinePatterns(RewritePatternSet &patterns) {
  patterns.add<FuseCombine>(patterns.getContext());
}
