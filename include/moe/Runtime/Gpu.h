/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What host code of GPU kernels calls beside the mgpu* functions that MLIR
 * names. Plain C. The CUDA driver is opened on first use: the library that
 * MOE_CUDA_DRIVER names, else the system's libcuda.so.1. */
#ifndef MOE_RUNTIME_GPU_H
#define MOE_RUNTIME_GPU_H

#ifdef __cplusplus
extern "C" {
#endif

/* Opens the driver and its first device. Returns null, or what went wrong. */
const char *moe_gpu_open(void);

/* The first error since the last call, or null: the failed driver function and
 * what the driver said. After an error every GPU operation is skipped until the
 * error is taken. The text stays valid until the next GPU operation of the same
 * thread. Errors belong to the thread that made the call. */
const char *moe_gpu_take_error(void);

/* Every function that compiled host code may call, for a JIT to resolve; ends
 * with a null name. */
struct moe_gpu_symbol {
  const char *name;
  void *address;
};
const struct moe_gpu_symbol *moe_gpu_symbols(void);

#ifdef __cplusplus
}
#endif

#endif /* MOE_RUNTIME_GPU_H */
