// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/InitAll.h"
#include "support/Input.h"
#include "support/ShimDialects.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"

int main(int argc, char **argv) {
  if (mlir::moe::refuseToOverwriteInput(llvm::ArrayRef(argv, argc)))
    return 1;
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  mlir::moe::registerAllMoEDialects(registry);
  mlir::moe::registerAllMoEExtensions(registry);
  mlir::moe::registerAllMoEPasses();
  mlir::moe::registerAllMoEPipelines();
  mlir::moe::registerShimDialects(registry);
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context));
}
