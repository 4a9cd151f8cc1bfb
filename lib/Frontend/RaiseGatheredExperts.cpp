// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/BuildExperts.h"
#include "moe/Frontend/ExpertBody.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEGATHEREDEXPERTSPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-gathered-experts";

/// Calls `fn` for the elements in `expr` and in the terms of the reductions
/// among them, until it returns true.
bool anyElement(ElementTracer &tracer, Expr expr, function_ref<bool(Expr)> fn) {
  DenseSet<Expr> seen;
  auto visit = [&](auto &self, Expr node, bool expand) -> bool {
    if (!seen.insert(node).second)
      return false;
    if (node->kind == ElementExpr::Kind::Element) {
      if (fn(node))
        return true;
      std::optional<Reduction> reduction =
          expand ? tracer.expand(node) : std::nullopt;
      if (reduction && self(self, reduction->term, false))
        return true;
    }
    return llvm::any_of(node->operands, [&](Expr operand) {
      return self(self, operand, expand);
    });
  };
  return visit(visit, expr, true);
}

/// The element of a selection, at a slot that `over` runs through, which is
/// used as an index somewhere in `expr`.
Expr findSelectedExpert(ElementTracer &tracer, Expr expr, Expr over) {
  auto isSelected = [&](Expr index) {
    if (index->kind != ElementExpr::Kind::Element)
      return false;
    auto select = index->value.getDefiningOp<SelectOp>();
    return select && !select.isByExpert() && index->operands.size() == 2 &&
           index->operands[1] == over;
  };
  Expr found = nullptr;
  anyElement(tracer, expr, [&](Expr element) {
    for (Expr index : element->operands) {
      // Alone, or as a part of a longer index.
      if (isSelected(index))
        found = index;
      else if (index->kind == ElementExpr::Kind::Linear)
        for (Expr part : index->operands)
          found = isSelected(part) ? part : found;
    }
    return found != nullptr;
  });
  return found;
}

/// A matrix [tokens, slots] of the weights that `weight` is an element of, or
/// null. moe.combine widens weights by itself.
Value findWeights(ElementTracer &tracer, Expr weight, Expr token, Expr slot,
                  OpBuilder &builder) {
  if (Value weights = tracer.findTraced(weight, {token, slot}))
    return weights;
  bool isRounded = weight->is<arith::TruncFOp>();
  if (!isRounded && !weight->is<arith::ExtFOp>())
    return {};
  Value weights =
      findWeights(tracer, weight->operands[0], token, slot, builder);
  if (!weights || !isRounded)
    return weights;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(weights);
  return arith::TruncFOp::create(
      builder, weights.getLoc(),
      cast<RankedTensorType>(weights.getType()).clone(weight->type), weights);
}

/// Splits `term` into weight(token, slot) * row; without a weight every pair
/// counts once. Fails with a remark.
FailureOr<std::pair<Value, Expr>> splitWeight(linalg::LinalgOp op,
                                              ElementTracer &tracer, Expr term,
                                              Expr token, Expr slot,
                                              Expr expert, OpBuilder &builder) {
  if (!term->is<arith::MulFOp>())
    return std::make_pair(Value(), term);
  auto isExpert = [&](Expr element) { return element == expert; };
  bool first = anyElement(tracer, term->operands[0], isExpert);
  bool second = anyElement(tracer, term->operands[1], isExpert);
  if (first == second)
    return std::make_pair(Value(), term);
  Value weights =
      findWeights(tracer, term->operands[first ? 1 : 0], token, slot, builder);
  if (!weights)
    return missed(op, passName,
                  "no value holds the weights as [tokens, slots]");
  return std::make_pair(weights, term->operands[first ? 0 : 1]);
}

/// Replaces a sum over slots of gathered experts.
///
///   %y = sum over s of %w[t,s] * (W2[e[t,s]] * act(W1[e[t,s]] * %x[t]))
/// =>
///   %offsets, %pairs = moe.plan %e
///   %rows = moe.dispatch %x, %pairs slots K
///   %ys = moe.experts rows(%rows) weights(W1, W2) offsets(%offsets) { ... }
///   %y = moe.combine %ys, %pairs, %w into %init
void raise(linalg::LinalgOp op, IRRewriter &rewriter) {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(result);
  std::optional<Reduction> sum =
      tracer.expand(context.element(result, indices));
  if (!sum || !isa<arith::AddFOp>(sum->combiner) || sum->vars.size() != 1)
    return;
  Expr slot = sum->vars[0];
  Expr expert = findSelectedExpert(tracer, sum->term, slot);
  if (!expert)
    return;

  // From here on the op looks like the combine of a MoE block.
  auto select = expert->value.getDefiningOp<SelectOp>();
  if (type.getRank() != 2 || expert->operands[0] != indices[0] ||
      type.isDynamicDim(1)) {
    (void)missed(op, passName, "the result is not a matrix [tokens, width]");
    return;
  }
  if (exceedsF32(result)) {
    (void)missed(op, passName, "the sum is wider than f32");
    return;
  }
  Expr token = indices[0], column = indices[1];
  RankedTensorType idsType = select.getExperts().getType();
  if (!tracer.readsWhole(select.getExperts(), {token, slot})) {
    (void)missed(op, passName,
                 "does not sum over all slots of all tokens of the selection");
    return;
  }
  RoundedSum rounding = roundedSum(sum->term, type.getElementType());
  ExpertBody body(tracer, token, slot, expert);
  // The weights may be broadcast in the sum; trace them as the matrix they are.
  for (Operation *user : select->getUsers())
    if (auto weigh = dyn_cast<WeighOp>(user))
      (void)tracer.at(weigh.getWeights(), {token, slot});
  FailureOr<std::pair<Value, Expr>> split =
      splitWeight(op, tracer, rounding.term, token, slot, expert, rewriter);
  if (failed(split))
    return;
  auto [weights, row] = *split;
  // moe.combine widens rows by itself.
  if (row->is<arith::ExtFOp>())
    row = row->operands[0];
  if (failed(body.analyze(row, column))) {
    (void)missed(op, passName, body.getReason());
    return;
  }
  if (body.getTokenOperands().empty() || body.getExpertOperands().empty()) {
    (void)missed(op, passName,
                 "the rows read no token, or nothing of an expert");
    return;
  }
  Value init = op.getDpsInits().front();
  if (!isConstant(sum->init, 0) &&
      tracer.findTraced(sum->init, indices) != init) {
    (void)missed(op, passName, "the sum starts from something unknown");
    return;
  }

  rewriter.setInsertionPoint(op);
  int64_t numSlots = idsType.getDimSize(1);
  int64_t numExperts = select.getKey().getType().getDimSize(1);
  Value combined = buildExperts(rewriter, op.getLoc(),
                                {select.getExperts(), select.getKey(), weights,
                                 init, row, column, rounding},
                                body);
  fired(op, passName,
        "'" + op->getName().getStringRef() + "' over the gathered weights of " +
            Twine(numExperts) + " experts, " + Twine(numSlots) +
            " per token, is moe.plan, moe.dispatch, moe.experts and "
            "moe.combine");
  rewriter.replaceOp(op, combined);
}

/// Whether `index` reads an integer of a tensor.
bool isRead(Expr index) {
  return index->kind == ElementExpr::Kind::Element ||
         llvm::any_of(index->operands, isRead);
}

/// Says so where a row is multiplied with a matrix that is gathered, in a
/// function without a selection.
void explainWithoutSelection(linalg::LinalgOp op) {
  Value result = op->getResult(0);
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(result);
  std::optional<Reduction> sum =
      tracer.expand(context.element(result, indices));
  if (!sum || sum->vars.size() != 1 || !sum->term->is<arith::MulFOp>())
    return;
  for (Expr factor : sum->term->operands)
    if (factor->kind == ElementExpr::Kind::Element &&
        factor->operands.size() > 2 &&
        context.dependsOn(factor, sum->vars[0]) &&
        context.dependsOn(factor, indices.back()) &&
        llvm::any_of(factor->operands, isRead)) {
      (void)missed(op, passName,
                   "matrices are gathered, but not by selected experts");
      return;
    }
}

/// Erases assertions that hold: they would keep a gather alive that nobody
/// reads. Ids of slots are in range.
void eraseProvenAssertions(Operation *root, RewriterBase &rewriter) {
  root->walk([&](cf::AssertOp op) {
    auto parent = dyn_cast<linalg::LinalgOp>(op->getParentOp());
    if (!parent)
      return;
    ElementExprContext context;
    ElementTracer tracer(context);
    Expr holds = tracer.inBody(parent, op.getArg());
    if (holds && holds->isIndex(1))
      rewriter.eraseOp(op);
  });
}

struct RaiseGatheredExperts
    : moe::impl::MoERaiseGatheredExpertsPassBase<RaiseGatheredExperts> {
  void runOnOperation() override {
    getOperation()->walk(
        [&](FunctionOpInterface function) { raiseIn(function); });
  }

  void raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    int64_t mostSlots = 0;
    function->walk([&](SelectOp select) {
      mostSlots =
          std::max(mostSlots, select.getExperts().getType().getDimSize(1));
    });
    SmallVector<linalg::LinalgOp> sums =
        findReductions(function, /*oneLoop=*/true);
    bool hasRouter = mostSlots > 0;
    if (hasRouter)
      eraseProvenAssertions(function, rewriter);
    // Looking into every matmul of a model would take long.
    for (linalg::LinalgOp op : sums)
      if (!hasRouter)
        explainWithoutSelection(op);
      else if (reductionSize(op) <= mostSlots)
        raise(op, rewriter);
    eraseDeadOps(function, rewriter);
  }
};
} // namespace
