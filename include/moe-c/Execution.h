/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Compiles a module for this machine's CPU and calls its functions. */
#ifndef MOE_C_EXECUTION_H
#define MOE_C_EXECUTION_H

#include "mlir-c/IR.h"
#include "moe-c/Pipelines.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct MoEExecutable {
  void *ptr;
} MoEExecutable;

typedef struct MoEResults {
  void *ptr;
} MoEResults;

typedef enum MoEElementType {
  MOE_F16,
  MOE_BF16,
  MOE_F32,
  MOE_F64,
  MOE_I1, /* a byte, 0 or 1 */
  MOE_I8,
  MOE_I32,
  MOE_I64
} MoEElementType;

/* A tensor in row-major order without gaps; a scalar has rank 0. */
typedef struct MoEBuffer {
  void *data;
  MoEElementType type;
  intptr_t rank;
  const int64_t *shape;
} MoEBuffer;

/* Takes function `entry` of a module at any level from the exported graph to
 * fused ops. The module stays as it is, and neither it nor its context is
 * needed afterwards. */
MLIR_CAPI_EXPORTED char *moeCompileForCPU(MlirModule module,
                                          MlirStringRef entry,
                                          const MoECPUOptions *options,
                                          MoEExecutable *executable);
MLIR_CAPI_EXPORTED void moeExecutableDestroy(MoEExecutable executable);

/* Calls the entry. Element types and shapes are checked against its signature;
 * arguments are not copied and not written. Dynamic sizes that the graph takes
 * to be equal have to be. Several threads may call one executable. */
MLIR_CAPI_EXPORTED char *moeExecutableCall(MoEExecutable executable,
                                           intptr_t count,
                                           const MoEBuffer *arguments,
                                           MoEResults *results);

MLIR_CAPI_EXPORTED intptr_t moeResultsGetCount(MoEResults results);
/* Valid until the results are destroyed; all zero if there is no such result.
 */
MLIR_CAPI_EXPORTED MoEBuffer moeResultsGet(MoEResults results, intptr_t index);
MLIR_CAPI_EXPORTED void moeResultsDestroy(MoEResults results);

#ifdef __cplusplus
}
#endif

#endif /* MOE_C_EXECUTION_H */
