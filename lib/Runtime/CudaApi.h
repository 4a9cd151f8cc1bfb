// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The few types and functions of the CUDA driver that the runtime uses, so that
// it builds without cuda.h. Names and values are those of the driver's ABI.
#ifndef MOE_RUNTIME_CUDAAPI_H
#define MOE_RUNTIME_CUDAAPI_H

#include <cstddef>
#include <cstdint>

namespace moe_cuda {

using Result = int;
using Device = int;
using Context = struct ContextTag *;
using Module = struct ModuleTag *;
using Function = struct FunctionTag *;
using Stream = struct StreamTag *;
using Event = struct EventTag *;
using Address = uint64_t;

constexpr Result kSuccess = 0;
constexpr Result kNotSupported = 801;
constexpr unsigned kStreamNonBlocking = 1;
constexpr unsigned kEventDisableTiming = 2;
constexpr unsigned kMemAttachGlobal = 1;
constexpr int kFunctionMaxDynamicSharedBytes = 8;
constexpr int kDeviceMemoryPools = 115;
constexpr int kJitErrorLogBuffer = 5;
constexpr int kJitErrorLogBufferSize = 6;
constexpr int kJitOptimizationLevel = 7;

// name, exported symbol, parameters
#define MOE_CUDA_FUNCTIONS(X)                                                  \
  X(init, cuInit, (unsigned))                                                  \
  X(getErrorName, cuGetErrorName, (Result, const char **))                     \
  X(getErrorString, cuGetErrorString, (Result, const char **))                 \
  X(deviceGet, cuDeviceGet, (Device *, int))                                   \
  X(deviceGetAttribute, cuDeviceGetAttribute, (int *, int, Device))            \
  X(primaryCtxRetain, cuDevicePrimaryCtxRetain, (Context *, Device))           \
  X(ctxSetCurrent, cuCtxSetCurrent, (Context))                                 \
  X(moduleLoadData, cuModuleLoadData, (Module *, const void *))                \
  X(moduleLoadDataEx, cuModuleLoadDataEx,                                      \
    (Module *, const void *, unsigned, int *, void **))                        \
  X(moduleUnload, cuModuleUnload, (Module))                                    \
  X(moduleGetFunction, cuModuleGetFunction,                                    \
    (Function *, Module, const char *))                                        \
  X(funcSetAttribute, cuFuncSetAttribute, (Function, int, int))                \
  X(launchKernel, cuLaunchKernel,                                              \
    (Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,     \
     unsigned, Stream, void **, void **))                                      \
  X(streamCreate, cuStreamCreate, (Stream *, unsigned))                        \
  X(streamDestroy, cuStreamDestroy_v2, (Stream))                               \
  X(streamSynchronize, cuStreamSynchronize, (Stream))                          \
  X(streamWaitEvent, cuStreamWaitEvent, (Stream, Event, unsigned))             \
  X(eventCreate, cuEventCreate, (Event *, unsigned))                           \
  X(eventDestroy, cuEventDestroy_v2, (Event))                                  \
  X(eventSynchronize, cuEventSynchronize, (Event))                             \
  X(eventRecord, cuEventRecord, (Event, Stream))                               \
  X(memAlloc, cuMemAlloc_v2, (Address *, size_t))                              \
  X(memAllocAsync, cuMemAllocAsync, (Address *, size_t, Stream))               \
  X(memAllocManaged, cuMemAllocManaged, (Address *, size_t, unsigned))         \
  X(memFree, cuMemFree_v2, (Address))                                          \
  X(memFreeAsync, cuMemFreeAsync, (Address, Stream))                           \
  X(memcpyAsync, cuMemcpyAsync, (Address, Address, size_t, Stream))            \
  X(memsetD32Async, cuMemsetD32Async, (Address, unsigned, size_t, Stream))     \
  X(memsetD16Async, cuMemsetD16Async, (Address, unsigned short, size_t, Stream))

/// The driver's functions, as resolved in its library.
struct Api {
#define MOE_CUDA_MEMBER(NAME, SYMBOL, PARAMETERS) Result(*NAME) PARAMETERS;
  MOE_CUDA_FUNCTIONS(MOE_CUDA_MEMBER)
#undef MOE_CUDA_MEMBER
};

} // namespace moe_cuda

#endif // MOE_RUNTIME_CUDAAPI_H
