// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "GroupedMatmul.h"

#include "moe/Conversion/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

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
  for (TypeRange operands :
       {op.getWeights().getTypes(), op.getVectors().getTypes(),
        op.getRows().getTypes(), op.getAlwaysWeights().getTypes(),
        op.getAlwaysVectors().getTypes()})
    for (Type type : operands)
      types.push_back(cast<ShapedType>(type).getElementType());
  llvm::append_range(types, op.getEpilogue().front().getArgumentTypes());
  for (Type type : types)
    if (!isDeviceFloat(type))
      return missed(op, passName,
                    "elements must be f16, bf16, f32 or f64 on a GPU");
  return success();
}

using TileBuilder = LogicalResult (*)(GPUKernelBuilder &, GroupedMatmulOp,
                                      ArrayRef<int64_t>, std::string &);

/// Builds with the scheduled tile if there is one, else, or if it does not fit
/// the operands, with the strategy's own. `why` holds what is against that.
LogicalResult buildWithSomeTile(GPUKernelBuilder &b, GroupedMatmulOp op,
                                std::optional<ArrayRef<int64_t>> scheduled,
                                ArrayRef<int64_t> fallback, TileBuilder build,
                                std::string &why) {
  if (!scheduled)
    return build(b, op, fallback, why);
  std::string whyNot;
  if (succeeded(build(b, op, *scheduled, whyNot)))
    return success();
  if (failed(build(b, op, fallback, why)))
    return failure();
  (void)missed(op, passName, "scheduled tile replaced: " + whyNot);
  return success();
}

/// The strategy and tile asked for; what no GPU has counts as no schedule.
struct Request {
  bool wantsMmaSync, wantsFma;
  std::optional<ArrayRef<int64_t>> tile;
};

Request readSchedule(GroupedMatmulOp op) {
  Type element = op.getLhs().getType().getElementType();
  Request unscheduled{element.isF16() || element.isBF16(), false, std::nullopt};
  std::optional<ScheduleAttr> schedule = op.getSchedule();
  if (!schedule)
    return unscheduled;
  switch (schedule->getStrategy()) {
  case Strategy::mma_sync:
    return {true, false, schedule->getTile()};
  case Strategy::fma:
    return {false, true, schedule->getTile()};
  case Strategy::dot:
    break;
  }
  (void)missed(op, passName, "strategy dot is none of a GPU");
  return unscheduled;
}

LogicalResult lower(GroupedMatmulOp op) {
  GPUKernelBuilder b(op.getLoc(), op);
  Request request = readSchedule(op);
  std::string why;
  if (request.wantsMmaSync) {
    if (succeeded(buildWithSomeTile(b, op, request.tile, mmaSyncTile,
                                    buildMmaSyncTile, why))) {
      fired(op, passName, "launches tiles on tensor cores");
      return success();
    }
    (void)missed(op, passName, "not on tensor cores: " + why);
  }
  if (!request.wantsFma)
    request.tile = std::nullopt;
  if (failed(
          buildWithSomeTile(b, op, request.tile, fmaTile, buildFmaTile, why)))
    return missed(op, passName, why);
  fired(op, passName, "launches tiles of f32 products");
  return success();
}

struct GroupedMatmulToGPUPass
    : moe::impl::MoEGroupedMatmulToGPUPassBase<GroupedMatmulToGPUPass> {
  void runOnOperation() override {
    SmallVector<GroupedMatmulOp> ops;
    getOperation()->walk([&](GroupedMatmulOp op) { ops.push_back(op); });
    for (GroupedMatmulOp op : ops) {
      if (failed(checkTypes(op)))
        continue;
      // A result without columns needs no kernel; a grid must not be empty.
      bool isEmpty = op.getInit().getType().getDimSize(1) == 0;
      if (!isEmpty && failed(lower(op)))
        continue;
      if (!isEmpty && op.getZeroRest())
        buildZeroRest(op);
      op.erase();
    }
  }
};
} // namespace
