// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEFUSEPLANPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-fuse-plan";

/// Gives a plan its destinations, and with them the inverse of its pairs:
///
///   %o, %p = moe.plan %e   =>   %o, %p, %q = moe.plan_into ins(%e) outs(...)
///
/// Of bins, the entries are sorted by their row.
struct FusePlan : OpRewritePattern<PlanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PlanOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value experts =
        op.isByExpert() ? expertsOfEntries(op, rewriter) : op.getExperts();
    RankedTensorType offsets = op.getOffsets().getType();
    RankedTensorType pairs = op.getPairs().getType();
    RankedTensorType positions = op.getExperts().getType();
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, op.getExperts());
    OpFoldResult numPairs = rewriter.getIndexAttr(pairs.getDimSize(0));
    if (pairs.isDynamicDim(0)) {
      Value tokens = getValueOrCreateConstantIndexOp(rewriter, loc, sizes[0]);
      Value slots = getValueOrCreateConstantIndexOp(rewriter, loc, sizes[1]);
      numPairs =
          arith::MulIOp::create(rewriter, loc, tokens, slots).getResult();
    }
    // One after the other: the order of arguments is up to the compiler.
    Value offsetsInit = createDestination(rewriter, loc, offsets, {});
    Value pairsInit = createDestination(rewriter, loc, pairs, numPairs);
    Value positionsInit = createDestination(rewriter, loc, positions, sizes);
    auto into =
        PlanIntoOp::create(rewriter, loc, TypeRange{offsets, pairs, positions},
                           experts, offsetsInit, pairsInit, positionsInit);
    rewriter.replaceOp(op, into.getResults().take_front(2));
    fired(into, passName, "plan with the positions of its pairs");
    return success();
  }

private:
  /// The bin of every entry, -1 for those that are empty.
  static Value expertsOfEntries(PlanOp op, PatternRewriter &rewriter) {
    Location loc = op.getLoc();
    RankedTensorType type = op.getExperts().getType();
    Value empty = createDestination(
        rewriter, loc, type,
        tensor::getMixedSizes(rewriter, loc, op.getExperts()));
    SmallVector<AffineMap> maps(2, rewriter.getMultiDimIdentityMap(2));
    SmallVector<utils::IteratorType> iterators(2,
                                               utils::IteratorType::parallel);
    return linalg::GenericOp::create(
               rewriter, loc, type, op.getExperts(), empty, maps, iterators,
               [&](OpBuilder &b, Location loc, ValueRange elements) {
                 Value zero = arith::ConstantIntOp::create(b, loc, 0, 32);
                 Value none = arith::ConstantIntOp::create(b, loc, -1, 32);
                 Value isToken = arith::CmpIOp::create(
                     b, loc, arith::CmpIPredicate::sge, elements[0], zero);
                 Value bin = arith::IndexCastOp::create(
                     b, loc, b.getI32Type(),
                     linalg::IndexOp::create(b, loc, 0));
                 linalg::YieldOp::create(
                     b, loc,
                     arith::SelectOp::create(b, loc, isToken, bin, none)
                         .getResult());
               })
        .getResult(0);
  }
};

struct MoEFusePlanPass : moe::impl::MoEFusePlanPassBase<MoEFusePlanPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFusePlanPatterns(patterns);
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFusePlanPatterns(RewritePatternSet &patterns) {
  patterns.add<FusePlan>(patterns.getContext());
}
