// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The stages between a plan and a combine that belong to each other.
#ifndef MOE_TRANSFORMS_STAGEBLOCK_H
#define MOE_TRANSFORMS_STAGEBLOCK_H

#include "moe/IR/MoEOps.h"

#include <variant>

namespace mlir::moe {

/// A plan whose pairs nobody reads but the dispatches and the combine, and
/// experts whose rows nobody reads but them.
struct StageBlock {
  CombineOp combine;
  ExpertsOp experts;
  /// What makes the row operands, in their order.
  SmallVector<DispatchOp> dispatches;
  PlanOp plan;

  /// Whether the body maps row n of its operands to row n of its result.
  bool worksRowByRow() const;
};

/// The block that ends in `combine`, or why it is none.
std::variant<StageBlock, StringRef> findStageBlock(CombineOp combine);

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_STAGEBLOCK_H
