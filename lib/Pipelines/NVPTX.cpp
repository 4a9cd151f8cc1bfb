// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Stages.h"

#include "moe/Conversion/Passes.h"
#include "moe/Pipelines/Pipelines.h"
#include "moe/Transforms/Passes.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Conversion/GPUCommon/GPUCommonPass.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace {
void addBufferization(OpPassManager &pm) {
  // Scalar operations on whole tensors have no buffer form.
  pm.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Merged subviews leave copies onto themselves.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createConvertBufferizationToMemRefPass());
}

void addKernels(OpPassManager &pm) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(moe::createMoEPlaceOnDevicePass());
  function.addPass(moe::createMoEGateToGPUPass());
  function.addPass(moe::createMoESelectToGPUPass());
  function.addPass(moe::createMoEPlanToGPUPass());
  function.addPass(moe::createMoEGroupedMatmulToGPUPass());
  function.addPass(moe::createMoEGatherSumToGPUPass());
  function.addPass(moe::createMoEMaskedFfnToGPUPass());
  function.addPass(moe::createMoELoopsToGPUPass());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  function.addPass(createGpuLaunchSinkIndexComputationsPass());
  pm.addPass(createGpuKernelOutliningPass());
  pm.addPass(moe::createMoEMergeGPUModulesPass());
  pm.addNestedPass<func::FuncOp>(moe::createMoEHoistHostCodePass());
  pm.addNestedPass<func::FuncOp>(createGpuAsyncRegionPass());
}

void addDeviceCode(OpPassManager &pm) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createConvertVectorToSCFPass());
  kernels.addPass(math::createMathExtendToSupportedTypes());
  kernels.addPass(moe::createMoEExpandDeviceMathPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createLoopInvariantCodeMotionPass());
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addNestedPass<gpu::GPUFuncOp>(
      moe::createMoELowerDynamicExpansionsPass());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createConvertGpuOpsToNVVMOps());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
}

void addHostCode(OpPassManager &pm) {
  pm.addPass(createSCFToControlFlowPass());
  pm.addNestedPass<func::FuncOp>(moe::createMoELowerDynamicExpansionsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createGpuToLLVMConversionPass());
  // That pass also takes the vector transfers that are left in kernels.
  pm.addPass(createReconcileUnrealizedCastsPass());
}
} // namespace

void moe::buildToNVPTXPipeline(OpPassManager &pm, const NVPTXOptions &options) {
  MoECheckNVPTXOptionsPassOptions check;
  check.chip = options.chip;
  check.format = options.format;
  pm.addPass(createMoECheckNVPTXOptionsPass(check));

  OptimizeOptions optimize;
  optimize.target = "nvptx";
  optimize.chip = options.chip;
  optimize.allowReassociation = options.allowReassociation;
  buildOptimizePipeline(pm, optimize);
  MoEDecomposePassOptions decompose;
  decompose.reportUnfused = true;
  decompose.parallel = true;
  decompose.loopOverExperts = false;
  pm.addPass(createMoEDecomposePass(decompose));
  // Ops that were decomposed apart may sort the same ids.
  pm.addPass(createCSEPass());
  pm.addPass(createMoEMarkEntryPointsPass());
  addTosaLowering(pm);

  addBufferization(pm);
  addKernels(pm);
  addDeviceCode(pm);
  addHostCode(pm);

  MoESerializeKernelsPassOptions serialize;
  serialize.chip = options.chip;
  serialize.format = options.format;
  pm.addPass(createMoESerializeKernelsPass(serialize));
}
