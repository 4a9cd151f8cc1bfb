// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Epilogue.h"
#include "KernelBuilder.h"
#include "PanelKernel.h"

#include "moe/Conversion/GateBuilder.h"
#include "moe/Conversion/PartGroups.h"
#include "moe/Conversion/PartViews.h"
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

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

/// How to compute one grouped matmul. Kernels may be missing, and of the first
/// two one is.
struct Plan {
  std::optional<Tile> dot;   // for few rows, of [out, in] weights
  std::optional<Tile> outer; // for few rows, of [in, out] weights
  std::optional<Tile> panel; // for many; its columns are a multiple of lanes

  /// From this number of rows on, copying the weights into panels pays.
  int64_t panelRows() const { return dot || outer ? 24 : 1; }

  /// Columns of an outer tile of `rows` rows: fewer rows leave registers for
  /// more columns, and the longer what is read at once, the better.
  int64_t outerColumns(int64_t rows) const {
    return outer->columns *
           llvm::bit_floor(static_cast<uint64_t>(outer->rows / rows));
  }
};

LogicalResult readSchedule(GroupedMatmulOp op, ScheduleAttr schedule,
                           Plan &plan) {
  ArrayRef<int64_t> sizes = schedule.getTile();
  Tile tile{sizes[0], sizes[1], sizes[2]};
  if (tile.lanes > 64 || !llvm::isPowerOf2_64(tile.lanes))
    return op.emitOpError("has accumulators of ")
           << tile.lanes << " lanes, expected a power of two of at most 64";
  int64_t vectors = tile.columns;
  switch (schedule.getStrategy()) {
  case Strategy::dot:
    if (!op.hasParts(WeightLayout::in_out)) {
      plan.dot = tile;
      break;
    }
    if (op.hasParts(WeightLayout::out_in))
      return op.emitOpError("takes weights of both layouts, which the dot "
                            "strategy does not");
    vectors = llvm::divideCeil(tile.columns, tile.lanes);
    plan.outer = tile;
    break;
  case Strategy::fma:
    if (tile.columns % tile.lanes != 0)
      return op.emitOpError("has panels of ")
             << tile.columns << " columns, expected a multiple of the "
             << tile.lanes << " lanes";
    vectors /= tile.lanes;
    plan.panel = tile;
    break;
  default:
    return op.emitOpError("has a schedule that is not for the CPU: ")
           << schedule;
  }
  if (tile.rows * vectors * op.getNumParts() > 64)
    return op.emitOpError("has a tile of ")
           << tile.rows << " rows and " << tile.columns << " columns of "
           << op.getNumParts() << " parts, more than 64 accumulators";
  return success();
}

/// Tiles whose accumulators stay in 16 registers of 8 lanes, or 32 of 16.
Plan choosePlan(GroupedMatmulOp op, int64_t lanes) {
  int64_t numParts = op.getNumParts();
  int64_t registers = lanes >= 16 ? 32 : 16;
  int64_t vectors = std::max<int64_t>(1, registers / 8 / numParts);
  Plan plan;
  if (!op.hasParts(WeightLayout::in_out))
    plan.dot = Tile{chooseDotRows(op.getLhs().getType().getElementType(),
                                  getElementTypeOrSelf(op.getWeights().front()),
                                  lanes),
                    std::max<int64_t>(1, 4 / numParts), lanes};
  else if (!op.hasParts(WeightLayout::out_in))
    plan.outer =
        Tile{std::max<int64_t>(1, registers * 3 / 4 / (vectors * numParts)),
             vectors * lanes, lanes};
  if (plan.dot && op.getInit().getType().getDimSize(1) < lanes)
    return plan;
  // A panel should leave room in a second-level cache.
  constexpr int64_t panelBytes = 512 * 1024;
  while (vectors > 1 &&
         vectors * numParts * lanes * op.getDepth() * 4 > panelBytes)
    vectors /= 2;
  int64_t columns = vectors * numParts;
  int64_t rows = (registers - 1 - columns) / columns;
  plan.panel = Tile{std::max<int64_t>(1, std::min<int64_t>(rows, 8)),
                    vectors * lanes, lanes};
  return plan;
}

class MatmulEmitter {
public:
  MatmulEmitter(GroupedMatmulOp op, KernelBuilder &b, Plan plan)
      : op(op), b(b), plan(plan), groups(groupParts(op)),
        width(op.getInit().getType().getDimSize(1)) {
    if (this->plan.dot)
      this->plan.dot->columns = std::min(plan.dot->columns, width);
  }

  void emit();

private:
  int64_t columnsPerTask();
  void emitColumns(Value task, int64_t numTasks, int64_t perTask, int64_t step,
                   function_ref<void(Value, int64_t)> body);
  void emitRows(int64_t step, function_ref<void(Value, int64_t)> body);
  void emitDotTile(Value firstRow, int64_t numRows, Value from, int64_t count,
                   ArrayRef<Value> vectors);
  void emitOuterTile(Value firstRow, int64_t numRows, Value from,
                     int64_t count);
  void emitPanel(Value panel, Value from, int64_t count);
  void emitPanelTile(Value panel, Value firstRow, int64_t numRows, Value from,
                     int64_t count, ArrayRef<SmallVector<Value>> vectors);
  void storeTile(Value firstRow, int64_t numRows, Value from, int64_t count,
                 int64_t lanes, ArrayRef<SmallVector<Value>> vectors,
                 function_ref<Value(int64_t, int64_t, int64_t)> sumOf);
  SmallVector<RowRef> lhsRows(Value first, int64_t count);
  void findParts();
  SmallVector<RowRef> weightRows(int64_t part, Value from, int64_t count);
  Value loadPart(int64_t part, Value depth, Value from, int64_t lanes,
                 int64_t valid);
  SmallVector<Value> loadVectors(Value from, int64_t lanes, int64_t valid);
  SmallVector<SmallVector<Value>> loadAllVectors(Value from, int64_t lanes,
                                                 int64_t count);
  SmallVector<Value> loadRowParts(Value row, Value from, int64_t lanes,
                                  int64_t valid);
  void storeRow(Value values, Value row, Value from);
  void emitUnit(Value task, int64_t numTasks, int64_t perTask);
  void zeroRest();

  GroupedMatmulOp op;
  KernelBuilder &b;
  Plan plan;
  SmallVector<PartGroup> groups;
  /// Columns of the output.
  int64_t width;
  /// The expert of this unit of work, and the rows that belong to it.
  Value expert, begin, end;
  /// With experts that are always on, what each part and vector part has for
  /// the output columns: a matrix or a vector without gaps between columns.
  SmallVector<Value> partViews, vectorViews;
};

/// Columns of one unit of work, in whole tiles: enough weights to be worth the
/// hand-over, and little enough that few experts still make many units.
int64_t MatmulEmitter::columnsPerTask() {
  constexpr int64_t bytesPerTask = 256 * 1024;
  int64_t bytes = 0;
  for (int64_t which : op.getPartWeights().take_front(op.getNumParts())) {
    auto type = cast<MemRefType>(op.getWeights()[which].getType());
    bytes += type.getElementTypeBitWidth() / 8 * op.getDepth();
  }
  int64_t step = std::lcm(plan.dot     ? plan.dot->columns
                          : plan.outer ? plan.outerColumns(1)
                                       : 1,
                          plan.panel ? plan.panel->columns : 1);
  int64_t columns = bytesPerTask / std::max<int64_t>(1, bytes);
  return std::max(step, columns / step * step);
}

void MatmulEmitter::emit() {
  int64_t perTask = columnsPerTask();
  int64_t numTasks = llvm::divideCeil(width, perTask);

  if (op.getZeroRest())
    zeroRest();
  // Experts may add to the same tokens, but never two tasks to one column: so
  // a task that takes the experts one after the other needs nothing atomic.
  if (op.scatters()) {
    b.parallelLoop(b.index(numTasks), [&](Value task) {
      b.forLoop(b.index(0), b.index(op.getNumExperts()), 1, [&](Value which) {
        expert = which;
        emitUnit(task, numTasks, perTask);
      });
    });
    return;
  }
  b.parallelLoop(b.index(op.getNumExperts() * numTasks), [&](Value unit) {
    expert = b.div(unit, numTasks);
    emitUnit(b.sub(unit, b.mul(expert, numTasks)), numTasks, perTask);
  });
}

/// The columns of one task for all rows of `expert`.
void MatmulEmitter::emitUnit(Value task, int64_t numTasks, int64_t perTask) {
  begin = b.toIndex(b.load(op.getOffsets(), expert));
  end = b.toIndex(b.load(op.getOffsets(), b.add(expert, 1)));
  findParts();
  Value numRows = b.sub(end, begin);
  auto compare = [&](arith::CmpIPredicate predicate, int64_t bound) {
    return arith::CmpIOp::create(b, predicate, numRows, b.index(bound));
  };

  if (plan.panel) {
    b.ifThen(compare(arith::CmpIPredicate::sge, plan.panelRows()), [&] {
      int64_t columns = plan.panel->columns;
      Value panel =
          buildPanelAlloc(b, op.getDepth(), columns * op.getNumParts());
      emitColumns(
          task, numTasks, perTask, columns,
          [&](Value from, int64_t count) { emitPanel(panel, from, count); });
      memref::DeallocOp::create(b, panel);
    });
  }
  if (!plan.dot && !plan.outer)
    return;
  Value fits = compare(arith::CmpIPredicate::sgt, 0);
  if (plan.panel)
    fits = arith::AndIOp::create(
        b, fits, compare(arith::CmpIPredicate::slt, plan.panelRows()));
  b.ifThen(fits, [&] {
    if (plan.outer) {
      emitRows(plan.outer->rows, [&](Value row, int64_t numRows) {
        emitColumns(task, numTasks, perTask, plan.outerColumns(numRows),
                    [&](Value from, int64_t count) {
                      emitOuterTile(row, numRows, from, count);
                    });
      });
      return;
    }
    // Columns outside rows: a tile of weights is read from memory once and
    // stays in the nearest cache.
    emitColumns(task, numTasks, perTask, plan.dot->columns,
                [&](Value from, int64_t count) {
                  SmallVector<Value> vectors = loadVectors(from, count, count);
                  emitRows(plan.dot->rows, [&](Value row, int64_t numRows) {
                    emitDotTile(row, numRows, from, count, vectors);
                  });
                });
  });
}

/// Zeroes the rows that belong to no expert.
void MatmulEmitter::zeroRest() {
  Value live = b.toIndex(b.load(op.getOffsets(), b.index(op.getNumExperts())));
  Type element = op.getInit().getType().getElementType();
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(element));
  b.forLoop(live, b.dim(op.getInit(), 0), 1, [&](Value row) {
    b.forLoop(b.index(0), b.index(width), 1, [&](Value column) {
      b.store(zero, op.getInit(), {row, column});
    });
  });
}

/// Runs `body` on all columns of a task, `step` at a time and then what is left
/// at the end of the last task.
void MatmulEmitter::emitColumns(Value task, int64_t numTasks, int64_t perTask,
                                int64_t step,
                                function_ref<void(Value, int64_t)> body) {
  int64_t whole = width - width % step;
  Value from = b.mul(task, perTask);
  Value to = b.min(b.add(from, perTask), b.index(whole));
  if (whole > 0)
    b.forLoop(from, to, step, [&](Value column) { body(column, step); });
  if (whole == width)
    return;
  Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, task,
                                       b.index(numTasks - 1));
  b.ifThen(isLast, [&] { body(b.index(whole), width - whole); });
}

/// Runs `body` on all rows of the expert, `step` at a time, with a body of its
/// own for every number of rows that may be left over.
void MatmulEmitter::emitRows(int64_t step,
                             function_ref<void(Value, int64_t)> body) {
  Value rest = b.rem(b.sub(end, begin), step);
  Value last = b.sub(end, rest);
  b.forLoop(begin, last, step, [&](Value row) { body(row, step); });
  b.forEachCount(rest, 1, step - 1, [&](int64_t count) { body(last, count); });
}

SmallVector<RowRef> MatmulEmitter::lhsRows(Value first, int64_t count) {
  SmallVector<RowRef> rows;
  for (int64_t i = 0; i < count; ++i) {
    Value row = b.add(first, i);
    if (op.getPairs())
      row = b.div(b.toIndex(b.load(op.getPairs(), row)), *op.getSlots());
    rows.push_back({op.getLhs(), {row}});
  }
  return rows;
}

/// Where the expert is one of two kinds, whose weights are different buffers.
void MatmulEmitter::findParts() {
  if (op.getAlwaysOn() == 0)
    return;
  partViews.clear();
  vectorViews.clear();
  for (int64_t part = 0; part < op.getNumParts(); ++part)
    partViews.push_back(buildPartView(b, op, expert, part));
  for (int64_t part = 0; part < op.getNumVectorParts(); ++part)
    vectorViews.push_back(buildVectorPartView(b, op, expert, part));
}

/// What `part` multiplies for `count` output columns from `from` on.
SmallVector<RowRef> MatmulEmitter::weightRows(int64_t part, Value from,
                                              int64_t count) {
  SmallVector<RowRef> rows;
  for (int64_t j = 0; j < count; ++j) {
    if (!partViews.empty()) {
      rows.push_back({partViews[part], {b.add(from, j)}});
      continue;
    }
    Value column = b.add(b.mul(b.add(from, j), op.getPartStrides()[part]),
                         op.getPartOffsets()[part]);
    rows.push_back(
        {op.getWeights()[op.getPartWeights()[part]], {expert, column}});
  }
  return rows;
}

/// What `part` multiplies at one depth for `lanes` output columns from `from`
/// on, of which the first `valid` exist: [in, out] weights, as f32.
Value MatmulEmitter::loadPart(int64_t part, Value depth, Value from,
                              int64_t lanes, int64_t valid) {
  int64_t stride = op.getPartStrides()[part];
  RowRef row{op.getWeights()[op.getPartWeights()[part]], {expert, depth}};
  Value elements =
      b.loadStrided(row, b.add(b.mul(from, stride), op.getPartOffsets()[part]),
                    stride, lanes, valid);
  return buildFloatCast(b, b.getLoc(), elements, b.getF32Type());
}

/// What every vector part has for `lanes` output columns from `from` on, of
/// which the first `valid` exist.
SmallVector<Value> MatmulEmitter::loadVectors(Value from, int64_t lanes,
                                              int64_t valid) {
  SmallVector<Value> values;
  if (op.getAlwaysOn() > 0) {
    for (Value view : vectorViews)
      values.push_back(b.loadStrided({view, {}}, from, 1, lanes, valid));
    return values;
  }
  for (auto [which, offset, stride] : llvm::zip(
           op.getVectorParts(), op.getVectorOffsets(), op.getVectorStrides())) {
    Value vectors = op.getVectors()[which];
    bool isShared = cast<MemRefType>(vectors.getType()).getDimSize(0) == 1;
    values.push_back(b.loadStrided({vectors, {isShared ? b.index(0) : expert}},
                                   b.add(b.mul(from, stride), offset), stride,
                                   lanes, valid));
  }
  return values;
}

/// The same for `count` columns, one vector of lanes after the other.
SmallVector<SmallVector<Value>>
MatmulEmitter::loadAllVectors(Value from, int64_t lanes, int64_t count) {
  SmallVector<SmallVector<Value>> vectors;
  for (int64_t at = 0; at < count; at += lanes)
    vectors.push_back(
        loadVectors(b.add(from, at), lanes, std::min(lanes, count - at)));
  return vectors;
}

/// What every row part has for `row`, as loadVectors.
SmallVector<Value> MatmulEmitter::loadRowParts(Value row, Value from,
                                               int64_t lanes, int64_t valid) {
  SmallVector<Value> values;
  for (auto [which, offset, stride] :
       llvm::zip(op.getRowParts(), op.getRowOffsets(), op.getRowStrides()))
    values.push_back(b.loadStrided({op.getRows()[which], {row}},
                                   b.add(b.mul(from, stride), offset), stride,
                                   lanes, valid));
  return values;
}

/// Stores columns of a row from `from` on, or adds them to those of its token.
void MatmulEmitter::storeRow(Value values, Value row, Value from) {
  if (!op.scatters())
    return b.storeRow(values, {op.getInit(), {row}}, from);
  int64_t slots = op.getScatterWeights().getType().getDimSize(1);
  Value pair = b.toIndex(b.load(op.getScatterPairs(), row));
  Value token = b.div(pair, slots);
  Value weight = buildFloatCast(
      b, b.getLoc(),
      b.load(op.getScatterWeights(), {token, b.rem(pair, slots)}),
      b.getF32Type());
  RowRef out{op.getInit(), {token}};
  int64_t lanes = cast<VectorType>(values.getType()).getDimSize(0);
  Value sum = vector::FMAOp::create(
      b, vector::BroadcastOp::create(b, values.getType(), weight), values,
      b.loadRow(out, from, lanes, lanes));
  b.storeRow(sum, out, from);
}

void MatmulEmitter::emitDotTile(Value firstRow, int64_t numRows, Value from,
                                int64_t count, ArrayRef<Value> vectors) {
  SmallVector<RowRef> columns;
  for (int64_t part = 0; part < op.getNumParts(); ++part)
    llvm::append_range(columns, weightRows(part, from, count));
  SmallVector<Value> sums = buildDotTile(b, lhsRows(firstRow, numRows), columns,
                                         op.getDepth(), plan.dot->lanes);

  // The epilogue takes as many rows at once as fill a register.
  int64_t rowsAtOnce = std::max<int64_t>(1, plan.dot->lanes / count);
  for (int64_t i = 0; i < numRows; i += rowsAtOnce) {
    int64_t last = std::min(numRows, i + rowsAtOnce);
    SmallVector<Value> parts;
    for (int64_t part = 0; part < op.getNumParts(); ++part) {
      SmallVector<Value> ofPart;
      for (int64_t row = i; row < last; ++row)
        llvm::append_range(
            ofPart,
            ArrayRef(sums).slice(row * columns.size() + part * count, count));
      parts.push_back(buildLaneSums(b, ofPart));
    }
    // All rows see the same columns.
    SmallVector<int64_t> lanes;
    for (int64_t lane = 0; lane < (last - i) * count; ++lane)
      lanes.push_back(lane % count);
    SmallVector<Value> ofRows;
    for (Value vector : vectors)
      ofRows.push_back(b.pick(vector, lanes));
    SmallVector<SmallVector<Value>> rowParts(op.getNumRowParts());
    for (int64_t row = i; row < last; ++row)
      for (auto [all, one] :
           llvm::zip(rowParts,
                     loadRowParts(b.add(firstRow, row), from, count, count)))
        all.push_back(one);
    for (ArrayRef<Value> part : rowParts)
      ofRows.push_back(b.concat(part));
    Value values = buildEpilogue(b, b.getLoc(), op, parts, ofRows);
    for (int64_t row = i; row < last; ++row)
      storeRow(b.slice(values, (row - i) * count, count), b.add(firstRow, row),
               from);
  }
}

/// Packs `count` columns of every part, then takes all rows over them.
void MatmulEmitter::emitPanel(Value panel, Value from, int64_t count) {
  int64_t columns = plan.panel->columns, lanes = plan.panel->lanes;
  for (int64_t part = 0; part < op.getNumParts(); ++part)
    for (int64_t at = 0; at < columns; at += lanes) {
      int64_t valid = std::clamp<int64_t>(count - at, 0, lanes);
      Value first = b.add(from, at);
      int64_t to = part * columns + at;
      if (valid == 0 ||
          op.getLayout(op.getPartWeights()[part]) == WeightLayout::out_in)
        buildPanelPack(b, weightRows(part, first, valid), op.getDepth(), lanes,
                       panel, to);
      else
        buildPanelCopy(
            b,
            [&](Value depth) {
              return loadPart(part, depth, first, lanes, valid);
            },
            op.getDepth(), panel, to);
    }
  SmallVector<SmallVector<Value>> vectors = loadAllVectors(from, lanes, count);
  emitRows(plan.panel->rows, [&](Value row, int64_t numRows) {
    emitPanelTile(panel, row, numRows, from, count, vectors);
  });
}

/// Walks the depth once. Interleaved parts are multiplied as they lie, and told
/// apart in the accumulators.
void MatmulEmitter::emitOuterTile(Value firstRow, int64_t numRows, Value from,
                                  int64_t count) {
  int64_t lanes = plan.outer->lanes;
  int64_t perPart = llvm::divideCeil(count, lanes);
  auto numVectors = [&](const PartGroup &group) -> int64_t {
    return group.isDense() ? llvm::divideCeil(group.span(count), lanes)
                           : group.parts.size() * perPart;
  };
  auto load = [&](Value depth, int64_t vector) -> Value {
    const PartGroup *group = groups.begin();
    for (; vector >= numVectors(*group); ++group)
      vector -= numVectors(*group);
    if (!group->isDense()) {
      int64_t at = vector % perPart * lanes;
      return loadPart(group->parts[vector / perPart], depth, b.add(from, at),
                      lanes, std::min(lanes, count - at));
    }
    int64_t at = vector * lanes;
    Value first = b.add(b.mul(from, group->stride), group->offset + at);
    return b.loadRow({op.getWeights()[group->weights], {expert, depth}}, first,
                     lanes, std::min(lanes, group->span(count) - at));
  };
  int64_t perRow = 0;
  for (const PartGroup &group : groups)
    perRow += numVectors(group);
  SmallVector<Value> sums = buildOuterTile(b, lhsRows(firstRow, numRows), load,
                                           op.getDepth(), perRow, lanes);

  auto sumOf = [&](int64_t row, int64_t vector, int64_t part) -> Value {
    ArrayRef<Value> rest = ArrayRef(sums).slice(row * perRow, perRow);
    for (const PartGroup &group : groups) {
      ArrayRef<Value> own = rest.take_front(numVectors(group));
      rest = rest.drop_front(own.size());
      auto *place = llvm::find(group.parts, part);
      if (place == group.parts.end())
        continue;
      int64_t which = place - group.parts.begin();
      if (!group.isDense())
        return own[which * perPart + vector];
      // These vectors hold the columns in question of all parts of the group.
      own = own.drop_front(vector * group.stride).take_front(group.stride);
      SmallVector<int64_t> picked;
      for (int64_t lane = 0; lane < lanes; ++lane)
        picked.push_back(std::min<int64_t>(which + lane * group.stride,
                                           own.size() * lanes - 1));
      return b.pick(b.concat(own), picked);
    }
    llvm_unreachable("every part is in a group");
  };
  storeTile(firstRow, numRows, from, count, lanes,
            loadAllVectors(from, lanes, count), sumOf);
}

/// `vectors` has what loadVectors gives for every vector of columns.
void MatmulEmitter::emitPanelTile(Value panel, Value firstRow, int64_t numRows,
                                  Value from, int64_t count,
                                  ArrayRef<SmallVector<Value>> vectors) {
  int64_t lanes = plan.panel->lanes;
  int64_t perPart = plan.panel->columns / lanes;
  int64_t perRow = perPart * op.getNumParts();
  auto load = [&](Value depth, int64_t vector) {
    return b.loadRow({panel, {depth}}, b.index(vector * lanes), lanes, lanes);
  };
  SmallVector<Value> sums = buildOuterTile(b, lhsRows(firstRow, numRows), load,
                                           op.getDepth(), perRow, lanes);
  storeTile(firstRow, numRows, from, count, lanes, vectors,
            [&](int64_t row, int64_t vector, int64_t part) {
              return sums[row * perRow + part * perPart + vector];
            });
}

/// Runs the epilogue and stores. `sumOf` gives the accumulators by row, vector
/// of columns, and part.
void MatmulEmitter::storeTile(
    Value firstRow, int64_t numRows, Value from, int64_t count, int64_t lanes,
    ArrayRef<SmallVector<Value>> vectors,
    function_ref<Value(int64_t, int64_t, int64_t)> sumOf) {
  for (int64_t row = 0; row < numRows; ++row)
    for (int64_t i = 0; i * lanes < count; ++i) {
      SmallVector<Value> parts;
      for (int64_t part = 0; part < op.getNumParts(); ++part)
        parts.push_back(sumOf(row, i, part));
      int64_t valid = std::min(lanes, count - i * lanes);
      Value at = b.add(firstRow, row);
      Value column = b.add(from, i * lanes);
      SmallVector<Value> others = vectors[i];
      llvm::append_range(others, loadRowParts(at, column, lanes, valid));
      Value values = buildEpilogue(b, b.getLoc(), op, parts, others);
      storeRow(b.slice(values, 0, valid), at, column);
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
      Plan plan;
      if (auto schedule = op.getScheduleAttr()) {
        if (failed(readSchedule(op, schedule, plan)))
          return failure();
      } else {
        plan = choosePlan(op, *width);
      }
      if (op.getInit().getType().getDimSize(1) > 0)
        MatmulEmitter(op, b, plan).emit();
      return success();
    };
    if (failed(lowerAll<GroupedMatmulOp>(getOperation(), getArgument(), lower)))
      signalPassFailure();
  }
};
} // namespace
