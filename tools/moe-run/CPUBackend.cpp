// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Backend.h"

#include "moe/Contract.h"
#include "moe/Pipelines/Pipelines.h"
#include "moe/Runtime/Runtime.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// A pipeline to the llvm dialect, and a JIT for the rest of the way.
class CPUBackend : public Backend {
public:
  using BuildPipeline = std::function<void(OpPassManager &)>;

  explicit CPUBackend(BuildPipeline build) : build(std::move(build)) {}

  llvm::Error compile(ModuleOp module, const Signature &signature) override {
    PassManager pm(module->getName());
    build(pm);
    if (llvm::Error error = runPasses(pm, module))
      return error;
    std::pair<StringRef, void *> symbols[] = {
        {"moe_parallel_for", reinterpret_cast<void *>(&moe_parallel_for)}};
    return Jit::create(module, signature, symbols).moveInto(jit);
  }

  llvm::Expected<Invocation> run(ArrayRef<ArrayView> arguments) override {
    return jit->run(arguments);
  }

private:
  BuildPipeline build;
  std::unique_ptr<Jit> jit;
};

/// Runs what a graph means; codegen ops already say how it is computed.
class ReferenceBackend : public CPUBackend {
public:
  ReferenceBackend() : CPUBackend(buildReferencePipeline) {}

  llvm::Error compile(ModuleOp module, const Signature &signature) override {
    WalkResult walk = module.walk([](Operation *op) {
      if (!isCodegenOp(op))
        return WalkResult::advance();
      op->emitOpError("has no reference; run the graph that it was made from");
      return WalkResult::interrupt();
    });
    if (walk.wasInterrupted())
      return llvm::make_error<Reported>();
    return CPUBackend::compile(module, signature);
  }
};
} // namespace

std::unique_ptr<Backend> moe::createReferenceBackend() {
  return std::make_unique<ReferenceBackend>();
}

std::unique_ptr<Backend> moe::createCPUBackend(const BackendOptions &options) {
  return std::make_unique<CPUBackend>(
      [cpu = options.cpu, features = options.features](OpPassManager &pm) {
        CPUOptions pipeline;
        pipeline.cpu = cpu;
        pipeline.features = features;
        buildToCPUPipeline(pm, pipeline);
      });
}
