// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Analysis/ElementTracer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
std::optional<int64_t> constantOf(Expr expr) {
  if (expr->kind == ElementExpr::Kind::Linear && expr->operands.empty())
    return expr->constant;
  return std::nullopt;
}

arith::CmpIPredicate predicateOf(Expr compare) {
  return cast<DictionaryAttr>(compare->attribute)
      .getAs<arith::CmpIPredicateAttr>("predicate")
      .getValue();
}

/// Whether the comparison holds for every difference lhs - rhs in the range;
/// none if it depends.
std::optional<bool> compareAll(arith::CmpIPredicate predicate,
                               IntRange difference) {
  using P = arith::CmpIPredicate;
  auto [low, high] = difference;
  auto decide = [](bool always, bool never) -> std::optional<bool> {
    return always  ? std::optional(true)
           : never ? std::optional(false)
                   : std::nullopt;
  };
  switch (predicate) {
  case P::slt:
  case P::ult:
    return decide(high < 0, low >= 0);
  case P::sle:
  case P::ule:
    return decide(high <= 0, low > 0);
  case P::sgt:
  case P::ugt:
    return decide(low > 0, high <= 0);
  case P::sge:
  case P::uge:
    return decide(low >= 0, high < 0);
  case P::eq:
    return decide(low == 0 && high == 0, low > 0 || high < 0);
  case P::ne:
    return decide(low > 0 || high < 0, low == 0 && high == 0);
  }
  return std::nullopt;
}

/// What a scalar op makes of numbers; null if one of them is none.
Expr foldNumbers(ElementExprContext &context, Operation *op,
                 ArrayRef<Expr> operands) {
  SmallVector<Attribute> numbers;
  for (auto [operand, type] : llvm::zip(operands, op->getOperandTypes())) {
    if (operand->kind == ElementExpr::Kind::Constant)
      numbers.push_back(operand->attribute);
    else if (operand->kind == ElementExpr::Kind::Linear &&
             operand->operands.empty() && type.isIntOrIndex())
      numbers.push_back(IntegerAttr::get(type, operand->constant));
    else
      return nullptr;
  }
  SmallVector<OpFoldResult> results;
  if (numbers.empty() || !op->getResult(0).getType().isIntOrIndexOrFloat() ||
      failed(op->fold(numbers, results)) || results.size() != 1)
    return nullptr;
  return context.number(dyn_cast<Attribute>(results.front()));
}

/// `operand` if `op` takes back what was just done to it, which held all of
/// its values; null otherwise.
Expr foldCastBack(Operation *op, Expr operand) {
  Type type = getElementTypeOrSelf(op->getResult(0));
  if (isa<arith::TruncFOp>(op) && operand->is<arith::ExtFOp>() &&
      operand->operandTypes.front() == type)
    return operand->operands.front();
  if (!isa<arith::TruncIOp>(op))
    return nullptr;
  if (operand->is<arith::ExtUIOp>() && operand->operandTypes.front() == type)
    return operand->operands.front();
  // Signed widening is no node of its own.
  return operand->type == type ? operand : nullptr;
}
} // namespace

/// Integer arithmetic where ranges prove that no wrap-around can happen; null
/// otherwise.
Expr ElementTracer::integerOp(Expr apply) {
  ArrayRef<Expr> operands = apply->operands;
  Type type = apply->type;
  auto fits = [&](Expr expr) -> Expr {
    std::optional<IntRange> bounds = context.range(expr);
    if (!bounds)
      return nullptr;
    if (type.isIndex() || type.getIntOrFloatBitWidth() >= 64)
      return expr;
    int64_t limit = int64_t(1) << (type.getIntOrFloatBitWidth() - 1);
    return bounds->first >= -limit && bounds->second < limit ? expr : nullptr;
  };
  auto isNatural = [&](Expr expr) {
    std::optional<IntRange> bounds = context.range(expr);
    return bounds && bounds->first >= 0;
  };
  bool isWidening = apply->is<arith::ExtSIOp>();
  if (isWidening || apply->is<arith::IndexCastOp>()) {
    // Widening changes no value whatever it is.
    if (apply->operandTypes[0].isInteger(1))
      return nullptr;
    if (isWidening || type.isIndex() || type.isInteger(64))
      return operands[0];
    return fits(operands[0]);
  }
  if (apply->is<arith::TruncIOp>() && !type.isInteger(1))
    return fits(operands[0]);
  if (apply->is<arith::ExtUIOp>())
    return isNatural(operands[0]) ? operands[0] : nullptr;
  if (apply->is<arith::AndIOp>() || apply->is<arith::OrIOp>()) {
    bool isAnd = apply->is<arith::AndIOp>();
    for (unsigned side : {0, 1}) {
      std::optional<int64_t> value = constantOf(operands[side]);
      if (value == 0)
        return operands[isAnd ? side : 1 - side];
      if (value == 1 && type.isInteger(1))
        return operands[isAnd ? 1 - side : side];
    }
    return nullptr;
  }
  // Far from where 64 bits end, and without the sign of one bit.
  auto isSmall = [&](Expr expr) {
    std::optional<IntRange> bounds = context.range(expr);
    constexpr int64_t limit = int64_t(1) << 60;
    return bounds && bounds->first > -limit && bounds->second < limit;
  };
  bool isSum = apply->is<arith::AddIOp>() || apply->is<arith::SubIOp>();
  bool isCompare = apply->is<arith::CmpIOp>();
  if ((isSum || isCompare) &&
      (apply->operandTypes[0].isInteger(1) || !llvm::all_of(operands, isSmall)))
    return nullptr;
  if (isSum)
    return fits(context.add(
        operands[0],
        context.scale(operands[1], apply->is<arith::AddIOp>() ? 1 : -1)));
  if (isCompare) {
    arith::CmpIPredicate predicate = predicateOf(apply);
    std::optional<IntRange> difference =
        context.range(context.add(operands[0], context.scale(operands[1], -1)));
    if (predicate >= arith::CmpIPredicate::ult &&
        !llvm::all_of(operands, isNatural)) {
      // Without a sign, what is negative is above what is not.
      bool isBelow = context.range(operands[0])->second < 0;
      if (!isBelow || !isNatural(operands[1]))
        return nullptr;
      difference = {1, 1};
    }
    std::optional<bool> truth =
        difference ? compareAll(predicate, *difference) : std::nullopt;
    return truth ? context.index(*truth) : nullptr;
  }
  bool isMax = apply->is<arith::MaxSIOp>();
  if (isMax || apply->is<arith::MinSIOp>()) {
    // A clamp of what is in range already.
    if (!llvm::all_of(operands, isSmall))
      return nullptr;
    std::optional<IntRange> difference =
        context.range(context.add(operands[0], context.scale(operands[1], -1)));
    if (difference && difference->first >= 0)
      return operands[isMax ? 0 : 1];
    if (difference && difference->second <= 0)
      return operands[isMax ? 1 : 0];
    return nullptr;
  }
  if (bool isAnd = apply->is<arith::AndIOp>();
      (isAnd || apply->is<arith::OrIOp>()) && type.isInteger(1)) {
    // What true and false do to another condition.
    for (unsigned side : {0, 1}) {
      if (operands[side]->isIndex(isAnd))
        return operands[1 - side];
      if (operands[side]->isIndex(!isAnd))
        return operands[side];
    }
    return nullptr;
  }
  if (apply->is<arith::SelectOp>()) {
    if (std::optional<int64_t> condition = constantOf(operands[0]))
      return operands[*condition ? 1 : 2];
    return isa<IntegerType, IndexType>(type) ? selectBySign(apply) : nullptr;
  }
  if (apply->is<arith::ShRSIOp>()) {
    // Nothing is left of a number with fewer bits.
    std::optional<IntRange> bounds = context.range(operands[0]);
    std::optional<int64_t> shift = constantOf(operands[1]);
    return bounds && bounds->first >= 0 && shift && *shift >= 0 &&
                   *shift < 62 && bounds->second < (int64_t(1) << *shift)
               ? context.index(0)
               : nullptr;
  }
  if (apply->is<arith::MulIOp>())
    for (unsigned side : {0, 1})
      if (std::optional<int64_t> factor = constantOf(operands[side]);
          factor && isSmall(operands[1 - side]) &&
          std::abs(*factor) < (int64_t(1) << 31))
        return fits(context.scale(operands[1 - side], *factor));
  // Of numbers that are not negative, all ways to round are one.
  bool isRemainder = apply->is<arith::RemSIOp>() || apply->is<arith::RemUIOp>();
  if (isRemainder || apply->is<arith::DivSIOp>() ||
      apply->is<arith::DivUIOp>() || apply->is<arith::FloorDivSIOp>()) {
    std::optional<int64_t> divisor = constantOf(operands[1]);
    if (!isNatural(operands[0]) || !divisor)
      return nullptr;
    return isRemainder ? context.mod(operands[0], *divisor)
                       : context.floorDiv(operands[0], *divisor);
  }
  return nullptr;
}

namespace {
/// The sums of numbers that are not negative which `expr` compares with zero.
SmallVector<Expr> comparedWithZero(ElementExprContext &context, Expr expr) {
  DenseSet<Expr> seen;
  SmallVector<Expr> sums;
  auto isNatural = [&](Expr term) {
    std::optional<IntRange> bounds = context.range(term);
    return bounds && bounds->first >= 0;
  };
  auto visit = [&](auto &self, Expr node) -> void {
    if (node->kind != ElementExpr::Kind::Apply || !seen.insert(node).second)
      return;
    if (node->is<arith::CmpIOp>() && node->operands[1]->isIndex(0)) {
      Expr sum = node->operands[0];
      bool isLinear = sum->kind == ElementExpr::Kind::Linear;
      if (isLinear ? sum->constant == 0 &&
                         llvm::all_of(sum->coefficients,
                                      [](int64_t c) { return c > 0; }) &&
                         llvm::all_of(sum->operands, isNatural)
                   : isNatural(sum))
        sums.push_back(sum);
    }
    for (Expr operand : node->operands)
      self(self, operand);
  };
  visit(visit, expr);
  return sums;
}
} // namespace

/// A quotient that is rounded down by the signs of its parts:
///
///   select(sign(n) != 1 and n % k != 0, n / k - 1, n / k)
///
/// is the same expression for n > 0 and for n = 0, where all terms of n are 0.
Expr ElementTracer::selectBySign(Expr select) {
  auto assume = [&](Expr root, Expr sum, bool isPositive) {
    ArrayRef<Expr> terms = sum->kind == ElementExpr::Kind::Linear
                               ? sum->operands
                               : ArrayRef<Expr>(sum);
    DenseMap<Expr, Expr> done;
    auto visit = [&](auto &self, Expr node) -> Expr {
      if (Expr known = done.lookup(node))
        return known;
      Expr result = node;
      if (isPositive && node->is<arith::CmpIOp>() && node->operands[0] == sum &&
          node->operands[1]->isIndex(0)) {
        std::optional<bool> truth = compareAll(
            predicateOf(node), {1, std::numeric_limits<int64_t>::max()});
        result = truth ? context.index(*truth) : node;
      } else if (!isPositive && llvm::is_contained(terms, node)) {
        result = context.index(0);
      } else if (!node->operands.empty()) {
        SmallVector<Expr> operands = llvm::map_to_vector(
            node->operands, [&](Expr operand) { return self(self, operand); });
        result = context.rebuild(node, operands);
        if (result != node && result->kind == ElementExpr::Kind::Apply)
          if (Expr folded = integerOp(result))
            result = folded;
      }
      return done[node] = result;
    };
    return visit(visit, root);
  };
  for (Expr sum : comparedWithZero(context, select->operands[0])) {
    Expr positive = assume(select, sum, true);
    if (positive != select &&
        assume(select, sum, false) == assume(positive, sum, false))
      return positive;
  }
  return nullptr;
}

Expr ElementTracer::applied(Operation *op, ArrayRef<Expr> operands) {
  Expr expr = context.apply(op, operands);
  if (Expr folded = integerOp(expr))
    return folded;
  if (Expr folded = foldNumbers(context, op, operands))
    return folded;
  if (operands.size() == 1)
    if (Expr folded = foldCastBack(op, operands.front()))
      return folded;
  return expr;
}
