// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/InitAll.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  mlir::moe::registerAllMoEDialects(registry);
  mlir::moe::registerAllMoEExtensions(registry);
  mlir::moe::registerAllMoEPasses();
  mlir::moe::registerAllMoEPipelines();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "moe-opt: optimizer for MoE blocks\n", registry));
}
