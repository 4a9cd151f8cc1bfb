// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEMERGEGPUMODULESPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
struct MergeGPUModules
    : moe::impl::MoEMergeGPUModulesPassBase<MergeGPUModules> {
  void runOnOperation() override {
    SmallVector<gpu::GPUModuleOp> modules(
        getOperation().getOps<gpu::GPUModuleOp>());
    if (modules.empty())
      return;
    SymbolTable symbols(getOperation());
    OpBuilder builder(modules.front());
    auto merged = gpu::GPUModuleOp::create(builder, modules.front().getLoc(),
                                           "moe_kernels");
    symbols.insert(merged);
    SymbolTable kernels(merged);
    DenseMap<SymbolRefAttr, SymbolRefAttr> renamed;
    for (gpu::GPUModuleOp module : modules) {
      if (failed(moveSymbols(module, merged, kernels, renamed)))
        return signalPassFailure();
      symbols.erase(module);
    }
    merged.walk(alignSharedMemory);
    getOperation().walk([&](gpu::LaunchFuncOp launch) {
      auto name = renamed.find(launch.getKernel());
      if (name != renamed.end())
        launch.setKernelAttr(name->second);
    });
  }

  /// LLVM joins loads from neighbouring elements into one of 16 bytes, but does
  /// not align the buffer for that.
  static void alignSharedMemory(gpu::GPUFuncOp kernel) {
    Attribute bytes =
        IntegerAttr::get(IntegerType::get(kernel.getContext(), 64), 16);
    for (unsigned i = 0; i < kernel.getNumWorkgroupAttributions(); ++i)
      kernel.setWorkgroupAttributionAttr(i, "llvm.align", bytes);
  }

  /// Kernels keep their names unless two collide; then the later one gets a
  /// number, and so do references to it inside its own module.
  LogicalResult moveSymbols(gpu::GPUModuleOp from, gpu::GPUModuleOp to,
                            SymbolTable &target,
                            DenseMap<SymbolRefAttr, SymbolRefAttr> &renamed) {
    SymbolTable source(from);
    for (Operation &op : llvm::make_early_inc_range(from.getOps())) {
      auto symbol = dyn_cast<SymbolOpInterface>(op);
      if (!symbol)
        return op.emitOpError("cannot move to another gpu.module");
      StringAttr oldName = symbol.getNameAttr();
      StringAttr name = oldName;
      for (int64_t number = 1; target.lookup(name); ++number)
        name = StringAttr::get(op.getContext(),
                               oldName.getValue() + "_" + Twine(number));
      if (name != oldName && failed(source.rename(&op, name)))
        return op.emitOpError("has uses that cannot be renamed");
      source.remove(&op);
      op.remove();
      target.insert(&op, to.getBody()->end());
      renamed[SymbolRefAttr::get(from.getNameAttr(),
                                 FlatSymbolRefAttr::get(oldName))] =
          SymbolRefAttr::get(to.getNameAttr(), FlatSymbolRefAttr::get(name));
    }
    return success();
  }
};
} // namespace
