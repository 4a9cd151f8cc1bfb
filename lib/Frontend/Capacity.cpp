// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Capacity.h"

#include "moe/Frontend/Matchers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
std::optional<double> numberOf(Expr expr) {
  if (expr->kind == Kind::Linear && expr->operands.empty())
    return static_cast<double>(expr->constant);
  auto value = expr->kind == Kind::Constant
                   ? dyn_cast<FloatAttr>(expr->attribute)
                   : FloatAttr();
  if (!value)
    return std::nullopt;
  return value.getValueAsDouble();
}

Expr skipConversions(Expr expr);

/// Whether `condition` says that `count` is not below a number that no count is
/// below.
bool isAtLeast(Expr condition, Expr count) {
  if (!condition->is<arith::CmpFOp>())
    return false;
  auto predicate = cast<DictionaryAttr>(condition->attribute)
                       .getAs<arith::CmpFPredicateAttr>("predicate");
  std::optional<double> bound = numberOf(condition->operands[1]);
  return predicate && predicate.getValue() == arith::CmpFPredicate::OGE &&
         bound && *bound <= 0 &&
         skipConversions(condition->operands[0]) == count;
}

/// Counts are whole and not negative, so what makes integers of them and back
/// changes nothing.
Expr skipConversions(Expr expr) {
  while (true) {
    if (expr->is<arith::FPToSIOp>() || expr->is<arith::FPToUIOp>() ||
        expr->is<arith::SIToFPOp>() || expr->is<arith::UIToFPOp>() ||
        expr->is<arith::ExtFOp>() || expr->is<math::FloorOp>() ||
        expr->is<math::CeilOp>() || expr->is<math::TruncOp>() ||
        expr->is<math::RoundEvenOp>()) {
      expr = expr->operands[0];
      continue;
    }
    // x < 0 ? ceil x : floor x, and x too large ? largest integer : x
    if (expr->is<arith::SelectOp>()) {
      Expr a = skipConversions(expr->operands[1]);
      Expr b = skipConversions(expr->operands[2]);
      constexpr double largest = std::numeric_limits<int32_t>::max();
      if (a == b ||
          (a->kind == Kind::Linear && numberOf(a) && *numberOf(a) >= largest)) {
        expr = b;
        continue;
      }
      // x >= smallest integer ? x : what stands for other numbers
      if (isAtLeast(expr->operands[0], a)) {
        expr = a;
        continue;
      }
    }
    // Clamped to what the integer type can hold.
    bool isMin = expr->is<arith::MinimumFOp>() || expr->is<arith::MinNumFOp>();
    bool isMax = expr->is<arith::MaximumFOp>() || expr->is<arith::MaxNumFOp>();
    bool clamps = false;
    if (isMin || isMax)
      for (unsigned side : {0, 1}) {
        std::optional<double> bound = numberOf(expr->operands[side]);
        if (bound && (isMin ? *bound >= (1ll << 31) - 129 : *bound <= 0)) {
          expr = expr->operands[1 - side];
          clamps = true;
          break;
        }
      }
    if (!clamps)
      return expr;
  }
}

/// Terms of a sum with their signs; returns the constant among them.
double termsOf(Expr sum, SmallVectorImpl<std::pair<Expr, int>> &terms,
               int sign = 1) {
  sum = skipConversions(sum);
  if (std::optional<double> number = numberOf(sum))
    return sign * *number;
  if (sum->kind == Kind::Linear) {
    double constant = sign * static_cast<double>(sum->constant);
    for (auto [operand, coefficient] :
         llvm::zip(sum->operands, sum->coefficients)) {
      if (std::abs(coefficient) != 1) {
        terms.push_back({sum, sign});
        return 0;
      }
      constant += termsOf(operand, terms, sign * coefficient);
    }
    return constant;
  }
  bool isSub = sum->is<arith::SubFOp>() || sum->is<arith::SubIOp>();
  if (isSub || sum->is<arith::AddFOp>() || sum->is<arith::AddIOp>())
    return termsOf(sum->operands[0], terms, sign) +
           termsOf(sum->operands[1], terms, isSub ? -sign : sign);
  terms.push_back({sum, sign});
  return 0;
}

bool isOne(Expr expr) { return numberOf(skipConversions(expr)) == 1; }
bool isZero(Expr expr) { return numberOf(expr) == 0; }
} // namespace

SmallVector<Expr> moe::factorsOf(Expr product) {
  if (!product->is<arith::MulFOp>() && !product->is<arith::MulIOp>())
    return {product};
  SmallVector<Expr> factors;
  for (Expr operand : product->operands)
    llvm::append_range(factors, factorsOf(operand));
  return factors;
}

int64_t Capacity::getNumSlots() const {
  return cast<RankedTensorType>(ids.getType()).getDimSize(1);
}

int64_t Capacity::getScope() const {
  return parts.back()->kind == Kind::Var ? parts.back()->extent : 1;
}

Expr Capacity::atToken(Expr expr, Expr other) {
  ElementExprContext &context = tracer.getContext();
  Expr index = other;
  if (parts.size() > 1) {
    index = context.index(0);
    for (Expr part : parts.drop_back())
      index = context.add(
          context.scale(index, part->kind == Kind::Var ? part->extent : 1),
          part);
    index = context.add(context.scale(index, getScope()), other);
  }
  expr = context.substitute(expr, token, index);
  return parts.size() > 1 ? context.substitute(expr, parts.back(), other)
                          : expr;
}

Expr Capacity::idAt(Expr other, int64_t slot) {
  ElementExprContext &context = tracer.getContext();
  return atToken(tracer.at(ids, {token, context.index(slot)}), other);
}

/// `place` without the limits that make it 0 for slots that are dropped.
Expr Capacity::bare(Expr place) {
  Expr inner = skipConversions(place);
  SmallVector<Expr> factors = factorsOf(inner);
  Expr found = nullptr;
  for (Expr factor : factors) {
    Expr compare = skipConversions(factor);
    if (compare->is<arith::CmpFOp>() || compare->is<arith::CmpIOp>())
      continue;
    if (found)
      return place;
    found = factor;
  }
  return found && factors.size() > 1 ? found : place;
}

bool Capacity::isDroppedWith(Expr place, int64_t number) {
  Expr inside = bare(place);
  if (inside == place)
    return true;
  // Below what the slot is limited to, it is below all of its own limits.
  int64_t before = limit;
  limit = std::numeric_limits<int32_t>::max();
  bool all = true;
  for (Expr factor : factorsOf(skipConversions(place)))
    all &= factor == inside || takeLimit(factor, inside);
  all &= number <= limit;
  limit = before;
  return all;
}

bool Capacity::isNoTighter(Expr factor, Expr place) {
  int64_t before = limit;
  resetLimit();
  bool result = takeLimit(factor, place) && limit >= before;
  limit = before;
  return result;
}

bool Capacity::takeLimit(Expr factor, Expr place) {
  Expr compare = skipConversions(factor);
  // Widened ones, too: 1 or 0 either way.
  while (compare->is<arith::ExtUIOp>())
    compare = compare->operands[0];
  bool isFloat = compare->is<arith::CmpFOp>();
  if (!isFloat && !compare->is<arith::CmpIOp>())
    return false;
  auto attributes = cast<DictionaryAttr>(compare->attribute);
  int less = 0; // strictly 1, or equal 2
  bool swap = false;
  if (isFloat) {
    using P = arith::CmpFPredicate;
    P predicate =
        attributes.getAs<arith::CmpFPredicateAttr>("predicate").getValue();
    bool lt = predicate == P::OLT || predicate == P::ULT;
    bool le = predicate == P::OLE || predicate == P::ULE;
    bool gt = predicate == P::OGT || predicate == P::UGT;
    bool ge = predicate == P::OGE || predicate == P::UGE;
    less = lt || gt ? 1 : le || ge ? 2 : 0;
    swap = gt || ge;
  } else {
    using P = arith::CmpIPredicate;
    P predicate =
        attributes.getAs<arith::CmpIPredicateAttr>("predicate").getValue();
    bool lt = predicate == P::slt || predicate == P::ult;
    bool le = predicate == P::sle || predicate == P::ule;
    bool gt = predicate == P::sgt || predicate == P::ugt;
    bool ge = predicate == P::sge || predicate == P::uge;
    less = lt || gt ? 1 : le || ge ? 2 : 0;
    swap = gt || ge;
  }
  if (!less)
    return false;
  Expr small = compare->operands[swap ? 1 : 0];
  std::optional<double> bound = numberOf(compare->operands[swap ? 0 : 1]);
  // Both may be shifted: cumsum <= C and cumsum - 1 < C.
  SmallVector<std::pair<Expr, int>> a, b;
  double shift = termsOf(small, a) - termsOf(bare(place), b);
  if (!bound || !std::isfinite(*bound) || a != b)
    return false;
  double below = *bound - shift;
  below = less == 1 ? std::ceil(below) : std::floor(below) + 1;
  limitTo(static_cast<int64_t>(
      std::clamp(below, 0.0, double(std::numeric_limits<int32_t>::max()))));
  return true;
}

/// Whether `expr` says if `other` has `expert` in `slot`: 1 or 0. One that is
/// limited may be 0 for those that are dropped, too.
bool Capacity::isMaskOf(Expr expr, Expr expert, Expr other, int64_t slot,
                        bool mayBeLimited) {
  ElementExprContext &context = tracer.getContext();
  Expr index = context.var(tracer.getContext().range(expert)
                               ? tracer.getContext().range(expert)->second + 1
                               : ShapedType::kDynamic);
  Expr id = idAt(other, slot);
  Expr mask = context.substitute(expr, expert, index);
  if (!isZero(oneHot.without(mask, index, id)))
    return false;
  Expr hit = oneHot.simplify(context.substitute(mask, index, id));
  for (Expr factor : factorsOf(hit)) {
    if (isOne(factor))
      continue;
    if (!mayBeLimited || slot >= static_cast<int64_t>(places.size()) ||
        !isNoTighter(factor, atToken(places[slot], other)))
      return false;
  }
  return true;
}

/// Whether `element` counts all tokens of the group with `expert` in `slot`.
/// Without those that are dropped, what is counted from there on is dropped
/// anyway.
bool Capacity::isCountOf(Expr element, Expr expert, int64_t slot) {
  std::optional<Reduction> sum = tracer.expand(element);
  if (!sum || !isa<arith::AddFOp, arith::AddIOp>(sum->combiner) ||
      !isZero(sum->init) || sum->vars.size() != 1)
    return false;
  Expr other = sum->vars[0];
  int64_t size = other->kind == Kind::Var ? other->extent : 1;
  return size == getScope() &&
         isMaskOf(sum->term, expert, other, slot, /*mayBeLimited=*/true);
}

/// The tokens of the group that `element` counts those of with `expert` in
/// `slot`, as a window before this one; none if it counts something else.
std::optional<WindowSum> Capacity::countedBefore(Expr element, Expr expert,
                                                 int64_t slot) {
  if (element->kind != Kind::Element)
    return std::nullopt;
  ElementExprContext &context = tracer.getContext();
  Expr here = parts.size() > 1 ? parts.back() : token;
  for (auto [axis, index] : llvm::enumerate(element->operands)) {
    if (index != here)
      continue;
    WindowSum window = matchWindowSum(element->value, axis);
    int64_t size =
        cast<RankedTensorType>(window.source.getType()).getDimSize(axis);
    if (size != getScope())
      return std::nullopt;
    Expr other = context.var(size);
    SmallVector<Expr> place(element->operands);
    place[axis] = other;
    if (!isMaskOf(tracer.at(window.source, place), expert, other, slot,
                  /*mayBeLimited=*/false))
      return std::nullopt;
    return window;
  }
  return std::nullopt;
}

/// Whether windows of one tensor follow each other up to this token or the one
/// before, from the first token on.
bool Capacity::coverAllBefore(SmallVectorImpl<WindowSum> &windows,
                              bool &inclusive) {
  if (windows.empty())
    return false;
  llvm::sort(windows, [](const WindowSum &a, const WindowSum &b) {
    return a.low < b.low;
  });
  for (size_t i = 1; i < windows.size(); ++i)
    if (windows[i].source != windows[0].source ||
        windows[i].low != windows[i - 1].high + 1)
      return false;
  int64_t last = windows.back().high;
  inclusive = last == 0;
  return windows.front().low <= 1 - getScope() && (last == 0 || last == -1);
}

LogicalResult Capacity::verify(std::string &reason) {
  ElementExprContext &context = tracer.getContext();
  for (auto [slot, place] : llvm::enumerate(places)) {
    Expr expert = tracer.at(ids, {token, context.index(slot)});
    SmallVector<std::pair<Expr, int>> terms;
    double constant = termsOf(bare(place), terms);
    SmallVector<WindowSum> windows;
    llvm::SmallBitVector counted(slot);
    for (auto [term, sign] : terms) {
      std::optional<WindowSum> window =
          sign == 1 ? countedBefore(term, expert, slot) : std::nullopt;
      if (window) {
        windows.push_back(*window);
        continue;
      }
      bool found = false;
      for (size_t earlier = 0; earlier < slot && sign == 1 && !found; ++earlier)
        if (!counted.test(earlier) && isCountOf(term, expert, earlier)) {
          counted.set(earlier);
          found = true;
        }
      if (!found) {
        reason = "a place is more than a count of the tokens before";
        return failure();
      }
    }
    bool inclusive = false;
    if (!coverAllBefore(windows, inclusive) || !counted.all() ||
        constant != (inclusive ? -1 : 0)) {
      reason = "places do not count from zero all slots that come before";
      return failure();
    }
  }
  return success();
}
