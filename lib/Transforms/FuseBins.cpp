// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEFUSEBINSPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-fuse-bins";

/// Whether the weights are nothing but the values where the bins say.
bool isOfBins(WeighOp weigh) { return weigh.isByExpert() && weigh.isPlain(); }

/// Lets every expert weigh the tokens it picks while it has them at hand:
///
///   %t = moe.select #moe.top_k<3> %k by expert     %t, %w = moe.select_into 3
///   %w = moe.weigh value %s, %t by expert      =>      ins(%k) weigh(%s) ...
struct FuseBins : OpRewritePattern<SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SelectOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.isByExpert())
      return rewriter.notifyMatchFailure(op, "tokens select experts");
    WeighOp weigh = findWeigh(op, rewriter);
    Location loc = op.getLoc();
    if (weigh)
      loc = rewriter.getFusedLoc({weigh.getLoc(), loc});
    RankedTensorType tokens = op.getExperts().getType();
    SmallVector<OpFoldResult> sizes{rewriter.getIndexAttr(tokens.getDimSize(0)),
                                    numEntries(op, rewriter)};
    SmallVector<Type> types{tokens};
    Value tokensInit = createDestination(rewriter, loc, tokens, sizes);
    Value weightsInit;
    if (weigh) {
      types.push_back(weigh.getWeights().getType());
      weightsInit =
          createDestination(rewriter, loc, weigh.getWeights().getType(), sizes);
    }
    auto into =
        SelectIntoOp::create(rewriter, loc, types, op.getKey(), op.getCount(),
                             weigh ? weigh.getSource() : Value(), tokensInit,
                             weightsInit, cast<TopKAttr>(op.getRule()).getK(),
                             op.getScopeAttr(), op.getNanRank(), op.getOrder());
    rewriter.replaceOp(op, into.getResult(0));
    // The walk has not met it yet, so it has to stay until after that.
    if (weigh)
      rewriter.replaceAllUsesWith(weigh.getWeights(), into.getResult(1));
    fired(into, passName,
          weigh ? "every expert picks its tokens and weighs them"
                : "every expert picks its tokens");
    return success();
  }

private:
  /// What weighs the bins and can do so as early as they are made.
  static WeighOp findWeigh(SelectOp op, PatternRewriter &rewriter) {
    for (Operation *user : op->getUsers()) {
      auto weigh = dyn_cast<WeighOp>(user);
      if (!weigh || weigh.getExperts() != op.getExperts())
        continue;
      if (!isOfBins(weigh))
        (void)missed(rewriter, weigh, passName,
                     "the weights are not just the values of the entries: they "
                     "are made after the bins");
      else if (failed(moveValueDefinitions(rewriter, weigh.getSource(), op)))
        (void)missed(rewriter, weigh, passName,
                     "what is weighed is known only after the bins");
      else
        return weigh;
    }
    return {};
  }

  /// The width of a bin.
  static OpFoldResult numEntries(SelectOp op, PatternRewriter &rewriter) {
    int64_t width = op.getExperts().getType().getDimSize(1);
    if (!ShapedType::isDynamic(width))
      return rewriter.getIndexAttr(width);
    Location loc = op.getLoc();
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(rewriter, loc, value);
    };
    Value numTokens = getValueOrCreateConstantIndexOp(
        rewriter, loc, tensor::getMixedSize(rewriter, loc, op.getKey(), 0));
    Value numGroups = arith::CeilDivUIOp::create(rewriter, loc, numTokens,
                                                 constant(*op.getScope()));
    int64_t size = cast<TopKAttr>(op.getRule()).getK();
    return arith::MulIOp::create(rewriter, loc, numGroups, constant(size))
        .getResult();
  }
};

struct MoEFuseBinsPass : moe::impl::MoEFuseBinsPassBase<MoEFuseBinsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseBinsPatterns(patterns);
    fuseOnce(getOperation(), std::move(patterns));
  }
};
} // namespace

void moe::populateFuseBinsPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseBins>(patterns.getContext());
}
