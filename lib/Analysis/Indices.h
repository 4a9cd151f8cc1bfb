// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_ANALYSIS_INDICES_H
#define MOE_ANALYSIS_INDICES_H

#include "moe/Analysis/ElementExpr.h"

namespace mlir::moe {

/// Splits an index over a collapsed group of dimensions. Null if it cannot be
/// split for every value in range.
bool splitIndex(ElementExprContext &context, Expr index,
                ArrayRef<int64_t> sizes, SmallVectorImpl<Expr> &result);

/// The inverse of `splitIndex`.
Expr joinIndices(ElementExprContext &context, ArrayRef<Expr> indices,
                 ArrayRef<int64_t> sizes);

} // namespace mlir::moe

#endif // MOE_ANALYSIS_INDICES_H
