/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The pipelines of moe/Pipelines/Pipelines.h. Each adds the stages that lead to
 * its name; a stage that is already done does nothing. All run on
 * builtin.module: a manager for another operation is an error. */
#ifndef MOE_C_PIPELINES_H
#define MOE_C_PIPELINES_H

#include "mlir-c/Pass.h"
#include "moe-c/Support.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct MoERaiseOptions {
  size_t size;
  /* Fail if something that looks like a MoE block is not raised. */
  bool require;
} MoERaiseOptions;

typedef struct MoEOptimizeOptions {
  size_t size;
  /* cpu, the default, or nvptx. */
  MlirStringRef target;
  /* GPU architecture; sm_90a by default. */
  MlirStringRef chip;
  /* Floats in a vector of the CPU; 8 by default, negative to leave schedules to
   * its lowerings. */
  int64_t lanes;
  /* Seeds on which the result is checked against the input by execution; 0, the
   * default, checks nothing. */
  int64_t validate;
} MoEOptimizeOptions;

typedef struct MoECPUOptions {
  size_t size;
  /* CPU to compile for, or native, the default of moeCompileForCPU; elsewhere
   * x86-64-v3 is. */
  MlirStringRef cpu;
  /* LLVM target features to add, as in +avx512f,-fma. */
  MlirStringRef features;
  /* Put before the name of every entry; nothing by default. */
  MlirStringRef prefix;
} MoECPUOptions;

typedef struct MoENVPTXOptions {
  size_t size;
  /* GPU architecture; sm_90a by default. */
  MlirStringRef chip;
  /* isa, the default, bin or fatbin. */
  MlirStringRef format;
} MoENVPTXOptions;

/* Routers, dispatch, experts and combine become moe stage ops. */
MLIR_CAPI_EXPORTED char *moeAddRaisePipeline(MlirOpPassManager manager,
                                             const MoERaiseOptions *options);
/* Stage ops become codegen ops. */
MLIR_CAPI_EXPORTED char *moeAddFusePipeline(MlirOpPassManager manager);
/* Raise, fuse and schedule. */
MLIR_CAPI_EXPORTED char *
moeAddOptimizePipeline(MlirOpPassManager manager,
                       const MoEOptimizeOptions *options);
/* Everything down to the llvm dialect for a CPU. */
MLIR_CAPI_EXPORTED char *moeAddToCPUPipeline(MlirOpPassManager manager,
                                             const MoECPUOptions *options);
/* Everything down to the llvm dialect and one gpu.binary. */
MLIR_CAPI_EXPORTED char *moeAddToNVPTXPipeline(MlirOpPassManager manager,
                                               const MoENVPTXOptions *options);

#ifdef __cplusplus
}
#endif

#endif /* MOE_C_PIPELINES_H */
