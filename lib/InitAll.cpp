// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/InitAll.h"

#include "moe/Conversion/Passes.h"
#include "moe/Frontend/Passes.h"
#include "moe/IR/MoEDialect.h"
#include "moe/Interfaces/ExternalModels.h"
#include "moe/Pipelines/Passes.h"
#include "moe/Pipelines/Pipelines.h"
#include "moe/Transforms/Passes.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Target/LLVM/NVVM/Target.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"

using namespace mlir;

void moe::registerAllMoEDialects(DialectRegistry &registry) {
  registry.insert<MoEDialect>();
}

void moe::registerAllMoEExtensions(DialectRegistry &registry) {
  // A pass that asks for an interface which its dialect promised and nobody
  // registered ends the process.
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerExternalModels(registry);
  // Kernels become PTX inside a pass.
  NVVM::registerNVVMTargetInterfaceExternalModels(registry);
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  gpu::registerOffloadingLLVMTranslationInterfaceExternalModels(registry);
}

void moe::registerAllMoEPasses() {
  registerMoEFrontendPasses();
  registerMoETransformsPasses();
  registerMoEConversionPasses();
  registerMoEPipelinesPasses();
}

void moe::registerAllMoEPipelines() { registerPipelines(); }
