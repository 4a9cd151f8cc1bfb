// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"
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
///
/// The score may also be the larger part of the key, beside a bias.
void raiseScore(Operation *op, Value key, IRRewriter &rewriter) {
  if (key.getDefiningOp<ScoreOp>())
    return;
  // Only a selection has to be by a score.
  bool isKey = isa<SelectOp>(op);
  if (exceedsF32(key)) {
    if (isKey)
      (void)missed(op, passName, "the key is wider than f32");
    return;
  }
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(key);
  tracer.splitRows(key, indices[0]);
  Expr expr = tracer.at(key, indices);
  std::optional<ScoreMatch> match = matchScore(tracer, expr, indices[1]);
  Value scores = key;
  if (!match && expr->is<arith::AddFOp>())
    for (Expr part : expr->operands) {
      if (match)
        break;
      match = matchScore(tracer, part, indices[1]);
      scores =
          match ? tracer.findTracedRows(part, indices[0], indices[1]) : Value();
      if (!scores || scores.getType() != key.getType())
        match.reset();
      else if (scores.getDefiningOp<ScoreOp>())
        return;
    }
  if (!match) {
    // Logits as they are, with a bias perhaps, are an ordinary key.
    if (isKey && isTranscendental(expr))
      (void)missed(op, passName, "the key is no score of logits that is known");
    return;
  }
  rewriter.setInsertionPointAfterValue(scores);
  Value logits = materialize(rewriter, scores.getLoc(), tracer, match->logits,
                             indices[0], indices[1], scores);
  if (!logits) {
    (void)missed(op, passName,
                 "no value holds the logits as [tokens, experts]");
    return;
  }
  auto score = ScoreOp::create(rewriter, scores.getLoc(), scores.getType(),
                               match->fn, logits, /*compute_type=*/TypeAttr(),
                               ScoreAxis::experts, /*scope=*/IntegerAttr());
  rewriter.replaceAllUsesWith(scores, score.getScores());
  fired(op, passName, "the key is moe.score " + stringifyScoreFn(match->fn));
}

/// What `value` is before it was moved, broadcast or cast.
Value skipMoves(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    bool isMove = linalgOp ? linalgOp.getNumDpsInputs() == 1 &&
                                 linalgOp.getNumReductionLoops() == 0
                           : isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp,
                                 tensor::CastOp, tensor::ExtractSliceOp>(op);
    if (!isMove || !isa<RankedTensorType>(op->getOperand(0).getType()))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// Writes logits that are x * router^T, however reshaped and transposed, as one
/// matmul of matrices. Casts between the product and the logits stay.
///
///   %l = collapse (batch_matmul %x3 [1,T,D], expand (transpose %router))
/// =>
///   %l = linalg.matmul (transposed b) %x [T,D], %router [E,D]
void raiseLogits(Value logits, IRRewriter &rewriter) {
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(logits);
  Expr token = indices[0], expert = indices[1];
  tracer.splitRows(logits, token);
  Expr product = tracer.at(logits, indices);
  while (product->is<arith::ExtFOp>() || product->is<arith::TruncFOp>())
    product = product->operands[0];
  Value matrix = tracer.findTraced(product, indices);
  // The layers before made the tokens; all of them would be looked through.
  if (matrix && product->kind == ElementExpr::Kind::Element)
    if (auto matmul = product->value.getDefiningOp<linalg::LinalgOp>())
      for (Value operand : matmul.getDpsInputs())
        tracer.stopAt(skipMoves(operand));
  std::optional<Contraction> contraction = matchContraction(tracer, product);
  if (!matrix || !contraction)
    return;
  auto [x, router, depth] = *contraction;
  if (context.dependsOn(x, expert))
    std::swap(x, router);
  if (context.dependsOn(x, expert) || (token->kind == ElementExpr::Kind::Var &&
                                       context.dependsOn(router, token)))
    return;
  rewriter.setInsertionPointAfterValue(matrix);
  Location loc = matrix.getLoc();
  Value xMatrix = materialize(rewriter, loc, tracer, x, token, depth, matrix);
  Value routerMatrix = findMatrix(tracer, router, {expert, depth});
  if (!xMatrix || !routerMatrix)
    return;
  auto type = cast<RankedTensorType>(matrix.getType());
  xMatrix = asMatrix(rewriter, loc, xMatrix);
  routerMatrix = asMatrix(rewriter, loc, routerMatrix);
  Value empty =
      emptyLike(rewriter, loc, type.getShape(), type.getElementType(), xMatrix);
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
  Value init = linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
  auto matmul = linalg::MatmulTransposeBOp::create(
      rewriter, loc, ValueRange{xMatrix, routerMatrix}, ValueRange{init});
  rewriter.replaceAllUsesWith(matrix, matmul->getResult(0));
}

/// Calls `fn` for every value made from `value` whose type is `type`, nearest
/// first.
void forEachDerived(Value value, Type type, function_ref<void(Value)> fn) {
  SmallVector<Value> worklist{value};
  DenseSet<Value> seen;
  for (size_t i = 0; i < worklist.size(); ++i)
    for (Operation *user : worklist[i].getUsers()) {
      if (!isa<linalg::LinalgOp, tensor::ExpandShapeOp,
               tensor::CollapseShapeOp>(user))
        continue;
      for (Value result : user->getResults())
        if (seen.insert(result).second) {
          if (result.getType() == type)
            fn(result);
          worklist.push_back(result);
        }
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
  if (op.isByExpert() || !op.isPlain() || exceedsF32(op.getWeights()))
    return;
  // The graph's sums count empty slots as zeros, those of moe.weigh do not.
  auto select = op.getExperts().getDefiningOp<SelectOp>();
  if (select && !select.fillsSlots())
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
  });
  for (auto &[weights, match] : found) {
    rewriter.setInsertionPointAfterValue(weights);
    Location loc = rewriter.getFusedLoc({weights.getLoc(), op.getLoc()});
    auto weigh = WeighOp::create(rewriter, loc, weights.getType(), match.fn,
                                 op.getSource(), op.getExperts(), match.norm,
                                 match.eps, match.scale);
    if (match.clamp != 0)
      weigh.setClampAttr(rewriter.getF64FloatAttr(match.clamp));
    if (match.perExpert)
      weigh.getPerExpertMutable().assign(match.perExpert);
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
      raiseScore(op, op.getKey(), rewriter);
      auto score = op.getKey().getDefiningOp<ScoreOp>();
      raiseLogits(score ? score.getLogits() : op.getKey(), rewriter);
    }
    for (WeighOp op : weighs) {
      raiseScore(op, op.getSource(), rewriter);
      if (auto score = op.getSource().getDefiningOp<ScoreOp>())
        raiseLogits(score.getLogits(), rewriter);
    }
    for (WeighOp op : weighs)
      raiseNorm(op, rewriter);
    eraseDeadOps(function, rewriter);
  }
};
} // namespace
