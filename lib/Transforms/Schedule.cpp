// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"
#include "moe/Support/GPUChips.h"
#include "moe/Transforms/Passes.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cstdint>

namespace mlir::moe {
#define GEN_PASS_DEF_MOESCHEDULEPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
// Tensor cores multiply 16 rows at a time, and four warps share a tile: fewer
// rows must come with more columns per part. Copies of 128 threads fill 16 rows
// of depth 64, or 32 of depth 32, without one of them standing by.
struct MmaTile {
  int64_t upToRows, rows, depth;
  int64_t minColumns() const { return 1024 / rows; }
};
constexpr MmaTile mmaTiles[] = {
    {16, 16, 64}, {32, 32, 32}, {INT64_MAX, 64, 32}};
constexpr int64_t mmaColumns = 128;

// A thread computes 4 x 4 of a tile of f32 products.
struct FmaTile {
  int64_t upToRows, rows;
};
constexpr FmaTile fmaTiles[] = {{16, 16}, {32, 32}, {INT64_MAX, 64}};
constexpr int64_t fmaColumns = 64;
constexpr int64_t fmaDepth = 16;

// Dot products on a CPU: rows x columns x parts accumulators stay in registers,
// 12 of the 16 that vectors of 8 floats have, 24 of 32 of those of 16. One more
// row costs no more weights, which are read once per tile.
constexpr int64_t cpuColumns = 4;
int64_t cpuRows(int64_t lanes) { return lanes >= 16 ? 6 : 3; }

/// How many rows an expert has if all have as many; unknown ones are many.
int64_t expectedRows(GroupedMatmulOp op) {
  int64_t rows = cast<ShapedType>(op.getPerRow().getType()).getDimSize(0);
  return ShapedType::isDynamic(rows)
             ? INT64_MAX
             : llvm::divideCeil(rows, op.getNumExperts());
}

template <typename Tile, size_t N>
const Tile &lookUp(const Tile (&table)[N], int64_t rows) {
  return *llvm::find_if(
      table, [&](const Tile &tile) { return rows <= tile.upToRows; });
}

/// Whether tensor cores take the operands: narrow floats of one type, copied by
/// 16 bytes.
bool fitsTensorCores(GroupedMatmulOp op) {
  Type element = op.getLhs().getType().getElementType();
  return (element.isF16() || element.isBF16()) && op.getDepth() > 0 &&
         op.getDepth() % 8 == 0 &&
         llvm::all_of(op.getWeights(), [&](Value weights) {
           return getElementTypeOrSelf(weights) == element;
         });
}

class Scheduler {
public:
  Scheduler(MLIRContext *context, bool forGPU, int64_t lanes)
      : context(context), forGPU(forGPU), lanes(lanes) {}

  /// A token is one row of work; all its experts stay together.
  ScheduleAttr schedule(GateOp op) const {
    return forGPU ? make(Strategy::fma, 4, op.getNumExperts(), 32)
                  : make(Strategy::dot, 4, op.getNumExperts(), lanes);
  }

  ScheduleAttr schedule(GroupedMatmulOp op) const {
    int64_t parts = op.getNumParts();
    int64_t width = op.getInit().getType().getDimSize(1);
    if (!forGPU)
      return op.hasParts(WeightLayout::in_out)
                 ? scheduleInOut(op)
                 : make(Strategy::dot, cpuRows(lanes),
                        std::min(width, cpuColumns / parts), lanes);
    int64_t rows = expectedRows(op);
    if (!fitsTensorCores(op))
      return make(Strategy::fma, lookUp(fmaTiles, rows).rows, fmaColumns,
                  fmaDepth);
    const MmaTile &tile = lookUp(mmaTiles, rows);
    int64_t least = tile.minColumns();
    int64_t columns = std::max(least, mmaColumns / parts / least * least);
    return make(Strategy::mma_sync, tile.rows, columns * parts, tile.depth);
  }

  /// Every slot of a token adds one row: the depth is K.
  ScheduleAttr schedule(GatherSumOp op) const {
    // Of bins, a token has as many entries as experts picked it.
    int64_t slots =
        op.getEntries() ? 1 : op.getPositions().getType().getDimSize(1);
    return forGPU ? make(Strategy::fma, 1, 256, slots)
                  : make(Strategy::dot, 1, 4 * lanes, slots);
  }

private:
  /// Vectors of columns of [in, out] weights times rows fill three quarters of
  /// the registers. Weights of both layouts only meet in a panel.
  ScheduleAttr scheduleInOut(GroupedMatmulOp op) const {
    int64_t parts = op.getNumParts();
    int64_t registers = lanes >= 16 ? 32 : 16;
    int64_t vectors = std::max<int64_t>(1, registers / 8 / parts);
    return make(op.hasParts(WeightLayout::out_in) ? Strategy::fma
                                                  : Strategy::dot,
                registers * 3 / 4 / (vectors * parts), vectors * lanes, lanes);
  }

  ScheduleAttr make(Strategy strategy, int64_t rows, int64_t columns,
                    int64_t depth) const {
    int64_t one = 1;
    return ScheduleAttr::get(
        context, strategy,
        {std::max(rows, one), std::max(columns, one), std::max(depth, one)});
  }

  MLIRContext *context;
  bool forGPU;
  int64_t lanes;
};

struct MoESchedulePass : moe::impl::MoESchedulePassBase<MoESchedulePass> {
  using MoESchedulePassBase::MoESchedulePassBase;

  void runOnOperation() override {
    if (failed(checkOptions()))
      return signalPassFailure();
    if (target == "cpu" && lanes == 0)
      return;
    Scheduler scheduler(&getContext(), target == "nvptx", lanes);
    getOperation()->walk([&](Operation *op) {
      if (auto gate = dyn_cast<GateOp>(op))
        setIfAbsent(gate, scheduler);
      else if (auto matmul = dyn_cast<GroupedMatmulOp>(op))
        setIfAbsent(matmul, scheduler);
      else if (auto sum = dyn_cast<GatherSumOp>(op))
        setIfAbsent(sum, scheduler);
    });
  }

private:
  LogicalResult checkOptions() {
    if (target != "cpu" && target != "nvptx")
      return emitError(getOperation()->getLoc(), "unknown target '")
             << target << "', expected cpu or nvptx";
    if (target == "nvptx" && !ptxFeature(chip))
      return emitError(getOperation()->getLoc(), "unknown chip '")
             << chip << "', expected one of " << knownChips();
    if (target == "cpu" && lanes != 0 &&
        (lanes < 0 || lanes > 64 || !llvm::isPowerOf2_64(lanes)))
      return emitError(getOperation()->getLoc(), "vectors of ")
             << lanes.getValue()
             << " floats, expected a power of two of at most 64";
    return success();
  }

  template <typename OpTy>
  static void setIfAbsent(OpTy op, const Scheduler &scheduler) {
    if (!op.getScheduleAttr())
      op.setScheduleAttr(scheduler.schedule(op));
  }
};
} // namespace
