// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions that MLIR's GPU lowering calls, on a CUDA driver found at run
// time. A failure is kept per thread, and printed unless somebody takes it:
// generated code has no way to return it.
#include "CudaApi.h"

#include "moe/Runtime/Gpu.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

using namespace moe_cuda;

namespace {
struct ErrorState {
  std::string pending, taken;
  bool failed = false;
};
thread_local ErrorState error;

void fail(const std::string &message) {
  // What follows the first failure is only its consequence.
  if (error.failed)
    return;
  error.failed = true;
  error.pending = message;
}

/// The driver, its first device and what is worth keeping between calls.
class Driver {
public:
  /// Opens on first use. Null after a failure, whose reason is `whyNot`.
  static Driver *get() {
    static Driver driver;
    return driver.problem.empty() ? &driver : nullptr;
  }
  static const std::string &whyNot() { return instanceProblem(); }

  /// Makes the device current for this thread; false after any failure.
  static Driver *enter() {
    if (error.failed)
      return nullptr;
    Driver *driver = get();
    if (!driver) {
      fail(whyNot());
      return nullptr;
    }
    thread_local bool isCurrent = false;
    if (!isCurrent) {
      if (!driver->check(driver->api.ctxSetCurrent(driver->context),
                         "cuCtxSetCurrent"))
        return nullptr;
      isCurrent = true;
    }
    return driver;
  }

  bool check(Result result, const char *function) {
    if (result == kSuccess)
      return true;
    fail(describe(result, function));
    return false;
  }

  std::string describe(Result result, const char *function) {
    const char *name = nullptr, *text = nullptr;
    if (api.getErrorName(result, &name) != kSuccess || !name)
      name = "unknown error";
    if (api.getErrorString(result, &text) != kSuccess || !text)
      text = "";
    return std::string(function) + " failed: " + name + " (" + text + ")";
  }

  Stream takeStream() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (!idleStreams.empty()) {
        Stream stream = idleStreams.back();
        idleStreams.pop_back();
        return stream;
      }
    }
    Stream stream = nullptr;
    check(api.streamCreate(&stream, kStreamNonBlocking), "cuStreamCreate");
    return stream;
  }
  void giveStream(Stream stream) {
    std::lock_guard<std::mutex> lock(mutex);
    idleStreams.push_back(stream);
  }

  /// Kernels with more than the default dynamic shared memory have to say so.
  bool allowSharedMemory(Function function, int bytes) {
    std::lock_guard<std::mutex> lock(mutex);
    int &allowed = sharedBytes[function];
    if (bytes <= allowed)
      return true;
    if (!check(api.funcSetAttribute(function, kFunctionMaxDynamicSharedBytes,
                                    bytes),
               "cuFuncSetAttribute"))
      return false;
    allowed = bytes;
    return true;
  }
  void forgetFunctions() {
    std::lock_guard<std::mutex> lock(mutex);
    sharedBytes.clear();
  }

  Api api = {};
  bool hasPools = false;

private:
  Driver() {
    problem = open();
    instanceProblem() = problem;
  }

  static std::string &instanceProblem() {
    static std::string text;
    return text;
  }

  std::string open() {
    const char *named = std::getenv("MOE_CUDA_DRIVER");
    if (named && !*named)
      named = nullptr;
    const char *path = named ? named : "libcuda.so.1";
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      const char *why = dlerror();
      return std::string("no CUDA driver: cannot load ") + path +
             (named ? " (named by MOE_CUDA_DRIVER)"
                    : "; MOE_CUDA_DRIVER may name another") +
             ": " + (why ? why : "unknown reason");
    }
#define MOE_CUDA_RESOLVE(NAME, SYMBOL, PARAMETERS)                             \
  api.NAME = reinterpret_cast<decltype(api.NAME)>(dlsym(library, #SYMBOL));    \
  if (!api.NAME)                                                               \
    return std::string("no CUDA driver: ") + path + " has no " #SYMBOL;
    MOE_CUDA_FUNCTIONS(MOE_CUDA_RESOLVE)
#undef MOE_CUDA_RESOLVE
    Device device = 0;
    int pools = 0;
    if (Result result = api.init(0))
      return describe(result, "cuInit");
    if (Result result = api.deviceGet(&device, 0))
      return describe(result, "cuDeviceGet");
    if (Result result = api.primaryCtxRetain(&context, device))
      return describe(result, "cuDevicePrimaryCtxRetain");
    hasPools = api.deviceGetAttribute(&pools, kDeviceMemoryPools, device) ==
                   kSuccess &&
               pools != 0;
    return "";
  }

  std::string problem;
  Context context = nullptr;
  std::mutex mutex;
  std::vector<Stream> idleStreams;
  std::unordered_map<Function, int> sharedBytes;
};

Address toAddress(const void *pointer) {
  return reinterpret_cast<Address>(pointer);
}
} // namespace

extern "C" {

const char *moe_gpu_open(void) {
  return Driver::get() ? nullptr : Driver::whyNot().c_str();
}

const char *moe_gpu_take_error(void) {
  if (!error.failed)
    return nullptr;
  error.failed = false;
  error.taken = std::move(error.pending);
  return error.taken.c_str();
}

void *mgpuModuleLoad(const void *data, size_t) {
  Module module = nullptr;
  if (Driver *driver = Driver::enter())
    driver->check(driver->api.moduleLoadData(&module, data),
                  "cuModuleLoadData");
  return module;
}

void *mgpuModuleLoadJIT(const void *data, int optLevel) {
  Driver *driver = Driver::enter();
  if (!driver)
    return nullptr;
  Module module = nullptr;
  char log[4096] = {};
  int options[] = {kJitErrorLogBuffer, kJitErrorLogBufferSize,
                   kJitOptimizationLevel};
  void *values[] = {log, reinterpret_cast<void *>(sizeof(log)),
                    reinterpret_cast<void *>(intptr_t(optLevel))};
  Result result =
      driver->api.moduleLoadDataEx(&module, data, 3, options, values);
  if (result != kSuccess) {
    std::string message = driver->describe(result, "cuModuleLoadDataEx");
    if (log[0])
      message += std::string("\n") + log;
    fail(message);
  }
  return module;
}

void mgpuModuleUnload(void *module) {
  // A failed load has nothing to unload. Errors at exit help nobody.
  Driver *driver = module ? Driver::get() : nullptr;
  if (!driver)
    return;
  driver->forgetFunctions();
  (void)driver->api.moduleUnload(static_cast<Module>(module));
}

void *mgpuModuleGetFunction(void *module, const char *name) {
  Driver *driver = Driver::enter();
  Function function = nullptr;
  if (driver && !module)
    fail("the GPU module was not loaded");
  else if (driver)
    driver->check(driver->api.moduleGetFunction(
                      &function, static_cast<Module>(module), name),
                  "cuModuleGetFunction");
  return function;
}

// Sizes come from the shapes; without tokens there is nothing to launch.
void mgpuLaunchKernel(void *function, intptr_t gridX, intptr_t gridY,
                      intptr_t gridZ, intptr_t blockX, intptr_t blockY,
                      intptr_t blockZ, int32_t sharedBytes, void *stream,
                      void **parameters, void **extra, size_t) {
  Driver *driver = Driver::enter();
  if (!driver || gridX == 0 || gridY == 0 || gridZ == 0)
    return;
  auto kernel = static_cast<Function>(function);
  if (sharedBytes > 48 * 1024 &&
      !driver->allowSharedMemory(kernel, sharedBytes))
    return;
  driver->check(driver->api.launchKernel(kernel, gridX, gridY, gridZ, blockX,
                                         blockY, blockZ, sharedBytes,
                                         static_cast<Stream>(stream),
                                         parameters, extra),
                "cuLaunchKernel");
}

void *mgpuStreamCreate(void) {
  Driver *driver = Driver::enter();
  return driver ? driver->takeStream() : nullptr;
}

void mgpuStreamDestroy(void *stream) {
  Driver *driver = stream ? Driver::get() : nullptr;
  if (driver)
    driver->giveStream(static_cast<Stream>(stream));
}

void mgpuStreamSynchronize(void *stream) {
  if (Driver *driver = Driver::enter())
    driver->check(driver->api.streamSynchronize(static_cast<Stream>(stream)),
                  "cuStreamSynchronize");
}

void mgpuStreamWaitEvent(void *stream, void *event) {
  if (Driver *driver = Driver::enter())
    driver->check(driver->api.streamWaitEvent(static_cast<Stream>(stream),
                                              static_cast<Event>(event), 0),
                  "cuStreamWaitEvent");
}

void *mgpuEventCreate(void) {
  Event event = nullptr;
  if (Driver *driver = Driver::enter())
    driver->check(driver->api.eventCreate(&event, kEventDisableTiming),
                  "cuEventCreate");
  return event;
}

void mgpuEventDestroy(void *event) {
  Driver *driver = event ? Driver::enter() : nullptr;
  if (driver)
    driver->check(driver->api.eventDestroy(static_cast<Event>(event)),
                  "cuEventDestroy");
}

void mgpuEventSynchronize(void *event) {
  if (Driver *driver = Driver::enter())
    driver->check(driver->api.eventSynchronize(static_cast<Event>(event)),
                  "cuEventSynchronize");
}

void mgpuEventRecord(void *event, void *stream) {
  if (Driver *driver = Driver::enter())
    driver->check(driver->api.eventRecord(static_cast<Event>(event),
                                          static_cast<Stream>(stream)),
                  "cuEventRecord");
}

void *mgpuMemAlloc(uint64_t bytes, void *stream, bool isHostShared) {
  Driver *driver = Driver::enter();
  if (!driver || bytes == 0)
    return nullptr;
  Address address = 0;
  if (isHostShared)
    driver->check(
        driver->api.memAllocManaged(&address, bytes, kMemAttachGlobal),
        "cuMemAllocManaged");
  else if (driver->hasPools)
    driver->check(
        driver->api.memAllocAsync(&address, bytes, static_cast<Stream>(stream)),
        "cuMemAllocAsync");
  else
    driver->check(driver->api.memAlloc(&address, bytes), "cuMemAlloc");
  return reinterpret_cast<void *>(address);
}

void mgpuMemFree(void *pointer, void *stream) {
  Driver *driver = pointer ? Driver::enter() : nullptr;
  if (!driver)
    return;
  if (driver->hasPools)
    driver->check(driver->api.memFreeAsync(toAddress(pointer),
                                           static_cast<Stream>(stream)),
                  "cuMemFreeAsync");
  else
    driver->check(driver->api.memFree(toAddress(pointer)), "cuMemFree");
}

void mgpuMemcpy(void *target, void *source, size_t bytes, void *stream) {
  Driver *driver = bytes ? Driver::enter() : nullptr;
  if (driver)
    driver->check(driver->api.memcpyAsync(toAddress(target), toAddress(source),
                                          bytes, static_cast<Stream>(stream)),
                  "cuMemcpyAsync");
}

void mgpuMemset32(void *target, unsigned value, size_t count, void *stream) {
  Driver *driver = count ? Driver::enter() : nullptr;
  if (driver)
    driver->check(driver->api.memsetD32Async(toAddress(target), value, count,
                                             static_cast<Stream>(stream)),
                  "cuMemsetD32Async");
}

void mgpuMemset16(void *target, unsigned short value, size_t count,
                  void *stream) {
  Driver *driver = count ? Driver::enter() : nullptr;
  if (driver)
    driver->check(driver->api.memsetD16Async(toAddress(target), value, count,
                                             static_cast<Stream>(stream)),
                  "cuMemsetD16Async");
}

const struct moe_gpu_symbol *moe_gpu_symbols(void) {
#define MOE_SYMBOL(NAME)                                                       \
  {                                                                            \
    #NAME, reinterpret_cast<void *>(&NAME)                                     \
  }
  static const moe_gpu_symbol symbols[] = {MOE_SYMBOL(mgpuEventCreate),
                                           MOE_SYMBOL(mgpuEventDestroy),
                                           MOE_SYMBOL(mgpuEventRecord),
                                           MOE_SYMBOL(mgpuEventSynchronize),
                                           MOE_SYMBOL(mgpuLaunchKernel),
                                           MOE_SYMBOL(mgpuMemAlloc),
                                           MOE_SYMBOL(mgpuMemFree),
                                           MOE_SYMBOL(mgpuMemcpy),
                                           MOE_SYMBOL(mgpuMemset16),
                                           MOE_SYMBOL(mgpuMemset32),
                                           MOE_SYMBOL(mgpuModuleGetFunction),
                                           MOE_SYMBOL(mgpuModuleLoad),
                                           MOE_SYMBOL(mgpuModuleLoadJIT),
                                           MOE_SYMBOL(mgpuModuleUnload),
                                           MOE_SYMBOL(mgpuStreamCreate),
                                           MOE_SYMBOL(mgpuStreamDestroy),
                                           MOE_SYMBOL(mgpuStreamSynchronize),
                                           MOE_SYMBOL(mgpuStreamWaitEvent),
                                           {nullptr, nullptr}};
#undef MOE_SYMBOL
  return symbols;
}

} // extern "C"
