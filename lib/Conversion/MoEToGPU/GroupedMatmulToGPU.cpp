// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "GroupedMatmul.h"

#include "moe/Conversion/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEGROUPEDMATMULTOGPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-grouped-matmul-to-gpu";
constexpr int64_t fmaTile[] = {64, 64, 16};
// Half the accumulators of the largest tile: small experts waste fewer rows,
// and four stages of it still fit the static shared memory.
constexpr int64_t mmaSyncTile[] = {64, 128, 32};

/// Elements the device computes with; the accumulators are f32 whatever they
/// are.
bool isDeviceFloat(Type type) {
  return type.isF16() || type.isBF16() || type.isF32() || type.isF64();
}

LogicalResult checkTypes(GroupedMatmulOp op) {
  if (!op.hasPureBufferSemantics())
    return missed(op, passName, "works on tensors; bufferize first");
  SmallVector<Type> types{op.getLhs().getType().getElementType(),
                          op.getInit().getType().getElementType()};
  for (Type type : op.getWeights().getTypes())
    types.push_back(cast<ShapedType>(type).getElementType());
  llvm::append_range(types, op.getEpilogue().front().getArgumentTypes());
  for (Type type : types)
    if (!isDeviceFloat(type))
      return missed(op, passName,
                    "elements must be f16, bf16, f32 or f64 on a GPU");
  return success();
}

/// Tries mma_sync where the schedule names it, or where nothing is scheduled
/// and the operands are of half width.
bool lowerToMmaSync(ImplicitLocOpBuilder &b, GroupedMatmulOp op) {
  std::optional<ScheduleAttr> schedule = op.getSchedule();
  bool isScheduled = schedule && schedule->getStrategy() != Strategy::dot;
  if (isScheduled ? schedule->getStrategy() != Strategy::mma_sync
                  : !op.getLhs().getType().getElementType().isF16() &&
                        !op.getLhs().getType().getElementType().isBF16())
    return false;
  ArrayRef<int64_t> tile = mmaSyncTile;
  if (isScheduled)
    tile = schedule->getTile();
  std::string why;
  if (succeeded(buildMmaSyncTile(b, op, tile, why)))
    return true;
  (void)missed(op, passName, "not on tensor cores: " + why);
  return false;
}

LogicalResult lowerToFma(ImplicitLocOpBuilder &b, GroupedMatmulOp op) {
  std::optional<ScheduleAttr> schedule = op.getSchedule();
  std::string why;
  if (schedule && schedule->getStrategy() == Strategy::fma) {
    if (succeeded(buildFmaTile(b, op, schedule->getTile(), why)))
      return success();
    (void)missed(op, passName, "scheduled tile replaced: " + why);
  }
  if (failed(buildFmaTile(b, op, fmaTile, why)))
    return missed(op, passName, why);
  return success();
}

struct GroupedMatmulToGPUPass
    : moe::impl::MoEGroupedMatmulToGPUPassBase<GroupedMatmulToGPUPass> {
  void runOnOperation() override {
    SmallVector<GroupedMatmulOp> ops;
    getOperation()->walk([&](GroupedMatmulOp op) { ops.push_back(op); });
    for (GroupedMatmulOp op : ops)
      lower(op);
  }

  void lower(GroupedMatmulOp op) {
    if (failed(checkTypes(op)))
      return;
    ImplicitLocOpBuilder b(op.getLoc(), op);
    if (std::optional<ScheduleAttr> schedule = op.getSchedule())
      if (schedule->getStrategy() == Strategy::dot)
        (void)missed(op, passName, "strategy dot is none of a GPU");
    // A result without columns needs no kernel; a grid must not be empty.
    if (op.getInit().getType().getDimSize(1) == 0) {
      op.erase();
      return;
    }
    if (lowerToMmaSync(b, op)) {
      fired(op, passName, "launches tiles on tensor cores");
    } else {
      if (failed(lowerToFma(b, op)))
        return;
      fired(op, passName, "launches tiles of f32 products");
    }
    op.erase();
  }
};
} // namespace
