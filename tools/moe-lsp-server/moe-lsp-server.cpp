// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "../support/ShimDialects.h"
#include "moe/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::moe::registerAllMoEDialects(registry);
  mlir::moe::registerAllMoEExtensions(registry);
  mlir::moe::registerShimDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
