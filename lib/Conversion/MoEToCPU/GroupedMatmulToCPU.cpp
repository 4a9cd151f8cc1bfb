// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Epilogue.h"
#include "KernelBuilder.h"

#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEGROUPEDMATMULTOCPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Rows and output columns of one tile, and f32 lanes of an accumulator.
struct Tile {
  int64_t rows, columns, lanes;
};

/// The schedule of `op`, or what keeps the accumulators of a tile in 16
/// registers of 8 lanes, or 32 of 16.
FailureOr<Tile> chooseTile(GroupedMatmulOp op, int64_t lanes) {
  int64_t width = op.getInit().getType().getDimSize(1);
  Tile tile{lanes >= 16 ? 6 : 3, std::max<int64_t>(1, 4 / op.getNumParts()),
            lanes};
  if (auto schedule = op.getScheduleAttr()) {
    if (schedule.getStrategy() != Strategy::dot)
      return op.emitOpError("has a schedule that is not for the CPU: ")
             << schedule;
    ArrayRef<int64_t> sizes = schedule.getTile();
    tile = {sizes[0], sizes[1], sizes[2]};
    if (tile.rows * tile.columns * op.getNumParts() > 64)
      return op.emitOpError("has a tile of ")
             << tile.rows << " rows and " << tile.columns << " columns of "
             << op.getNumParts() << " parts, more than 64 accumulators";
    if (tile.lanes > 64 || !llvm::isPowerOf2_64(tile.lanes))
      return op.emitOpError("has accumulators of ")
             << tile.lanes << " lanes, expected a power of two of at most 64";
  }
  tile.columns = std::max<int64_t>(1, std::min(tile.columns, width));
  return tile;
}

class MatmulEmitter {
public:
  MatmulEmitter(GroupedMatmulOp op, KernelBuilder &b, Tile tile)
      : op(op), b(b), tile(tile) {}

  void emit();

private:
  int64_t columnsPerTask();
  void emitColumns(Value from, int64_t width);
  void emitTile(Value firstRow, int64_t numRows, Value from, int64_t width);
  RowRef lhsRow(Value row);

  GroupedMatmulOp op;
  KernelBuilder &b;
  Tile tile;
  /// The expert of this unit of work, and the rows that belong to it.
  Value expert, begin, end;
};

/// Columns of one unit of work, in whole tiles: enough weights to be worth the
/// hand-over, and little enough that few columns still make many units.
int64_t MatmulEmitter::columnsPerTask() {
  constexpr int64_t bytesPerTask = 256 * 1024;
  int64_t bytes = 0;
  for (int64_t which : op.getPartWeights()) {
    auto type = cast<MemRefType>(op.getWeights()[which].getType());
    bytes += type.getElementTypeBitWidth() / 8 * op.getDepth();
  }
  return std::max<int64_t>(tile.columns, bytesPerTask /
                                             std::max<int64_t>(1, bytes) /
                                             tile.columns * tile.columns);
}

void MatmulEmitter::emit() {
  int64_t width = op.getInit().getType().getDimSize(1);
  int64_t whole = width - width % tile.columns;
  int64_t perTask = columnsPerTask();
  int64_t numTasks = llvm::divideCeil(width, perTask);

  b.parallelLoop(b.index(op.getNumExperts() * numTasks), [&](Value unit) {
    expert = b.div(unit, numTasks);
    Value task = b.sub(unit, b.mul(expert, numTasks));
    begin = b.toIndex(b.load(op.getOffsets(), expert));
    end = b.toIndex(b.load(op.getOffsets(), b.add(expert, 1)));
    Value hasRows =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, begin, end);
    b.ifThen(hasRows, [&] {
      Value from = b.mul(task, perTask);
      Value to = b.min(b.add(from, perTask), b.index(whole));
      b.forLoop(from, to, tile.columns,
                [&](Value column) { emitColumns(column, tile.columns); });
      if (whole == width)
        return;
      Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, task,
                                           b.index(numTasks - 1));
      b.ifThen(isLast, [&] { emitColumns(b.index(whole), width - whole); });
    });
  });
}

/// All rows of the expert over `width` columns. Columns outside rows: a tile of
/// weights is read from memory once and stays in the nearest cache.
void MatmulEmitter::emitColumns(Value from, int64_t width) {
  Value rest = b.rem(b.sub(end, begin), tile.rows);
  Value lastTile = b.sub(end, rest);
  b.forLoop(begin, lastTile, tile.rows,
            [&](Value row) { emitTile(row, tile.rows, from, width); });
  b.forEachCount(rest, 1, tile.rows - 1, [&](int64_t numRows) {
    emitTile(lastTile, numRows, from, width);
  });
}

RowRef MatmulEmitter::lhsRow(Value row) {
  if (op.getPairs())
    row = b.div(b.toIndex(b.load(op.getPairs(), row)), *op.getSlots());
  return {op.getLhs(), {row}};
}

void MatmulEmitter::emitTile(Value firstRow, int64_t numRows, Value from,
                             int64_t width) {
  SmallVector<RowRef> rows, columns;
  for (int64_t i = 0; i < numRows; ++i)
    rows.push_back(lhsRow(b.add(firstRow, i)));
  for (auto [which, offset, stride] :
       llvm::zip(op.getPartWeights(), op.getPartOffsets(), op.getPartStrides()))
    for (int64_t j = 0; j < width; ++j)
      columns.push_back(
          {op.getWeights()[which],
           {expert, b.add(b.mul(b.add(from, j), stride), offset)}});
  SmallVector<Value> sums =
      buildDotTile(b, rows, columns, op.getDepth(), tile.lanes);

  // The epilogue takes as many rows at once as fill a register.
  int64_t rowsAtOnce = std::max<int64_t>(1, tile.lanes / width);
  for (int64_t i = 0; i < numRows; i += rowsAtOnce) {
    int64_t last = std::min(numRows, i + rowsAtOnce);
    SmallVector<Value> parts;
    for (int64_t part = 0; part < op.getNumParts(); ++part) {
      SmallVector<Value> ofPart;
      for (int64_t row = i; row < last; ++row)
        llvm::append_range(
            ofPart,
            ArrayRef(sums).slice(row * columns.size() + part * width, width));
      parts.push_back(buildLaneSums(b, ofPart));
    }
    Value values = buildEpilogue(b, b.getLoc(), op, parts);
    for (int64_t row = i; row < last; ++row) {
      Value slice = vector::ExtractStridedSliceOp::create(
          b, values, ArrayRef<int64_t>{(row - i) * width},
          ArrayRef<int64_t>{width}, ArrayRef<int64_t>{1});
      b.storeRow(slice, {op.getInit(), {b.add(firstRow, row)}}, from);
    }
  }
}

struct GroupedMatmulToCPU
    : moe::impl::MoEGroupedMatmulToCPUPassBase<GroupedMatmulToCPU> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<int64_t> width = chooseLanes(getOperation(), lanes);
    if (failed(width))
      return signalPassFailure();
    auto lower = [&](GroupedMatmulOp op, KernelBuilder &b) -> LogicalResult {
      FailureOr<Tile> tile = chooseTile(op, *width);
      if (failed(tile))
        return failure();
      MatmulEmitter(op, b, *tile).emit();
      return success();
    };
    if (failed(lowerAll<GroupedMatmulOp>(getOperation(), getArgument(), lower)))
      signalPassFailure();
  }
};
} // namespace
