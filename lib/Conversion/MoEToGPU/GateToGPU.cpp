// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "GateSelection.h"

#include "moe/Conversion/GateBuilder.h"
#include "moe/Conversion/Passes.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEGATETOGPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr int64_t kWarps = 4;
/// Experts a warp multiplies at a time, for all tokens of its block.
constexpr int64_t kExpertTile = 4;
/// Shared memory a block may take: static allocations end at 48 KiB.
constexpr int64_t kSharedBytes = 40 * 1024;

/// Builds the kernel of one gate. A block takes a few tokens: its warps share
/// the experts of the matmul, then each warp decides for one token.
class GateKernel {
public:
  GateKernel(GateOp op, bool useBuildRow)
      : op(op), b(op.getLoc(), op), numExperts(op.getNumExperts()),
        numSlots(op.getNumSlots()), t{b, numExperts},
        named{b, op.getNumNamed()}, selection(op, named, useBuildRow),
        keysApart(selection.readsKeys() &&
                  (op.getSelectOn() != op.getWeighOn() || op.getKeyBias() ||
                   selection.changesKeys())) {
    int64_t bytesPerToken =
        4 * (keysApart ? 2 : 1) * numExperts + selection.bytesPerToken();
    while (tokensPerBlock > 1 && tokensPerBlock * bytesPerToken > kSharedBytes)
      tokensPerBlock /= 2;
  }

  LogicalResult build();

private:
  void multiply(Value firstToken);
  void multiplyTile(Value firstToken, Value firstExpert);
  void decide(Value token);
  SmallVector<Value> loadLogits(Value token);
  SmallVector<Value> score(ArrayRef<Value> logits);
  SmallVector<Value> addKeyBias(ArrayRef<Value> keys);
  void weigh(Value token);

  GateOp op;
  GPUKernelBuilder b;
  int64_t numExperts, numSlots;
  /// Columns of the router, and those that slots can name.
  TokenWarp t, named;
  GateSelection selection;
  /// Whether keys have rows of their own.
  bool keysApart;
  int64_t tokensPerBlock = kWarps;

  gpu::LaunchOp launch;
  Value lane, warp, numTokens;
  // Shared, a row per token: what is weighed (first the logits), and the
  // selection keys where they differ.
  Value values, keyRows;
};
} // namespace

LogicalResult GateKernel::build() {
  numTokens = b.dim(op.getExperts(), 0);
  Value numBlocks = b.ceilDiv(numTokens, tokensPerBlock);
  launch = b.launch(op, numBlocks, kWarps * warpSize, "gate");
  lane = t.lane = named.lane = b.lane(launch);
  warp = t.warp = named.warp = b.warp(launch);
  values = b.sharedBuffer(launch, {tokensPerBlock, numExperts}, b.getF32Type());
  selection.addBuffers(launch, tokensPerBlock);
  keyRows = values;
  if (keysApart)
    keyRows =
        b.sharedBuffer(launch, {tokensPerBlock, numExperts}, b.getF32Type());

  Value firstToken = b.mul(launch.getBlockIds().x, tokensPerBlock);
  if (op.getRouter()) {
    multiply(firstToken);
    gpu::BarrierOp::create(b);
  }
  Value token = b.add(firstToken, warp);
  Value isMine = b.less(token, numTokens);
  if (tokensPerBlock < kWarps)
    isMine =
        arith::AndIOp::create(b, isMine, b.less(warp, b.index(tokensPerBlock)));
  auto mine = scf::IfOp::create(b, isMine);
  b.setInsertionPointToStart(mine.thenBlock());
  decide(token);
  op.erase();
  return success();
}

// The matmul

void GateKernel::multiply(Value firstToken) {
  auto tiles =
      scf::ForOp::create(b, b.mul(warp, kExpertTile), b.index(numExperts),
                         b.index(kWarps * kExpertTile));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(tiles.getBody());
  multiplyTile(firstToken, tiles.getInductionVar());
}

/// Lanes run along the depth. Tokens and experts past the end repeat the last
/// one, and are not stored.
void GateKernel::multiplyTile(Value firstToken, Value firstExpert) {
  Value x = op.getX(), router = op.getRouter();
  int64_t width = std::min(vectorWidth(cast<MemRefType>(x.getType())),
                           vectorWidth(cast<MemRefType>(router.getType())));
  SmallVector<Value> tokens, experts;
  Value lastToken = b.sub(numTokens, b.index(1));
  for (int64_t t = 0; t < tokensPerBlock; ++t)
    tokens.push_back(b.min(b.add(firstToken, t), lastToken));
  for (int64_t e = 0; e < kExpertTile; ++e)
    experts.push_back(b.min(b.add(firstExpert, e), b.index(numExperts - 1)));

  SmallVector<Value> zeros(tokensPerBlock * kExpertTile, b.f32(0.0));
  auto depth = scf::ForOp::create(b, b.mul(lane, width), b.dim(x, 1),
                                  b.index(warpSize * width), zeros);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(depth.getBody());
    Value d = depth.getInductionVar();
    auto load = [&](Value buffer, Value row) {
      Value loaded = loadF32(b, buffer, {row, d}, width);
      SmallVector<Value> elements;
      for (int64_t i = 0; i < width; ++i)
        elements.push_back(
            width == 1 ? loaded : vector::ExtractOp::create(b, loaded, i));
      return elements;
    };
    SmallVector<SmallVector<Value>> rows, columns;
    for (Value token : tokens)
      rows.push_back(load(x, token));
    for (Value expert : experts)
      columns.push_back(load(router, expert));
    SmallVector<Value> sums(depth.getRegionIterArgs());
    for (int64_t i = 0; i < width; ++i)
      for (int64_t t = 0; t < tokensPerBlock; ++t)
        for (int64_t e = 0; e < kExpertTile; ++e) {
          Value &sum = sums[t * kExpertTile + e];
          sum = b.fma(rows[t][i], columns[e][i], sum);
        }
    scf::YieldOp::create(b, sums);
  }
  SmallVector<Value> biases(kExpertTile);
  if (op.getBias())
    for (auto [bias, expert] : llvm::zip(biases, experts))
      bias = loadF32(b, op.getBias(), expert, 1);
  SmallVector<Value> logits;
  for (auto [i, sum] : llvm::enumerate(depth.getResults())) {
    Value logit = b.warpSum(sum);
    if (Value bias = biases[i % kExpertTile])
      logit = arith::AddFOp::create(b, logit, bias);
    logits.push_back(b.roundTo(logit, op.getLogitsFloatType()));
  }

  // Every lane has every sum by now; one writes.
  auto one = scf::IfOp::create(b, b.equal(lane, b.index(0)));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(one.thenBlock());
  for (int64_t e = 0; e < kExpertTile; ++e) {
    Value expert = b.add(firstExpert, e);
    Value real;
    if (numExperts % kExpertTile != 0)
      real = b.less(expert, b.index(numExperts));
    b.ifThen(real, [&] {
      for (int64_t t = 0; t < tokensPerBlock; ++t)
        memref::StoreOp::create(b, logits[t * kExpertTile + e], values,
                                ValueRange{b.index(t), expert});
    });
  }
}

// One token per warp

SmallVector<Value> GateKernel::loadLogits(Value token) {
  SmallVector<Value> logits;
  for (int64_t i = 0; i < t.perLane; ++i) {
    Value expert = t.safeExpertOf(i);
    logits.push_back(
        op.getRouter()
            ? memref::LoadOp::create(b, values, ValueRange{warp, expert})
            : loadF32(b, op.getX(), {token, expert}, 1));
  }
  return logits;
}

SmallVector<Value> GateKernel::score(ArrayRef<Value> logits) {
  SmallVector<Value> scores(logits);
  if (op.getScore() == ScoreFn::softmax) {
    Value largest;
    Value lowest = b.f32(-std::numeric_limits<double>::infinity());
    for (int64_t i = 0; i < t.perLane; ++i) {
      Value logit = t.orElse(i, logits[i], lowest);
      largest = largest ? arith::MaxNumFOp::create(b, largest, logit) : logit;
    }
    largest = b.warpMax(largest);
    Value sum;
    for (int64_t i = 0; i < t.perLane; ++i) {
      scores[i] = b.exp(arith::SubFOp::create(b, logits[i], largest));
      Value term = t.orElse(i, scores[i], b.f32(0.0));
      sum = sum ? arith::AddFOp::create(b, sum, term) : term;
    }
    sum = b.warpSum(sum);
    for (Value &value : scores)
      value = arith::DivFOp::create(b, value, sum);
  } else {
    for (Value &value : scores)
      value = buildScoreElement(b, op.getLoc(), op.getScore(), value);
  }
  for (Value &value : scores)
    value = b.roundTo(value, op.getScoreFloatType());
  return scores;
}

SmallVector<Value> GateKernel::addKeyBias(ArrayRef<Value> keys) {
  SmallVector<Value> biased;
  for (auto [i, key] : llvm::enumerate(keys)) {
    Value bias = loadF32(b, op.getKeyBias(), named.safeExpertOf(i), 1);
    Value sum = arith::AddFOp::create(b, key, bias);
    auto type = cast<FloatType>(op.getKeyBias().getType().getElementType());
    biased.push_back(b.roundTo(sum, type));
  }
  return biased;
}

void GateKernel::decide(Value token) {
  SmallVector<Value> logits = loadLogits(token);
  SmallVector<Value> scores = score(logits);
  auto pick = [&](GateValue which) {
    return ArrayRef<Value>(which == GateValue::logits ? logits : scores);
  };
  SmallVector<Value> keys(pick(op.getSelectOn()));
  if (op.getKeyBias())
    keys = addKeyBias(keys);
  // Lanes past the last expert have read the last one's logit, which its own
  // lane is about to overwrite.
  b.syncWarp();
  t.storeRow(values, pick(op.getWeighOn()));
  b.syncWarp();
  selection.build(token, keys, keyRows, /*hasKeys=*/!keysApart);
  weigh(token);
}

/// Lanes run along the slots, behind which are those that are always on.
void GateKernel::weigh(Value token) {
  struct Slot {
    Value exists, isLive, index, id, weighed, weight;
  };
  int64_t alwaysOn = op.getAlwaysOn();
  SmallVector<Slot> slots;
  for (int64_t first = 0; first < numSlots + alwaysOn; first += warpSize) {
    Slot slot;
    slot.index = b.add(lane, first);
    slot.exists = b.less(slot.index, b.index(numSlots + alwaysOn));
    Value safe = b.min(slot.index, b.index(numSlots - 1));
    slot.id =
        memref::LoadOp::create(b, selection.selected, ValueRange{warp, safe});
    slot.weighed = slot.id;
    if (op.getColumns())
      slot.weighed =
          buildWeighedIds(b, op.getLoc(), slot.id, op.getNumColumns());
    if (alwaysOn > 0) {
      // Slots past the last repeat the last column.
      Value column = b.min(b.add(slot.index, named.numExperts - numSlots),
                           b.index(numExperts - 1));
      slot.weighed = b.choose(b.less(slot.index, b.index(numSlots)),
                              slot.weighed, b.toI32(column));
    }
    Value filled = arith::CmpIOp::create(b, arith::CmpIPredicate::sge,
                                         slot.weighed, b.i32(0));
    slot.isLive = arith::AndIOp::create(b, slot.exists, filled);
    Value expert = b.toIndex(arith::MaxSIOp::create(b, slot.weighed, b.i32(0)));
    slot.weight = memref::LoadOp::create(b, values, ValueRange{warp, expert});
    slots.push_back(slot);
  }
  auto sumOfLive = [&](function_ref<Value(Value)> termOf) {
    Value sum;
    for (Slot &slot : slots) {
      Value term = b.choose(slot.isLive, termOf(slot.weight), b.f32(0.0));
      sum = sum ? arith::AddFOp::create(b, sum, term) : term;
    }
    return b.warpSum(sum);
  };
  auto itself = [](Value weight) { return weight; };
  auto multiplyBy = [&](function_ref<Value(Slot &)> factorOf) {
    for (Slot &slot : slots)
      slot.weight = arith::MulFOp::create(b, slot.weight, factorOf(slot));
  };
  auto divideBy = [&](Value sum) {
    for (Slot &slot : slots)
      slot.weight = arith::DivFOp::create(b, slot.weight, sum);
  };

  switch (op.getWeigh()) {
  case WeighFn::value:
    break;
  case WeighFn::softmax_selected: {
    Value lowest = b.f32(-std::numeric_limits<double>::infinity());
    Value largest = lowest;
    for (Slot &slot : slots)
      largest = arith::MaxNumFOp::create(
          b, largest, b.choose(slot.isLive, slot.weight, lowest));
    largest = b.warpMax(largest);
    for (Slot &slot : slots)
      slot.weight = b.exp(arith::SubFOp::create(b, slot.weight, largest));
    divideBy(sumOfLive(itself));
    break;
  }
  case WeighFn::sigmoid:
    for (Slot &slot : slots)
      slot.weight =
          buildScoreElement(b, op.getLoc(), ScoreFn::sigmoid, slot.weight);
    break;
  case WeighFn::one:
    for (Slot &slot : slots)
      slot.weight = b.f32(1.0);
    break;
  case WeighFn::band_softmax:
    llvm_unreachable("refused by the verifier");
  }
  Weighing weighing = op.getWeighing();
  if (weighing.norm == WeighNorm::hits) {
    divideBy(sumOfLive([&](Value) { return b.f32(1.0); }));
  } else if (weighing.norm != WeighNorm::none) {
    Value sum = sumOfLive([&](Value weight) {
      return buildNormTerm(b, op.getLoc(), weighing, weight);
    });
    divideBy(buildDivisor(b, op.getLoc(), weighing, sum));
  }
  if (Value perExpert = op.getPerExpert())
    multiplyBy([&](Slot &slot) {
      Value id = arith::MaxSIOp::create(b, slot.weighed, b.i32(0));
      return loadF32(b, perExpert, b.toIndex(id), 1);
    });
  if (Value factor = op.getFactor())
    multiplyBy([&, wide = b.toF32(factor)](Slot &) { return wide; });
  if (weighing.scale != 1.0)
    multiplyBy([&](Slot &) { return b.f32(weighing.scale); });
  for (Slot &slot : slots) {
    b.ifThen(b.less(slot.index, b.index(numSlots)), [&] {
      memref::StoreOp::create(b, slot.id, op.getExperts(),
                              ValueRange{token, slot.index});
      storeF32(b, b.choose(slot.isLive, slot.weight, b.f32(0.0)),
               op.getWeights(), {token, slot.index}, 1);
    });
    if (alwaysOn == 0)
      continue;
    Value isAlways = arith::AndIOp::create(
        b, slot.exists,
        arith::CmpIOp::create(b, arith::CmpIPredicate::uge, slot.index,
                              b.index(numSlots)));
    b.ifThen(isAlways, [&] {
      storeF32(b, slot.weight, op.getAlwaysWeights(),
               {token, b.sub(slot.index, b.index(numSlots))}, 1);
    });
  }
}

namespace {
struct GateToGPU : moe::impl::MoEGateToGPUPassBase<GateToGPU> {
  using MoEGateToGPUPassBase::MoEGateToGPUPassBase;

  void runOnOperation() override {
    SmallVector<GateOp> gates;
    getOperation().walk([&](GateOp op) {
      if (op.hasPureBufferSemantics())
        gates.push_back(op);
    });
    for (GateOp gate : gates)
      if (failed(lower(gate)))
        return signalPassFailure();
  }

  LogicalResult lower(GateOp gate) {
    // More keys than this per lane no longer stay in registers.
    if (gate.getNumExperts() > 1024)
      return gate.emitOpError("has ")
             << gate.getNumExperts()
             << " experts, but the GPU's gate takes at most 1024";
    return GateKernel(gate, useBuildRow).build();
  }
};
} // namespace
