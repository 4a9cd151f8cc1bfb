// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "GroupedMatmul.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
Value i32(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIntOp::create(b, value, 32);
}

Value toIndex(ImplicitLocOpBuilder &b, Value value) {
  return arith::IndexCastOp::create(b, b.getIndexType(), value);
}

/// The most row tiles there can be: with m experts that have rows, the tiles
/// are ceil(r/tile) summed over r1 + .. + rm = rows, at most
/// floor((rows - m) / tile) + m, which grows with m.
Value buildTileBound(ImplicitLocOpBuilder &b, Value rows, int64_t numExperts,
                     int64_t tileRows) {
  Value experts = arith::ConstantIndexOp::create(b, numExperts);
  Value tile = arith::ConstantIndexOp::create(b, tileRows);
  Value busy = arith::MinUIOp::create(b, rows, experts);
  Value rest = arith::SubIOp::create(b, rows, busy);
  return arith::AddIOp::create(b, arith::DivUIOp::create(b, rest, tile), busy);
}

Value shuffle(ImplicitLocOpBuilder &b, Value value, Value lane) {
  return gpu::ShuffleOp::create(b, value, lane, i32(b, warpSize),
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

ExpertWindow loadWindow(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                        Value firstExpert, Value lane, int64_t tileRows) {
  Value last = i32(b, op.getNumExperts() - 1);
  Value own = arith::AddIOp::create(b, firstExpert, lane);
  Value expert = toIndex(b, arith::MinUIOp::create(b, own, last));
  Value next =
      arith::AddIOp::create(b, expert, arith::ConstantIndexOp::create(b, 1));
  ExpertWindow window;
  window.begin = memref::LoadOp::create(b, op.getOffsets(), expert);
  window.end = memref::LoadOp::create(b, op.getOffsets(), next);
  Value rows = arith::SubIOp::create(b, window.end, window.begin);
  rows = arith::AddIOp::create(b, rows, i32(b, tileRows - 1));
  Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::ule, own, last);
  window.tiles = arith::SelectOp::create(
      b, exists, arith::DivUIOp::create(b, rows, i32(b, tileRows)), i32(b, 0));

  window.upTo = window.tiles;
  for (int64_t step = 1; step < warpSize; step *= 2) {
    auto lower = gpu::ShuffleOp::create(b, window.upTo, i32(b, step),
                                        i32(b, warpSize), gpu::ShuffleMode::UP);
    Value add = arith::SelectOp::create(b, lower.getValid(),
                                        lower.getShuffleResult(), i32(b, 0));
    window.upTo = arith::AddIOp::create(b, window.upTo, add);
  }
  window.total = shuffle(b, window.upTo, i32(b, warpSize - 1));
  return window;
}

/// Row tile `number` in the order of experts.
struct FoundTile {
  Value exists; // i1
  Value expert, firstRow, endRow;
};

/// Every warp of the block searches by itself, so no barrier is needed, and
/// comes to the same answer. Windows are skipped until one holds the tile.
FoundTile findTile(ImplicitLocOpBuilder &b, GroupedMatmulOp op, Value number,
                   Value lane, int64_t tileRows) {
  Type type = b.getI32Type();
  SmallVector<Type> types(2 + ExpertWindow::numValues, type);
  auto search = scf::WhileOp::create(
      b, types, ValueRange{i32(b, 0), i32(b, 0)},
      [&](OpBuilder &builder, Location loc, ValueRange state) {
        ImplicitLocOpBuilder b(loc, builder);
        ExpertWindow window = loadWindow(b, op, state[0], lane, tileRows);
        Value past = arith::AddIOp::create(b, state[1], window.total);
        Value isPast =
            arith::CmpIOp::create(b, arith::CmpIPredicate::uge, number, past);
        Value next = arith::AddIOp::create(b, state[0], i32(b, warpSize));
        Value more = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, next,
                                           i32(b, op.getNumExperts()));
        SmallVector<Value> passOn{state[0], state[1]};
        llvm::append_range(passOn, window.values());
        scf::ConditionOp::create(b, arith::AndIOp::create(b, isPast, more),
                                 passOn);
      },
      [&](OpBuilder &builder, Location loc, ValueRange state) {
        ImplicitLocOpBuilder b(loc, builder);
        ExpertWindow window = ExpertWindow::from(state.drop_front(2));
        Value next = arith::AddIOp::create(b, state[0], i32(b, warpSize));
        Value skipped = arith::AddIOp::create(b, state[1], window.total);
        scf::YieldOp::create(b, ValueRange{next, skipped});
      });
  Value firstExpert = search.getResult(0);
  Value skipped = search.getResult(1);
  ExpertWindow window = ExpertWindow::from(search.getResults().drop_front(2));

  // At most one lane holds the tile: its expert has more tiles than lie
  // between its first one and this. Wraps below its first one.
  Value first = arith::SubIOp::create(b, window.upTo, window.tiles);
  first = arith::AddIOp::create(b, first, skipped);
  Value within = arith::SubIOp::create(b, number, first);
  Value holds =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, within, window.tiles);
  Value votes = NVVM::VoteSyncOp::create(b, type, i32(b, -1), holds,
                                         NVVM::VoteSyncKind::ballot);
  Value holder = LLVM::CountTrailingZerosOp::create(b, type, votes, false);

  FoundTile found;
  found.exists =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne, votes, i32(b, 0));
  found.expert = arith::AddIOp::create(b, firstExpert, holder);
  Value tileInExpert = shuffle(b, within, holder);
  Value skippedRows = arith::MulIOp::create(b, tileInExpert, i32(b, tileRows));
  found.firstRow =
      arith::AddIOp::create(b, shuffle(b, window.begin, holder), skippedRows);
  found.endRow = shuffle(b, window.end, holder);
  return found;
}
} // namespace

MemRefType moe::sharedMemRef(ArrayRef<int64_t> shape, Type element) {
  auto space = gpu::AddressSpaceAttr::get(element.getContext(),
                                          gpu::AddressSpace::Workgroup);
  return MemRefType::get(shape, element, MemRefLayoutAttrInterface(), space);
}

void moe::buildTileLaunch(
    ImplicitLocOpBuilder &b, GroupedMatmulOp op, const TileLaunch &launch,
    function_ref<void(ImplicitLocOpBuilder &, const TileContext &)> body) {
  OpBuilder::InsertionGuard guard(b);
  int64_t columns = op.getInit().getType().getDimSize(1);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  // Without rows the grid is empty, and the runtime launches none.
  Value rows = memref::DimOp::create(b, op.getInit(), zero);

  // Row tiles vary fastest: blocks that run together share weight columns.
  Value rowTiles = buildTileBound(b, rows, op.getNumExperts(), launch.tileRows);
  Value columnTiles = arith::ConstantIndexOp::create(
      b, llvm::divideCeil(columns, launch.tileColumns));
  Value threads = arith::ConstantIndexOp::create(b, launch.threads);
  SmallVector<Type> shared(launch.shared.begin(), launch.shared.end());
  auto function = op->getParentOfType<FunctionOpInterface>();
  auto name = FlatSymbolRefAttr::get(
      b.getContext(), (function.getName() + "_grouped_matmul").str());
  auto launchOp = gpu::LaunchOp::create(
      b, rowTiles, columnTiles, one, threads, one, one,
      /*dynamicSharedMemorySize=*/Value(), /*asyncTokenType=*/Type(),
      /*asyncDependencies=*/ValueRange(), shared,
      /*privateAttributions=*/TypeRange(), Value(), Value(), Value(),
      /*module=*/FlatSymbolRefAttr(), name);
  b.setInsertionPointToStart(&launchOp.getBody().front());
  TileContext tile;
  tile.thread = launchOp.getThreadIds().x;
  llvm::append_range(tile.shared, launchOp.getWorkgroupAttributions());
  Value number =
      arith::IndexCastOp::create(b, b.getI32Type(), launchOp.getBlockIds().x);
  Value lane = arith::IndexCastOp::create(b, b.getI32Type(), tile.thread);
  lane = arith::AndIOp::create(b, lane, i32(b, warpSize - 1));
  FoundTile found = findTile(b, op, number, lane, launch.tileRows);

  // The bound counts more tiles than there are; the blocks left over are done.
  auto ifFound = scf::IfOp::create(b, found.exists, /*withElseRegion=*/false);
  gpu::TerminatorOp::create(b);
  b.setInsertionPointToStart(ifFound.thenBlock());
  tile.expert = toIndex(b, found.expert);
  tile.firstRow = toIndex(b, found.firstRow);
  tile.endRow = toIndex(b, found.endRow);
  tile.firstColumn = arith::MulIOp::create(
      b, launchOp.getBlockIds().y,
      arith::ConstantIndexOp::create(b, launch.tileColumns));
  body(b, tile);
}

Value moe::buildLhsRow(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                       const TileContext &tile, Value offset) {
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value last = arith::SubIOp::create(b, tile.endRow, one);
  Value row = arith::AddIOp::create(b, tile.firstRow, offset);
  row = arith::MinUIOp::create(b, row, last);
  if (!op.getPairs())
    return row;
  // Pairs before the last expert's end are never -1.
  Value pair = memref::LoadOp::create(b, op.getPairs(), row);
  Value slots = i32(b, *op.getSlots());
  return toIndex(b, arith::DivUIOp::create(b, pair, slots));
}

SmallVector<Value> moe::buildVectorElements(ImplicitLocOpBuilder &b,
                                            GroupedMatmulOp op,
                                            const TileContext &tile,
                                            Value column) {
  SmallVector<Value> elements;
  if (op.getNumVectorParts() == 0)
    return elements;
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  };
  column = arith::MinUIOp::create(
      b, column, index(op.getInit().getType().getDimSize(1) - 1));
  for (auto [which, offset, stride] : llvm::zip(
           op.getVectorParts(), op.getVectorOffsets(), op.getVectorStrides())) {
    Value at = arith::MulIOp::create(b, column, index(stride));
    at = arith::AddIOp::create(b, at, index(offset));
    elements.push_back(memref::LoadOp::create(b, op.getVectors()[which],
                                              ValueRange{tile.expert, at}));
  }
  return elements;
}

Value moe::buildEpilogue(ImplicitLocOpBuilder &b, GroupedMatmulOp op,
                         ValueRange accumulators, ValueRange vectors) {
  Block &epilogue = op.getEpilogue().front();
  IRMapping mapping;
  mapping.map(epilogue.getArguments().take_back(vectors.size()), vectors);
  for (auto [argument, accumulator] :
       llvm::zip(epilogue.getArguments(), accumulators)) {
    Value value = accumulator;
    if (argument.getType().getIntOrFloatBitWidth() < 32)
      value = arith::TruncFOp::create(b, argument.getType(), value);
    else if (argument.getType() != value.getType())
      value = arith::ExtFOp::create(b, argument.getType(), value);
    mapping.map(argument, value);
  }
  for (Operation &inner : epilogue.without_terminator())
    b.clone(inner, mapping);
  return mapping.lookupOrDefault(epilogue.getTerminator()->getOperand(0));
}
