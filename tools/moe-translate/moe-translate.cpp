// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "CHeader.h"
#include "support/Input.h"

#include "moe/InitAll.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"

using namespace mlir;

namespace {
/// What a module that holds no `gpu.binary` is told.
LogicalResult explainMissing(ModuleOp module) {
  if (!module.getOps<gpu::GPUModuleOp>().empty())
    return module.emitError("holds a gpu.module that is not compiled; run "
                            "moe-opt --moe-to-nvptx first");
  return module.emitError("holds no gpu.binary; expected the output of moe-opt "
                          "--moe-to-nvptx");
}

LogicalResult printPtx(ModuleOp module, llvm::raw_ostream &output) {
  SmallVector<gpu::BinaryOp> binaries;
  module.walk([&](gpu::BinaryOp op) { binaries.push_back(op); });
  if (binaries.empty())
    return explainMissing(module);
  if (binaries.size() > 1)
    return binaries[1].emitError("is one of ")
           << binaries.size()
           << " gpu.binary ops, but PTX text holds a single module; run "
              "moe-opt "
              "--moe-merge-gpu-modules before compiling";
  gpu::BinaryOp binary = binaries.front();
  if (binary.getObjects().size() != 1)
    return binary.emitError("holds ")
           << binary.getObjects().size() << " objects, expected one";
  auto object = dyn_cast<gpu::ObjectAttr>(binary.getObjects()[0]);
  if (!object || object.getFormat() != gpu::CompilationTarget::Assembly)
    return binary.emitError("holds ")
           << (object ? gpu::stringifyEnum(object.getFormat()) : "no")
           << " code, not PTX text; compile with format=isa";
  StringRef text = object.getObject().getValue();
  output << text.rtrim('\0');
  return success();
}
} // namespace

int main(int argc, char **argv) {
  if (moe::refuseToOverwriteInput(llvm::ArrayRef(argv, argc)))
    return 1;
  auto registerDialects = [](DialectRegistry &registry) {
    moe::registerAllMoEDialects(registry);
    moe::registerAllMoEExtensions(registry);
  };
  TranslateFromMLIRRegistration toPtx(
      "mlir-to-ptx", "Print the PTX of the module's gpu.binary", printPtx,
      registerDialects);
  TranslateFromMLIRRegistration toCHeader(
      "moe-to-c-header",
      "Print a C header for the object file of a module of moe-to-cpu",
      moe::printCHeader, registerDialects);
  return moe::runOnLargeStack([&] {
    return failed(mlirTranslateMain(argc, argv, "moe-translate: IR to code"));
  });
}
