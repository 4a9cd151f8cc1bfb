// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FusedCopy.h"

#include "moe/Pipelines/Pipelines.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

OwningOpRef<ModuleOp> moe::fuseCopy(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  ScopedDiagnosticHandler quiet(module.getContext(),
                                [](Diagnostic &) { return success(); });
  PassManager pm(module.getContext());
  buildFusePipeline(pm);
  if (failed(pm.run(*copy)))
    return nullptr;
  return copy;
}
