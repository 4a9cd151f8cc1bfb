// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/OneHot.h"

#include "moe/Frontend/Matchers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include "llvm/Support/SaveAndRestore.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
std::optional<int64_t> integerValue(Expr expr) {
  if (expr->kind == Kind::Linear && expr->operands.empty())
    return expr->constant;
  return std::nullopt;
}

std::optional<double> floatValue(Expr expr) {
  auto value = expr->kind == Kind::Constant
                   ? dyn_cast<FloatAttr>(expr->attribute)
                   : FloatAttr();
  if (!value)
    return std::nullopt;
  return value.getValueAsDouble();
}

bool comparesEqual(Expr expr) {
  if (!expr->is<arith::CmpIOp>())
    return false;
  auto predicate = cast<DictionaryAttr>(expr->attribute)
                       .getAs<arith::CmpIPredicateAttr>("predicate");
  return predicate && predicate.getValue() == arith::CmpIPredicate::eq;
}

/// What `index` is compared with in `expr`, in order of appearance.
void collectPicks(ElementTracer &tracer, Expr expr, Expr index,
                  llvm::SetVector<Expr> &picks) {
  DenseSet<Expr> seen;
  auto visit = [&](auto &self, Expr node) -> void {
    if (!seen.insert(node).second)
      return;
    if (comparesEqual(node))
      for (unsigned side : {0, 1})
        if (node->operands[side] == index &&
            !tracer.getContext().dependsOn(node->operands[1 - side], index))
          picks.insert(node->operands[1 - side]);
    for (Expr operand : node->operands)
      self(self, operand);
  };
  visit(visit, expr);
}

/// The value of a function of one number that graphs apply to masks.
std::optional<double> evaluate(Expr expr, double x) {
  if (expr->is<arith::NegFOp>())
    return -x;
  if (expr->is<math::ExpOp>())
    return std::exp(x);
  if (expr->is<math::TanhOp>())
    return std::tanh(x);
  if (expr->is<math::ErfOp>())
    return std::erf(x);
  if (expr->is<math::AbsFOp>())
    return std::abs(x);
  if (expr->is<math::LogOp>())
    return std::log(x);
  if (expr->is<math::Log1pOp>())
    return std::log1p(x);
  if (expr->is<math::SqrtOp>())
    return std::sqrt(x);
  if (expr->is<math::FloorOp>())
    return std::floor(x);
  if (expr->is<math::CeilOp>())
    return std::ceil(x);
  if (expr->is<arith::ExtFOp>() || expr->is<arith::TruncFOp>())
    return x;
  return std::nullopt;
}

std::optional<double> evaluate(Expr expr, double x, double y) {
  if (expr->is<arith::AddFOp>())
    return x + y;
  if (expr->is<arith::SubFOp>())
    return x - y;
  if (expr->is<arith::MulFOp>())
    return x * y;
  if (expr->is<arith::DivFOp>())
    return x / y;
  if (expr->is<math::PowFOp>())
    return std::pow(x, y);
  if (expr->is<arith::MaximumFOp>() || expr->is<arith::MaxNumFOp>())
    return std::max(x, y);
  if (expr->is<arith::MinimumFOp>() || expr->is<arith::MinNumFOp>())
    return std::min(x, y);
  return std::nullopt;
}

std::optional<bool> compare(arith::CmpFPredicate predicate, double x,
                            double y) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::OGT:
  case P::UGT:
    return x > y;
  case P::OGE:
  case P::UGE:
    return x >= y;
  case P::OLT:
  case P::ULT:
    return x < y;
  case P::OLE:
  case P::ULE:
    return x <= y;
  case P::OEQ:
  case P::UEQ:
    return x == y;
  case P::ONE:
  case P::UNE:
    return x != y;
  default:
    return std::nullopt;
  }
}
} // namespace

bool moe::isNeutral(const Reduction &reduction, Expr expr) {
  if (expr != reduction.init)
    return false;
  if (isa<arith::AddFOp>(reduction.combiner))
    return isConstant(expr, 0);
  if (isa<arith::AddIOp, arith::OrIOp>(reduction.combiner))
    return expr->isIndex(0);
  std::optional<double> value = floatValue(expr);
  return isa<arith::MaximumFOp, arith::MaxNumFOp>(reduction.combiner) &&
         value && std::isinf(*value) && *value < 0;
}

Expr OneHot::number(Type type, double value) {
  return tracer.getContext().constant(FloatAttr::get(type, value));
}

Expr OneHot::simplify(Expr expr) {
  Walk walk{simplified};
  return visit(expr, walk);
}

Expr OneHot::unselected(Expr expr, Expr expert, Value ids, Expr token) {
  bool matters = false;
  auto assume = [&](Expr a, Expr b) -> std::optional<bool> {
    if (b == expert)
      std::swap(a, b);
    if (a != expert || b->kind != Kind::Element || b->value != ids ||
        b->operands.front() != token)
      return std::nullopt;
    matters = true;
    return false;
  };
  DenseMap<Expr, Expr> done;
  Walk walk{done, expert, assume};
  Expr result = visit(expr, walk);
  return matters ? result : nullptr;
}

Expr OneHot::without(Expr expr, Expr index, Expr value) {
  auto assume = [&](Expr a, Expr b) -> std::optional<bool> {
    if ((a == index && b == value) || (b == index && a == value))
      return false;
    return std::nullopt;
  };
  DenseMap<Expr, Expr> done;
  Walk walk{done, index, assume};
  return visit(expr, walk);
}

Expr OneHot::comparedWith(Expr expr, Expr index) {
  llvm::SetVector<Expr> picks;
  collectPicks(tracer, expr, index, picks);
  return picks.size() == 1 ? picks.front() : nullptr;
}

Expr OneHot::visit(Expr expr, Walk &walk) {
  if (Expr known = walk.done.lookup(expr))
    return known;
  Expr result = expr;
  if (!expr->operands.empty()) {
    SmallVector<Expr> operands;
    for (Expr operand : expr->operands)
      operands.push_back(visit(operand, walk));
    result = tracer.getContext().rebuild(expr, operands);
  }
  if (result->kind == Kind::Apply)
    result = fold(result, walk);
  else if (result->kind == Kind::Element)
    result = visitElement(result, walk);
  walk.done[result] = result;
  return walk.done[expr] = result;
}

Expr OneHot::visitElement(Expr expr, Walk &walk) {
  if (!walk.index) {
    Expr picked = pick(expr);
    return picked ? picked : expr;
  }
  if (!tracer.getContext().dependsOn(expr, walk.index))
    return expr;
  std::optional<Reduction> reduction = tracer.expand(expr, true);
  if (!reduction)
    return expr;
  Expr term = visit(reduction->term, walk);
  return isNeutral(*reduction, term) ? term : expr;
}

Expr OneHot::pick(Expr element) {
  // A mask made of masks is made of few; most sums of a model are no masks.
  constexpr int maxDepth = 3;
  if (depth == maxDepth)
    return nullptr;
  std::optional<Reduction> reduction = tracer.expand(element, true);
  return reduction ? pick(*reduction) : nullptr;
}

Expr OneHot::pick(const Reduction &reduction) {
  if (!isNeutral(reduction, reduction.init))
    return nullptr;
  llvm::SaveAndRestore<int> deeper(depth, depth + 1);
  ElementExprContext &context = tracer.getContext();
  Expr term = reduction.term;
  for (Expr var : reduction.vars) {
    if (var->kind != Kind::Var)
      continue;
    llvm::SetVector<Expr> picks;
    collectPicks(tracer, term, var, picks);
    if (picks.empty()) {
      // What picks may be a sum itself.
      term = simplify(term);
      collectPicks(tracer, term, var, picks);
    }
    if (picks.size() != 1)
      return nullptr;
    Expr index = picks.front();
    std::optional<IntRange> range = context.range(index);
    if (index->kind == Kind::Var
            ? index->extent != var->extent || ShapedType::isDynamic(var->extent)
            : !range || range->first < 0 || range->second >= var->extent)
      return nullptr;
    if (!isNeutral(reduction, without(term, var, index)))
      return nullptr;
    term = context.substitute(term, var, index);
  }
  return simplify(term);
}

std::optional<bool> OneHot::areEqual(Expr a, Expr b) {
  if (a == b)
    return true;
  ElementExprContext &context = tracer.getContext();
  std::optional<IntRange> difference =
      context.range(context.add(a, context.scale(b, -1)));
  if (difference && (difference->first > 0 || difference->second < 0))
    return false;
  // Slots of one token hold different experts.
  auto select = a->kind == Kind::Element && b->kind == Kind::Element &&
                        a->value == b->value
                    ? a->value.getDefiningOp<SelectOp>()
                    : SelectOp();
  if (select && select.fillsSlots() && a->operands[0] == b->operands[0])
    return areEqual(a->operands[1], b->operands[1]);
  return std::nullopt;
}

Expr OneHot::fold(Expr expr, Walk &walk) {
  ElementExprContext &context = tracer.getContext();
  ArrayRef<Expr> operands = expr->operands;
  auto truth = [&](bool value) { return context.index(value); };

  if (comparesEqual(expr)) {
    std::optional<bool> equal = areEqual(operands[0], operands[1]);
    if (!equal && walk.assume)
      equal = walk.assume(operands[0], operands[1]);
    if (equal)
      return truth(*equal);
    // Of different slots of a token, it is the slots that are compared.
    auto select = operands[0]->value == operands[1]->value &&
                          operands[0]->kind == Kind::Element &&
                          operands[1]->kind == Kind::Element
                      ? operands[0]->value.getDefiningOp<SelectOp>()
                      : SelectOp();
    if (select && select.fillsSlots() &&
        operands[0]->operands[0] == operands[1]->operands[0])
      return context.rebuild(
          expr, {operands[0]->operands[1], operands[1]->operands[1]});
    return expr;
  }
  if (expr->is<arith::SelectOp>()) {
    if (std::optional<int64_t> condition = integerValue(operands[0]))
      return *condition ? operands[1] : operands[2];
    return operands[1] == operands[2] ? operands[1] : expr;
  }
  if (expr->is<arith::UIToFPOp>() || expr->is<arith::SIToFPOp>()) {
    std::optional<int64_t> value = integerValue(operands[0]);
    if (!value)
      return expr;
    bool isSigned = expr->is<arith::SIToFPOp>();
    return number(expr->type, isSigned && expr->operandTypes[0].isInteger(1)
                                  ? -*value
                                  : *value);
  }
  if (expr->is<arith::ExtUIOp>() || expr->is<arith::IndexCastUIOp>() ||
      expr->is<arith::IndexCastOp>() || expr->is<arith::TruncIOp>() ||
      expr->is<arith::ExtSIOp>()) {
    std::optional<int64_t> value = integerValue(operands[0]);
    bool isBit = expr->operandTypes[0].isInteger(1);
    if (value && (*value == 0 ||
                  (*value == 1 && (!isBit || expr->is<arith::ExtUIOp>()))))
      return operands[0];
    return expr;
  }
  bool isAnd = expr->is<arith::AndIOp>();
  if ((isAnd || expr->is<arith::OrIOp>()) && expr->type.isInteger(1)) {
    for (unsigned side : {0, 1})
      if (std::optional<int64_t> value = integerValue(operands[side]))
        return (*value != 0) == isAnd ? operands[1 - side] : operands[side];
    return expr;
  }
  if (expr->is<arith::XOrIOp>() && expr->type.isInteger(1)) {
    std::optional<int64_t> a = integerValue(operands[0]);
    std::optional<int64_t> b = integerValue(operands[1]);
    return a && b ? truth(*a != *b) : expr;
  }
  if (expr->is<arith::MulIOp>()) {
    for (unsigned side : {0, 1})
      if (std::optional<int64_t> value = integerValue(operands[side])) {
        if (*value == 0)
          return operands[side];
        if (*value == 1)
          return operands[1 - side];
      }
    return expr;
  }
  if (expr->is<arith::CmpFOp>()) {
    std::optional<double> x = floatValue(operands[0]);
    std::optional<double> y = floatValue(operands[1]);
    auto predicate = cast<DictionaryAttr>(expr->attribute)
                         .getAs<arith::CmpFPredicateAttr>("predicate");
    if (!x || !y || std::isnan(*x) || std::isnan(*y) || !predicate)
      return expr;
    std::optional<bool> result = compare(predicate.getValue(), *x, *y);
    return result ? truth(*result) : expr;
  }

  if (operands.size() == 1) {
    std::optional<double> x = floatValue(operands[0]);
    std::optional<double> value = x ? evaluate(expr, *x) : std::nullopt;
    return value && isa<FloatType>(expr->type) ? number(expr->type, *value)
                                               : expr;
  }
  if (operands.size() != 2 || !isa<FloatType>(expr->type))
    return expr;
  std::optional<double> x = floatValue(operands[0]);
  std::optional<double> y = floatValue(operands[1]);
  if (x && y) {
    std::optional<double> value = evaluate(expr, *x, *y);
    return value ? number(expr->type, *value) : expr;
  }
  if (expr->is<arith::MulFOp>())
    for (unsigned side : {0, 1}) {
      if (isConstant(operands[side], 0))
        return operands[side];
      if (isConstant(operands[side], 1))
        return operands[1 - side];
    }
  if (expr->is<arith::AddFOp>())
    for (unsigned side : {0, 1})
      if (isConstant(operands[side], 0))
        return operands[1 - side];
  if (expr->is<arith::SubFOp>() && isConstant(operands[1], 0))
    return operands[0];
  if (expr->is<arith::DivFOp>() && isConstant(operands[0], 0))
    return operands[0];
  return expr;
}
