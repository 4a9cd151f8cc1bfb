// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/GateBuilder.h"
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEGATHERSUMTOCPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// The f32 values with the precision of `type`.
Value roundTo(KernelBuilder &b, Value value, FloatType type) {
  return buildFloatCast(b, b.getLoc(),
                        buildFloatCast(b, b.getLoc(), value, type),
                        b.getF32Type());
}

/// `sum` + `weight` * `row`, rounded as the op says.
Value addProduct(KernelBuilder &b, GatherSumOp op, Value weight, Value row,
                 Value sum) {
  Value next;
  if (op.getProductFloatType().isF32())
    next = vector::FMAOp::create(b, weight, row, sum);
  else
    next = arith::AddFOp::create(
        b, sum,
        roundTo(b, arith::MulFOp::create(b, weight, row),
                op.getProductFloatType()));
  return roundTo(b, next, op.getSumFloatType());
}

/// Sums the `width` columns of `token` from `from` on, in registers of at most
/// `lanes` elements each.
void emitColumns(KernelBuilder &b, GatherSumOp op, Value token, Value from,
                 int64_t width, int64_t lanes) {
  // Offset and size of each register.
  SmallVector<std::pair<int64_t, int64_t>> registers;
  for (int64_t at = 0; at < width; at += lanes)
    registers.push_back({at, std::min(lanes, width - at)});
  auto load = [&](Value buffer, Value row) {
    SmallVector<Value> values;
    for (auto [at, size] : registers)
      values.push_back(b.loadRow({buffer, {row}}, b.add(from, at), size, size));
    return values;
  };

  SmallVector<Value> sums;
  if (op.getResidual())
    sums = load(op.getResidual(), token);
  else
    for (auto [at, size] : registers)
      sums.push_back(b.zeroVector(size));

  Value numSlots = b.dim(op.getPositions(), 1);
  sums = b.forLoop(
      b.index(0), numSlots, 1, sums, [&](Value slot, ValueRange carried) {
        Value position = b.load(op.getPositions(), {token, slot});
        Value live =
            arith::CmpIOp::create(b, arith::CmpIPredicate::sge, position,
                                  arith::ConstantIntOp::create(b, 0, 32));
        auto branch =
            scf::IfOp::create(b, carried.getTypes(), live, true, true);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(branch.elseBlock());
        scf::YieldOp::create(b, carried);
        b.setInsertionPointToStart(branch.thenBlock());
        Value weight = buildFloatCast(b, b.getLoc(),
                                      b.load(op.getWeights(), {token, slot}),
                                      b.getF32Type());
        SmallVector<Value> next;
        for (auto [row, sum] :
             llvm::zip_equal(load(op.getRows(), b.toIndex(position)), carried))
          next.push_back(addProduct(
              b, op, vector::BroadcastOp::create(b, sum.getType(), weight), row,
              sum));
        scf::YieldOp::create(b, next);
        return llvm::to_vector_of<Value>(branch.getResults());
      });
  for (auto [sum, range] : llvm::zip_equal(sums, registers))
    b.storeRow(sum, {op.getOut(), {token}}, b.add(from, range.first));
}

LogicalResult lowerGatherSum(GatherSumOp op, KernelBuilder &b, int64_t lanes) {
  int64_t width = op.getOut().getType().getDimSize(1);
  // Enough columns at a time to make the slot loop worth its branch.
  int64_t tile = 4 * lanes;
  int64_t whole = width - width % tile;
  // Small tasks cost more to hand out than to do.
  constexpr int64_t elementsPerTask = 8192;
  int64_t tokensPerTask =
      std::max<int64_t>(1, elementsPerTask / std::max<int64_t>(1, width));

  Value numTokens = b.dim(op.getOut(), 0);
  b.parallelLoop(b.ceilDiv(numTokens, tokensPerTask), [&](Value block) {
    Value first = b.mul(block, tokensPerTask);
    Value end = b.min(b.add(first, tokensPerTask), numTokens);
    b.forLoop(first, end, 1, [&](Value token) {
      b.forLoop(b.index(0), b.index(whole), tile, [&](Value from) {
        emitColumns(b, op, token, from, tile, lanes);
      });
      if (whole < width)
        emitColumns(b, op, token, b.index(whole), width - whole, lanes);
    });
  });
  return success();
}

struct GatherSumToCPU : moe::impl::MoEGatherSumToCPUPassBase<GatherSumToCPU> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<int64_t> width = chooseLanes(getOperation(), lanes);
    if (failed(width) ||
        failed(lowerAll<GatherSumOp>(getOperation(), getArgument(),
                                     [&](GatherSumOp op, KernelBuilder &b) {
                                       return lowerGatherSum(op, b, *width);
                                     })))
      signalPassFailure();
  }
};
} // namespace
