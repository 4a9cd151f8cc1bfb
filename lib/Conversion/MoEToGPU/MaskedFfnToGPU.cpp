// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/Passes.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEMASKEDFFNTOGPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr int64_t kThreads = 256;
/// Runs that the blocks of units are cut into on the way down: one per warp.
constexpr int64_t kRuns = 16;

/// Builds the kernels of one masked_ffn, each of which reads what those before
/// it wrote.
class MaskedFfnKernels {
public:
  explicit MaskedFfnKernels(MaskedFfnOp op)
      : op(op), b(op.getLoc(), op), samples(op.getSamples()),
        tile(op.getTile()), numUnits(op.getNumUnits()),
        numBlocks(op.getNumBlocks()) {}

  void build() {
    prepare();
    buildFactors();
    prepare();
    buildLists();
    prepare();
    buildUp();
    prepare();
    buildDown();
    op.erase();
  }

private:
  /// Sizes, in front of the op.
  void prepare();
  void buildFactors();
  void buildLists();
  void buildUp();
  void buildDown();

  Value load(Value buffer, ValueRange indices) {
    return memref::LoadOp::create(b, buffer, indices);
  }
  void store(Value value, Value buffer, ValueRange indices) {
    memref::StoreOp::create(b, value, buffer, indices);
  }
  Value isNot0(Value i32) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, i32, b.i32(0));
  }
  Value addF(Value x, Value y) { return arith::AddFOp::create(b, x, y); }

  /// Carries `inits` from `begin` to `end` - 1.
  SmallVector<Value>
  forLoop(Value begin, Value end, int64_t step, ValueRange inits,
          function_ref<SmallVector<Value>(Value, ValueRange)> body);

  void addSlots(Value token, Value sample, Value thread);
  Value dotProducts(Value unit, Value first, Value lane);
  Value activate(Value preactivation);
  Value maskBefore(Value token, Value unit, Value preactivation);

  MaskedFfnOp op;
  GPUKernelBuilder b;
  int64_t samples, tile, numUnits, numBlocks;
  Value numTokens, numTiles, liveSamples;
};
} // namespace

void MaskedFfnKernels::prepare() {
  b.setInsertionPoint(op);
  numTokens = b.dim(op.getX(), 0);
  numTiles = b.ceilDiv(numTokens, tile);
  liveSamples = b.index(samples);
  if (Value count = op.getCount()) {
    if (!count.getType().isIndex())
      count = b.toIndex(count);
    liveSamples = arith::MinSIOp::create(
        b, arith::MaxSIOp::create(b, count, b.index(0)), liveSamples);
  }
}

SmallVector<Value> MaskedFfnKernels::forLoop(
    Value begin, Value end, int64_t step, ValueRange inits,
    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(b, begin, end, b.index(step), inits);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!inits.empty())
    scf::YieldOp::create(b, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// A block per token: thread i owns units i, i + 256, ... and reads all slots,
/// so that it adds in their order without a word to the others.
void MaskedFfnKernels::buildFactors() {
  gpu::LaunchOp launch = b.launch(op, numTokens, kThreads, "unit_factors");
  Value token = launch.getBlockIds().x, thread = launch.getThreadIds().x;
  int64_t rows = op.isPost() ? 1 : samples;
  forLoop(thread, b.index(numUnits), kThreads, {}, [&](Value unit, ValueRange) {
    store(b.i32(0), op.getKept(), {token, unit});
    for (int64_t r = 0; r < rows; ++r)
      store(b.f32(0.0), op.getFactors(), {b.add(b.mul(token, rows), r), unit});
    return SmallVector<Value>();
  });
  forLoop(b.index(0), liveSamples, 1, {}, [&](Value sample, ValueRange) {
    addSlots(token, sample, thread);
    return SmallVector<Value>();
  });
}

void MaskedFfnKernels::addSlots(Value token, Value sample, Value thread) {
  Value row = b.add(b.mul(token, samples), sample);
  Value bit = b.i32(1), weight;
  if (!op.isPost())
    bit = arith::ShLIOp::create(b, bit, b.toI32(sample));
  else if (op.getSampleWeights())
    weight = loadF32(b, op.getSampleWeights(), {token, sample}, 1);
  int64_t slots = cast<MemRefType>(op.getUnits().getType()).getDimSize(1);
  forLoop(b.index(0), b.index(slots), 1, {}, [&](Value slot, ValueRange) {
    Value id = load(op.getUnits(), {row, slot});
    // As unsigned, a negative id is too large as well.
    Value exists = b.below(id, b.i32(numUnits));
    Value mine = b.equal(b.rem(id, kThreads), b.toI32(thread));
    b.ifThen(arith::AndIOp::create(b, exists, mine), [&] {
      Value unit = b.toIndex(id);
      Value factor = loadF32(b, op.getCoefficients(), {row, slot}, 1);
      if (weight)
        factor = arith::MulFOp::create(b, factor, weight);
      SmallVector<Value> place{token, unit};
      store(arith::OrIOp::create(b, load(op.getKept(), place), bit),
            op.getKept(), place);
      place[0] = op.isPost() ? token : row;
      store(addF(load(op.getFactors(), place), factor), op.getFactors(), place);
    });
    return SmallVector<Value>();
  });
}

/// A block per tile, a warp per block of units: a lane asks for two of them.
void MaskedFfnKernels::buildLists() {
  gpu::LaunchOp launch = b.launch(op, numTiles, kThreads, "unit_lists");
  Value at = launch.getBlockIds().x, lane = b.lane(launch);
  Value first = b.mul(at, tile);
  Value end = b.min(b.add(first, tile), numTokens);
  Value one = b.i32(1);
  Value before = b.sub(arith::ShLIOp::create(b, one, b.toI32(lane)), one);
  forLoop(
      b.warp(launch), b.index(numBlocks), kThreads / warpSize, {},
      [&](Value block, ValueRange) {
        Value begin = b.mul(block, MaskedFfnOp::kBlock);
        Value count = b.i32(0);
        for (int64_t half = 0; half < MaskedFfnOp::kBlock; half += warpSize) {
          Value unit = b.add(b.add(begin, half), lane);
          Value exists = b.less(unit, b.index(numUnits));
          Value safe = b.min(unit, b.index(numUnits - 1));
          Value any = forLoop(first, end, 1, b.i32(0),
                              [&](Value token, ValueRange bits) {
                                Value more = load(op.getKept(), {token, safe});
                                return SmallVector<Value>{
                                    arith::OrIOp::create(b, bits[0], more)};
                              })[0];
          Value keeps = arith::AndIOp::create(b, exists, isNot0(any));
          Value votes = b.ballot(keeps);
          Value mine =
              math::CtPopOp::create(b, arith::AndIOp::create(b, votes, before));
          Value place = b.add(begin, b.toIndex(b.add(count, mine)));
          b.ifThen(keeps,
                   [&] { store(b.toI32(unit), op.getLists(), {at, place}); });
          count = b.add(count, math::CtPopOp::create(b, votes));
        }
        b.ifThen(b.equal(lane, b.index(0)),
                 [&] { store(count, op.getCounts(), {at, block}); });
        return SmallVector<Value>();
      });
}

/// A block per tile and block of units, a warp per unit that is listed.
void MaskedFfnKernels::buildUp() {
  gpu::LaunchOp launch =
      b.launch(op, numTiles, kThreads, "unit_up", b.index(numBlocks));
  Value at = launch.getBlockIds().x, block = launch.getBlockIds().y;
  Value lane = b.lane(launch), first = b.mul(at, tile);
  Value begin = b.mul(block, MaskedFfnOp::kBlock);
  Value count = b.toIndex(load(op.getCounts(), {at, block}));
  forLoop(
      b.warp(launch), count, kThreads / warpSize, {},
      [&](Value which, ValueRange) {
        Value unit = b.toIndex(load(op.getLists(), {at, b.add(begin, which)}));
        Value sum = dotProducts(unit, first, lane);
        if (op.getUpBias())
          sum = addF(sum, loadF32(b, op.getUpBias(), unit, 1));
        Value token = b.add(first, lane);
        Value inside = arith::AndIOp::create(b, b.less(lane, b.index(tile)),
                                             b.less(token, numTokens));
        b.ifThen(inside, [&] {
          Value hidden =
              op.isPost()
                  ? Value(arith::MulFOp::create(
                        b, load(op.getFactors(), {token, unit}), activate(sum)))
                  : maskBefore(token, unit, sum);
          Value keeps = isNot0(load(op.getKept(), {token, unit}));
          storeF32(b, b.choose(keeps, hidden, b.f32(0.0)), op.getHidden(),
                   {token, unit}, 1);
        });
        return SmallVector<Value>();
      });
}

/// The products of `unit` with the tokens of a tile, that of token i in lane i.
/// Tokens that are not there repeat the last one.
Value MaskedFfnKernels::dotProducts(Value unit, Value first, Value lane) {
  auto up = cast<MemRefType>(op.getUp().getType());
  int64_t width = std::min(vectorWidth(up),
                           vectorWidth(cast<MemRefType>(op.getX().getType())));
  Value zero = b.f32(0.0);
  if (width > 1)
    zero = vector::BroadcastOp::create(
        b, VectorType::get({width}, b.getF32Type()), zero);
  SmallVector<Value> tokens;
  for (int64_t r = 0; r < tile; ++r)
    tokens.push_back(b.min(b.add(first, r), b.sub(numTokens, b.index(1))));
  SmallVector<Value> sums = forLoop(
      b.mul(lane, width), b.index(up.getDimSize(1)), warpSize * width,
      SmallVector<Value>(tile, zero), [&](Value at, ValueRange carried) {
        Value weights = loadF32(b, op.getUp(), {unit, at}, width);
        SmallVector<Value> next;
        for (auto [token, sum] : llvm::zip_equal(tokens, carried))
          next.push_back(
              b.fma(loadF32(b, op.getX(), {token, at}, width), weights, sum));
        return next;
      });
  Value mine = b.f32(0.0);
  for (auto [r, sum] : llvm::enumerate(sums)) {
    Value total = sum;
    if (width > 1) {
      total = vector::ExtractOp::create(b, sum, 0);
      for (int64_t i = 1; i < width; ++i)
        total = addF(total, vector::ExtractOp::create(b, sum, i));
    }
    mine = b.choose(b.equal(lane, b.index(r)), b.warpSum(total), mine);
  }
  return mine;
}

/// The region, on f32 but for its own types.
Value MaskedFfnKernels::activate(Value preactivation) {
  Block &block = op.getActivation().front();
  IRMapping mapping;
  mapping.map(block.getArgument(0),
              b.fromF32(preactivation, block.getArgument(0).getType()));
  for (Operation &inner : block.without_terminator())
    b.clone(inner, mapping);
  return b.toF32(mapping.lookupOrDefault(block.getTerminator()->getOperand(0)));
}

Value MaskedFfnKernels::maskBefore(Value token, Value unit,
                                   Value preactivation) {
  Value kept = load(op.getKept(), {token, unit});
  return forLoop(
      b.index(0), liveSamples, 1, b.f32(0.0),
      [&](Value sample, ValueRange carried) {
        Value bit = arith::ShLIOp::create(b, b.i32(1), b.toI32(sample));
        Value names = isNot0(arith::AndIOp::create(b, kept, bit));
        Value row = b.add(b.mul(token, samples), sample);
        Value masked = arith::MulFOp::create(
            b, load(op.getFactors(), {row, unit}), preactivation);
        Value term = activate(b.choose(names, masked, b.f32(0.0)));
        if (op.getSampleWeights())
          term = arith::MulFOp::create(
              b, loadF32(b, op.getSampleWeights(), {token, sample}, 1), term);
        return SmallVector<Value>{addF(carried[0], term)};
      })[0];
}

/// A block per tile and 32 columns, a lane per column, a warp per run of blocks
/// of units; the runs are added in order.
void MaskedFfnKernels::buildDown() {
  int64_t width = cast<MemRefType>(op.getDown().getType()).getDimSize(1);
  if (width == 0)
    return;
  gpu::LaunchOp launch = b.launch(op, numTiles, kRuns * warpSize, "unit_down",
                                  b.index(llvm::divideCeil(width, warpSize)));
  Value at = launch.getBlockIds().x, lane = b.lane(launch);
  Value warp = b.warp(launch), first = b.mul(at, tile);
  Value column = b.add(b.mul(launch.getBlockIds().y, warpSize), lane);
  Value safe = b.min(column, b.index(width - 1));
  int64_t perRun = llvm::divideCeil(numBlocks, kRuns);
  Value firstBlock = b.min(b.mul(warp, perRun), b.index(numBlocks));
  Value endBlock = b.min(b.add(firstBlock, perRun), b.index(numBlocks));
  SmallVector<Value> tokens;
  for (int64_t r = 0; r < tile; ++r)
    tokens.push_back(b.min(b.add(first, r), b.sub(numTokens, b.index(1))));

  auto addUnit = [&](Value place, ValueRange carried) {
    Value unit = b.toIndex(load(op.getLists(), {at, place}));
    Value weight = loadF32(b, op.getDown(), {unit, safe}, 1);
    SmallVector<Value> next;
    for (auto [token, sum] : llvm::zip_equal(tokens, carried)) {
      Value product =
          b.fma(loadF32(b, op.getHidden(), {token, unit}, 1), weight, sum);
      // What is not finite must not reach a token that does not keep the unit.
      next.push_back(tile == 1
                         ? product
                         : b.choose(isNot0(load(op.getKept(), {token, unit})),
                                    product, sum));
    }
    return next;
  };
  SmallVector<Value> sums =
      forLoop(firstBlock, endBlock, 1, SmallVector<Value>(tile, b.f32(0.0)),
              [&](Value block, ValueRange carried) {
                Value begin = b.mul(block, MaskedFfnOp::kBlock);
                Value count = b.toIndex(load(op.getCounts(), {at, block}));
                return forLoop(begin, b.add(begin, count), 1, carried, addUnit);
              });

  Value parts = b.sharedBuffer(launch, {kRuns, tile, warpSize}, b.getF32Type());
  for (auto [r, sum] : llvm::enumerate(sums))
    store(sum, parts, {warp, b.index(r), lane});
  gpu::BarrierOp::create(b);
  Value token = b.add(first, warp);
  Value writes = arith::AndIOp::create(b, b.less(warp, b.index(tile)),
                                       b.less(token, numTokens));
  writes = arith::AndIOp::create(b, writes, b.less(column, b.index(width)));
  b.ifThen(writes, [&] {
    Value sum = b.f32(0.0);
    for (int64_t run = 0; run < kRuns; ++run)
      sum = addF(sum, load(parts, {b.index(run), warp, lane}));
    if (op.getDownBias())
      sum = addF(sum, loadF32(b, op.getDownBias(), column, 1));
    storeF32(b, sum, op.getOut(), {token, column}, 1);
  });
}

namespace {
struct MaskedFfnToGPU : moe::impl::MoEMaskedFfnToGPUPassBase<MaskedFfnToGPU> {
  void runOnOperation() override {
    SmallVector<MaskedFfnOp> ops;
    getOperation().walk([&](MaskedFfnOp op) {
      if (op.hasPureBufferSemantics())
        ops.push_back(op);
    });
    for (MaskedFfnOp op : ops)
      MaskedFfnKernels(op).build();
  }
};
} // namespace
