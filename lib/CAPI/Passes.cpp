// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe-c/Passes.h"

#include "Support.h"

#include "moe/InitAll.h"

#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Pass.h"

using namespace mlir;

void moeRegisterPasses(void) {
  moe::registerAllMoEPasses();
  moe::registerAllMoEPipelines();
}

char *moePassManagerRun(MlirPassManager manager, MlirOperation operation) {
  if (!manager.ptr || !operation.ptr)
    return moe::toError("no pass manager or no operation to run it on");
  return moe::toError(moe::runPasses(*unwrap(manager), unwrap(operation)));
}
