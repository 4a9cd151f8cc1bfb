// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TOOLS_MOE_RUN_BACKEND_H
#define MOE_TOOLS_MOE_RUN_BACKEND_H

#include "moe/Execution/Jit.h"

#include "mlir/Pass/PassManager.h"

namespace mlir::moe {

struct BackendOptions {
  /// GPU architecture of the nvptx backend.
  std::string chip = "sm_90a";
  /// CPU and features of the cpu backend.
  std::string cpu = "native", features;
};

/// An error whose diagnostic is out already.
struct Reported : llvm::ErrorInfo<Reported> {
  static char ID;
  void log(llvm::raw_ostream &) const override {}
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }
};

/// Runs the passes; what fails without a diagnostic gives the error a message.
llvm::Error runPasses(PassManager &pm, ModuleOp module);

/// One way to run a module.
class Backend {
public:
  virtual ~Backend() = default;

  /// Lowers the module in place and compiles it. Diagnostics of the passes are
  /// emitted; the error says what failed.
  virtual llvm::Error compile(ModuleOp module, const Signature &signature) = 0;
  /// Calls the compiled function once; compile succeeded before.
  virtual llvm::Expected<Invocation> run(ArrayRef<ArrayView> arguments) = 0;
};

/// The backend of that name; an error lists the names there are.
llvm::Expected<std::unique_ptr<Backend>>
createBackend(StringRef name, const BackendOptions &options);

std::unique_ptr<Backend> createReferenceBackend();
std::unique_ptr<Backend> createCPUBackend(const BackendOptions &options);
std::unique_ptr<Backend> createNVPTXBackend(const BackendOptions &options);

} // namespace mlir::moe

#endif // MOE_TOOLS_MOE_RUN_BACKEND_H
