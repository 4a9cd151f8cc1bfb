// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "GroupedMatmul.h"

#include "moe/Conversion/PartViews.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// The most row tiles there can be: with m experts that have rows, the tiles
/// are ceil(r/tile) summed over r1 + .. + rm = rows, at most
/// floor((rows - m) / tile) + m, which grows with m.
Value buildTileBound(GPUKernelBuilder &b, Value rows, int64_t numExperts,
                     int64_t tileRows) {
  Value busy = b.min(rows, b.index(numExperts));
  return b.add(b.div(b.sub(rows, busy), tileRows), busy);
}

Value shuffle(GPUKernelBuilder &b, Value value, Value lane) {
  return gpu::ShuffleOp::create(b, value, lane, b.i32(warpSize),
                                gpu::ShuffleMode::IDX)
      .getShuffleResult();
}

/// A warp's view of `warpSize` experts, one per lane; i32 values.
struct ExpertWindow {
  Value begin, end; // rows of the lane's expert
  Value tiles;      // row tiles of it
  Value upTo;       // row tiles of the window up to and including it
  Value total;      // row tiles of the window

  static constexpr unsigned numValues = 5;
  SmallVector<Value> values() const { return {begin, end, tiles, upTo, total}; }
  static ExpertWindow from(ValueRange v) {
    return {v[0], v[1], v[2], v[3], v[4]};
  }
};

ExpertWindow loadWindow(GPUKernelBuilder &b, GroupedMatmulOp op,
                        Value firstExpert, Value lane, int64_t tileRows) {
  Value last = b.i32(op.getNumExperts() - 1);
  Value own = b.add(firstExpert, lane);
  Value expert = b.toIndex(b.min(own, last));
  Value next = b.add(expert, 1);
  ExpertWindow window;
  window.begin = memref::LoadOp::create(b, op.getOffsets(), expert);
  window.end = memref::LoadOp::create(b, op.getOffsets(), next);
  Value rows = b.sub(window.end, window.begin);
  Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::ule, own, last);
  window.tiles = b.choose(exists, b.ceilDiv(rows, tileRows), b.i32(0));

  window.upTo = window.tiles;
  for (int64_t step = 1; step < warpSize; step *= 2) {
    auto lower = gpu::ShuffleOp::create(b, window.upTo, b.i32(step),
                                        b.i32(warpSize), gpu::ShuffleMode::UP);
    window.upTo =
        b.add(window.upTo,
              b.choose(lower.getValid(), lower.getShuffleResult(), b.i32(0)));
  }
  window.total = shuffle(b, window.upTo, b.i32(warpSize - 1));
  return window;
}

/// Row tile `number` in the order of experts.
struct FoundTile {
  Value exists; // i1
  Value expert, firstRow, endRow;
};

/// Every warp of the block searches by itself, so no barrier is needed, and
/// comes to the same answer. Windows are skipped until one holds the tile.
FoundTile findTile(GPUKernelBuilder &b, GroupedMatmulOp op, Value number,
                   Value lane, int64_t tileRows) {
  Type type = b.getI32Type();
  SmallVector<Type> types(2 + ExpertWindow::numValues, type);
  auto search = scf::WhileOp::create(
      b, types, ValueRange{b.i32(0), b.i32(0)},
      [&](OpBuilder &builder, Location loc, ValueRange state) {
        GPUKernelBuilder b(loc, builder);
        ExpertWindow window = loadWindow(b, op, state[0], lane, tileRows);
        Value past = b.add(state[1], window.total);
        Value isPast =
            arith::CmpIOp::create(b, arith::CmpIPredicate::uge, number, past);
        Value next = b.add(state[0], warpSize);
        Value more = b.below(next, b.i32(op.getNumExperts()));
        SmallVector<Value> passOn{state[0], state[1]};
        llvm::append_range(passOn, window.values());
        scf::ConditionOp::create(b, arith::AndIOp::create(b, isPast, more),
                                 passOn);
      },
      [&](OpBuilder &builder, Location loc, ValueRange state) {
        GPUKernelBuilder b(loc, builder);
        ExpertWindow window = ExpertWindow::from(state.drop_front(2));
        Value next = b.add(state[0], warpSize);
        Value skipped = b.add(state[1], window.total);
        scf::YieldOp::create(b, ValueRange{next, skipped});
      });
  Value firstExpert = search.getResult(0);
  Value skipped = search.getResult(1);
  ExpertWindow window = ExpertWindow::from(search.getResults().drop_front(2));

  // At most one lane holds the tile: its expert has more tiles than lie
  // between its first one and this. Wraps below its first one.
  Value first = b.add(b.sub(window.upTo, window.tiles), skipped);
  Value within = b.sub(number, first);
  Value votes = b.ballot(b.below(within, window.tiles));
  Value holder = LLVM::CountTrailingZerosOp::create(b, type, votes, false);

  FoundTile found;
  found.exists =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne, votes, b.i32(0));
  found.expert = b.add(firstExpert, holder);
  Value skippedRows = b.mul(shuffle(b, within, holder), tileRows);
  found.firstRow = b.add(shuffle(b, window.begin, holder), skippedRows);
  found.endRow = shuffle(b, window.end, holder);
  return found;
}
} // namespace

void moe::buildTileLaunch(
    GPUKernelBuilder &b, GroupedMatmulOp op, const TileLaunch &launch,
    function_ref<void(GPUKernelBuilder &, const TileContext &)> body) {
  OpBuilder::InsertionGuard guard(b);
  int64_t columns = op.getInit().getType().getDimSize(1);
  // Without rows the grid is empty, and the runtime launches none.
  Value rows = b.dim(op.getPerRow(), 0);

  // Row tiles vary fastest: blocks that run together share weight columns.
  Value rowTiles = buildTileBound(b, rows, op.getNumExperts(), launch.tileRows);
  Value columnTiles = b.index(llvm::divideCeil(columns, launch.tileColumns));
  gpu::LaunchOp launchOp =
      b.launch(op, rowTiles, launch.threads, "grouped_matmul", columnTiles);
  TileContext tile;
  tile.thread = launchOp.getThreadIds().x;
  for (MemRefType type : launch.shared)
    tile.shared.push_back(launchOp.addWorkgroupAttribution(type, b.getLoc()));
  Value number = b.toI32(launchOp.getBlockIds().x);
  Value lane =
      arith::AndIOp::create(b, b.toI32(tile.thread), b.i32(warpSize - 1));
  FoundTile found = findTile(b, op, number, lane, launch.tileRows);

  // The bound counts more tiles than there are; the blocks left over are done.
  b.ifThen(found.exists, [&] {
    tile.expert = b.toIndex(found.expert);
    tile.firstRow = b.toIndex(found.firstRow);
    tile.endRow = b.toIndex(found.endRow);
    tile.firstColumn = b.mul(launchOp.getBlockIds().y, launch.tileColumns);
    body(b, tile);
  });
}

Value moe::buildLhsRow(GPUKernelBuilder &b, GroupedMatmulOp op,
                       const TileContext &tile, Value offset) {
  Value last = b.sub(tile.endRow, b.index(1));
  Value row = b.min(b.add(tile.firstRow, offset), last);
  if (!op.getPairs())
    return row;
  // Pairs before the last expert's end are never -1.
  Value pair = memref::LoadOp::create(b, op.getPairs(), row);
  return b.toIndex(b.div(pair, *op.getSlots()));
}

SmallVector<Value> moe::buildVectorElements(GPUKernelBuilder &b,
                                            GroupedMatmulOp op,
                                            const TileContext &tile,
                                            Value column) {
  SmallVector<Value> elements;
  if (op.getNumVectorParts() == 0)
    return elements;
  column = b.min(column, b.index(op.getInit().getType().getDimSize(1) - 1));
  if (op.getAlwaysOn() > 0) {
    for (int64_t part = 0; part < op.getNumVectorParts(); ++part)
      elements.push_back(memref::LoadOp::create(
          b, buildVectorPartView(b, op, tile.expert, part), column));
    return elements;
  }
  for (auto [which, offset, stride] : llvm::zip(
           op.getVectorParts(), op.getVectorOffsets(), op.getVectorStrides())) {
    Value at = b.add(b.mul(column, stride), offset);
    Value vectors = op.getVectors()[which];
    bool isShared = cast<MemRefType>(vectors.getType()).getDimSize(0) == 1;
    Value from = isShared ? b.index(0) : tile.expert;
    elements.push_back(
        memref::LoadOp::create(b, vectors, ValueRange{from, at}));
  }
  return elements;
}
