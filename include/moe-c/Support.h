/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Conventions of the C functions.
 *
 * Errors. Functions that can fail return null, or a text that says what went
 * wrong and belongs to the caller, who gives it back to moeErrorDestroy. None
 * ends the process.
 *
 * Options. A struct of options starts with its size, and zero means the default
 * in every other field, so that a program stays right when fields are added:
 *
 *   MoERaiseOptions options = {.size = sizeof options, .require = true};
 *
 * A null pointer stands for all defaults. */
#ifndef MOE_C_SUPPORT_H
#define MOE_C_SUPPORT_H

#include "mlir-c/Support.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Null is allowed. */
MLIR_CAPI_EXPORTED void moeErrorDestroy(char *error);

#ifdef __cplusplus
}
#endif

#endif /* MOE_C_SUPPORT_H */
