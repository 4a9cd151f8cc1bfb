/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef MOE_C_DIALECT_H
#define MOE_C_DIALECT_H

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

/* mlirGetDialectHandle__moe__(): the moe dialect alone. */
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(MoE, moe);

/* The moe dialect and all that the pipelines rely on: upstream's dialects,
 * which they load as they need them, with their interfaces, and translations to
 * LLVM IR. */
MLIR_CAPI_EXPORTED void moeRegisterAll(MlirDialectRegistry registry);

#ifdef __cplusplus
}
#endif

#endif /* MOE_C_DIALECT_H */
