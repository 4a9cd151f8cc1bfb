// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/Passes.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEPLANTOGPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr int64_t kWarps = 8;
/// Ids a lane loads at a time, so that several loads are under way.
constexpr int64_t kUnroll = 4;

/// Builds the kernel of one plan. Block e < E places the pairs of expert e; of
/// those that are always on, every one has a block too; the last block writes
/// the -1 of empty slots and the tail of `pairs`. Every block reads all ids, so
/// none waits for another: once to count how many pairs go before its own, once
/// to place its own in order. Its warps take consecutive segments.
class PlanKernel {
public:
  explicit PlanKernel(PlanIntoOp op) : op(op), b(op.getLoc(), op) {}

  void build();

private:
  void placeSegment(Value start);
  /// All tokens, for the expert that is number `which` (an index) of those that
  /// are always on; its run begins at `offset`.
  void placeTokens(Value thread, Value which, Value offset);
  /// The expert of pair `at`, E for an empty slot and past the end.
  Value expertOf(Value at);
  /// A loop over the segment in steps of what the warp reads at a time.
  scf::ForOp overSegment(ValueRange init);

  PlanIntoOp op;
  GPUKernelBuilder b;
  /// Without those that are always on, as indices.
  Value numExperts, numRoutedSlots;
  /// The ids in a row, where they lie so; else null.
  Value flatIds;
  /// Counting routed slots only; `numTokens` an index.
  Value numPairs, segmentBegin, segmentEnd, numTokens;
  /// The expert whose pairs are placed, i32; E for empty slots.
  Value mine;
  Value lane, isTail;
};
} // namespace

void PlanKernel::build() {
  numTokens = b.dim(op.getExperts(), 0);
  numRoutedSlots = b.dim(op.getExperts(), 1);
  Value lastBlock = b.sub(b.dim(op.getOffsets(), 0), b.index(1));
  numExperts = b.sub(lastBlock, b.index(op.getAlwaysOn()));
  auto ids = cast<MemRefType>(op.getExperts().getType());
  if (ids.getLayout().isIdentity())
    flatIds = memref::CollapseShapeOp::create(
        b, op.getExperts(), SmallVector<ReassociationIndices>{{0, 1}});
  gpu::LaunchOp launch =
      b.launch(op, b.dim(op.getOffsets(), 0), kWarps * warpSize, "plan");
  Value block = launch.getBlockIds().x;
  lane = b.lane(launch);
  Value warp = b.warp(launch);
  // Those that are always on start where the routed ones end, like the tail.
  Value numBehind;
  mine = b.toI32(block);
  if (op.getAlwaysOn() > 0) {
    Value kind = b.min(block, numExperts);
    numBehind = b.sub(block, kind);
    mine = b.toI32(kind);
  }
  isTail = b.equal(block, lastBlock);
  numPairs = b.mul(numTokens, numRoutedSlots);
  Value chunk = b.index(kUnroll * warpSize);
  Value segment =
      b.mul(b.ceilDiv(numPairs, kWarps * kUnroll * warpSize), chunk);
  segmentBegin = b.min(b.mul(warp, segment), numPairs);
  segmentEnd = b.min(b.add(segmentBegin, segment), numPairs);

  Value before = b.sharedBuffer(launch, {kWarps}, b.getI32Type());
  Value own = b.sharedBuffer(launch, {kWarps}, b.getI32Type());
  auto counts = overSegment({b.i32(0), b.i32(0)});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(counts.getBody());
    Value less = counts.getRegionIterArg(0), same = counts.getRegionIterArg(1);
    for (int64_t i = 0; i < kUnroll; ++i) {
      Value at = b.add(b.add(counts.getInductionVar(), i * warpSize), lane);
      Value expert = expertOf(at);
      less = b.add(less, arith::ExtUIOp::create(b, b.getI32Type(),
                                                b.below(expert, mine)));
      same = b.add(same, arith::ExtUIOp::create(b, b.getI32Type(),
                                                b.equal(expert, mine)));
    }
    scf::YieldOp::create(b, ValueRange{less, same});
  }
  Value less = b.warpReduce(counts.getResult(0), NVVM::ReduxKind::ADD);
  Value same = b.warpReduce(counts.getResult(1), NVVM::ReduxKind::ADD);
  {
    OpBuilder::InsertionGuard guard(b);
    auto one = scf::IfOp::create(b, b.equal(lane, b.index(0)));
    b.setInsertionPointToStart(one.thenBlock());
    memref::StoreOp::create(b, less, before, warp);
    memref::StoreOp::create(b, same, own, warp);
  }
  gpu::BarrierOp::create(b);

  // Pairs before this expert's, and before this warp's of this expert.
  Value offset = b.i32(0), start = b.i32(0);
  for (int64_t w = 0; w < kWarps; ++w) {
    Value at = b.index(w);
    offset = b.add(offset, memref::LoadOp::create(b, before, at));
    Value count = memref::LoadOp::create(b, own, at);
    start = b.add(start, b.choose(b.less(at, warp), count, b.i32(0)));
  }
  if (numBehind)
    offset = b.add(offset, b.toI32(b.mul(numBehind, numTokens)));
  {
    OpBuilder::InsertionGuard guard(b);
    Value first = b.equal(launch.getThreadIds().x, b.index(0));
    auto one = scf::IfOp::create(b, first);
    b.setInsertionPointToStart(one.thenBlock());
    memref::StoreOp::create(b, offset, op.getOffsets(), block);
  }
  if (!numBehind) {
    placeSegment(b.add(offset, start));
  } else {
    Value isRouted = b.below(block, numExperts);
    auto branch = scf::IfOp::create(
        b, arith::OrIOp::create(b, isRouted, isTail), /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    placeSegment(b.add(offset, start));
    b.setInsertionPointToStart(branch.elseBlock());
    placeTokens(launch.getThreadIds().x, numBehind, offset);
  }
  op.erase();
}

void PlanKernel::placeTokens(Value thread, Value which, Value offset) {
  auto tokens =
      scf::ForOp::create(b, thread, numTokens, b.index(kWarps * warpSize));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(tokens.getBody());
  Value token = tokens.getInductionVar();
  Value slot = b.add(which, numRoutedSlots);
  Value pair = b.toI32(b.add(b.mul(token, op.getNumSlots()), slot));
  Value position = b.add(offset, b.toI32(token));
  memref::StoreOp::create(b, pair, op.getPairs(), b.toIndex(position));
  memref::StoreOp::create(b, position, op.getPositions(),
                          ValueRange{token, slot});
}

scf::ForOp PlanKernel::overSegment(ValueRange init) {
  return scf::ForOp::create(b, segmentBegin, segmentEnd,
                            b.index(kUnroll * warpSize), init);
}

Value PlanKernel::expertOf(Value at) {
  Value last = b.sub(numPairs, b.index(1));
  Value safe = b.min(at, last);
  Value id;
  if (flatIds) {
    id = memref::LoadOp::create(b, flatIds, safe);
  } else {
    Value token = arith::DivUIOp::create(b, safe, numRoutedSlots);
    Value slot = arith::RemUIOp::create(b, safe, numRoutedSlots);
    id = memref::LoadOp::create(b, op.getExperts(), ValueRange{token, slot});
  }
  // Ids out of range count as empty. Past the end goes beyond even those.
  Value end = b.toI32(numExperts);
  id = arith::MinUIOp::create(b, id, end);
  return b.choose(b.less(at, numPairs), id, b.add(end, 1));
}

void PlanKernel::placeSegment(Value start) {
  Value lanesBelow =
      b.sub(arith::ShLIOp::create(b, b.i32(1), b.toI32(lane)), b.i32(1));
  auto place = overSegment(start);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(place.getBody());
  SmallVector<Value> pairs, experts;
  for (int64_t i = 0; i < kUnroll; ++i) {
    pairs.push_back(b.add(b.add(place.getInductionVar(), i * warpSize), lane));
    experts.push_back(expertOf(pairs.back()));
  }
  Value next = place.getRegionIterArg(0);
  for (auto [routed, expert] : llvm::zip(pairs, experts)) {
    Value pair = routed;
    Value isMine = b.equal(expert, mine);
    Value votes = b.ballot(isMine);
    Value rank =
        math::CtPopOp::create(b, arith::AndIOp::create(b, votes, lanesBelow));
    Value position = b.add(next, rank);
    next = b.add(next, math::CtPopOp::create(b, votes));
    OpBuilder::InsertionGuard guard(b);
    auto placed = scf::IfOp::create(b, isMine);
    b.setInsertionPointToStart(placed.thenBlock());
    Value token = arith::DivUIOp::create(b, pair, numRoutedSlots);
    Value slot = arith::RemUIOp::create(b, pair, numRoutedSlots);
    if (op.getAlwaysOn() > 0)
      pair = b.add(b.mul(token, op.getNumSlots()), slot);
    memref::StoreOp::create(b, b.choose(isTail, b.i32(-1), b.toI32(pair)),
                            op.getPairs(), b.toIndex(position));
    memref::StoreOp::create(b, b.choose(isTail, b.i32(-1), position),
                            op.getPositions(), ValueRange{token, slot});
  }
  scf::YieldOp::create(b, next);
}

namespace {
struct PlanToGPU : moe::impl::MoEPlanToGPUPassBase<PlanToGPU> {
  void runOnOperation() override {
    SmallVector<PlanIntoOp> plans;
    getOperation().walk([&](PlanIntoOp op) {
      if (op.hasPureBufferSemantics())
        plans.push_back(op);
    });
    for (PlanIntoOp plan : plans)
      PlanKernel(plan).build();
  }
};
} // namespace
