// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEFUSEDISPATCHPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-fuse-dispatch";

/// Lets the matmul gather its rows itself:
///
///   %r = moe.dispatch %x, %p slots 2
///   moe.grouped_matmul ins(%r)         =>   moe.grouped_matmul ins(%x)
///                                               gather(%p) slots 2
struct FuseDispatch : OpRewritePattern<GroupedMatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GroupedMatmulOp op,
                                PatternRewriter &rewriter) const override {
    auto dispatch = op.getLhs().getDefiningOp<DispatchOp>();
    if (!dispatch)
      return rewriter.notifyMatchFailure(op, "no moe.dispatch before it");
    if (op.getPairs())
      return missed(rewriter, op, passName,
                    "the matmul gathers rows of the moe.dispatch already");
    if (dispatch.getTokens())
      return missed(rewriter, op, passName,
                    "the pairs are entries of bins, not slots of tokens");
    if (dispatch.getWeights())
      return missed(rewriter, op, passName,
                    "the moe.dispatch weighs its rows, and the matmul reads "
                    "what that rounds");
    // Else a pair of -1 could stand where the matmul reads.
    if (!comeFromOnePlan(op.getOffsets(), dispatch.getPairs()))
      return missed(rewriter, op, passName,
                    "the offsets of the matmul and the pairs of the "
                    "moe.dispatch are not known to come from one plan");
    rewriter.modifyOpInPlace(op, [&] {
      op.getLhsMutable().assign(dispatch.getX());
      op.getPairsMutable().assign(dispatch.getPairs());
      op.setSlots(dispatch.getSlots());
      op->setLoc(rewriter.getFusedLoc({op.getLoc(), dispatch.getLoc()}));
    });
    fired(op, passName, "the matmul gathers its rows");
    return success();
  }
};

struct MoEFuseDispatchPass
    : moe::impl::MoEFuseDispatchPassBase<MoEFuseDispatchPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseDispatchPatterns(patterns);
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFuseDispatchPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseDispatch>(patterns.getContext());
}
