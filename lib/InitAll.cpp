// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/InitAll.h"

#include "moe/Conversion/Passes.h"
#include "moe/Frontend/Passes.h"
#include "moe/IR/MoEDialect.h"
#include "moe/Interfaces/ExternalModels.h"
#include "moe/Pipelines/Pipelines.h"
#include "moe/Transforms/Passes.h"

#include "mlir/IR/DialectRegistry.h"

using namespace mlir;

void moe::registerAllMoEDialects(DialectRegistry &registry) {
  registry.insert<MoEDialect>();
}

void moe::registerAllMoEExtensions(DialectRegistry &registry) {
  registerExternalModels(registry);
}

void moe::registerAllMoEPasses() {
  registerMoEFrontendPasses();
  registerMoETransformsPasses();
  registerMoEConversionPasses();
}

void moe::registerAllMoEPipelines() { registerPipelines(); }
