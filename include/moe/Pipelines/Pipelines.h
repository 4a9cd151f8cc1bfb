// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_PIPELINES_PIPELINES_H
#define MOE_PIPELINES_PIPELINES_H

#include "moe/Pipelines/Options.h"

#include "mlir/Pass/PassManager.h"

namespace mlir::moe {

// Every builder adds the stages that lead to its name; a stage that is already
// done is a no-op. All anchor on builtin.module.

/// Foreign ops become upstream ops and moe primitives.
void buildImportPipeline(OpPassManager &pm);
/// Routers, dispatch, experts and combine become moe stage ops.
void buildRaisePipeline(OpPassManager &pm, const RaiseOptions &options);
/// Stage ops become codegen ops.
void buildFusePipeline(OpPassManager &pm);
/// Raise, fuse and schedule.
void buildOptimizePipeline(OpPassManager &pm, const OptimizeOptions &options);
/// Everything down to the llvm dialect for a CPU.
void buildToCPUPipeline(OpPassManager &pm, const CPUOptions &options);
/// Bufferized scf, linalg, vector and memref code down to the llvm dialect;
/// parallel loops become calls into the runtime. Shared by everything that ends
/// on a CPU.
void buildLowerToLLVMPipeline(OpPassManager &pm);
/// The input as it stands, through upstream lowerings only: the yardstick.
void buildReferencePipeline(OpPassManager &pm);
/// Everything down to the llvm dialect and one gpu.binary.
void buildToNVPTXPipeline(OpPassManager &pm, const NVPTXOptions &options);

/// Registers all of the above under their command line names.
void registerPipelines();

} // namespace mlir::moe

#endif // MOE_PIPELINES_PIPELINES_H
