// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "HostCode.h"

#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Visitors.h"
#include "mlir/Interfaces/CallInterfaces.h"

using namespace mlir;
using namespace mlir::moe;

bool moe::becomesKernel(Operation *op) {
  if (isa<linalg::LinalgOp, scf::ParallelOp, scf::ForallOp>(op) ||
      isa_and_present<MoEDialect>(op->getDialect()))
    return true;
  if (!isa<scf::ForOp, scf::WhileOp, scf::IfOp, scf::IndexSwitchOp>(op) ||
      op->getNumResults() != 0)
    return false;
  bool touchesMemory = false;
  WalkResult scalar = op->walk([&](Operation *inner) {
    if (inner == op)
      return WalkResult::advance();
    if (isa<linalg::LinalgOp, scf::ParallelOp, scf::ForallOp, CallOpInterface,
            memref::AllocOp, memref::CopyOp>(inner) ||
        isa_and_present<MoEDialect, gpu::GPUDialect>(inner->getDialect()))
      return WalkResult::interrupt();
    touchesMemory |= isa<MemoryEffectOpInterface>(inner) && !isPure(inner);
    return WalkResult::advance();
  });
  return touchesMemory && !scalar.wasInterrupted();
}

LogicalResult
moe::walkHostCode(Operation *root,
                  function_ref<LogicalResult(Operation *)> callback) {
  WalkResult result = root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == root)
      return WalkResult::advance();
    // Asked first: the callback may erase the op.
    bool isWhole =
        becomesKernel(op) || isa<gpu::LaunchOp, gpu::GPUModuleOp>(op);
    if (failed(callback(op)))
      return WalkResult::interrupt();
    return isWhole ? WalkResult::skip() : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}
