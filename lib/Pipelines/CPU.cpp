// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Stages.h"

#include "moe/Pipelines/Pipelines.h"

#include "moe/Conversion/Passes.h"
#include "moe/Transforms/Passes.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Conversion/ComplexToLLVM/ComplexToLLVM.h"
#include "mlir/Conversion/ComplexToStandard/ComplexToStandard.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/MathToFuncs/MathToFuncs.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToSCF/TosaToSCF.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace {
/// Tensors to buffers; every buffer is freed by whoever owns it.
void addBufferization(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(moe::createMoEExpandAggregatesPass());
  // Scalar operations on whole tensors have no buffer form.
  pm.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  // What a loop carries may be another tensor each time.
  options.allowReturnAllocsFromLoops = true;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  bufferization::buildBufferDeallocationPipeline(pm);
  pm.addPass(createConvertBufferizationToMemRefPass());
  // The copy of a view onto itself shows only once its subviews are one value.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
}

/// Leaves bf16 to integer operations: without AVX512-BF16 LLVM calls helpers
/// for it that not every C runtime has.
void addNarrowFloats(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(moe::createMoESplitTruncationsPass());
  math::MathExtendToSupportedTypesOptions math;
  SmallVector<std::string> supported{"f16"};
  math.extraTypeStrs = supported;
  pm.addPass(math::createMathExtendToSupportedTypes(math));
  arith::ArithEmulateUnsupportedFloatsOptions emulate;
  SmallVector<std::string> types{"bf16"};
  emulate.sourceTypeStrs = types;
  emulate.targetTypeStr = "f32";
  pm.addPass(arith::createArithEmulateUnsupportedFloats(emulate));
  pm.addNestedPass<func::FuncOp>(moe::createMoEKeepRoundingsPass());
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));
}
} // namespace

void moe::addTosaLowering(OpPassManager &pm) {
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(tosa::createTosaInferShapesPass());
  functions.addPass(tosa::createTosaMakeBroadcastablePass());
  // tosa-to-linalg marks the whole dialect illegal, loops and scatters
  // included: those have to be gone by then.
  functions.addPass(createTosaToSCFPass());
  functions.addPass(tosa::createTosaToLinalgNamed());
  functions.addPass(tosa::createTosaToLinalg());
  TosaToArithPassOptions arith;
  arith.includeApplyRescale = true;
  functions.addPass(createTosaToArithPass(arith));
  functions.addPass(createTosaToTensorPass());
  functions.addPass(createConvertElementwiseToLinalgPass());
}

void moe::buildLowerToLLVMPipeline(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createMoELowerStridedCopiesPass());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  pm.addPass(createMoEOutlineParallelLoopsPass());
  pm.addPass(createConvertVectorToSCFPass());
  pm.addNestedPass<func::FuncOp>(createMoELowerDynamicExpansionsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertComplexToStandardPass());
  pm.addPass(createConvertMathToFuncs());
  addNarrowFloats(pm);
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSCFToControlFlowPass());

  ConvertMathToLLVMPassOptions math;
  math.approximateLog1p = false;
  pm.addPass(createConvertMathToLLVMPass(math));
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createConvertComplexToLLVMPass());
  ConvertVectorToLLVMPassOptions vector;
  vector.x86Vector = true;
  vector.amx = true;
  pm.addPass(createConvertVectorToLLVMPass(vector));
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

namespace {
/// Codegen ops on buffers to loops and vectors. After the target is attached:
/// the width of vectors depends on it.
void addCodegenOps(OpPassManager &pm) {
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(moe::createMoEGateToCPUPass());
  functions.addPass(moe::createMoESelectToCPUPass());
  functions.addPass(moe::createMoEPlanToCPUPass());
  functions.addPass(moe::createMoEGroupedMatmulToCPUPass());
  functions.addPass(moe::createMoEGatherSumToCPUPass());
  functions.addPass(moe::createMoEMaskedFfnToCPUPass());
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  functions.addPass(moe::createMoEVectorMathToCPUPass());
  functions.addPass(moe::createMoESpreadLinalgPass());
}
} // namespace

void moe::buildToCPUPipeline(OpPassManager &pm, const CPUOptions &options) {
  OptimizeOptions optimize;
  optimize.target = "cpu";
  // The lowerings know the vectors of the CPU; this pipeline only its name.
  optimize.lanes = 0;
  optimize.allowReassociation = options.allowReassociation;
  buildOptimizePipeline(pm, optimize);
  MoEDecomposePassOptions decompose;
  decompose.reportUnfused = true;
  decompose.parallel = true;
  pm.addPass(createMoEDecomposePass(decompose));
  // Ops that were decomposed apart may sort the same ids.
  pm.addPass(createCSEPass());
  MoEAttachCPUTargetPassOptions target;
  target.cpu = options.cpu;
  target.features = options.features;
  pm.addPass(createMoEAttachCPUTargetPass(target));
  pm.addPass(createMoEMarkEntryPointsPass(
      MoEMarkEntryPointsPassOptions{options.prefix}));
  addTosaLowering(pm);
  addBufferization(pm);
  addCodegenOps(pm);
  buildLowerToLLVMPipeline(pm);
}

void moe::buildReferencePipeline(OpPassManager &pm) {
  buildImportPipeline(pm);
  pm.addPass(createMoEDecomposePass());
  pm.addPass(createMoEMarkEntryPointsPass());
  addTosaLowering(pm);
  addBufferization(pm);
  buildLowerToLLVMPipeline(pm);
}
