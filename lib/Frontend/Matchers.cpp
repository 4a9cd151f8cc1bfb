// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Matchers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;

namespace {
std::optional<double> constantValue(Expr expr) {
  if (expr->kind != ElementExpr::Kind::Constant)
    return std::nullopt;
  auto value = dyn_cast<FloatAttr>(expr->attribute);
  if (!value)
    return std::nullopt;
  return value.getValueAsDouble();
}

/// Whether two loop indices are known to have the same values.
bool isSameLoop(Expr a, Expr b) {
  return a->extent == b->extent && !ShapedType::isDynamic(a->extent);
}

/// Whether `expr` is the largest `term` over all values of `over`.
bool isMaxOver(ElementTracer &tracer, Expr expr, Expr term, Expr over) {
  if (expr->is<arith::MaximumFOp>() || expr->is<arith::MaxNumFOp>())
    for (unsigned side : {0, 1})
      if (isLeast(expr->operands[side]))
        return isMaxOver(tracer, expr->operands[1 - side], term, over);
  std::optional<Reduction> max = tracer.expand(expr);
  return max && isa<arith::MaximumFOp, arith::MaxNumFOp>(max->combiner) &&
         isLeast(max->init) && max->vars.size() == 1 &&
         isSameLoop(max->vars[0], over) &&
         max->term == tracer.getContext().substitute(term, over, max->vars[0]);
}
} // namespace

bool moe::isLeast(Expr expr) {
  auto value = expr->kind == ElementExpr::Kind::Constant
                   ? dyn_cast<FloatAttr>(expr->attribute)
                   : FloatAttr();
  return value &&
         (value.getValue().isLargest() || value.getValue().isInfinity()) &&
         value.getValue().isNegative();
}

int64_t moe::reductionSize(linalg::LinalgOp op) {
  SmallVector<unsigned> loops;
  op.getReductionDims(loops);
  return op.getStaticLoopRanges()[loops.front()];
}

bool moe::isConstant(Expr expr, double value) {
  return constantValue(expr) == value;
}

std::optional<Quotient> moe::matchQuotient(Expr expr) {
  if (expr->is<arith::DivFOp>())
    return Quotient{expr->operands[0], expr->operands[1]};
  if (!expr->is<arith::MulFOp>())
    return std::nullopt;
  for (unsigned side : {0, 1}) {
    Expr inverse = expr->operands[side];
    if (inverse->is<arith::DivFOp>() && isConstant(inverse->operands[0], 1))
      return Quotient{expr->operands[1 - side], inverse->operands[1]};
  }
  return std::nullopt;
}

bool moe::isSumOver(ElementTracer &tracer, Expr expr, Expr term, Expr over) {
  std::optional<Reduction> sum = tracer.expand(expr);
  if (!sum || !isa<arith::AddFOp>(sum->combiner) || !isConstant(sum->init, 0) ||
      sum->vars.size() != 1 || !isSameLoop(sum->vars[0], over))
    return false;
  return sum->term == tracer.getContext().substitute(term, over, sum->vars[0]);
}

std::optional<Contraction> moe::matchContraction(ElementTracer &tracer,
                                                 Expr expr) {
  std::optional<Reduction> sum = tracer.expand(expr);
  if (!sum || !isa<arith::AddFOp>(sum->combiner) || !isConstant(sum->init, 0) ||
      sum->vars.size() != 1 || !sum->term->is<arith::MulFOp>())
    return std::nullopt;
  Expr lhs = sum->term->operands[0], rhs = sum->term->operands[1];
  // Both or none: otherwise the product is of another type.
  if (lhs->is<arith::ExtFOp>() && rhs->is<arith::ExtFOp>()) {
    lhs = lhs->operands[0];
    rhs = rhs->operands[0];
  }
  return Contraction{lhs, rhs, sum->vars[0]};
}

Value moe::findMatrix(ElementTracer &tracer, Expr expr,
                      ArrayRef<Expr> indices) {
  if (Value found = tracer.findTraced(expr, indices))
    return found;
  if (expr->kind != ElementExpr::Kind::Element ||
      expr->operands.size() < indices.size() ||
      expr->operands.take_back(indices.size()) != indices)
    return nullptr;
  auto type = dyn_cast<RankedTensorType>(expr->value.getType());
  if (!type ||
      !llvm::all_of(type.getShape().drop_back(indices.size()),
                    [](int64_t size) { return size == 1; }) ||
      !tracer.readsWhole(expr->value, expr->operands))
    return nullptr;
  return expr->value;
}

std::optional<ScoreMatch> moe::matchScore(ElementTracer &tracer, Expr key,
                                          Expr expert) {
  std::optional<Quotient> quotient = matchQuotient(key);
  if (!quotient)
    return std::nullopt;
  Expr top = quotient->numerator, bottom = quotient->denominator;

  // 1 / (1 + exp(-l))
  if (isConstant(top, 1) && bottom->is<arith::AddFOp>())
    for (unsigned side : {0, 1}) {
      Expr power = bottom->operands[side];
      if (isConstant(bottom->operands[1 - side], 1) &&
          power->is<math::ExpOp>() && power->operands[0]->is<arith::NegFOp>())
        return ScoreMatch{ScoreFn::sigmoid, power->operands[0]->operands[0]};
    }

  // exp(l - max) / sum of the same over the experts
  if (!top->is<math::ExpOp>() || !isSumOver(tracer, bottom, top, expert))
    return std::nullopt;
  Expr logits = top->operands[0];
  if (logits->is<arith::SubFOp>() &&
      isMaxOver(tracer, logits->operands[1], logits->operands[0], expert))
    logits = logits->operands[0];
  return ScoreMatch{ScoreFn::softmax, logits};
}

/// The vector that `factor` is an element of, at the expert whose value
/// moe.weigh made `value` of; null if it is no such thing.
static Value numberOfExpert(Expr value, Expr factor) {
  auto weigh = value->kind == ElementExpr::Kind::Element
                   ? value->value.getDefiningOp<WeighOp>()
                   : WeighOp();
  if (!weigh || factor->kind != ElementExpr::Kind::Element ||
      factor->operands.size() != 1)
    return {};
  Expr expert = factor->operands[0];
  auto type = dyn_cast<RankedTensorType>(factor->value.getType());
  bool matches =
      type && isa<FloatType>(type.getElementType()) &&
      expert->kind == ElementExpr::Kind::Element &&
      expert->value == weigh.getExperts() &&
      expert->operands == value->operands &&
      type.getDimSize(0) == weigh.getSource().getType().getDimSize(1);
  return matches ? factor->value : Value();
}

std::optional<NormMatch> moe::matchNorm(ElementTracer &tracer, Expr weight,
                                        Expr value, Expr slot) {
  NormMatch match;
  for (bool found = true; found && weight->is<arith::MulFOp>();) {
    found = false;
    for (unsigned side : {0, 1}) {
      Expr factor = weight->operands[side];
      std::optional<double> scale = constantValue(factor);
      Value perExpert = numberOfExpert(value, factor);
      if ((scale && std::isfinite(*scale) && match.scale == 1) ||
          (perExpert && !match.perExpert)) {
        match.scale = scale.value_or(match.scale);
        match.perExpert = scale ? match.perExpert : perExpert;
        weight = weight->operands[1 - side];
        found = true;
        break;
      }
    }
  }
  if (weight == value)
    return match;
  std::optional<ScoreMatch> score = matchScore(tracer, weight, slot);
  if (score && score->logits == value) {
    match.fn = score->fn == ScoreFn::softmax ? WeighFn::softmax_selected
                                             : WeighFn::sigmoid;
    return match;
  }
  std::optional<Quotient> quotient = matchQuotient(weight);
  if (!quotient || quotient->numerator != value)
    return std::nullopt;
  Expr sum = quotient->denominator;
  if (sum->is<arith::AddFOp>())
    for (unsigned side : {0, 1})
      if (std::optional<double> eps = constantValue(sum->operands[side])) {
        match.eps = *eps;
        sum = sum->operands[1 - side];
        break;
      }
  if (sum->is<arith::MaximumFOp>() || sum->is<arith::MaxNumFOp>())
    for (unsigned side : {0, 1})
      if (std::optional<double> clamp = constantValue(sum->operands[side])) {
        match.clamp = *clamp;
        sum = sum->operands[1 - side];
        break;
      }
  if (match.clamp < 0 || !std::isfinite(match.clamp) ||
      (match.clamp != 0 && match.eps != 0))
    return std::nullopt;
  if (match.eps < 0 || !std::isfinite(match.eps) ||
      !isSumOver(tracer, sum, value, slot))
    return std::nullopt;
  match.norm = WeighNorm::sum;
  return match;
}

SmallVector<SelectOp> moe::findSlotSelections(FunctionOpInterface function) {
  SmallVector<SelectOp> selects;
  function->walk([&](SelectOp select) {
    if (select.fillsSlots())
      selects.push_back(select);
  });
  return selects;
}

SmallVector<linalg::LinalgOp> moe::findReductions(FunctionOpInterface function,
                                                  bool oneLoop) {
  SmallVector<linalg::LinalgOp> sums;
  function->walk([&](linalg::LinalgOp op) {
    unsigned loops = op.getNumReductionLoops();
    if ((oneLoop ? loops == 1 : loops != 0) && op->getNumResults() == 1 &&
        op.hasPureTensorSemantics())
      sums.push_back(op);
  });
  return sums;
}
