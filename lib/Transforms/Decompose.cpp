// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Contract.h"
#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEDECOMPOSEPASS
#include "moe/Transforms/Passes.h.inc"

void populateDecomposePatterns(RewritePatternSet &patterns, bool parallel) {
  populateDecomposeRoutingPatterns(patterns, parallel);
  populateDecomposeBalancePatterns(patterns, parallel);
  populateDecomposeBinsPatterns(patterns);
  populateDecomposeWeighPatterns(patterns, parallel);
  populateDecomposeMovementPatterns(patterns, parallel);
  populateDecomposeExpertsPatterns(patterns);
  populateDecomposeRouterCellPatterns(patterns);
  populateDecomposeSamplePatterns(patterns);
  populateDecomposeNeuronsPatterns(patterns);
  populateDecomposePrimitivePatterns(patterns);
}

namespace {
struct MoEDecomposePass : impl::MoEDecomposePassBase<MoEDecomposePass> {
  using MoEDecomposePassBase::MoEDecomposePassBase;

  void runOnOperation() override {
    if (!loopOverExperts && failed(refuseExperts()))
      return signalPassFailure();
    if (reportUnfused)
      getOperation()->walk([&](Operation *op) {
        if (isStageOp(op))
          (void)missed(op, "moe-decompose",
                       "no fusion took this " + op->getName().getStringRef() +
                           "; it runs unfused");
      });
    RewritePatternSet patterns(&getContext());
    populateDecomposePatterns(patterns, parallel);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }

private:
  LogicalResult refuseExperts() {
    WalkResult result = getOperation()->walk([](ExpertsOp op) {
      op.emitOpError("has a body that became no grouped matmuls (a remark of "
                     "moe-fuse-experts says why), and a GPU cannot loop over "
                     "experts");
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }
};
} // namespace
} // namespace mlir::moe
