// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/BuildExperts.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"
#include "moe/Frontend/OneHot.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEDENSEEXPERTSPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-dense-experts";

/// A sum over all experts in which those not selected add zero.
class DenseSum {
public:
  DenseSum(linalg::LinalgOp op, IRRewriter &rewriter)
      : op(op), rewriter(rewriter), tracer(context), oneHot(tracer) {}

  /// Whether it sums over one loop, from the start.
  bool match();
  /// Whether it is the sum over the experts of `select`, and raised.
  bool raise(SelectOp select);
  /// Says so where the terms of all experts count, none of them selected.
  void explainWithoutSelection();

private:
  bool isSummed(Expr expr) {
    return llvm::any_of(sum->vars,
                        [&](Expr var) { return context.dependsOn(expr, var); });
  }
  bool readsStack(Expr row);
  void splitWeight(Expr term, Expr &weight, Expr &row);
  bool isNumberOfPair(Expr expr);
  LogicalResult missed(const Twine &why) {
    return moe::missed(op, passName, why);
  }

  linalg::LinalgOp op;
  IRRewriter &rewriter;
  ElementExprContext context;
  ElementTracer tracer;
  OneHot oneHot;
  RankedTensorType type;
  Expr token, column, slot, whole;
  Value ids;
  std::optional<Reduction> sum;
};
} // namespace

bool DenseSum::match() {
  Value result = op->getResult(0);
  type = cast<RankedTensorType>(result.getType());
  if (type.getRank() < 2 || type.isDynamicDim(type.getRank() - 1))
    return false;
  ArrayRef<int64_t> leading = type.getShape().drop_back();
  int64_t numTokens = 1;
  for (int64_t size : leading)
    numTokens = ShapedType::isDynamic(size) || ShapedType::isDynamic(numTokens)
                    ? ShapedType::kDynamic
                    : numTokens * size;
  token = context.var(numTokens);
  column = context.var(type.getShape().back());
  SmallVector<Expr> indices = tracer.partsOf(token, leading);
  indices.push_back(column);
  whole = context.element(result, indices);
  sum = tracer.expand(whole);
  return sum && isa<arith::AddFOp>(sum->combiner) && sum->vars.size() == 1 &&
         sum->vars[0]->kind == ElementExpr::Kind::Var;
}

/// Whether `expr` is a number that token and slot alone decide.
bool DenseSum::isNumberOfPair(Expr expr) {
  return !context.dependsOn(expr, column) &&
         materialize(rewriter, op.getLoc(), tracer, expr, token, slot, ids);
}

/// Splits `term` into what is a number per pair and what is a row.
void DenseSum::splitWeight(Expr term, Expr &weight, Expr &row) {
  row = term;
  while (row->is<arith::MulFOp>()) {
    unsigned side = 0;
    while (side < 2 && !isNumberOfPair(row->operands[side]))
      ++side;
    if (side == 2)
      return;
    Expr factor = row->operands[side];
    weight = weight ? context.rebuild(row, {weight, factor}) : factor;
    row = row->operands[1 - side];
  }
}

bool DenseSum::raise(SelectOp select) {
  Expr index = sum->vars[0];
  ids = select.getExperts();
  int64_t numExperts = select.getKey().getType().getDimSize(1);
  int64_t numSlots = select.getExperts().getType().getDimSize(1);
  if (index->extent != numExperts)
    return false;
  Expr rest = oneHot.unselected(sum->term, index, ids, token);
  if (!rest)
    return false;
  // From here on it looks like the sum over masked experts.
  if (!isConstant(rest, 0)) {
    (void)missed("an expert that is not selected may add to the sum");
    return false;
  }
  slot = context.var(numSlots);
  Expr expert = tracer.at(ids, {token, slot});
  if (!tracer.readsWhole(ids, {token, slot})) {
    (void)missed("the selection has other tokens than the sum");
    return false;
  }
  if (exceedsF32(op->getResult(0))) {
    (void)missed("the sum is wider than f32");
    return false;
  }
  Expr term = oneHot.simplify(context.substitute(sum->term, index, expert));
  RoundedSum rounding = roundedSum(term, type.getElementType());
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  Expr weight = nullptr, row;
  splitWeight(rounding.term, weight, row);
  // moe.combine widens rows and weights by itself.
  if (row->is<arith::ExtFOp>())
    row = row->operands[0];
  if (weight && weight->is<arith::ExtFOp>())
    weight = weight->operands[0];
  ExpertBody body(tracer, token, slot, expert);
  body.refineBy([&](Expr expr) { return oneHot.simplify(expr); }, rewriter,
                loc);
  if (failed(body.analyze(row, column))) {
    (void)missed(body.getReason());
    return false;
  }
  if (body.getTokenOperands().empty() || body.getExpertOperands().empty()) {
    (void)missed("the rows read no token, or nothing of an expert");
    return false;
  }
  Value init = op.getDpsInits().front();
  SmallVector<Expr> place = tracer.partsOf(token, type.getShape().drop_back());
  place.push_back(column);
  if (!isConstant(sum->init, 0) &&
      tracer.findTraced(sum->init, place) != init) {
    (void)missed("the sum starts from something unknown");
    return false;
  }

  Value weights =
      weight ? materialize(rewriter, loc, tracer, weight, token, slot, ids)
             : Value();
  Value combined =
      buildExperts(rewriter, loc,
                   {ids, select.getKey(), weights,
                    asMatrix(rewriter, loc, init), row, column, rounding},
                   body);
  fired(op, passName,
        Twine(numExperts) + " experts of which all but " + Twine(numSlots) +
            " are masked are moe.plan, moe.dispatch, moe.experts and "
            "moe.combine");
  rewriter.replaceOp(op, fromMatrix(rewriter, loc, combined, init));
  return true;
}

/// Whether `row` has a product with matrices of which the summed index chooses
/// one: an expert, and not the values of an attention.
bool DenseSum::readsStack(Expr row) {
  if (row->kind == ElementExpr::Kind::Element)
    if (std::optional<Reduction> product = tracer.expand(row))
      if (product->vars.size() == 1 && product->term->is<arith::MulFOp>())
        return llvm::any_of(product->term->operands, [&](Expr factor) {
          return factor->kind == ElementExpr::Kind::Element &&
                 factor->operands.size() > 2 && isSummed(factor) &&
                 context.dependsOn(factor, product->vars[0]) &&
                 context.dependsOn(factor, column);
        });
  return llvm::any_of(row->operands,
                      [&](Expr operand) { return readsStack(operand); });
}

void DenseSum::explainWithoutSelection() {
  // Slots of a soft mixture are places of experts: two loops in one.
  sum = tracer.expand(whole, /*splitLoops=*/true);
  if (!sum || !sum->term->is<arith::MulFOp>())
    return;
  Expr term = sum->term;
  for (unsigned side : {0, 1}) {
    Expr weight = term->operands[side];
    if (isSummed(weight) && context.dependsOn(weight, token) &&
        !context.dependsOn(weight, column) &&
        readsStack(term->operands[1 - side])) {
      (void)missed("all terms count: no expert is selected");
      return;
    }
  }
}

namespace {
/// Replaces a sum over experts that every token goes through.
///
///   %y = sum over e of %w[t,e] * (W2[e] * act(W1[e] * %x[t]))
///        where %w[t,e] is zero but for the experts selected
/// =>
///   %offsets, %pairs = moe.plan %e
///   %rows = moe.dispatch %x, %pairs slots K
///   %ys = moe.experts rows(%rows) weights(W1, W2) offsets(%offsets) { ... }
///   %y = moe.combine %ys, %pairs, %v into %init
struct RaiseDenseExperts
    : moe::impl::MoERaiseDenseExpertsPassBase<RaiseDenseExperts> {
  void runOnOperation() override {
    getOperation()->walk(
        [&](FunctionOpInterface function) { raiseIn(function); });
  }

  void raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    SmallVector<SelectOp> selects = findSlotSelections(function);
    SmallVector<linalg::LinalgOp> sums =
        findReductions(function, /*oneLoop=*/true);
    // Looking into every matmul of a model would take long.
    auto isOverExperts = [&](linalg::LinalgOp op) {
      int64_t size = reductionSize(op);
      return selects.empty() || llvm::any_of(selects, [&](SelectOp select) {
               return select.getKey().getType().getDimSize(1) == size;
             });
    };
    for (linalg::LinalgOp op : sums) {
      if (!isOverExperts(op))
        continue;
      DenseSum sum(op, rewriter);
      if (!sum.match())
        continue;
      if (selects.empty())
        sum.explainWithoutSelection();
      else
        (void)llvm::any_of(selects,
                           [&](SelectOp select) { return sum.raise(select); });
    }
    eraseDeadOps(function, rewriter);
  }
};
} // namespace
