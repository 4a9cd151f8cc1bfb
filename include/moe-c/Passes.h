/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef MOE_C_PASSES_H
#define MOE_C_PASSES_H

#include "mlir-c/Pass.h"
#include "moe-c/Support.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes every pass and pipeline known by its name, for mlirParsePassPipeline
 * and mlirOpPassManagerAddPipeline. Once in a process. */
MLIR_CAPI_EXPORTED void moeRegisterPasses(void);

/* mlirPassManagerRunOnOp, with the errors that the passes emit as text. */
MLIR_CAPI_EXPORTED char *moePassManagerRun(MlirPassManager manager,
                                           MlirOperation operation);

#ifdef __cplusplus
}
#endif

#endif /* MOE_C_PASSES_H */
