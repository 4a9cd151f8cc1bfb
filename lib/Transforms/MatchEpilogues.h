// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TRANSFORMS_MATCHEPILOGUES_H
#define MOE_TRANSFORMS_MATCHEPILOGUES_H

#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// For every block argument of the epilogue of `op` the number of the one that
/// takes its place in the epilogue of `other`, if both compute the same, up to
/// the order of parts and of operands that commute. Parts stand for parts and
/// vector parts for vector parts. Fails if they are not seen to be the same.
FailureOr<SmallVector<unsigned>> matchEpilogues(GroupedMatmulOp op,
                                                GroupedMatmulOp other);

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_MATCHEPILOGUES_H
