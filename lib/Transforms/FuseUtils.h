// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the fusion passes read out of linalg: matmuls, casts, zeros, plans.
#ifndef MOE_TRANSFORMS_FUSEUTILS_H
#define MOE_TRANSFORMS_FUSEUTILS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::moe {

/// lhs[m, k] * rhs summed over k, however it is written.
struct Matmul {
  linalg::LinalgOp op;
  Value lhs, rhs;
  /// Whether rhs lies as [n, k] (the layout of torch), not as [k, n].
  bool rhsIsTransposed;
  /// What it accumulates on.
  Value init;
};

/// Finds the matmul that made `value`. A linalg.transpose of the right operand
/// is taken into `rhsIsTransposed`, and so are widening casts of both operands
/// from one type: products of narrow floats are exact in f32.
std::optional<Matmul> matchMatmul(Value value);

/// A matrix of which every row is that of `base` plus `vector`, which may have
/// further dimensions of size one.
struct RowVectorSum {
  Value base, vector;
};

/// Finds the sum behind the elements of `matrix`, however the vector is
/// broadcast and added. Of one row either side could be the base: it is one
/// that `isBase` accepts.
std::optional<RowVectorSum> matchRowVectorSum(Value matrix,
                                              function_ref<bool(Value)> isBase);

/// The vector that is every row of `matrix`, or null.
Value matchRowVector(Value matrix);

/// A tensor known to be zero everywhere.
bool isZeroFill(Value value);

/// The source of an elementwise float cast, or null.
Value castSource(Value value);

/// A value behind its casts: `value` holds the elements of `base`, rounded to
/// `type` at most once.
struct Peeled {
  Value base;
  FloatType type;
  bool isRounded() const {
    return type != cast<ShapedType>(base.getType()).getElementType();
  }
};
Peeled peelCasts(Value value);

/// Whether both are results of one plan, so that entries of `pairs` before the
/// last offset are pairs, and those after it -1.
bool comeFromOnePlan(Value offsets, Value pairs);

/// Whether `offsets` are known to be 0 and the number of `rows`: one expert has
/// all of them.
bool coverAllRows(Value offsets, Value rows);

/// An empty tensor of `type`, its dynamic sizes those of `sizes`.
Value createDestination(OpBuilder &builder, Location loc, RankedTensorType type,
                        ArrayRef<OpFoldResult> sizes);

/// Runs `patterns` once over every op that is there, and erases what they left
/// without users. Ops that are only asked for their size count as unused.
void fuseOnce(Operation *root, RewritePatternSet &&patterns);

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_FUSEUTILS_H
