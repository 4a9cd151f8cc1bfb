// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Pipelines/Pipelines.h"

using namespace mlir;

void moe::buildToCPUPipeline(OpPassManager &pm, const CPUOptions &options) {
  OptimizeOptions optimize;
  optimize.target = "cpu";
  buildOptimizePipeline(pm, optimize);
}

void moe::buildReferencePipeline(OpPassManager &pm) { buildImportPipeline(pm); }
