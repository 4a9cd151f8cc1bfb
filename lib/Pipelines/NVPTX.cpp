// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Pipelines/Pipelines.h"

using namespace mlir;

void moe::buildToNVPTXPipeline(OpPassManager &pm, const NVPTXOptions &options) {
  OptimizeOptions optimize;
  optimize.target = "nvptx";
  optimize.chip = options.chip;
  buildOptimizePipeline(pm, optimize);
}
