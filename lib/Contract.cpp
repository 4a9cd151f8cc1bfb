// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Contract.h"

#include "moe/IR/MoEOps.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
bool holds(Operation *root, bool (*predicate)(Operation *)) {
  return root
      ->walk([&](Operation *op) {
        return predicate(op) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}
} // namespace

bool moe::isStageOp(Operation *op) {
  return isa<ScoreOp, SelectOp, WeighOp, PlanOp, DispatchOp, ExpertsOp,
             CombineOp, VirtualOp, LimitOp, StatsOp, RouterCellOp, SampleOp,
             NeuronsOp>(op);
}

bool moe::isCodegenOp(Operation *op) {
  return isa<GateOp, SelectIntoOp, PlanIntoOp, GroupedMatmulOp, GatherSumOp,
             MaskedFfnOp>(op);
}

bool moe::isRaised(Operation *root) {
  return holds(root,
               [](Operation *op) { return isStageOp(op) || isCodegenOp(op); });
}

bool moe::isFused(Operation *root) { return !holds(root, isStageOp); }
