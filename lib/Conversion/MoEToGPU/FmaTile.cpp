// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strategy fma: a block copies a block of lhs rows and of weight columns, as
// f32 and depth first, to shared memory; a thread multiplies outer products of
// a few rows and columns in registers.
#include "GroupedMatmul.h"

#include "moe/Conversion/PartGroups.h"
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
      : b(b), op(op), plan(plan), tile(tile), groups(groupParts(op)) {
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

  /// Below `limit` unless `end`, the first number after a pass, is.
  Value inside(Value number, int64_t end, int64_t limit) {
    return end <= limit ? Value() : b.below(number, b.index(limit));
  }

  Value loadInDepth(Value memref, SmallVector<Value> indices,
                    int64_t dimension);
  SmallVector<Value> loadBlock(Value start);
  void shareBlock(ValueRange values);
  void findLhs();
  Value sourceColumn(const PartGroup &group, Value column);
  Value sharedColumn(Value column, Value slot);
  void findColumns(const PartGroup &group, int64_t slot);
  void findDepthRows(const PartGroup &group, int64_t slot);
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
  /// What a thread copies in one pass: from `column` of the weights, at `along`
  /// in a block of depth, to column `to` of shared memory; all but `inside`
  /// stand by, where that is given.
  struct Copy {
    const PartGroup *group;
    Value along, column, to, inside;
  };
  SmallVector<PartGroup> groups;
  SmallVector<Value> lhsRows; // one per pass
  SmallVector<Copy> copies;
  /// With experts that are always on, what each part multiplies.
  SmallVector<Value> partViews;
};

/// An element whose depth is the index of `dimension`, zero beyond the depth:
/// both sides are then zero there, so that what lies beyond adds nothing, not
/// even a NaN.
Value FmaTile::loadInDepth(Value memref, SmallVector<Value> indices,
                           int64_t dimension) {
  int64_t depth = op.getDepth();
  Value at = indices[dimension];
  indices[dimension] = b.min(at, b.index(depth - 1));
  Value value = loadF32(b, memref, indices, /*width=*/1);
  if (depth % plan.depth == 0)
    return value;
  return b.choose(b.below(at, b.index(depth)), value, b.f32(0.0));
}

/// What this thread copies of the block of depth from `start` on: its elements
/// of lhs, then of each part's weights. All loads come before any use.
SmallVector<Value> FmaTile::loadBlock(Value start) {
  SmallVector<Value> values;
  for (Value row : lhsRows)
    values.push_back(
        loadInDepth(op.getLhs(), {row, b.add(start, thread.along)}, 1));
  for (const Copy &copy : copies) {
    int64_t which = copy.group->weights;
    Value at = b.add(start, copy.along);
    if (!partViews.empty())
      values.push_back(loadInDepth(partViews[copy.group->parts.front()],
                                   {copy.column, at}, 1));
    else if (op.getLayout(which) == WeightLayout::in_out)
      values.push_back(loadInDepth(op.getWeights()[which],
                                   {tile.expert, at, copy.column}, 1));
    else
      values.push_back(loadInDepth(op.getWeights()[which],
                                   {tile.expert, copy.column, at}, 2));
  }
  return values;
}

/// Puts what loadBlock returned into shared memory.
void FmaTile::shareBlock(ValueRange values) {
  for (auto [pass, value] :
       llvm::enumerate(values.take_front(lhsRows.size()))) {
    Value to = b.add(thread.across, pass * rowsPerPass());
    b.ifThen(inside(to, (pass + 1) * rowsPerPass(), plan.rows),
             [&, value = value] {
               memref::StoreOp::create(b, value, tile.shared[0],
                                       ValueRange{thread.along, to});
             });
  }
  for (auto [copy, value] :
       llvm::zip_equal(copies, values.drop_front(lhsRows.size())))
    b.ifThen(copy.inside, [&, &copy = copy, value = value] {
      memref::StoreOp::create(b, value, tile.shared[1],
                              ValueRange{copy.along, copy.to});
    });
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
  // Accumulators are in the order of the groups.
  SmallVector<int64_t> slots(plan.parts);
  int64_t next = 0;
  for (const PartGroup &group : groups)
    for (int64_t part : group.parts)
      slots[part] = next++;
  SmallVector<SmallVector<Value>> vectors;
  for (int64_t i = 0; i < plan.threadColumns; ++i)
    vectors.push_back(buildVectorElements(b, op, tile, b.add(first, i)));
  for (auto [number, sum] : llvm::enumerate(sums)) {
    Value row = b.add(firstRow, number);
    b.ifThen(b.below(row, tile.endRow), [&, sum = sum] {
      RowStore result(b, op, row);
      for (int64_t i = 0; i < plan.threadColumns; ++i) {
        Value column = b.add(first, i);
        Value inside = isRagged ? b.below(column, b.index(columns)) : Value();
        b.ifThen(inside, [&] {
          SmallVector<Value> parts;
          for (int64_t slot : slots)
            parts.push_back(vector::ExtractOp::create(
                b, sum, slot * plan.threadColumns + i));
          result.store(result.build(parts, vectors[i], column), column);
        });
      }
    });
  }
}

/// What this thread copies does not change along the depth.
void FmaTile::findLhs() {
  for (int64_t pass = 0; pass * rowsPerPass() < plan.rows; ++pass)
    lhsRows.push_back(
        buildLhsRow(b, op, tile, b.add(thread.across, pass * rowsPerPass())));
}

/// Where the first part of a group has output column `column` of the tile.
/// Columns past the end read the last one, like rows.
Value FmaTile::sourceColumn(const PartGroup &group, Value column) {
  Value last = b.index(op.getInit().getType().getDimSize(1) - 1);
  column = b.min(b.add(tile.firstColumn, column), last);
  // A view has the columns of `init`.
  if (!partViews.empty())
    return column;
  return b.add(b.mul(column, group.stride), group.offset);
}

/// Where the column goes: as the threads read them, a thread's columns of all
/// parts, by slot, lie side by side.
Value FmaTile::sharedColumn(Value column, Value slot) {
  Value owner = b.div(column, plan.threadColumns);
  Value own =
      b.add(b.rem(column, plan.threadColumns), b.mul(slot, plan.threadColumns));
  return b.add(b.mul(owner, plan.width()), own);
}

/// [out, in]: neighbouring threads read along the depth of a column.
void FmaTile::findColumns(const PartGroup &group, int64_t slot) {
  for (int64_t first = 0; first < plan.columns; first += rowsPerPass()) {
    Value column = b.add(thread.across, first);
    copies.push_back({&group, thread.along, sourceColumn(group, column),
                      sharedColumn(column, b.index(slot)),
                      inside(column, first + rowsPerPass(), plan.columns)});
  }
}

/// [in, out]: neighbouring threads read neighbouring columns, of one part after
/// the other where parts interleave.
void FmaTile::findDepthRows(const PartGroup &group, int64_t slot) {
  int64_t parts = group.parts.size();
  int64_t perRow = plan.columns * parts;
  int64_t size = perRow * plan.depth;
  for (int64_t first = 0; first < size; first += plan.threads) {
    Value number = b.add(tile.thread, first);
    Value column = b.div(b.rem(number, perRow), parts);
    Value part = b.rem(number, parts);
    copies.push_back({&group, b.div(number, perRow),
                      b.add(sourceColumn(group, column), part),
                      sharedColumn(column, b.add(part, slot)),
                      inside(number, first + plan.threads, size)});
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

  findLhs();
  for (int64_t part = 0; op.getAlwaysOn() > 0 && part < plan.parts; ++part)
    partViews.push_back(buildPartView(b, op, tile.expert, part));
  int64_t slot = 0;
  for (const PartGroup &group : groups) {
    if (op.getLayout(group.weights) == WeightLayout::in_out)
      findDepthRows(group, slot);
    else
      findColumns(group, slot);
    slot += group.parts.size();
  }
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
