// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Backend.h"

#include "moe/Pipelines/Pipelines.h"
#include "moe/Runtime/Gpu.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
llvm::Error takeGpuError() {
  if (const char *message = moe_gpu_take_error())
    return llvm::createStringError(message);
  return llvm::Error::success();
}

/// Kernels as PTX, which the driver compiles for the device there is; host code
/// through the JIT.
class NVPTXBackend : public Backend {
public:
  explicit NVPTXBackend(StringRef chip) : chip(chip) {}

  llvm::Error compile(ModuleOp module, const Signature &signature) override {
    // Without a driver there is no point in compiling.
    if (const char *why = moe_gpu_open())
      return llvm::createStringError(why);
    PassManager pm(module->getName());
    NVPTXOptions options;
    options.chip = chip;
    options.format = "isa";
    buildToNVPTXPipeline(pm, options);
    if (llvm::Error error = runPasses(pm, module))
      return error;
    SmallVector<std::pair<StringRef, void *>> symbols;
    for (auto *symbol = moe_gpu_symbols(); symbol->name; ++symbol)
      symbols.emplace_back(symbol->name, symbol->address);
    if (llvm::Error error =
            Jit::create(module, signature, symbols).moveInto(jit))
      return error;
    // Loading the kernels is part of the JIT's start.
    return takeGpuError();
  }

  llvm::Expected<Invocation> run(ArrayRef<ArrayView> arguments) override {
    llvm::Expected<Invocation> invocation = jit->run(arguments);
    if (llvm::Error error = takeGpuError()) {
      if (!invocation)
        return llvm::joinErrors(invocation.takeError(), std::move(error));
      return std::move(error);
    }
    return invocation;
  }

private:
  std::string chip;
  std::unique_ptr<Jit> jit;
};
} // namespace

std::unique_ptr<Backend>
moe::createNVPTXBackend(const BackendOptions &options) {
  return std::make_unique<NVPTXBackend>(options.chip);
}
