// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Pipelines/Pipelines.h"

using namespace mlir;

void moe::buildFusePipeline(OpPassManager &pm) {
  buildRaisePipeline(pm, RaiseOptions());
}

void moe::buildOptimizePipeline(OpPassManager &pm,
                                const OptimizeOptions &options) {
  buildFusePipeline(pm);
}
