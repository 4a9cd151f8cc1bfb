// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "PanelKernel.h"

#include "moe/Conversion/GateBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Transposes a square of vectors: every round swaps the off-diagonal blocks of
/// one size.
void transpose(KernelBuilder &b, MutableArrayRef<Value> vectors) {
  int64_t size = vectors.size();
  for (int64_t block = size / 2; block >= 1; block /= 2) {
    SmallVector<int64_t> upper, lower;
    for (int64_t lane = 0; lane < size; ++lane) {
      bool left = (lane & block) == 0;
      upper.push_back(left ? lane : size + lane - block);
      lower.push_back(left ? lane + block : size + lane);
    }
    for (int64_t i = 0; i < size; ++i) {
      if (i & block)
        continue;
      Value first = vectors[i], second = vectors[i + block];
      vectors[i] = vector::ShuffleOp::create(b, first, second, upper);
      vectors[i + block] = vector::ShuffleOp::create(b, first, second, lower);
    }
  }
}

/// Element `at` of `row` in every lane, as f32. Extended after it is spread:
/// there is no way to extend a single bf16 that does not leave the vector unit.
Value loadSplat(KernelBuilder &b, const RowRef &row, Value at, int64_t lanes) {
  SmallVector<Value> indices = row.indices;
  indices.push_back(at);
  Value scalar = b.load(row.buffer, indices);
  Value splat = vector::BroadcastOp::create(
      b, VectorType::get({lanes}, scalar.getType()), scalar);
  return buildFloatCast(b, b.getLoc(), splat, b.getF32Type());
}
} // namespace

Value moe::buildPanelAlloc(KernelBuilder &b, int64_t depth, int64_t width) {
  // Whole cache lines, so that no vector straddles two.
  return memref::AllocOp::create(
      b, MemRefType::get({depth, width}, b.getF32Type()),
      b.getI64IntegerAttr(64));
}

void moe::buildPanelPack(KernelBuilder &b, ArrayRef<RowRef> columns,
                         int64_t depth, int64_t lanes, Value panel,
                         int64_t at) {
  auto packSquare = [&](Value from, int64_t valid) {
    SmallVector<Value> square;
    for (const RowRef &column : columns)
      square.push_back(b.loadRow(column, from, lanes, valid));
    square.resize(lanes, b.zeroVector(lanes));
    transpose(b, square);
    for (int64_t i = 0; i < valid; ++i)
      b.storeRow(square[i], {panel, {b.add(from, i)}}, b.index(at));
  };
  int64_t whole = depth - depth % lanes;
  b.forLoop(b.index(0), b.index(whole), lanes,
            [&](Value from) { packSquare(from, lanes); });
  if (whole < depth)
    packSquare(b.index(whole), depth - whole);
}

void moe::buildPanelCopy(KernelBuilder &b, function_ref<Value(Value)> load,
                         int64_t depth, Value panel, int64_t at) {
  b.forLoop(b.index(0), b.index(depth), 1,
            [&](Value k) { b.storeRow(load(k), {panel, {k}}, b.index(at)); });
}

SmallVector<Value> moe::buildOuterTile(KernelBuilder &b, ArrayRef<RowRef> rows,
                                       function_ref<Value(Value, int64_t)> load,
                                       int64_t depth, int64_t numVectors,
                                       int64_t lanes) {
  int64_t numRows = rows.size();
  SmallVector<Value> zeros(numRows * numVectors, b.zeroVector(lanes));
  return b.forLoop(b.index(0), b.index(depth), 1, zeros,
                   [&](Value k, ValueRange carried) {
                     SmallVector<Value> next(carried);
                     auto multiply = [&](int64_t row, int64_t vector,
                                         Value left, Value right) {
                       Value &sum = next[row * numVectors + vector];
                       sum = vector::FMAOp::create(b, left, right, sum);
                     };
                     // The side with fewer factors stays in registers, beside
                     // one factor of the other.
                     SmallVector<Value> kept;
                     if (numRows <= numVectors) {
                       for (const RowRef &row : rows)
                         kept.push_back(loadSplat(b, row, k, lanes));
                       for (int64_t i = 0; i < numVectors; ++i) {
                         Value right = load(k, i);
                         for (int64_t r = 0; r < numRows; ++r)
                           multiply(r, i, kept[r], right);
                       }
                       return next;
                     }
                     for (int64_t i = 0; i < numVectors; ++i)
                       kept.push_back(load(k, i));
                     for (int64_t r = 0; r < numRows; ++r) {
                       Value left = loadSplat(b, rows[r], k, lanes);
                       for (int64_t i = 0; i < numVectors; ++i)
                         multiply(r, i, left, kept[i]);
                     }
                     return next;
                   });
}
