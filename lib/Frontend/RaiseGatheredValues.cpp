// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"
#include "moe/Frontend/OneHot.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEGATHEREDVALUESPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-gathered-values";

/// Whether `type` may hold a number per token and slot, however shaped.
bool mayHoldPairs(RankedTensorType type, RankedTensorType idsType) {
  if (!isa<FloatType>(type.getElementType()))
    return false;
  if (!type.hasStaticShape() || !idsType.hasStaticShape())
    return type.getShape() == idsType.getShape();
  return type.getNumElements() == idsType.getNumElements();
}

/// Whether `expr` is the largest of the scores that `select` picks the first
/// by.
bool isLargestScore(ElementTracer &tracer, Expr expr, SelectOp select,
                    Expr token) {
  std::optional<Reduction> max = tracer.expand(expr);
  if (!max || !isa<arith::MaximumFOp, arith::MaxNumFOp>(max->combiner) ||
      !isLeast(max->init) || max->vars.size() != 1)
    return false;
  Value key = select.getKey();
  tracer.splitRows(key, token);
  Expr column = max->vars[0];
  if (column->extent != cast<RankedTensorType>(key.getType()).getDimSize(1))
    return false;
  Expr score = tracer.at(key, {token, column});
  // The largest logit is part of a softmax, and no weight.
  return score == max->term &&
         (key.getDefiningOp<ScoreOp>() || matchScore(tracer, score, column));
}

/// Whether `expr` reads what is made from the choice of `select`, such as
/// counts of tokens per expert.
bool followsFrom(Expr expr, SelectOp select) {
  DenseSet<Expr> seen;
  auto visit = [&](auto &self, Expr node) -> bool {
    if (!seen.insert(node).second)
      return false;
    if (node->kind == ElementExpr::Kind::Element) {
      SetVector<Operation *> slice;
      BackwardSliceOptions options;
      options.omitBlockArguments = true;
      options.inclusive = true;
      (void)getBackwardSlice(node->value, &slice, options);
      if (slice.contains(select))
        return true;
    }
    return llvm::any_of(node->operands,
                        [&](Expr operand) { return self(self, operand); });
  };
  return visit(visit, expr);
}

void replace(linalg::LinalgOp op, WeighOp weigh, IRRewriter &rewriter) {
  fired(op, passName, "values at the selected experts are moe.weigh");
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Value weights = weigh.getWeights();
  if (weights.getType() != type)
    weights = reshape(rewriter, op.getLoc(), weights, type);
  rewriter.replaceOp(op, weights);
}

/// Replaces what reads a number per expert at the experts selected.
///
///   %w = gather %s[t, %e[t,s]], or sum over j of %s[t,j] * (j == %e[t,s])
/// =>
///   %w = moe.weigh value %s, %e
bool raise(linalg::LinalgOp op, SelectOp select, IRRewriter &rewriter) {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  RankedTensorType idsType = select.getExperts().getType();
  ElementExprContext context;
  ElementTracer tracer(context);
  Expr token = context.var(idsType.getDimSize(0));
  Expr slot = context.var(idsType.getDimSize(1));
  Expr expert = tracer.at(select.getExperts(), {token, slot});
  // Whatever its dimensions are, they are tokens, then slots.
  SmallVector<Expr> place;
  if (type.getShape() == idsType.getShape()) {
    place = {token, slot};
  } else {
    int64_t numSlots = idsType.getDimSize(1);
    SmallVector<int64_t> leading(type.getShape());
    if (numSlots > 1) {
      if (leading.empty() || leading.back() != numSlots)
        return false;
      leading.pop_back();
    }
    if (leading.empty())
      return false;
    place = tracer.partsOf(token, leading);
    if (numSlots > 1)
      place.push_back(slot);
  }
  OneHot oneHot(tracer);
  Expr value = oneHot.simplify(tracer.at(result, place));
  if (idsType.getDimSize(1) == 1 && select.fillsSlots() &&
      !select.getGroups() && isLargestScore(tracer, value, select, token)) {
    rewriter.setInsertionPoint(op);
    replace(op,
            buildValues(rewriter, op.getLoc(), select.getKey(),
                        select.getExperts()),
            rewriter);
    return true;
  }
  // From here on it reads something at the experts.
  if (!context.dependsOn(value, expert))
    return false;
  Value key = select.getKey();
  Expr column =
      context.var(cast<RankedTensorType>(key.getType()).getDimSize(1));
  value = context.substitute(value, expert, column);
  // A number per expert is a factor of its own; sums over slots are no values.
  auto dependsOnToken = [&] {
    return context.dependsOn(value, token) ||
           llvm::any_of(place, [&](Expr index) {
             return index != slot && index->kind == ElementExpr::Kind::Var &&
                    context.dependsOn(value, index);
           });
  };
  if (!dependsOnToken() ||
      (slot->kind == ElementExpr::Kind::Var && context.dependsOn(value, slot)))
    return false;
  if (followsFrom(value, select))
    return false;
  if (exceedsF32(result)) {
    (void)missed(op, passName, "the values are wider than f32");
    return false;
  }
  // Scores are often what the keys are made of.
  tracer.splitRows(key, token);
  (void)tracer.at(key, {token, column});
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  Value source = materialize(rewriter, loc, tracer, value, token, column, key);
  if (!source)
    return false;
  replace(op, buildValues(rewriter, loc, source, select.getExperts()),
          rewriter);
  return true;
}

struct RaiseGatheredValues
    : moe::impl::MoERaiseGatheredValuesPassBase<RaiseGatheredValues> {
  void runOnOperation() override {
    bool raised = false;
    getOperation()->walk(
        [&](FunctionOpInterface function) { raised |= raiseIn(function); });
    if (!raised)
      markAllAnalysesPreserved();
  }

  bool raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    SmallVector<SelectOp> selects;
    SmallVector<linalg::LinalgOp> candidates;
    function->walk([&](Operation *op) {
      auto select = dyn_cast<SelectOp>(op);
      if (select && !select.isByExpert())
        selects.push_back(select);
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      if (linalgOp && op->getNumResults() == 1 &&
          linalgOp.hasPureTensorSemantics())
        candidates.push_back(linalgOp);
    });
    if (selects.empty())
      return false;
    bool raised = false;
    DominanceInfo dominance(function);
    llvm::SmallSetVector<RankedTensorType, 4> idsTypes;
    for (SelectOp select : selects)
      idsTypes.insert(select.getExperts().getType());
    for (linalg::LinalgOp op : candidates) {
      // Most ops of a model have the shape of no selection.
      auto type = cast<RankedTensorType>(op->getResult(0).getType());
      if (llvm::none_of(idsTypes, [&](RankedTensorType idsType) {
            return mayHoldPairs(type, idsType);
          }))
        continue;
      raised |= llvm::any_of(selects, [&](SelectOp select) {
        return mayHoldPairs(type, select.getExperts().getType()) &&
               dominance.properlyDominates(select.getOperation(), op) &&
               raise(op, select, rewriter);
      });
    }
    if (raised)
      eraseDeadOps(function, rewriter);
    return raised;
  }
};
} // namespace
