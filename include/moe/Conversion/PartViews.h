// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a part of moe.grouped_matmul reads of one expert, where experts that are
// always on have buffers of their own.
#ifndef MOE_CONVERSION_PARTVIEWS_H
#define MOE_CONVERSION_PARTVIEWS_H

#include "moe/IR/MoEOps.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::moe {

/// The rows that `part` multiplies for the columns of `init`, as a memref
/// [columns, depth]: row j belongs to column j. `expert` is an index.
Value buildPartView(ImplicitLocOpBuilder &b, GroupedMatmulOp op, Value expert,
                    int64_t part);

/// The elements of a vector part for the columns of `init`, as a memref
/// [columns].
Value buildVectorPartView(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                          Value expert, int64_t part);

/// How far into its matrix the expert starts, in columns of `init`, and into
/// the depth: of experts that are always on, number `which` (an index).
struct AlwaysStart {
  OpFoldResult column, depth;
};
AlwaysStart buildAlwaysStart(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                             Value which, int64_t part);

/// The number of `expert` among those of its kind, and whether it is one that
/// is always on. `routed` and `always` are valid whatever the kind.
struct ExpertKind {
  Value isAlways, routed, always;
};
ExpertKind buildExpertKind(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                           Value expert);

} // namespace mlir::moe

#endif // MOE_CONVERSION_PARTVIEWS_H
