// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_SLOTWEIGHTS_H
#define MOE_FRONTEND_SLOTWEIGHTS_H

#include "moe/Analysis/ElementTracer.h"
#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// A matrix [tokens, slots] of one weight per slot number, each an expression
/// in `token`; null for all where every pair counts once. Weights that divide
/// by the sum of all become moe.weigh with a norm. Null if one cannot be made.
Value slotWeights(OpBuilder &builder, Location loc, ElementTracer &tracer,
                  ArrayRef<Expr> weights, Expr token, Expr slot,
                  SelectOp select);

} // namespace mlir::moe

#endif // MOE_FRONTEND_SLOTWEIGHTS_H
