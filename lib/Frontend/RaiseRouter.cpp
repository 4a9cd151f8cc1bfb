// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEROUTERPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-router";

/// Whether `expr` computes more than sums and products of elements.
bool isTranscendental(Expr expr) {
  DenseSet<Expr> seen;
  auto visit = [&](auto &self, Expr node) -> bool {
    if (node->kind != ElementExpr::Kind::Apply || !seen.insert(node).second)
      return false;
    return node->opName->getDialectNamespace() == "math" ||
           llvm::any_of(node->operands,
                        [&](Expr operand) { return self(self, operand); });
  };
  return visit(visit, expr);
}

/// Turns the arithmetic before a selection into a score.
///
///   %key = exp(%l - max %l) / sum exp(%l - max %l)    [linalg ops]
///   %e = moe.select %key
/// =>
///   %s = moe.score softmax %l
///   %e = moe.select %s
void raiseScore(SelectOp op, IRRewriter &rewriter) {
  Value key = op.getKey();
  if (key.getDefiningOp<ScoreOp>())
    return;
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(key);
  std::optional<ScoreMatch> match =
      matchScore(tracer, tracer.at(key, indices), indices[1]);
  if (!match) {
    // Logits as they are, with a bias perhaps, are an ordinary key.
    if (isTranscendental(tracer.at(key, indices)))
      (void)missed(op, passName, "the key is no score of logits that is known");
    return;
  }
  Value logits = tracer.findTraced(match->logits, indices);
  if (!logits) {
    (void)missed(op, passName,
                 "no value holds the logits as [tokens, experts]");
    return;
  }
  rewriter.setInsertionPointAfterValue(key);
  auto score =
      ScoreOp::create(rewriter, op.getLoc(), key.getType(), match->fn, logits,
                      /*compute_type=*/TypeAttr());
  rewriter.replaceAllUsesWith(key, score.getScores());
  fired(op, passName, "the key is moe.score " + stringifyScoreFn(match->fn));
}

/// A matrix whose element at `indices` is `expr`: one that exists, or a view
/// that drops leading dimensions of size one. Null if there is none.
Value matrixOf(ElementTracer &tracer, Expr expr, ArrayRef<Expr> indices,
               IRRewriter &rewriter, Location loc) {
  if (Value found = tracer.findTraced(expr, indices))
    return found;
  if (expr->kind != ElementExpr::Kind::Element || expr->operands.size() < 2)
    return nullptr;
  ArrayRef<Expr> leading = expr->operands.drop_back(2);
  auto type = dyn_cast<RankedTensorType>(expr->value.getType());
  if (expr->operands.take_back(2) != indices ||
      !llvm::all_of(leading, [](Expr index) { return index->isIndex(0); }) ||
      !llvm::all_of(type.getShape().drop_back(2),
                    [](int64_t size) { return size == 1; }) ||
      !tracer.readsWhole(expr->value, expr->operands))
    return nullptr;
  if (leading.empty())
    return expr->value;
  SmallVector<ReassociationIndices> groups(2);
  for (int64_t i = 0, last = leading.size(); i <= last; ++i)
    groups[0].push_back(i);
  groups[1].push_back(leading.size() + 1);
  return tensor::CollapseShapeOp::create(rewriter, loc, expr->value, groups);
}

/// Writes logits that are x * router^T, however reshaped and transposed, as one
/// matmul of matrices.
///
///   %l = collapse (batch_matmul %x3 [1,T,D], expand (transpose %router))
/// =>
///   %l = linalg.matmul (transposed b) %x [T,D], %router [E,D]
void raiseLogits(Value logits, IRRewriter &rewriter) {
  auto type = cast<RankedTensorType>(logits.getType());
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(logits);
  Expr token = indices[0], expert = indices[1];
  std::optional<Reduction> sum = tracer.expand(tracer.at(logits, indices));
  if (!sum || !isa<arith::AddFOp>(sum->combiner) || !isConstant(sum->init, 0) ||
      sum->vars.size() != 1 || !sum->term->is<arith::MulFOp>())
    return;
  Expr x = sum->term->operands[0], router = sum->term->operands[1];
  if (context.dependsOn(x, expert))
    std::swap(x, router);
  if (context.dependsOn(x, expert) || (token->kind == ElementExpr::Kind::Var &&
                                       context.dependsOn(router, token)))
    return;
  rewriter.setInsertionPointAfterValue(logits);
  Location loc = logits.getLoc();
  Value xMatrix = matrixOf(tracer, x, {token, sum->vars[0]}, rewriter, loc);
  Value routerMatrix =
      matrixOf(tracer, router, {expert, sum->vars[0]}, rewriter, loc);
  if (!xMatrix || !routerMatrix)
    return;
  Value empty =
      emptyLike(rewriter, loc, type.getShape(), type.getElementType(), xMatrix);
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
  Value init = linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
  auto matmul = linalg::MatmulTransposeBOp::create(
      rewriter, loc, ValueRange{xMatrix, routerMatrix}, ValueRange{init});
  rewriter.replaceAllUsesWith(logits, matmul->getResult(0));
}

/// Calls `fn` for every value made from `value` whose type is `type`, nearest
/// first, without going on behind one for which it returns true.
void forEachDerived(Value value, Type type, function_ref<bool(Value)> fn) {
  SmallVector<Value> worklist{value};
  DenseSet<Value> seen;
  for (size_t i = 0; i < worklist.size(); ++i)
    for (Operation *user : worklist[i].getUsers()) {
      if (!isa<linalg::LinalgOp, tensor::ExpandShapeOp,
               tensor::CollapseShapeOp>(user))
        continue;
      for (Value result : user->getResults())
        if (seen.insert(result).second &&
            !(result.getType() == type && fn(result)))
          worklist.push_back(result);
    }
}

/// Folds normalisation and scale of selected values into the op that reads
/// them.
///
///   %v = moe.weigh value %s, %e
///   %w = %v / (sum of %v over the slots)              [linalg ops]
/// =>
///   %w = moe.weigh value %s, %e norm sum
void raiseNorm(WeighOp op, IRRewriter &rewriter) {
  if (op.getFn() != WeighFn::value || op.getNorm() != WeighNorm::none ||
      !op.getScale().isExactlyValue(1))
    return;
  Value values = op.getWeights();
  SmallVector<std::pair<Value, NormMatch>> found;
  forEachDerived(values, values.getType(), [&](Value weights) {
    ElementExprContext context;
    ElementTracer tracer(context);
    SmallVector<Expr> indices = tracer.indicesOf(weights);
    std::optional<NormMatch> match =
        matchNorm(tracer, tracer.at(weights, indices),
                  tracer.at(values, indices), indices[1]);
    // Another match may stand behind this one: a scale behind a sum.
    if (match)
      found.push_back({weights, *match});
    return false;
  });
  for (auto &[weights, match] : found) {
    rewriter.setInsertionPointAfterValue(weights);
    auto weigh =
        WeighOp::create(rewriter, op.getLoc(), weights.getType(), match.fn,
                        op.getSource(), op.getExperts(), match.norm,
                        llvm::APFloat(match.eps), llvm::APFloat(match.scale));
    rewriter.replaceAllUsesWith(weights, weigh.getWeights());
    fired(op, passName, "normalisation and scale are part of moe.weigh");
  }
}

struct RaiseRouter : moe::impl::MoERaiseRouterPassBase<RaiseRouter> {
  void runOnOperation() override {
    getOperation()->walk(
        [&](FunctionOpInterface function) { raiseIn(function); });
  }

  void raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    SmallVector<SelectOp> selects;
    SmallVector<WeighOp> weighs;
    function->walk([&](Operation *op) {
      if (auto select = dyn_cast<SelectOp>(op))
        selects.push_back(select);
      else if (auto weigh = dyn_cast<WeighOp>(op))
        weighs.push_back(weigh);
    });
    if (selects.empty())
      return;
    for (SelectOp op : selects) {
      raiseScore(op, rewriter);
      auto score = op.getKey().getDefiningOp<ScoreOp>();
      raiseLogits(score ? score.getLogits() : op.getKey(), rewriter);
    }
    for (WeighOp op : weighs)
      raiseNorm(op, rewriter);
    eraseDeadOps(function, rewriter);
  }
};
} // namespace
