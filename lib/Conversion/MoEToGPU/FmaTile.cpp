// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strategy fma: a block copies a block of lhs rows and of weight columns, as
// f32 and depth first, to shared memory; a thread multiplies outer products of
// a few rows and columns in registers.
#include "GroupedMatmul.h"

#include "moe/Conversion/PartViews.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Sizes of a tile, in elements. `columns` are output columns: each costs one
/// accumulator per part.
struct FmaPlan {
  int64_t rows, columns, depth;
  int64_t parts;
  int64_t threadRows, threadColumns; // computed by one thread
  int64_t threads;

  /// Accumulators of one thread for one row: for each part, its columns.
  int64_t width() const { return parts * threadColumns; }
  int64_t threadsAcross() const { return columns / threadColumns; }
  /// Rows of shared memory are longer than the tile, so that the transposing
  /// copy, which writes down a column, meets more than one bank. Four keeps
  /// 16-byte reads aligned.
  int64_t lhsPitch() const { return rows + 4; }
  int64_t weightPitch() const { return threadsAcross() * width() + 4; }
};

LogicalResult makePlan(GroupedMatmulOp op, ArrayRef<int64_t> tile,
                       FmaPlan &plan, std::string &why) {
  plan.rows = tile[0];
  plan.depth = tile[2];
  plan.parts = op.getNumParts();
  int64_t edge = 4;
  if (tile[0] * tile[1] > 256 * edge * edge)
    edge = 8;
  plan.threads = (tile[0] / edge) * (tile[1] / edge);
  plan.threadRows = edge;
  plan.threadColumns = std::max<int64_t>(1, edge / plan.parts);
  plan.columns = tile[1] / edge * plan.threadColumns;
  if (tile[0] % edge || tile[1] % edge || plan.threads % warpSize ||
      plan.threads > 1024 || plan.threads % plan.depth) {
    why = "a tile needs rows and columns of which a thread computes 4 x 4, or "
          "8 x 8 above 64 x 64, whole warps, and a depth that divides the "
          "threads";
    return failure();
  }
  if (plan.depth * (plan.lhsPitch() + plan.weightPitch()) * 4 >
      maxSharedBytes) {
    why = "the tile needs more shared memory than a block has";
    return failure();
  }
  return success();
}

class FmaTile {
public:
  FmaTile(GPUKernelBuilder &b, GroupedMatmulOp op, const FmaPlan &plan,
          const TileContext &tile)
      : b(b), op(op), plan(plan), tile(tile) {
    thread.along = b.rem(tile.thread, plan.depth);
    thread.across = b.div(tile.thread, plan.depth);
    thread.row =
        b.mul(b.div(tile.thread, plan.threadsAcross()), plan.threadRows);
    thread.column = b.rem(tile.thread, plan.threadsAcross());
  }

  void build();

private:
  /// How many rows or columns all threads together copy in one pass.
  int64_t rowsPerPass() const { return plan.threads / plan.depth; }

  Value loadInDepth(Value memref, SmallVector<Value> indices, Value at);
  void storeIf(Value value, Value memref, ValueRange indices, Value at,
               int64_t limit);
  SmallVector<Value> loadBlock(Value start);
  void shareBlock(ValueRange values);
  void findSources();
  SmallVector<Value> multiply(ValueRange sums);
  void store(ValueRange sums);

  GPUKernelBuilder &b;
  GroupedMatmulOp op;
  const FmaPlan &plan;
  const TileContext &tile;
  /// Copying, a thread stands at one depth and one of the rows of a pass;
  /// multiplying, it owns rows from `row` and the `column`-th columns.
  struct {
    Value along, across, row, column;
  } thread;
  SmallVector<Value> lhsRows; // one per pass
  /// Per part, the buffer and the indices of the expert's matrix in it.
  SmallVector<std::pair<Value, SmallVector<Value>>> partMatrices;
  SmallVector<SmallVector<Value>> partColumns; // [part][pass]
};

/// Element `at` of a row or column, zero beyond the depth: both sides are then
/// zero there, so that what lies beyond adds nothing, not even a NaN.
Value FmaTile::loadInDepth(Value memref, SmallVector<Value> indices, Value at) {
  int64_t depth = op.getDepth();
  indices.push_back(b.min(at, b.index(depth - 1)));
  Value value = loadF32(b, memref, indices, /*width=*/1);
  if (depth % plan.depth == 0)
    return value;
  return b.choose(b.below(at, b.index(depth)), value, b.f32(0.0));
}

/// What this thread copies of the block of depth from `start` on: its elements
/// of lhs, then of each part's weights. All loads come before any use.
SmallVector<Value> FmaTile::loadBlock(Value start) {
  Value at = b.add(start, thread.along);
  SmallVector<Value> values;
  for (Value row : lhsRows)
    values.push_back(loadInDepth(op.getLhs(), {row}, at));
  for (auto [part, columns] : llvm::enumerate(partColumns)) {
    auto [weights, matrix] = partMatrices[part];
    for (Value column : columns) {
      SmallVector<Value> indices = matrix;
      indices.push_back(column);
      values.push_back(loadInDepth(weights, indices, at));
    }
  }
  return values;
}

/// The last pass of a copy may have more threads than rows.
void FmaTile::storeIf(Value value, Value memref, ValueRange indices, Value at,
                      int64_t limit) {
  Value inside =
      limit % rowsPerPass() == 0 ? Value() : b.below(at, b.index(limit));
  b.ifThen(inside, [&] { memref::StoreOp::create(b, value, memref, indices); });
}

/// Puts what loadBlock returned into shared memory. Weight columns are laid out
/// as the threads read them: a thread's columns of all parts lie side by side.
void FmaTile::shareBlock(ValueRange values) {
  for (size_t pass = 0; pass < lhsRows.size(); ++pass) {
    Value to = b.add(thread.across, pass * rowsPerPass());
    storeIf(values.front(), tile.shared[0], {thread.along, to}, to, plan.rows);
    values = values.drop_front();
  }
  for (auto [part, columns] : llvm::enumerate(partColumns)) {
    for (size_t pass = 0; pass < columns.size(); ++pass) {
      Value from = b.add(thread.across, pass * rowsPerPass());
      Value owner = b.div(from, plan.threadColumns);
      Value to =
          b.add(b.rem(from, plan.threadColumns), part * plan.threadColumns);
      to = b.add(b.mul(owner, plan.width()), to);
      storeIf(values.front(), tile.shared[1], {thread.along, to}, from,
              plan.columns);
      values = values.drop_front();
    }
  }
}

/// Adds one outer product per element of depth to the rows of accumulators.
SmallVector<Value> FmaTile::multiply(ValueRange sums) {
  auto rowType = VectorType::get({plan.width()}, b.getF32Type());
  auto columnType = VectorType::get({plan.threadRows}, b.getF32Type());
  Value firstColumn = b.mul(thread.column, plan.width());
  auto loop = scf::ForOp::create(
      b, b.index(0), b.index(plan.depth), b.index(1), sums,
      [&](OpBuilder &builder, Location loc, Value at, ValueRange sums) {
        GPUKernelBuilder b(loc, builder);
        Value lhs = vector::LoadOp::create(b, columnType, tile.shared[0],
                                           ValueRange{at, thread.row});
        Value weights = vector::LoadOp::create(b, rowType, tile.shared[1],
                                               ValueRange{at, firstColumn});
        SmallVector<Value> next;
        for (auto [row, sum] : llvm::enumerate(sums)) {
          Value factor = vector::ExtractOp::create(b, lhs, row);
          factor = vector::BroadcastOp::create(b, rowType, factor);
          next.push_back(vector::FMAOp::create(b, factor, weights, sum));
        }
        scf::YieldOp::create(b, next);
      });
  return loop.getResults();
}

void FmaTile::store(ValueRange sums) {
  int64_t columns = op.getInit().getType().getDimSize(1);
  bool isRagged = columns % plan.columns != 0;
  Value first =
      b.add(tile.firstColumn, b.mul(thread.column, plan.threadColumns));
  Value firstRow = b.add(tile.firstRow, thread.row);
  SmallVector<SmallVector<Value>> vectors;
  for (int64_t i = 0; i < plan.threadColumns; ++i)
    vectors.push_back(buildVectorElements(b, op, tile, b.add(first, i)));
  for (auto [number, sum] : llvm::enumerate(sums)) {
    Value row = b.add(firstRow, number);
    b.ifThen(b.below(row, tile.endRow), [&, sum = sum] {
      for (int64_t i = 0; i < plan.threadColumns; ++i) {
        Value column = b.add(first, i);
        Value inside = isRagged ? b.below(column, b.index(columns)) : Value();
        b.ifThen(inside, [&] {
          SmallVector<Value> parts;
          for (int64_t part = 0; part < plan.parts; ++part)
            parts.push_back(vector::ExtractOp::create(
                b, sum, part * plan.threadColumns + i));
          Value result = buildEpilogue(b, op, parts, vectors[i]);
          memref::StoreOp::create(b, result, op.getInit(),
                                  ValueRange{row, column});
        });
      }
    });
  }
}

/// Rows and columns this thread copies do not change along the depth.
void FmaTile::findSources() {
  for (int64_t pass = 0; pass * rowsPerPass() < plan.rows; ++pass)
    lhsRows.push_back(
        buildLhsRow(b, op, tile, b.add(thread.across, pass * rowsPerPass())));
  Value lastColumn = b.index(op.getInit().getType().getDimSize(1) - 1);
  for (int64_t part = 0; part < plan.parts; ++part) {
    // A view has the columns of `init`.
    bool isView = op.getAlwaysOn() > 0;
    int64_t offset = isView ? 0 : op.getPartOffsets()[part];
    int64_t stride = isView ? 1 : op.getPartStrides()[part];
    if (isView)
      partMatrices.push_back({buildPartView(b, op, tile.expert, part), {}});
    else
      partMatrices.push_back(
          {op.getWeights()[op.getPartWeights()[part]], {tile.expert}});
    SmallVector<Value> &columns = partColumns.emplace_back();
    for (int64_t pass = 0; pass * rowsPerPass() < plan.columns; ++pass) {
      // Columns past the end read the last one, like rows.
      Value column =
          b.add(tile.firstColumn, b.add(thread.across, pass * rowsPerPass()));
      column = b.min(column, lastColumn);
      columns.push_back(b.add(b.mul(column, stride), offset));
    }
  }
}

/// A block of depth is loaded into registers while the one before is
/// multiplied; the load after the last block is clamped, and never used.
void FmaTile::build() {
  auto rowType = VectorType::get({plan.width()}, b.getF32Type());
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(rowType));
  SmallVector<Value> state(plan.threadRows, zero);
  if (op.getDepth() == 0)
    return store(state);

  findSources();
  llvm::append_range(state, loadBlock(b.index(0)));
  auto loop = scf::ForOp::create(b, b.index(0), b.index(op.getDepth()),
                                 b.index(plan.depth), state);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    ValueRange carried = loop.getRegionIterArgs();
    shareBlock(carried.drop_front(plan.threadRows));
    gpu::BarrierOp::create(b);
    SmallVector<Value> following =
        loadBlock(b.add(loop.getInductionVar(), plan.depth));
    SmallVector<Value> next = multiply(carried.take_front(plan.threadRows));
    // The next block must not overtake a thread that still multiplies.
    gpu::BarrierOp::create(b);
    llvm::append_range(next, following);
    scf::YieldOp::create(b, next);
  }
  store(loop.getResults().take_front(plan.threadRows));
}
} // namespace

LogicalResult moe::buildFmaTile(GPUKernelBuilder &b, GroupedMatmulOp op,
                                ArrayRef<int64_t> tile, std::string &why) {
  FmaPlan plan;
  if (failed(makePlan(op, tile, plan, why)))
    return failure();
  TileLaunch launch{
      plan.rows,
      plan.columns,
      plan.threads,
      {sharedMemRef({plan.depth, plan.lhsPitch()}, b.getF32Type()),
       sharedMemRef({plan.depth, plan.weightPitch()}, b.getF32Type())}};
  buildTileLaunch(b, op, launch,
                  [&](GPUKernelBuilder &b, const TileContext &tile) {
                    FmaTile(b, op, plan, tile).build();
                  });
  return success();
}
