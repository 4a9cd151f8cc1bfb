// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_EXECUTION_JIT_H
#define MOE_EXECUTION_JIT_H

#include "moe/Execution/Signature.h"

#include <memory>
#include <vector>

namespace mlir {
class ExecutionEngine;
namespace moe {

/// What one call gave.
struct Invocation {
  std::vector<Array> results;
  double milliseconds;
};

/// Symbols of the runtime that compiled code may call.
using RuntimeSymbols = ArrayRef<std::pair<StringRef, void *>>;

/// A module in the llvm dialect, compiled for this machine. Its entry has the C
/// interface of func.func, and whoever calls it owns the buffers it returns.
class Jit {
public:
  static llvm::Expected<std::unique_ptr<Jit>>
  create(ModuleOp module, const Signature &signature, RuntimeSymbols symbols);
  ~Jit();

  /// The arguments fit the signature.
  llvm::Expected<Invocation> run(ArrayRef<ArrayView> arguments);

private:
  Jit(std::unique_ptr<ExecutionEngine> engine, void (*entry)(void **),
      const Signature &signature);

  std::unique_ptr<ExecutionEngine> engine;
  void (*entry)(void **);
  Signature signature;
};

} // namespace moe
} // namespace mlir

#endif // MOE_EXECUTION_JIT_H
