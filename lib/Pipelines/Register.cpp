// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Pipelines/Pipelines.h"

#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

void moe::registerPipelines() {
  PassPipelineRegistration<>(
      "moe-import", "Foreign ops become upstream ops and moe primitives",
      buildImportPipeline);
  PassPipelineRegistration<RaiseOptions>(
      "moe-raise", "Recognise MoE blocks and write them as moe stage ops",
      buildRaisePipeline);
  PassPipelineRegistration<>("moe-fuse", "Stage ops become codegen ops",
                             buildFusePipeline);
  PassPipelineRegistration<OptimizeOptions>(
      "moe-optimize", "Raise, fuse and schedule", buildOptimizePipeline);
  PassPipelineRegistration<>(
      "moe-to-reference",
      "The input as it stands, through upstream lowerings to the llvm dialect",
      buildReferencePipeline);
  PassPipelineRegistration<CPUOptions>(
      "moe-to-cpu", "Everything down to the llvm dialect for a CPU",
      buildToCPUPipeline);
  PassPipelineRegistration<>("moe-lower-to-llvm",
                             "Bufferized code to the llvm dialect for a CPU",
                             buildLowerToLLVMPipeline);
  PassPipelineRegistration<NVPTXOptions>(
      "moe-to-nvptx", "Everything down to the llvm dialect and one gpu.binary",
      buildToNVPTXPipeline);
}
