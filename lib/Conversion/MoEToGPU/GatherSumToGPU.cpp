// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/Passes.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEGATHERSUMTOGPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr int64_t kMaxThreads = 128;
/// Rows whose loads are under way together.
constexpr int64_t kSlotsAtATime = 8;

/// Builds the kernel of one gather_sum: a block takes a token and a piece of
/// its width, a thread up to 16 bytes of every row.
class GatherSumKernel {
public:
  explicit GatherSumKernel(GatherSumOp op) : op(op), b(op.getLoc(), op) {}

  void build();

private:
  /// Adds slots [first, end) to `sum`, with their weights or without, rounding
  /// every sum to `sumType`.
  Value addAllSlots(Value sum, int64_t first, int64_t end, bool weighed,
                    FloatType sumType);
  /// The same for `count` slots from `first` (an index) on.
  Value addSlots(Value sum, Value first, int64_t count, bool weighed,
                 FloatType sumType);
  /// Adds the entries of bins that name the token.
  Value addEntries(Value sum);
  /// The same for the slots at `places`, an index into positions and weights
  /// each.
  Value addPlaces(Value sum, ArrayRef<std::array<Value, 2>> places,
                  bool weighed, FloatType sumType);
  Value addIdentity(Value sum);
  Value addAlwaysOn(Value sum);
  /// `sum` + `weight` * `row`, with the product rounded as the op says.
  Value addProduct(Value sum, Value weight, Value row);
  Value zero();
  Value spread(Value f32);

  GatherSumOp op;
  GPUKernelBuilder b;
  int64_t width = 1;
  Value token, column;
};
} // namespace

void GatherSumKernel::build() {
  auto outType = cast<MemRefType>(op.getOut().getType());
  width = std::min(vectorWidth(outType),
                   vectorWidth(cast<MemRefType>(op.getRows().getType())));
  for (Value rows : {op.getResidual(), op.getX()})
    if (rows)
      width = std::min(width, vectorWidth(cast<MemRefType>(rows.getType())));

  int64_t numThreads = kMaxThreads;
  if (!outType.isDynamicDim(1))
    numThreads = std::clamp<int64_t>(
        llvm::alignTo(llvm::divideCeil(outType.getDimSize(1), width), warpSize),
        warpSize, kMaxThreads);
  Value numTokens = b.dim(op.getOut(), 0);
  Value numColumns = b.dim(op.getOut(), 1);
  Value numPieces = b.ceilDiv(numColumns, numThreads * width);
  gpu::LaunchOp launch =
      b.launch(op, numTokens, numThreads, "gather_sum", numPieces);
  token = launch.getBlockIds().x;
  Value thread =
      b.add(b.mul(launch.getBlockIds().y, numThreads), launch.getThreadIds().x);
  column = b.mul(thread, width);
  auto inside = scf::IfOp::create(b, b.less(column, numColumns));
  b.setInsertionPointToStart(inside.thenBlock());

  Value sum = op.getResidual()
                  ? loadF32(b, op.getResidual(), {token, column}, width)
                  : zero();
  if (op.getX())
    sum = addIdentity(sum);
  sum = op.getEntries()
            ? addEntries(sum)
            : addAllSlots(sum, 0, op.getNumRoutedSlots(), !op.getUnweighted(),
                          op.getSumFloatType());
  if (op.getNumAlwaysOn() > 0)
    sum = addAlwaysOn(sum);
  storeF32(b, sum, op.getOut(), {token, column}, width);
  op.erase();
}

Value GatherSumKernel::addAllSlots(Value sum, int64_t first, int64_t end,
                                   bool weighed, FloatType sumType) {
  if (end - first <= kSlotsAtATime)
    return addSlots(sum, b.index(first), end - first, weighed, sumType);
  auto slots =
      scf::ForOp::create(b, b.index(first), b.index(end), b.index(1), sum);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(slots.getBody());
  sum = addSlots(slots.getRegionIterArg(0), slots.getInductionVar(), 1, weighed,
                 sumType);
  scf::YieldOp::create(b, sum);
  return slots.getResult(0);
}

Value GatherSumKernel::addSlots(Value sum, Value first, int64_t count,
                                bool weighed, FloatType sumType) {
  SmallVector<std::array<Value, 2>> places;
  for (int64_t i = 0; i < count; ++i)
    places.push_back({token, b.add(first, i)});
  return addPlaces(sum, places, weighed, sumType);
}

Value GatherSumKernel::addEntries(Value sum) {
  auto indexAt = [&](Value buffer, Value at) {
    return b.toIndex(memref::LoadOp::create(b, buffer, at));
  };
  Value begin = indexAt(op.getOffsets(), token);
  Value end = indexAt(op.getOffsets(), b.add(token, 1));
  auto entries = scf::ForOp::create(b, begin, end, b.index(1), sum);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(entries.getBody());
  Value pair = indexAt(op.getEntries(), entries.getInductionVar());
  Value width = b.dim(op.getWeights(), 1);
  Value bin = arith::DivUIOp::create(b, pair, width);
  Value column = arith::RemUIOp::create(b, pair, width);
  std::array<Value, 2> place{bin, column};
  sum = addPlaces(entries.getRegionIterArg(0), place, !op.getUnweighted(),
                  op.getSumFloatType());
  scf::YieldOp::create(b, sum);
  return entries.getResult(0);
}

/// All loads come first. An empty slot loads nothing and leaves the sum as it
/// is: the row it would name may hold a NaN.
Value GatherSumKernel::addPlaces(Value sum,
                                 ArrayRef<std::array<Value, 2>> places,
                                 bool weighed, FloatType sumType) {
  SmallVector<Value> live, weights, rows;
  for (ValueRange place : places) {
    Value position = memref::LoadOp::create(b, op.getPositions(), place);
    live.push_back(arith::CmpIOp::create(b, arith::CmpIPredicate::sge, position,
                                         b.i32(0)));
    if (weighed)
      weights.push_back(loadF32(b, op.getWeights(), place, 1));
    auto row = scf::IfOp::create(b, zero().getType(), live.back(),
                                 /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(row.thenBlock());
    scf::YieldOp::create(
        b, loadF32(b, op.getRows(), {b.toIndex(position), column}, width));
    b.setInsertionPointToStart(row.elseBlock());
    scf::YieldOp::create(b, zero());
    rows.push_back(row.getResult(0));
  }
  for (size_t i = 0; i < places.size(); ++i) {
    Value next = weighed ? addProduct(sum, spread(weights[i]), rows[i])
                         : Value(arith::AddFOp::create(b, sum, rows[i]));
    sum = b.choose(live[i], b.roundTo(next, sumType), sum);
  }
  return sum;
}

/// Adds the token's own row for every slot of an identity column.
Value GatherSumKernel::addIdentity(Value sum) {
  Value row = loadF32(b, op.getX(), {token, column}, width);
  auto slots = scf::ForOp::create(
      b, b.index(0), b.index(op.getNumRoutedSlots()), b.index(1), sum);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(slots.getBody());
  SmallVector<Value> at{token, slots.getInductionVar()};
  sum = slots.getRegionIterArg(0);
  Value id = memref::LoadOp::create(b, op.getExperts(), at);
  // As unsigned, an id below the first is too large as well.
  Value which = arith::SubIOp::create(b, id, b.i32(*op.getFirst()));
  Value isIdentity = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, which,
                                           b.i32(*op.getCount()));
  Value weight = spread(loadF32(b, op.getWeights(), at, 1));
  Value next = b.choose(isIdentity, b.fma(weight, row, sum), sum);
  scf::YieldOp::create(b, next);
  return slots.getResult(0);
}

Value GatherSumKernel::addProduct(Value sum, Value weight, Value row) {
  Value next;
  if (op.getProductFloatType().isF32())
    next = b.fma(weight, row, sum);
  else
    next =
        arith::AddFOp::create(b, sum,
                              b.roundTo(arith::MulFOp::create(b, weight, row),
                                        op.getProductFloatType()));
  return next;
}

Value GatherSumKernel::addAlwaysOn(Value sum) {
  int64_t first = op.getNumRoutedSlots();
  Value own = addAllSlots(zero(), first, first + op.getNumAlwaysOn(),
                          /*weighed=*/false, b.getF32Type());
  if (op.getGate()) {
    Value gate = loadF32(b, op.getGate(), {token, b.index(0)}, 1);
    own = arith::MulFOp::create(b, spread(gate), own);
  }
  FloatType type = op.getAlwaysFloatType();
  return arith::AddFOp::create(b, b.roundTo(sum, type), b.roundTo(own, type));
}

Value GatherSumKernel::zero() { return spread(b.f32(0.0)); }

Value GatherSumKernel::spread(Value value) {
  if (width == 1)
    return value;
  return vector::BroadcastOp::create(
      b, VectorType::get({width}, b.getF32Type()), value);
}

namespace {
struct GatherSumToGPU : moe::impl::MoEGatherSumToGPUPassBase<GatherSumToGPU> {
  void runOnOperation() override {
    SmallVector<GatherSumOp> sums;
    getOperation().walk([&](GatherSumOp op) {
      if (op.hasPureBufferSemantics())
        sums.push_back(op);
    });
    for (GatherSumOp sum : sums)
      GatherSumKernel(sum).build();
  }
};
} // namespace
