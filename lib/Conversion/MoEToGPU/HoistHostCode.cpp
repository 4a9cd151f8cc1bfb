// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEHOISTHOSTCODEPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-hoist-host-code";

/// Asks a size of where it was given instead of a buffer on the device.
void resolveSize(memref::DimOp op) {
  std::optional<int64_t> index = op.getConstantIndex();
  if (!index)
    return;
  OpFoldResult size;
  if (auto expand = op.getSource().getDefiningOp<memref::ExpandShapeOp>())
    size = expand.getMixedOutputShape()[*index];
  else if (auto alloc = op.getSource().getDefiningOp<gpu::AllocOp>())
    if (alloc.getType().isDynamicDim(*index))
      size =
          alloc.getDynamicSizes()[alloc.getType().getDynamicDimIndex(*index)];
  if (auto value = dyn_cast_if_present<Value>(size))
    op.getResult().replaceAllUsesWith(value);
}

/// Whether `op` neither touches the device nor anything the host could see.
bool isQuiet(Operation *op) {
  return isa<cf::AssertOp, memref::AllocOp>(op) ||
         (op->getNumRegions() == 0 && isPure(op) &&
          !isa<gpu::GPUDialect>(op->getDialect()));
}

struct HoistHostCode : moe::impl::MoEHoistHostCodePassBase<HoistHostCode> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    Block &entry = function.getBody().front();
    auto isDevice = [](Operation &op) {
      return isa<gpu::GPUDialect>(op.getDialect());
    };
    auto found = llvm::find_if(entry, isDevice);
    if (found == entry.end())
      return;
    Operation *first = &*found;
    auto isEarlier = [&](Value value) {
      Operation *producer = value.getDefiningOp();
      return !producer || producer->getBlock() != &entry ||
             producer->isBeforeInBlock(first);
    };
    for (Operation &op :
         llvm::make_early_inc_range(llvm::make_range(found, entry.end()))) {
      if (auto dim = dyn_cast<memref::DimOp>(op))
        resolveSize(dim);
      if (isDevice(op) || op.hasTrait<OpTrait::IsTerminator>())
        continue;
      if (!isQuiet(&op)) {
        // An assertion must not come before what the host did until then.
        (void)missed(&op, passName, "the host waits for the device here");
        return;
      }
      if (llvm::all_of(op.getOperands(), isEarlier))
        op.moveBefore(first);
      else if (isa<cf::AssertOp, memref::AllocOp>(op))
        (void)missed(&op, passName, "the host waits for the device here");
    }
  }
};
} // namespace
