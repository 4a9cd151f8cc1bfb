// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "StageBlock.h"

#include "FuseUtils.h"

#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOESKIPZEROWEIGHTSPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-skip-zero-weights";

/// Whether a slot of a top-k can have an exact zero: an exponential may
/// underflow, but only relu and a mask make zeros worth looking for.
bool mayBeZero(Value weights) {
  auto weigh = weights.getDefiningOp<WeighOp>();
  if (!weigh)
    return true;
  if (weigh.getPerExpert() || weigh.getFactor() || weigh.getScale().isZero())
    return true;
  if (weigh.getFn() != WeighFn::value)
    return false;
  auto score = peelCasts(weigh.getSource()).base.getDefiningOp<ScoreOp>();
  return !score || score.getFn() == ScoreFn::relu ||
         score.getFn() == ScoreFn::identity;
}

/// What else counts the slots of `experts`, or nothing.
StringRef whyCountsMatter(Value experts) {
  for (Operation *user : experts.getUsers()) {
    if (isa<StatsOp>(user))
      return "statistics count the slots";
    if (isa<LimitOp>(user))
      return "a capacity counts the slots";
  }
  return "";
}

/// experts[t,s], or -1 where weights[t,s] is zero.
Value withoutZeros(Value experts, Value weights, Location loc,
                   IRRewriter &rewriter) {
  auto type = cast<RankedTensorType>(experts.getType());
  Value empty = createDestination(
      rewriter, loc, type, tensor::getMixedSizes(rewriter, loc, experts));
  AffineMap identity = rewriter.getMultiDimIdentityMap(2);
  auto generic = linalg::GenericOp::create(
      rewriter, loc, type, ValueRange{experts, weights}, empty,
      ArrayRef<AffineMap>{identity, identity, identity},
      SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel),
      [](OpBuilder &b, Location loc, ValueRange in) {
        Value none = arith::ConstantIntOp::create(b, loc, -1, 32);
        Value zero =
            arith::ConstantOp::create(b, loc, b.getZeroAttr(in[1].getType()));
        // A NaN is no zero.
        Value isZero = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ,
                                             in[1], zero);
        Value kept = arith::SelectOp::create(b, loc, isZero, none, in[0]);
        linalg::YieldOp::create(b, loc, kept);
      });
  return generic.getResult(0);
}

/// Empties the slots that add nothing:
///
///   %w = (zeros among them)            %f = (%w == 0 ? -1 : %e)
///   %o, %p = moe.plan %e         =>    %o, %p = moe.plan %f
///   moe.combine %rows, %p, %w          moe.combine %rows, %p, %w
void skipZeros(CombineOp op, bool assumeFinite, IRRewriter &rewriter) {
  auto found = findStageBlock(op);
  if (auto *reason = std::get_if<StringRef>(&found))
    return (void)missed(op, passName, *reason);
  auto &block = std::get<StageBlock>(found);
  StringRef reason;
  Value experts = block.plan.getExperts();
  if (block.plan.isByExpert())
    reason = "experts select tokens, and their bins are full";
  else if (!mayBeZero(op.getWeights()))
    reason = "no weight is known to be zero";
  else if (StringRef counts = whyCountsMatter(experts); !counts.empty())
    reason = counts;
  else if (!block.worksRowByRow())
    reason = "the body mixes the rows of its expert";
  else if (!assumeFinite)
    reason = "zero times an infinity is NaN, leaving it out needs "
             "assume-finite";
  if (!reason.empty())
    return (void)missed(op, passName, reason);

  // Where zeros were emptied already nothing is left to be found.
  if (auto generic = experts.getDefiningOp<linalg::GenericOp>();
      generic && llvm::is_contained(generic.getInputs(), op.getWeights()))
    return;
  // Weights are often made behind the plan.
  if (failed(moveValueDefinitions(rewriter, op.getWeights(), block.plan)))
    return (void)missed(op, passName, "the weights are known only later");
  rewriter.setInsertionPoint(block.plan);
  Value kept = withoutZeros(experts, op.getWeights(), op.getLoc(), rewriter);
  rewriter.modifyOpInPlace(
      block.plan, [&] { block.plan.getExpertsMutable().assign(kept); });
  fired(op, passName, "pairs with a weight of zero are left out");
}

struct SkipZeroWeights
    : moe::impl::MoESkipZeroWeightsPassBase<SkipZeroWeights> {
  using Base::Base;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk(
        [&](CombineOp op) { skipZeros(op, assumeFinite, rewriter); });
  }
};
} // namespace
