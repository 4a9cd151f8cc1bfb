// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Pipelines/Pipelines.h"

using namespace mlir;

void moe::buildImportPipeline(OpPassManager &pm) {}

void moe::buildRaisePipeline(OpPassManager &pm, const RaiseOptions &options) {
  buildImportPipeline(pm);
}
