// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/GateBuilder.h"
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEGATETOCPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Emits score, select and weigh for `token`, whose logits are `row` from
/// column 0 on.
void emitToken(KernelBuilder &b, GateOp op, Value token, const RowRef &row) {
  auto element = cast<MemRefType>(row.buffer.getType()).getElementType();
  SmallVector<Value> indices = row.indices;
  indices.push_back(b.index(0));
  Value logits = vector::LoadOp::create(
      b, VectorType::get({op.getNumExperts()}, element), row.buffer, indices);
  GateRow gate = buildGateRow(b, b.getLoc(), op, logits, token);
  SmallVector<Value> at{token, b.index(0)};
  vector::StoreOp::create(b, gate.ids, op.getExperts(), at);
  vector::StoreOp::create(b, gate.weights, op.getWeights(), at);
  if (gate.always)
    vector::StoreOp::create(b, gate.always, op.getAlwaysWeights(), at);
}

/// Logits of `count` tokens from `first` on, into the first rows of `logits`.
void emitRouter(KernelBuilder &b, GateOp op, Value first, int64_t count,
                Value logits, int64_t columnTile, int64_t lanes) {
  SmallVector<RowRef> tokens;
  for (int64_t i = 0; i < count; ++i)
    tokens.push_back({op.getX(), {b.add(first, i)}});
  int64_t depth = cast<MemRefType>(op.getRouter().getType()).getDimSize(1);
  auto emitColumns = [&](Value from, int64_t width) {
    SmallVector<RowRef> experts;
    for (int64_t j = 0; j < width; ++j)
      experts.push_back({op.getRouter(), {b.add(from, j)}});
    SmallVector<Value> sums = buildDotTile(b, tokens, experts, depth, lanes);
    for (int64_t i = 0; i < count; ++i)
      b.storeRow(buildLaneSums(b, ArrayRef(sums).slice(i * width, width)),
                 {logits, {b.index(i)}}, from);
  };
  int64_t numExperts = op.getNumExperts();
  int64_t whole = numExperts - numExperts % columnTile;
  b.forLoop(b.index(0), b.index(whole), columnTile,
            [&](Value from) { emitColumns(from, columnTile); });
  if (whole < numExperts)
    emitColumns(b.index(whole), numExperts - whole);
}

LogicalResult lowerGate(GateOp op, KernelBuilder &b, int64_t lanes) {
  Value router = op.getRouter();
  int64_t rowTile = chooseDotRows(
      op.getX().getType().getElementType(),
      getElementTypeOrSelf(router ? router : Value(op.getX())), lanes);
  constexpr int64_t columnTile = 4;

  Value numTokens = b.dim(op.getX(), 0);
  b.parallelLoop(b.ceilDiv(numTokens, rowTile), [&](Value block) {
    Value first = b.mul(block, rowTile);
    Value count = b.min(b.index(rowTile), b.sub(numTokens, first));
    if (!router) {
      b.forLoop(b.index(0), count, 1, [&](Value i) {
        Value token = b.add(first, i);
        emitToken(b, op, token, {op.getX(), {token}});
      });
      return;
    }
    // On the heap: a stack slot in the body of a loop is not given back until
    // the function returns.
    auto type = MemRefType::get({rowTile, op.getNumExperts()}, b.getF32Type());
    Value logits = memref::AllocOp::create(b, type);
    b.forEachCount(count, 1, rowTile, [&](int64_t rows) {
      emitRouter(b, op, first, rows, logits, columnTile, lanes);
    });
    b.forLoop(b.index(0), count, 1, [&](Value i) {
      emitToken(b, op, b.add(first, i), {logits, {i}});
    });
    memref::DeallocOp::create(b, logits);
  });
  return success();
}

struct GateToCPU : moe::impl::MoEGateToCPUPassBase<GateToCPU> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<int64_t> width = chooseLanes(getOperation(), lanes);
    if (failed(width) ||
        failed(lowerAll<GateOp>(getOperation(), getArgument(),
                                [&](GateOp op, KernelBuilder &b) {
                                  return lowerGate(op, b, *width);
                                })))
      signalPassFailure();
  }
};
} // namespace
