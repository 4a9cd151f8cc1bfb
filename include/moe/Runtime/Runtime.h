/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What generated code calls. Plain C, needs nothing of LLVM. */
#ifndef MOE_RUNTIME_RUNTIME_H
#define MOE_RUNTIME_RUNTIME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*moe_parallel_body)(void *context, int64_t index);
typedef void (*moe_parallel_for_function)(moe_parallel_body body, void *context,
                                          int64_t count);

/* Calls body(context, i) once for every i in [0, count) and returns when all
 * calls have. Indices are handed out in ascending order, one at a time, to as
 * many workers as there are threads, the caller among them. */
void moe_parallel_for(moe_parallel_body body, void *context, int64_t count);

/* Makes moe_parallel_for use the host's own pool, so that an embedding
 * framework is not oversubscribed; a null pointer brings the built-in one back.
 * Returns what was registered before, null for the built-in pool. Not to be
 * called while generated code runs. */
moe_parallel_for_function
moe_register_parallel_for(moe_parallel_for_function function);

#ifdef __cplusplus
}
#endif

#endif /* MOE_RUNTIME_RUNTIME_H */
