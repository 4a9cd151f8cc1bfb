// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_BUILDEXPERTS_H
#define MOE_FRONTEND_BUILDEXPERTS_H

#include "moe/Frontend/ExpertBody.h"
#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// What a graph rounds before and while it adds the terms of a sum.
struct RoundedSum {
  Expr term;
  TypeAttr sumType, productType;
};
RoundedSum roundedSum(Expr term, Type resultType);

/// What is summed over the slots of a token.
struct SlotSum {
  Value ids;     ///< [T, K]
  Value key;     ///< [T, E]
  Value weights; ///< [T, K]; null where every pair counts once
  Value init;    ///< [T, D']
  Expr row;      ///< what `weights` multiply, in `column`
  Expr column;
  RoundedSum rounding;
};

/// moe.plan, moe.dispatch, moe.experts with `body`, which computes the row, and
/// moe.combine, whose result is returned.
Value buildExperts(RewriterBase &rewriter, Location loc, const SlotSum &sum,
                   ExpertBody &body);

/// moe.experts of one matmul: out[r] = rows[r] @ weights[e] for the rows of
/// expert e, in `type`. Sums are of type `sumType`. With `isOutIn`, matrices
/// are transposed, as torch stores them.
Value buildGroupedMatmul(OpBuilder &builder, Location loc, Value rows,
                         Value weights, bool isOutIn, Value offsets,
                         RankedTensorType type, Type sumType);

} // namespace mlir::moe

#endif // MOE_FRONTEND_BUILDEXPERTS_H
