// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalar expressions that say what one element of a tensor is. Recognition
// compares these instead of op sequences, so that reshapes, slices, transposes,
// broadcasts and the order of commutative operands make no difference.
#ifndef MOE_ANALYSIS_ELEMENTEXPR_H
#define MOE_ANALYSIS_ELEMENTEXPR_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/FoldingSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Allocator.h"

#include <optional>

namespace mlir::moe {

/// One node. Equal nodes of one context are one object, so that equality of
/// expressions is equality of pointers.
struct ElementExpr : llvm::FoldingSetNode {
  enum class Kind {
    Var,      ///< a loop index from 0 to extent - 1
    Linear,   ///< an integer: constant + sum of coefficient * operand
    Constant, ///< a float constant
    Element,  ///< value[operands], with nothing known about value
    Apply,    ///< a scalar op on operands
  };

  Kind kind;
  /// Creation order; sorts commutative operands.
  int64_t id;
  /// Var: number of values, ShapedType::kDynamic if unknown.
  int64_t extent = 0;
  /// Linear: the constant term.
  int64_t constant = 0;
  ArrayRef<const ElementExpr *> operands;
  /// Linear: one per operand.
  ArrayRef<int64_t> coefficients;
  /// Element: the tensor or scalar that is read.
  Value value;
  /// Apply: what is applied, with its attributes (fastmath, predicate).
  std::optional<OperationName> opName;
  /// Apply: the attributes. Constant: the value.
  Attribute attribute;
  /// Apply: the type of the result.
  Type type;
  /// Apply: the types of what the op was given. Widening an integer is no node
  /// of its own, but `extui` of the widened one is another number.
  ArrayRef<Type> operandTypes;
  /// Apply: where the op stands that was met first. Not part of what it is.
  LocationAttr origin;

  void Profile(llvm::FoldingSetNodeID &node) const;

  template <typename OpTy> bool is() const {
    return kind == Kind::Apply &&
           opName->getStringRef() == OpTy::getOperationName();
  }
  bool isIndex(int64_t number) const {
    return kind == Kind::Linear && operands.empty() && constant == number;
  }
};

using Expr = const ElementExpr *;

/// Smallest and largest value of an integer.
using IntRange = std::pair<int64_t, int64_t>;

/// Owns expressions and keeps them in normal form.
class ElementExprContext {
public:
  ElementExprContext() = default;
  ElementExprContext(const ElementExprContext &) = delete;
  ElementExprContext &operator=(const ElementExprContext &) = delete;

  /// A fresh loop index; the constant 0 where only one value is possible.
  Expr var(int64_t extent);
  Expr index(int64_t constant);
  Expr constant(TypedAttr value);
  /// An integer or a float; null for other attributes.
  Expr number(Attribute value);
  /// `range` holds what is known of an integer element.
  Expr element(Value value, ArrayRef<Expr> indices,
               std::optional<IntRange> range = std::nullopt);
  Expr apply(Operation *op, ArrayRef<Expr> operands);
  /// `expr` with other operands.
  Expr rebuild(Expr expr, ArrayRef<Expr> operands);

  Expr add(Expr a, Expr b);
  Expr scale(Expr a, int64_t factor);
  /// Quotient and remainder by a positive constant, where they are linear
  /// again for every value in range; null otherwise.
  Expr floorDiv(Expr a, int64_t divisor);
  Expr mod(Expr a, int64_t divisor);

  std::optional<IntRange> range(Expr expr);
  /// `expr` with `var` replaced.
  Expr substitute(Expr expr, Expr var, Expr replacement);
  bool dependsOn(Expr expr, Expr part);

private:
  Expr intern(ElementExpr &&expr);
  Expr linear(int64_t constant, ArrayRef<std::pair<Expr, int64_t>> terms);
  /// Splits `a` into (part divisible by `divisor`) + rest in [0, divisor).
  std::optional<std::pair<Expr, Expr>> split(Expr a, int64_t divisor);

  llvm::BumpPtrAllocator allocator;
  llvm::FoldingSet<ElementExpr> nodes;
  int64_t nextId = 0;
  DenseMap<Expr, IntRange> elementRanges;
};

} // namespace mlir::moe

#endif // MOE_ANALYSIS_ELEMENTEXPR_H
