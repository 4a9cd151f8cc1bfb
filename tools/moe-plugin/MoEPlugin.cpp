// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dialect, passes and pipelines for a stock mlir-opt:
//   mlir-opt --load-dialect-plugin=MoEPlugin.so --load-pass-plugin=MoEPlugin.so
#include "moe/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Config/llvm-config.h"

static void registerPasses() {
  mlir::moe::registerAllMoEPasses();
  mlir::moe::registerAllMoEPipelines();
}

static void registerDialects(mlir::DialectRegistry *registry) {
  mlir::moe::registerAllMoEDialects(*registry);
  mlir::moe::registerAllMoEExtensions(*registry);
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "MoE", LLVM_VERSION_STRING,
          registerDialects};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "MoE", LLVM_VERSION_STRING, registerPasses};
}
