// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "ExpertValues.h"
#include "FuseUtils.h"

#include "moe/Analysis/ElementTracer.h"
#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <cmath>

namespace mlir::moe {
#define GEN_PASS_DEF_MOESIMPLIFYROUTERPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-simplify-router";

/// The score behind the casts of `value`, or null.
ScoreOp scoreBehind(Value value) {
  return peelCasts(value).base.getDefiningOp<ScoreOp>();
}

/// What is lost where logits stand in for these scores.
std::string roundingOf(Value scores, ScoreOp score) {
  FloatType type = peelCasts(scores).type;
  if (type.getWidth() >= score.getComputeFloatType().getWidth())
    return "";
  std::string text = "; that they were rounded to ";
  llvm::raw_string_ostream(text) << type << " is lost";
  return text;
}

/// Why logits may not decide in place of `score`, or nothing.
StringRef whyOrderDiffers(SelectOp op, ScoreOp score) {
  if (score.getFn() == ScoreFn::relu)
    return "relu makes all negative logits tie";
  if (!op.getRule().dependsOnlyOnOrder())
    return "the rule computes with the scores";
  if (GroupsAttr groups = op.getGroupsAttr()) {
    if (groups.getTop() > 1)
      return "sums of scores order groups in another way than sums of logits";
    if (groups.getFill() == GroupFill::zero)
      return "scores are compared with the zeros of other groups";
  }
  if (score.getAxis() == ScoreAxis::tokens)
    return "a softmax over tokens changes the order of experts, and a NaN in "
           "it the order of tokens";
  if (score.getFn() == ScoreFn::softmax && op.isByExpert())
    return "a softmax over experts changes the order of tokens";
  return "";
}

/// Selects on logits where the scores rise with them:
///
///   %s = moe.score softmax %l
///   %e = moe.select #moe.top_k<2> %s   =>   %e = moe.select #moe.top_k<2> %l
void selectOnLogits(SelectOp op, bool allowReassociation,
                    IRRewriter &rewriter) {
  ScoreOp score = scoreBehind(op.getKey());
  if (!score) {
    auto isScore = [](Value base) { return bool(scoreBehind(base)); };
    if (matchRowVectorSum(op.getKey(), isScore))
      (void)missed(op, passName,
                   "a bias is added to the scores before the choice");
    return;
  }
  if (score.getFn() == ScoreFn::identity)
    return;
  bool readsKey = !isa<TableAttr>(op.getRule());
  StringRef reason = whyOrderDiffers(op, score);
  if (readsKey && !reason.empty())
    return (void)missed(op, passName, reason);
  if (readsKey && !allowReassociation)
    return (void)missed(op, passName,
                        "logits may differ where their scores are equal, which "
                        "needs allow-reassociation");
  std::string rounding = readsKey ? roundingOf(op.getKey(), score) : "";
  rewriter.modifyOpInPlace(
      op, [&] { op.getKeyMutable().assign(score.getLogits()); });
  fired(op, passName, "the choice is made on logits" + rounding);
}

/// Whether a NaN among the logits is in a slot of its token.
bool picksAnyNaN(SelectOp select, Value logits) {
  return select && !select.isByExpert() && isa<TopKAttr>(select.getRule()) &&
         select.getNanRank() == NanRank::first && select.getKey() == logits;
}

/// The full sum of a softmax cancels against that of the selected:
///
///   %s = moe.score softmax %l
///   %w = moe.weigh value %s, %e norm sum  =>  %w = moe.weigh softmax_selected
///                                                      %l, %e
void weighLogits(WeighOp op, const MoESimplifyRouterPassOptions &options,
                 IRRewriter &rewriter) {
  ScoreOp score = scoreBehind(op.getSource());
  if (!score || score.getFn() != ScoreFn::softmax ||
      op.getFn() != WeighFn::value || op.getNorm() != WeighNorm::sum)
    return;
  Value logits = score.getLogits();
  if (score.getAxis() == ScoreAxis::tokens)
    return (void)missed(op, passName,
                        "the softmax runs over the tokens, whose sums differ "
                        "between the selected");
  if (!op.getEps().isZero() || !op.getClamp().isZero())
    return (void)missed(op, passName,
                        "the guard of the sum is none of a sum of "
                        "exponentials");
  if (score.getComputeFloatType().getWidth() > 32)
    return (void)missed(op, passName, "the scores are computed in f64");
  if (!options.allowReassociation)
    return (void)missed(op, passName,
                        "a softmax over the selected rounds in other places, "
                        "which needs allow-reassociation");
  auto select = op.getExperts().getDefiningOp<SelectOp>();
  if (!options.assumeFinite && !picksAnyNaN(select, logits))
    return (void)missed(op, passName,
                        "a NaN may not be among the selected, which needs "
                        "assume-finite");
  std::string rounding = roundingOf(op.getSource(), score);
  rewriter.modifyOpInPlace(op, [&] {
    op.setFn(WeighFn::softmax_selected);
    op.setNorm(WeighNorm::none);
    op.getSourceMutable().assign(logits);
  });
  fired(op, passName, "a softmax over the selected logits" + rounding);
}

/// c where `value` is `base` times c in every element, in their one type.
std::optional<double> matchMultiple(Value value, Value base) {
  if (value.getType() != base.getType())
    return std::nullopt;
  ElementExprContext context;
  ElementTracer tracer(context);
  tracer.stopAt(base);
  SmallVector<Expr> indices = tracer.indicesOf(value);
  Expr element = tracer.at(value, indices);
  if (!element->is<arith::MulFOp>())
    return std::nullopt;
  Expr own = tracer.at(base, indices);
  for (unsigned side : {0, 1}) {
    Expr factor = element->operands[side];
    if (element->operands[1 - side] != own ||
        factor->kind != ElementExpr::Kind::Constant)
      continue;
    if (auto number = dyn_cast_or_null<FloatAttr>(factor->attribute))
      return number.getValueAsDouble();
  }
  return std::nullopt;
}

/// The users of `value` that are a multiple of it.
SmallVector<std::pair<Value, double>> multiplesOf(Value value) {
  SmallVector<std::pair<Value, double>> found;
  for (Operation *user : value.getUsers())
    if (user->getNumResults() == 1 && llvm::none_of(found, [&](auto &pair) {
          return pair.first == user->getResult(0);
        }))
      if (std::optional<double> factor =
              matchMultiple(user->getResult(0), value))
        found.push_back({user->getResult(0), *factor});
  return found;
}

bool isFiniteProduct(const APFloat &scale, double factor) {
  return std::isfinite(scale.convertToDouble() * factor);
}

Value withScale(WeighOp op, double factor, IRRewriter &rewriter) {
  auto scaled = cast<WeighOp>(rewriter.clone(*op));
  scaled.setScale(APFloat(op.getScale().convertToDouble() * factor));
  return scaled.getWeights();
}

/// Weights times a constant:
///
///   %w = moe.weigh value %s, %e
///   %v = %w * 2.5   [linalg op]   =>   %v = moe.weigh value %s, %e {scale
///   = 2.5}
void foldScale(WeighOp op, bool allowReassociation, IRRewriter &rewriter) {
  // Of f32 weights without a scale the product is rounded once in both forms.
  bool isExact = op.getScale().isExactlyValue(1.0) &&
                 op.getWeights().getType().getElementType().isF32();
  for (auto [product, factor] : multiplesOf(op.getWeights())) {
    if (!isFiniteProduct(op.getScale(), factor)) {
      (void)missed(op, passName, "the scale would not be finite");
      continue;
    }
    if (!isExact && !allowReassociation) {
      (void)missed(op, passName,
                   "the weights are rounded before they are scaled, which "
                   "needs allow-reassociation");
      continue;
    }
    rewriter.setInsertionPoint(op);
    rewriter.replaceAllUsesWith(product, withScale(op, factor, rewriter));
    fired(op, passName, "a factor of the weights is part of them");
  }
}

/// A sum times a constant, if it starts from nothing:
///
///   %y = moe.combine %r, %p, %w into 0
///   %z = %y * 2.5   [linalg op]    =>   %z = moe.combine %r, %p, 2.5 %w into 0
void foldScaleOfSum(CombineOp op, bool allowReassociation,
                    IRRewriter &rewriter) {
  auto weigh = op.getWeights().getDefiningOp<WeighOp>();
  for (auto [product, factor] : multiplesOf(op.getResult())) {
    StringRef reason;
    if (!weigh)
      reason = "a factor of the sum has no moe.weigh to be part of";
    else if (!isZeroFill(op.getInit()))
      reason = "a factor of the sum multiplies what it starts from, too";
    else if (op.getProductType() || op.getSumType())
      reason = "the graph rounds what a factor of the sum would change";
    else if (!isFiniteProduct(weigh.getScale(), factor))
      reason = "the scale would not be finite";
    else if (!allowReassociation)
      reason = "a factor of the sum would round each of its terms, which needs "
               "allow-reassociation";
    if (!reason.empty()) {
      (void)missed(op, passName, reason);
      continue;
    }
    rewriter.setInsertionPoint(weigh);
    Value weights = withScale(weigh, factor, rewriter);
    rewriter.setInsertionPoint(op);
    auto scaled = cast<CombineOp>(rewriter.clone(*op));
    scaled.getWeightsMutable().assign(weights);
    rewriter.replaceAllUsesWith(product, scaled.getResult());
    fired(op, passName, "a factor of the sum is part of its weights");
  }
}

/// Why somebody could see in which order the entries of bins stand, or nothing.
StringRef whyOrderIsSeen(Value bins) {
  auto goesTo = [](Value value, auto matches) {
    return llvm::all_of(value.getUses(), matches);
  };
  auto isCombine = [](OpOperand &use) {
    return isa<CombineOp>(use.getOwner());
  };
  for (Operation *user : bins.getUsers()) {
    if (isa<StatsOp, CombineOp, DispatchOp>(user))
      continue;
    if (auto weigh = dyn_cast<WeighOp>(user)) {
      if (!goesTo(weigh.getWeights(), isCombine))
        return "others than a combine read the weights";
      continue;
    }
    auto plan = dyn_cast<PlanOp>(user);
    if (!plan)
      return "others than the stages behind it read the bins";
    for (Operation *reader : plan.getPairs().getUsers()) {
      if (isa<CombineOp>(reader))
        continue;
      auto dispatch = dyn_cast<DispatchOp>(reader);
      if (!dispatch)
        return "others than the stages behind it read the pairs";
      for (Operation *next : dispatch.getRows().getUsers()) {
        auto experts = dyn_cast<ExpertsOp>(next);
        if (!experts || !goesTo(experts.getResult(), isCombine))
          return "others than a combine read the rows";
        Value yielded = experts.getYield().getOperand(0);
        if (ExpertValues(experts)[yielded].spread != Spread::rows)
          return "a body mixes the rows of its expert";
      }
    }
  }
  return "";
}

/// A combine adds by expert whatever the order within a bin is:
///
///   moe.select %s by expert order by_index   =>   moe.select %s by expert
void leaveUnsorted(SelectOp op, IRRewriter &rewriter) {
  if (!op.isByExpert() || op.getOrder() != SlotOrder::by_index)
    return;
  StringRef reason = whyOrderIsSeen(op.getExperts());
  if (!reason.empty())
    return (void)missed(op, passName, reason);
  rewriter.modifyOpInPlace(op, [&] { op.setOrder(SlotOrder::by_key); });
  fired(op, passName, "nobody sees the order of the entries of a bin");
}

struct SimplifyRouter : moe::impl::MoESimplifyRouterPassBase<SimplifyRouter> {
  using Base::Base;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    MoESimplifyRouterPassOptions options{allowReassociation, assumeFinite};
    // A weighing may rely on what its selection reads by then.
    getOperation()->walk([&](SelectOp op) {
      selectOnLogits(op, allowReassociation, rewriter);
      leaveUnsorted(op, rewriter);
    });
    getOperation()->walk(
        [&](WeighOp op) { weighLogits(op, options, rewriter); });
    // Those made on the way need no second look.
    SmallVector<Operation *> scaled;
    getOperation()->walk([&](Operation *op) {
      if (isa<WeighOp, CombineOp>(op))
        scaled.push_back(op);
    });
    for (Operation *op : scaled) {
      if (auto weigh = dyn_cast<WeighOp>(op))
        foldScale(weigh, allowReassociation, rewriter);
      else
        foldScaleOfSum(cast<CombineOp>(op), allowReassociation, rewriter);
    }
    fuseOnce(getOperation(), RewritePatternSet(&getContext()));
  }
};
} // namespace
