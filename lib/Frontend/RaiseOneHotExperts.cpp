// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/BuildExperts.h"
#include "moe/Frontend/Capacity.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"
#include "moe/Frontend/Passes.h"
#include "moe/Frontend/SlotWeights.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEONEHOTEXPERTSPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
constexpr StringLiteral passName = "moe-raise-one-hot-experts";

/// A sum over experts e and places c of combine[t,e,c] * rows[e,c].
class OneHotSum {
public:
  OneHotSum(linalg::LinalgOp op, IRRewriter &rewriter)
      : op(op), rewriter(rewriter), tracer(context), oneHot(tracer) {}

  bool match();
  bool raise(SelectOp select);

private:
  LogicalResult splitSlot(Expr term, int64_t number);
  Expr undispatch(Expr expr);
  Expr dispatchedToken(Expr element);
  bool isDispatch(Expr mask, Expr other);
  bool isKept(Expr hit, Expr place);
  Expr open(Expr expr);
  LogicalResult missed(const Twine &why) {
    (void)moe::missed(op, passName, why);
    return failure();
  }

  linalg::LinalgOp op;
  IRRewriter &rewriter;
  ElementExprContext context;
  ElementTracer tracer;
  OneHot oneHot;
  RankedTensorType type;
  std::optional<Reduction> sum;
  Expr token, column, index, entry;
  SmallVector<Expr> parts;
  Value ids;
  std::optional<Capacity> capacity;
  /// Per slot: the weight, and the row with `index` for the expert and `entry`
  /// for the place.
  SmallVector<Expr> weights, rows;
};
} // namespace

bool OneHotSum::match() {
  type = cast<RankedTensorType>(op->getResult(0).getType());
  if (type.getRank() < 2 || !type.hasStaticShape())
    return false;
  ArrayRef<int64_t> leading = type.getShape().drop_back();
  token = context.var(ShapedType::getNumElements(leading));
  column = context.var(type.getShape().back());
  parts = tracer.partsOf(token, leading);
  SmallVector<Expr> indices(parts);
  indices.push_back(column);
  sum = tracer.expand(context.element(op->getResult(0), indices),
                      /*splitLoops=*/true);
  if (!sum || !isa<arith::AddFOp>(sum->combiner) || !isConstant(sum->init, 0))
    return false;
  llvm::erase_if(sum->vars, [](Expr var) { return var->kind != Kind::Var; });
  return sum->vars.size() == 2;
}

/// `expr` with what moe.weigh reads in place of its results: a place may have
/// been read at the selected expert like a score.
Expr OneHotSum::open(Expr expr) {
  auto visit = [&](auto &self, Expr node) -> Expr {
    auto weigh = node->kind == Kind::Element
                     ? node->value.getDefiningOp<WeighOp>()
                     : WeighOp();
    if (weigh && weigh.getExperts() == ids && weigh.getAlwaysOn() == 0 &&
        weigh.getFn() == WeighFn::value && weigh.getNorm() == WeighNorm::none &&
        !weigh.getPerExpert() && !weigh.getFactor() &&
        weigh.getScale().convertToDouble() == 1 &&
        weigh.getSource().getType().getElementType() == node->type) {
      Expr picked = tracer.at(ids, node->operands);
      return tracer.at(weigh.getSource(), {node->operands[0], picked});
    }
    if (node->kind == Kind::Element || node->operands.empty())
      return node;
    SmallVector<Expr> operands = llvm::map_to_vector(
        node->operands, [&](Expr operand) { return self(self, operand); });
    return context.rebuild(node, operands);
  };
  return oneHot.simplify(visit(visit, expr));
}

/// Splits a product into limits, the weight and the row.
LogicalResult OneHotSum::splitSlot(Expr term, int64_t number) {
  Expr expert = tracer.at(ids, {token, context.index(number)});
  Expr picked = oneHot.simplify(context.substitute(term, index, expert));
  Expr place = oneHot.comparedWith(picked, entry);
  if (!place)
    return missed("places of a slot are not compared with one number");
  if (!isConstant(oneHot.without(picked, entry, place), 0))
    return missed("a place that is not the slot's may add to the sum");
  Expr hit = oneHot.simplify(context.substitute(picked, entry, place));
  Expr counted = open(place);
  capacity->addSlot(counted);
  Expr weight = nullptr, row = nullptr;
  int64_t before = capacity->getLimit();
  capacity->resetLimit();
  for (Expr factor : factorsOf(hit)) {
    if (capacity->takeLimit(open(factor), counted))
      continue;
    Expr &product = context.dependsOn(factor, column) ? row : weight;
    if (product && product == row)
      return missed("more than one factor depends on the column");
    if (!product)
      product = factor;
    else
      product = context.rebuild(hit, {product, factor});
  }
  if (!row)
    return missed("no factor is a row");
  if (!capacity->isDroppedWith(counted, capacity->getLimit()))
    return missed("a slot that is dropped has the place of another");
  capacity->limitTo(before);
  weights.push_back(weight);
  rows.push_back(
      context.substitute(context.substitute(row, place, entry), expert, index));
  return success();
}

/// Whether `hit` is 1 for every slot kept: a product of limits, or whether a
/// weight is there.
bool OneHotSum::isKept(Expr hit, Expr place) {
  return llvm::all_of(factorsOf(hit), [&](Expr factor) {
    if (isConstant(factor, 1) || capacity->isNoTighter(open(factor), place))
      return true;
    Expr compare = factor;
    while (compare->is<arith::UIToFPOp>() || compare->is<arith::SIToFPOp>() ||
           compare->is<arith::ExtUIOp>() || compare->is<arith::ExtFOp>())
      compare = compare->operands[0];
    // not (w = 0)
    if (compare->is<arith::XOrIOp>() && compare->type.isInteger(1))
      for (unsigned side : {0, 1})
        if (compare->operands[side]->isIndex(1))
          compare = compare->operands[1 - side];
    if (!compare->is<arith::CmpFOp>())
      return false;
    // A row whose weight is zero adds nothing: whether it is there is the same.
    return (isConstant(compare->operands[1], 0) ||
            isConstant(compare->operands[0], 0)) &&
           !context.dependsOn(compare, column);
  });
}

/// Whether `mask` at token `other` is 1 where that token is at place `entry` of
/// expert `index`, and 0 elsewhere.
bool OneHotSum::isDispatch(Expr mask, Expr other) {
  int64_t numSlots = capacity->getNumSlots();
  for (int64_t number = 0; number < numSlots; ++number) {
    Expr id = capacity->idAt(other, number);
    Expr picked = oneHot.simplify(context.substitute(mask, index, id));
    Expr place = capacity->atToken(capacity->getPlaces()[number], other);
    Expr found = oneHot.comparedWith(picked, entry);
    if (!found || open(found) != place)
      return false;
    Expr hit = oneHot.simplify(context.substitute(picked, entry, found));
    if (!isKept(hit, place))
      return false;
    Expr rest = oneHot.without(picked, entry, found);
    if (!isConstant(oneHot.simplify(rest), 0))
      return false;
  }
  Expr rest = oneHot.unselected(mask, index, ids,
                                capacity->idAt(other, 0)->operands[0]);
  return rest && isConstant(rest, 0);
}

/// What the token of a pair has where `element` sums over all tokens; null if
/// that is not a dispatch.
Expr OneHotSum::dispatchedToken(Expr element) {
  std::optional<Reduction> dispatch = tracer.expand(element);
  if (!dispatch || !isa<arith::AddFOp>(dispatch->combiner) ||
      !isConstant(dispatch->init, 0) || dispatch->vars.size() != 1 ||
      !dispatch->term->is<arith::MulFOp>() ||
      dispatch->vars[0]->extent != capacity->getScope())
    return nullptr;
  Expr other = dispatch->vars[0];
  for (unsigned side : {0, 1}) {
    Expr mask = dispatch->term->operands[side];
    Expr x = dispatch->term->operands[1 - side];
    if (context.dependsOn(x, entry) || !context.dependsOn(mask, entry))
      continue;
    if (!isDispatch(mask, other))
      return nullptr;
    return context.substitute(x, other,
                              parts.size() > 1 ? parts.back() : token);
  }
  return nullptr;
}

/// `expr` with the tokens themselves in place of dispatched rows.
Expr OneHotSum::undispatch(Expr expr) {
  if (!context.dependsOn(expr, entry))
    return expr;
  if (expr->kind == Kind::Element) {
    Expr x = dispatchedToken(expr);
    return x ? x : expr;
  }
  SmallVector<Expr> operands = llvm::map_to_vector(
      expr->operands, [&](Expr operand) { return undispatch(operand); });
  return context.rebuild(expr, operands);
}

bool OneHotSum::raise(SelectOp select) {
  ids = select.getExperts();
  int64_t numExperts = select.getKey().getType().getDimSize(1);
  if (token->extent != select.getExperts().getType().getDimSize(0) &&
      !(token->kind != Kind::Var &&
        select.getExperts().getType().getDimSize(0) == 1))
    return false;
  bool found = false;
  for (unsigned side : {0, 1}) {
    index = sum->vars[side];
    entry = sum->vars[1 - side];
    if (index->extent != numExperts)
      continue;
    Expr rest = oneHot.unselected(sum->term, index, ids, token);
    if (rest && isConstant(rest, 0)) {
      found = true;
      break;
    }
  }
  if (!found)
    return false;

  // From here on it looks like a combine of experts with room for some tokens.
  if (exceedsF32(op->getResult(0))) {
    (void)missed("the sum is wider than f32");
    return false;
  }
  int64_t numSlots = select.getExperts().getType().getDimSize(1);
  capacity.emplace(tracer, oneHot, ids, token, parts);
  RoundedSum rounding = roundedSum(sum->term, type.getElementType());
  for (int64_t number = 0; number < numSlots; ++number)
    if (failed(splitSlot(rounding.term, number)))
      return false;
  if (!llvm::all_equal(rows)) {
    (void)missed("slots of a token are not rows of the same experts");
    return false;
  }
  capacity->limitTo(entry->extent);
  std::string reason;
  if (failed(capacity->verify(reason))) {
    (void)missed(reason);
    return false;
  }

  Expr slot = context.var(numSlots);
  Expr expert = tracer.at(ids, {token, slot});
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  ExpertBody body(tracer, token, slot, expert);
  // Bodies know the expert by its id; dispatches are found by its number.
  auto refine = [&](Expr expr) {
    Expr numbered = context.substitute(expr, expert, index);
    return context.substitute(oneHot.simplify(undispatch(numbered)), index,
                              expert);
  };
  body.refineBy(refine, rewriter, loc, entry);
  Expr row = refine(rows.front());
  if (row->is<arith::ExtFOp>())
    row = row->operands[0];
  if (failed(body.analyze(row, column))) {
    (void)missed(body.getReason());
    return false;
  }
  if (body.getTokenOperands().empty() || body.getExpertOperands().empty()) {
    (void)missed("the rows read no token, or nothing of an expert");
    return false;
  }
  Value weight =
      slotWeights(rewriter, loc, tracer, weights, token, slot, select);
  if (!weight) {
    (void)missed("no value holds the weights as [tokens, slots]");
    return false;
  }
  IntegerAttr scope;
  if (parts.size() > 1)
    scope = rewriter.getI64IntegerAttr(capacity->getScope());
  MLIRContext *mlirContext = rewriter.getContext();
  auto limit = LimitOp::create(
      rewriter, loc, ids.getType(), weight.getType(), ids, weight,
      /*priority=*/Value(), rewriter.getI64IntegerAttr(numExperts),
      rewriter.getI64IntegerAttr(capacity->getLimit()), /*factor=*/FloatAttr(),
      RoundingAttr::get(mlirContext, Rounding::ceil), /*times_k=*/UnitAttr(),
      /*cap_at_scope=*/UnitAttr(), /*min=*/rewriter.getI64IntegerAttr(0),
      /*multiple_of=*/rewriter.getI64IntegerAttr(1),
      DropOrderAttr::get(mlirContext, DropOrder::slot_major),
      /*renormalize=*/UnitAttr(), /*clamp=*/rewriter.getF64FloatAttr(0), scope);
  Value init = op.getDpsInits().front();
  Value combined = buildExperts(
      rewriter, loc,
      {limit.getLimitedExperts(), select.getKey(), limit.getLimitedWeights(),
       asMatrix(rewriter, loc, init), row, column, rounding},
      body);
  fired(op, passName,
        Twine(numExperts) + " experts with room for " +
            Twine(capacity->getLimit()) +
            " tokens are moe.limit, moe.plan, moe.dispatch, moe.experts and "
            "moe.combine");
  rewriter.replaceOp(op, fromMatrix(rewriter, loc, combined, init));
  return true;
}

namespace {
/// Replaces a sum over experts and places of the rows that one-hot factors put
/// there.
///
///   %rows[e,c] = sum over t of %dispatch[t,e,c] * %x[t]
///   %y[t] = sum over e, c of %combine[t,e,c] * body(%rows[e,c])
/// =>
///   %e', %w' = moe.limit %e, %w of E capacity C
///   %y = moe.combine of moe.experts over moe.dispatch of %x by %e'
struct RaiseOneHotExperts
    : moe::impl::MoERaiseOneHotExpertsPassBase<RaiseOneHotExperts> {
  void runOnOperation() override {
    getOperation()->walk(
        [&](FunctionOpInterface function) { raiseIn(function); });
  }

  void raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    SmallVector<SelectOp> selects = findSlotSelections(function);
    SmallVector<linalg::LinalgOp> sums =
        findReductions(function, /*oneLoop=*/false);
    if (selects.empty())
      return;
    for (linalg::LinalgOp op : sums) {
      OneHotSum sum(op, rewriter);
      if (sum.match())
        (void)llvm::any_of(selects,
                           [&](SelectOp select) { return sum.raise(select); });
    }
    eraseDeadOps(function, rewriter);
  }
};
} // namespace
