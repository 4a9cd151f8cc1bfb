// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Backend.h"

using namespace mlir;

char moe::Reported::ID;

llvm::Error moe::runPasses(PassManager &pm, ModuleOp module) {
  bool reported = false;
  ScopedDiagnosticHandler watch(module.getContext(), [&](Diagnostic &said) {
    reported |= said.getSeverity() == DiagnosticSeverity::Error;
    return failure();
  });
  if (succeeded(pm.run(module)))
    return llvm::Error::success();
  if (reported)
    return llvm::make_error<Reported>();
  return llvm::createStringError("cannot lower the module");
}

llvm::Expected<std::unique_ptr<moe::Backend>>
moe::createBackend(StringRef name, const BackendOptions &options) {
  if (name == "reference")
    return createReferenceBackend();
  if (name == "cpu")
    return createCPUBackend(options);
  if (name == "nvptx")
    return createNVPTXBackend(options);
  return llvm::createStringError("unknown backend '" + name +
                                 "'; expected reference, cpu or nvptx");
}
