// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_MATERIALIZE_H
#define MOE_FRONTEND_MATERIALIZE_H

#include "moe/Analysis/ElementTracer.h"
#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// A matrix with `expr` at `row` and `column`, of which the first may be made
/// up of several dimensions: one that is there already, or a new one. Values at
/// the experts that a slot selects, with `column` for the slot, become
/// moe.weigh. Null if `expr` reads anything else. `like` has a row for every
/// row of the matrix.
Value materialize(OpBuilder &builder, Location loc, ElementTracer &tracer,
                  Expr expr, Expr row, Expr column, Value like);

/// `expr` as ops, from the values that parts of it already have.
Value emitScalar(OpBuilder &builder, Location loc, Expr expr,
                 DenseMap<Expr, Value> &done);

} // namespace mlir::moe

#endif // MOE_FRONTEND_MATERIALIZE_H
