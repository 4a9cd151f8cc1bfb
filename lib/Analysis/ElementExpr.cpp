// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Analysis/ElementExpr.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

void ElementExpr::Profile(llvm::FoldingSetNodeID &node) const {
  node.AddInteger(static_cast<int>(kind));
  // A loop index equals only itself.
  if (kind == Kind::Var)
    node.AddInteger(id);
  node.AddInteger(constant);
  for (Expr operand : operands)
    node.AddPointer(operand);
  for (int64_t coefficient : coefficients)
    node.AddInteger(coefficient);
  node.AddPointer(value.getAsOpaquePointer());
  node.AddPointer(opName ? opName->getAsOpaquePointer() : nullptr);
  node.AddPointer(attribute.getAsOpaquePointer());
  node.AddPointer(type.getAsOpaquePointer());
  for (Type operandType : operandTypes)
    node.AddPointer(operandType.getAsOpaquePointer());
}

Expr ElementExprContext::intern(ElementExpr &&expr) {
  expr.id = nextId;
  llvm::FoldingSetNodeID node;
  expr.Profile(node);
  void *position = nullptr;
  if (ElementExpr *known = nodes.FindNodeOrInsertPos(node, position))
    return known;
  ++nextId;
  expr.operands = expr.operands.copy(allocator);
  expr.coefficients = expr.coefficients.copy(allocator);
  expr.operandTypes = expr.operandTypes.copy(allocator);
  auto *fresh = new (allocator.Allocate<ElementExpr>()) ElementExpr(expr);
  nodes.InsertNode(fresh, position);
  return fresh;
}

Expr ElementExprContext::var(int64_t extent) {
  if (extent == 1)
    return index(0);
  ElementExpr expr;
  expr.kind = Kind::Var;
  expr.extent = extent;
  return intern(std::move(expr));
}

Expr ElementExprContext::index(int64_t constant) {
  ElementExpr expr;
  expr.kind = Kind::Linear;
  expr.constant = constant;
  return intern(std::move(expr));
}

Expr ElementExprContext::constant(TypedAttr value) {
  ElementExpr expr;
  expr.kind = Kind::Constant;
  expr.attribute = value;
  expr.type = value.getType();
  return intern(std::move(expr));
}

Expr ElementExprContext::number(Attribute value) {
  if (auto integer = dyn_cast_or_null<IntegerAttr>(value))
    // True is 1, not the -1 that its one bit would be.
    return index(integer.getType().isInteger(1)
                     ? integer.getValue().getZExtValue()
                     : integer.getValue().getSExtValue());
  if (auto number = dyn_cast_or_null<FloatAttr>(value))
    return constant(number);
  return nullptr;
}

Expr ElementExprContext::element(Value value, ArrayRef<Expr> indices,
                                 std::optional<IntRange> range) {
  ElementExpr expr;
  expr.kind = Kind::Element;
  expr.value = value;
  expr.operands = indices;
  expr.type = getElementTypeOrSelf(value.getType());
  Expr result = intern(std::move(expr));
  if (range)
    elementRanges[result] = *range;
  return result;
}

Expr ElementExprContext::apply(Operation *op, ArrayRef<Expr> operands) {
  SmallVector<Expr> sorted(operands);
  if (op->hasTrait<OpTrait::IsCommutative>())
    llvm::sort(sorted, [](Expr a, Expr b) { return a->id < b->id; });
  ElementExpr expr;
  expr.kind = Kind::Apply;
  expr.opName = op->getName();
  expr.attribute = op->getAttrDictionary();
  expr.operands = sorted;
  expr.type = getElementTypeOrSelf(op->getResult(0));
  SmallVector<Type> operandTypes =
      llvm::map_to_vector(op->getOperandTypes(),
                          [](Type type) { return getElementTypeOrSelf(type); });
  expr.operandTypes = operandTypes;
  expr.origin = op->getLoc();
  return intern(std::move(expr));
}

Expr ElementExprContext::linear(int64_t constant,
                                ArrayRef<std::pair<Expr, int64_t>> terms) {
  SmallVector<std::pair<Expr, int64_t>> sorted(terms);
  llvm::sort(sorted, [](const auto &a, const auto &b) {
    return a.first->id < b.first->id;
  });
  SmallVector<Expr> operands;
  SmallVector<int64_t> coefficients;
  for (auto [operand, coefficient] : sorted) {
    if (!operands.empty() && operands.back() == operand)
      coefficients.back() += coefficient;
    else {
      operands.push_back(operand);
      coefficients.push_back(coefficient);
    }
    if (coefficients.back() == 0) {
      operands.pop_back();
      coefficients.pop_back();
    }
  }
  if (constant == 0 && operands.size() == 1 && coefficients.front() == 1)
    return operands.front();
  ElementExpr expr;
  expr.kind = Kind::Linear;
  expr.constant = constant;
  expr.operands = operands;
  expr.coefficients = coefficients;
  return intern(std::move(expr));
}

namespace {
/// Calls `fn(atom, coefficient)` for every term of an integer expression and
/// returns its constant.
int64_t forEachTerm(Expr expr, function_ref<void(Expr, int64_t)> fn) {
  if (expr->kind != Kind::Linear) {
    fn(expr, 1);
    return 0;
  }
  for (auto [operand, coefficient] :
       llvm::zip(expr->operands, expr->coefficients))
    fn(operand, coefficient);
  return expr->constant;
}
} // namespace

Expr ElementExprContext::add(Expr a, Expr b) {
  SmallVector<std::pair<Expr, int64_t>> terms;
  auto collect = [&](Expr atom, int64_t coefficient) {
    terms.push_back({atom, coefficient});
  };
  int64_t constant = forEachTerm(a, collect);
  constant += forEachTerm(b, collect);
  return linear(constant, terms);
}

Expr ElementExprContext::scale(Expr a, int64_t factor) {
  SmallVector<std::pair<Expr, int64_t>> terms;
  int64_t constant = forEachTerm(a, [&](Expr atom, int64_t coefficient) {
    terms.push_back({atom, coefficient * factor});
  });
  return linear(constant * factor, terms);
}

std::optional<std::pair<Expr, Expr>>
ElementExprContext::split(Expr a, int64_t divisor) {
  // A dimension without elements divides nothing.
  if (divisor <= 0)
    return std::nullopt;
  SmallVector<std::pair<Expr, int64_t>> whole, rest;
  int64_t constant = forEachTerm(a, [&](Expr atom, int64_t coefficient) {
    (coefficient % divisor == 0 ? whole : rest).push_back({atom, coefficient});
  });
  int64_t low = ((constant % divisor) + divisor) % divisor;
  Expr remainder = linear(low, rest);
  std::optional<IntRange> bounds = range(remainder);
  if (!bounds || bounds->first < 0 || bounds->second >= divisor)
    return std::nullopt;
  return std::make_pair(linear(constant - low, whole), remainder);
}

Expr ElementExprContext::floorDiv(Expr a, int64_t divisor) {
  std::optional<std::pair<Expr, Expr>> parts = split(a, divisor);
  if (!parts)
    return nullptr;
  SmallVector<std::pair<Expr, int64_t>> terms;
  int64_t constant = forEachTerm(parts->first, [&](Expr atom, int64_t factor) {
    terms.push_back({atom, factor / divisor});
  });
  return linear(constant / divisor, terms);
}

Expr ElementExprContext::mod(Expr a, int64_t divisor) {
  std::optional<std::pair<Expr, Expr>> parts = split(a, divisor);
  return parts ? parts->second : nullptr;
}

std::optional<IntRange> ElementExprContext::range(Expr expr) {
  switch (expr->kind) {
  case Kind::Var:
    // No tensor is longer than memory.
    if (ShapedType::isDynamic(expr->extent))
      return IntRange{0, int64_t(1) << 48};
    return IntRange{0, expr->extent - 1};
  case Kind::Element: {
    auto known = elementRanges.find(expr);
    if (known == elementRanges.end())
      return std::nullopt;
    return known->second;
  }
  case Kind::Linear: {
    IntRange sum{expr->constant, expr->constant};
    for (auto [operand, coefficient] :
         llvm::zip(expr->operands, expr->coefficients)) {
      std::optional<IntRange> bounds = range(operand);
      if (!bounds)
        return std::nullopt;
      std::optional<int64_t> a = llvm::checkedMul(coefficient, bounds->first);
      std::optional<int64_t> b = llvm::checkedMul(coefficient, bounds->second);
      if (!a || !b)
        return std::nullopt;
      std::optional<int64_t> low =
          llvm::checkedAdd(sum.first, std::min(*a, *b));
      std::optional<int64_t> high =
          llvm::checkedAdd(sum.second, std::max(*a, *b));
      if (!low || !high)
        return std::nullopt;
      sum = {*low, *high};
    }
    return sum;
  }
  case Kind::Constant:
  case Kind::Apply:
    return std::nullopt;
  }
  return std::nullopt;
}

Expr ElementExprContext::rebuild(Expr expr, ArrayRef<Expr> operands) {
  if (expr->operands == operands)
    return expr;
  if (expr->kind == Kind::Linear) {
    Expr result = index(expr->constant);
    for (auto [operand, coefficient] : llvm::zip(operands, expr->coefficients))
      result = add(result, scale(operand, coefficient));
    return result;
  }
  if (expr->kind == Kind::Element) {
    auto known = elementRanges.find(expr);
    std::optional<IntRange> bounds;
    if (known != elementRanges.end())
      bounds = known->second;
    return element(expr->value, operands, bounds);
  }
  SmallVector<Expr> sorted(operands);
  if (expr->opName->hasTrait<OpTrait::IsCommutative>())
    llvm::sort(sorted, [](Expr a, Expr b) { return a->id < b->id; });
  ElementExpr copy = *expr;
  copy.operands = sorted;
  return intern(std::move(copy));
}

Expr ElementExprContext::substitute(Expr expr, Expr var, Expr replacement) {
  DenseMap<Expr, Expr> done;
  auto visit = [&](auto &self, Expr node) -> Expr {
    if (node == var)
      return replacement;
    if (node->operands.empty())
      return node;
    if (Expr known = done.lookup(node))
      return known;
    SmallVector<Expr> operands;
    for (Expr operand : node->operands)
      operands.push_back(self(self, operand));
    Expr result = rebuild(node, operands);
    return done[node] = result;
  };
  return visit(visit, expr);
}

bool ElementExprContext::dependsOn(Expr expr, Expr part) {
  DenseSet<Expr> seen;
  auto visit = [&](auto &self, Expr node) -> bool {
    if (node == part)
      return true;
    if (!seen.insert(node).second)
      return false;
    return llvm::any_of(node->operands,
                        [&](Expr operand) { return self(self, operand); });
  };
  return visit(visit, expr);
}
