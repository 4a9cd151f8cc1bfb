// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Finds what is added to the sum of routed experts.
#ifndef MOE_TRANSFORMS_SHAREDTERM_H
#define MOE_TRANSFORMS_SHAREDTERM_H

#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// gate[t] * rows[t, d], or rows[t, d] without a gate.
struct SharedTerm {
  /// The result of a moe.grouped_matmul.
  Value rows;
  /// [..., 1], or null.
  Value gate;
  /// What the graph rounds rows to, and their product with the gate: the
  /// narrowest type on the way.
  FloatType rowType, productType;
};

/// An op that does nothing but add a term to the result of `sum`.
struct AddedTerm {
  GatherSumOp sum;
  SharedTerm term;
  /// What the graph rounds the result of `sum` to before it adds.
  FloatType sumType;
  /// Ops that change nothing but the shape, from `sum` to the addition.
  SmallVector<Operation *> reshapes;
  /// Whether nobody else reads the sum or the rows.
  bool isOnlyReader;
};
std::optional<AddedTerm> matchAddedTerm(Operation *op);

/// What `sum` starts from, if that is nothing but a term.
std::optional<SharedTerm> matchResidualTerm(GatherSumOp sum);

/// `value` in the shape that `reshape` gives its operand.
Value reshapeLike(OpBuilder &builder, Operation *reshape, Value value);

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_SHAREDTERM_H
