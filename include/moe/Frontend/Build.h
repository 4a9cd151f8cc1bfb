// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What several raising passes build.
#ifndef MOE_FRONTEND_BUILD_H
#define MOE_FRONTEND_BUILD_H

#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// A tensor.empty of shape `shape`, taking dynamic sizes from `like` in the
/// dimensions of the same position.
Value emptyLike(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
                Type elementType, Value like);

/// moe.select with the k best columns of `key`[T,E], as i32.
SelectOp buildTopK(OpBuilder &builder, Location loc, Value key, int64_t k);

/// moe.weigh value of `source` at `experts`, in the element type of source.
WeighOp buildValues(OpBuilder &builder, Location loc, Value source,
                    Value experts);

/// Whether floats of `tensor` hold more digits than f32, which moe ops compute
/// scores, weights and sums in: raising would lose some.
bool exceedsF32(Value tensor);

/// `ids` (i32) with element type `type`.
Value castIds(OpBuilder &builder, Location loc, Value ids, Type type);

/// `tensor` without its leading dimensions of size one, down to rank 2.
Value asMatrix(OpBuilder &builder, Location loc, Value tensor);

/// `tensor`, a matrix or a static tensor, in the shape of `type`.
Value reshape(OpBuilder &builder, Location loc, Value tensor,
              RankedTensorType type);

/// `matrix` with the leading dimensions of `like`, which are its rows.
Value fromMatrix(OpBuilder &builder, Location loc, Value matrix, Value like);

/// `column`, a matrix of one column, in the shape of `like`, whose dimensions
/// are its rows.
Value dropColumn(OpBuilder &builder, Location loc, Value column, Value like);

/// Erases what has become dead in `root`, users before producers.
void eraseDeadOps(Operation *root, RewriterBase &rewriter);

} // namespace mlir::moe

#endif // MOE_FRONTEND_BUILD_H
