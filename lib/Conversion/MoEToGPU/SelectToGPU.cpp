// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/GateBuilder.h"
#include "moe/Conversion/Passes.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOESELECTTOGPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr int64_t kWarps = 8;
constexpr int64_t kThreads = kWarps * warpSize;
/// Bits of a key that a pass decides; a thread adds up for each digit.
constexpr int64_t kDigitBits = 8;
static_assert(kThreads == 1 << kDigitBits);
/// What a block keeps in shared memory of what it picked: static allocations
/// end at 48 KiB.
constexpr int64_t kStagedBytes = 32 * 1024;

/// Builds the kernel of one select_into. A block takes an expert and a group of
/// tokens. It finds the smallest key that is in, digit by digit from the top,
/// by counting the keys that share the digits so far; then its warps walk over
/// consecutive segments and put aside, by token, what reaches that key; at last
/// every thread finds the place of its picks among them.
class SelectKernel {
public:
  explicit SelectKernel(SelectIntoOp op)
      : op(op), b(op.getLoc(), op), size(op.getK()) {
    unsigned width = op.getKey().getType().getElementTypeBitWidth();
    keyType = b.getIntegerType(std::max(width, 32u));
  }

  void build();

private:
  Value buildLimit();
  Value keyConstant(int64_t value) {
    return arith::ConstantOp::create(b, b.getIntegerAttr(keyType, value));
  }
  Value compare(arith::CmpIPredicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, predicate, x, y);
  }
  /// A bit as an i32.
  Value toNumber(Value bit) {
    return arith::ExtUIOp::create(b, b.getI32Type(), bit);
  }
  /// `body` for `from`, `from` + `step` and so on below `to`.
  void forEach(Value from, Value to, int64_t step,
               function_ref<void(Value)> body);
  Value orderedKey(Value token);
  void findDigit(int64_t shift);
  void countSegment(Value smallest);
  void placeSegment(Value smallest);
  void emitEntry(Value entry);
  Value rankOf(Value entry);
  void store(Value column, Value token, Value weight);

  SelectIntoOp op;
  GPUKernelBuilder b;
  /// Entries of a group.
  int64_t size;
  Type keyType;
  Value thread, lane, warp, expert;
  /// The tokens of the group, and how many of them are picked, i32.
  Value begin, end, room;
  /// The first entry of the group in its bin.
  Value firstEntry;
  Value segmentBegin, segmentEnd;
  /// Shared: how many keys have which digit; the digits found; how many of the
  /// keys with these digits are picked.
  Value histogram, digits, left;
  /// Shared: per warp, keys above the smallest and equal to it.
  Value above, equal;
  /// What is picked, by token, from `staged` on.
  Value stagedKeys, stagedIds, staged;
};
} // namespace

Value SelectKernel::buildLimit() {
  Value all = b.index(size);
  Value count = op.getCount();
  if (!count)
    return all;
  if (!count.getType().isIndex())
    count = b.toIndex(count);
  Value least = arith::MinSIOp::create(b, all, count);
  return arith::MaxSIOp::create(b, least, b.index(0));
}

void SelectKernel::build() {
  Value numTokens = b.dim(op.getKey(), 0);
  Value limit = buildLimit();
  Value numGroups = b.index(1);
  std::optional<int64_t> scope = op.getScope();
  if (scope)
    numGroups = b.ceilDiv(numTokens, *scope);
  int64_t numExperts = op.getNumExperts();
  bool isShared =
      size * (4 + keyType.getIntOrFloatBitWidth() / 8) <= kStagedBytes;
  SmallVector<gpu::AllocOp> scratch;
  if (!isShared)
    for (Type element : {keyType, Type(b.getI32Type())})
      scratch.push_back(gpu::AllocOp::create(
          b, MemRefType::get({ShapedType::kDynamic}, element), Type(),
          ValueRange(), b.mul(numGroups, numExperts * size), ValueRange()));
  gpu::LaunchOp launch =
      b.launch(op, b.index(numExperts), kThreads, "select", numGroups);
  thread = launch.getThreadIds().x;
  lane = b.lane(launch);
  warp = b.warp(launch);
  expert = launch.getBlockIds().x;
  Value group = launch.getBlockIds().y;
  histogram = b.sharedBuffer(launch, {kThreads}, b.getI32Type());
  digits = b.sharedBuffer(launch, {1}, keyType);
  left = b.sharedBuffer(launch, {1}, b.getI32Type());
  above = b.sharedBuffer(launch, {kWarps}, b.getI32Type());
  equal = b.sharedBuffer(launch, {kWarps}, b.getI32Type());
  staged = b.index(0);
  if (isShared) {
    stagedKeys = b.sharedBuffer(launch, {size}, keyType);
    stagedIds = b.sharedBuffer(launch, {size}, b.getI32Type());
  } else {
    stagedKeys = scratch[0].getMemref();
    stagedIds = scratch[1].getMemref();
    staged = b.mul(b.add(b.mul(group, numExperts), expert), size);
  }

  begin = b.index(0);
  end = numTokens;
  if (scope) {
    begin = b.mul(group, *scope);
    end = b.min(b.add(begin, *scope), numTokens);
  }
  firstEntry = b.mul(group, size);
  Value count = b.sub(end, begin);
  room = b.toI32(b.min(limit, count));
  b.ifThen(b.equal(thread, b.index(0)), [&] {
    Value zero = b.index(0);
    memref::StoreOp::create(b, keyConstant(0), digits, zero);
    memref::StoreOp::create(b, room, left, zero);
  });
  for (int64_t shift = keyType.getIntOrFloatBitWidth(); shift > 0;) {
    shift -= kDigitBits;
    findDigit(shift);
  }

  // Nothing is above all digits, or equal to them while there is no room.
  Value smallest = memref::LoadOp::create(b, digits, b.index(0));
  smallest = b.choose(b.equal(room, b.i32(0)), keyConstant(-1), smallest);
  Value segment = b.mul(b.ceilDiv(count, kThreads), warpSize);
  segmentBegin = b.min(b.add(begin, b.mul(warp, segment)), end);
  segmentEnd = b.min(b.add(segmentBegin, segment), end);
  countSegment(smallest);
  gpu::BarrierOp::create(b);
  placeSegment(smallest);
  gpu::BarrierOp::create(b);
  forEach(thread, b.index(size), kThreads,
          [&](Value entry) { emitEntry(entry); });

  b.setInsertionPointAfter(launch);
  for (gpu::AllocOp memory : scratch)
    gpu::DeallocOp::create(b, Type(), ValueRange(), memory.getMemref());
  op.erase();
}

void SelectKernel::forEach(Value from, Value to, int64_t step,
                           function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(b, from, to, b.index(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Value SelectKernel::orderedKey(Value token) {
  Value key = memref::LoadOp::create(b, op.getKey(), ValueRange{token, expert});
  if (key.getType().getIntOrFloatBitWidth() < 32)
    key = b.toF32(key);
  return buildOrderedKey(b, op.getLoc(), key, op.getNan());
}

/// Decides the digit at `shift`: the largest one that, with those above it,
/// has as many keys as are left to pick.
void SelectKernel::findDigit(int64_t shift) {
  memref::StoreOp::create(b, b.i32(0), histogram, thread);
  gpu::BarrierOp::create(b);
  Value zero = b.index(0);
  Value found = memref::LoadOp::create(b, digits, zero);
  Value toPick = memref::LoadOp::create(b, left, zero);
  bool isFirst = shift + kDigitBits == keyType.getIntOrFloatBitWidth();
  forEach(b.add(begin, thread), end, kThreads, [&](Value token) {
    Value key = orderedKey(token);
    Value shares;
    if (!isFirst) {
      Value decided = keyConstant(shift + kDigitBits);
      shares = b.equal(arith::ShRUIOp::create(b, key, decided),
                       arith::ShRUIOp::create(b, found, decided));
    }
    b.ifThen(shares, [&] {
      Value digit = arith::AndIOp::create(
          b, arith::ShRUIOp::create(b, key, keyConstant(shift)),
          keyConstant(kThreads - 1));
      memref::AtomicRMWOp::create(b, arith::AtomicRMWKind::addi, b.i32(1),
                                  histogram, ValueRange{b.toIndex(digit)});
    });
  });
  gpu::BarrierOp::create(b);
  // The digit of a thread is its number.
  auto sum = scf::ForOp::create(b, b.add(thread, 1), b.index(kThreads),
                                b.index(1), ValueRange{b.i32(0)});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(sum.getBody());
    Value more = memref::LoadOp::create(b, histogram, sum.getInductionVar());
    scf::YieldOp::create(b, b.add(sum.getRegionIterArg(0), more));
  }
  Value larger = sum.getResult(0);
  Value own = memref::LoadOp::create(b, histogram, thread);
  Value reaches =
      compare(arith::CmpIPredicate::sge, b.add(larger, own), toPick);
  Value isIt = arith::AndIOp::create(b, reaches, b.less(larger, toPick));
  b.ifThen(isIt, [&] {
    Value number = b.toI32(thread);
    if (keyType != number.getType())
      number = arith::ExtUIOp::create(b, keyType, number);
    Value digit = arith::ShLIOp::create(b, number, keyConstant(shift));
    memref::StoreOp::create(b, arith::OrIOp::create(b, found, digit), digits,
                            zero);
    memref::StoreOp::create(b, b.sub(toPick, larger), left, zero);
  });
  gpu::BarrierOp::create(b);
}

void SelectKernel::countSegment(Value smallest) {
  auto counts =
      scf::ForOp::create(b, b.add(segmentBegin, lane), segmentEnd,
                         b.index(warpSize), ValueRange{b.i32(0), b.i32(0)});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(counts.getBody());
    Value key = orderedKey(counts.getInductionVar());
    Value isAbove = compare(arith::CmpIPredicate::ugt, key, smallest);
    scf::YieldOp::create(
        b, ValueRange{b.add(counts.getRegionIterArg(0), toNumber(isAbove)),
                      b.add(counts.getRegionIterArg(1),
                            toNumber(b.equal(key, smallest)))});
  }
  Value numAbove = b.warpReduce(counts.getResult(0), NVVM::ReduxKind::ADD);
  Value numEqual = b.warpReduce(counts.getResult(1), NVVM::ReduxKind::ADD);
  b.ifThen(b.equal(lane, b.index(0)), [&] {
    memref::StoreOp::create(b, numAbove, above, warp);
    memref::StoreOp::create(b, numEqual, equal, warp);
  });
}

/// Of the keys equal to the smallest, the first ones that there is room for.
void SelectKernel::placeSegment(Value smallest) {
  Value ties = memref::LoadOp::create(b, left, b.index(0));
  Value aboveBefore = b.i32(0), equalBefore = b.i32(0);
  for (int64_t w = 0; w < kWarps; ++w) {
    Value at = b.index(w);
    Value isBefore = b.less(at, warp);
    auto addTo = [&](Value &sum, Value buffer) {
      Value count = memref::LoadOp::create(b, buffer, at);
      sum = b.add(sum, b.choose(isBefore, count, b.i32(0)));
    };
    addTo(aboveBefore, above);
    addTo(equalBefore, equal);
  }
  Value lanesBelow =
      b.sub(arith::ShLIOp::create(b, b.i32(1), b.toI32(lane)), b.i32(1));
  auto countOf = [&](Value votes) -> Value {
    return math::CtPopOp::create(b, votes);
  };
  auto countBelow = [&](Value votes) {
    return countOf(arith::AndIOp::create(b, votes, lanesBelow));
  };
  Value start = b.add(aboveBefore, b.min(equalBefore, ties));
  auto place =
      scf::ForOp::create(b, segmentBegin, segmentEnd, b.index(warpSize),
                         ValueRange{start, equalBefore});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(place.getBody());
  Value next = place.getRegionIterArg(0), seen = place.getRegionIterArg(1);
  Value token = b.add(place.getInductionVar(), lane);
  Value exists = b.less(token, segmentEnd);
  Value key = orderedKey(b.min(token, b.sub(segmentEnd, b.index(1))));
  auto ifExists = [&](Value bit) -> Value {
    return arith::AndIOp::create(b, exists, bit);
  };
  Value isEqual = ifExists(b.equal(key, smallest));
  Value equals = b.ballot(isEqual);
  Value hasRoom = b.less(b.add(seen, countBelow(equals)), ties);
  Value isIn = arith::OrIOp::create(
      b, ifExists(compare(arith::CmpIPredicate::ugt, key, smallest)),
      arith::AndIOp::create(b, isEqual, hasRoom));
  Value votes = b.ballot(isIn);
  b.ifThen(isIn, [&] {
    Value at = b.add(staged, b.toIndex(b.add(next, countBelow(votes))));
    memref::StoreOp::create(b, key, stagedKeys, at);
    memref::StoreOp::create(b, b.toI32(token), stagedIds, at);
  });
  scf::YieldOp::create(
      b, ValueRange{b.add(next, countOf(votes)), b.add(seen, countOf(equals))});
}

void SelectKernel::emitEntry(Value entry) {
  auto filled = scf::IfOp::create(b, b.less(b.toI32(entry), room),
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(filled.thenBlock());
  Value id = memref::LoadOp::create(b, stagedIds, b.add(staged, entry));
  Value place = op.getOrder() == SlotOrder::by_key ? rankOf(entry) : entry;
  Value weight;
  if (op.getSource())
    weight = loadF32(b, op.getSource(), {b.toIndex(id), expert}, 1);
  store(b.add(firstEntry, place), id, weight);
  b.setInsertionPointToStart(filled.elseBlock());
  store(b.add(firstEntry, entry), b.i32(-1), b.f32(0.0));
}

/// How many picks come before one: those of larger keys, then earlier tokens.
Value SelectKernel::rankOf(Value entry) {
  Value own = memref::LoadOp::create(b, stagedKeys, b.add(staged, entry));
  auto count = scf::ForOp::create(b, b.index(0), b.toIndex(room), b.index(1),
                                  ValueRange{b.i32(0)});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(count.getBody());
    Value other = count.getInductionVar();
    Value key = memref::LoadOp::create(b, stagedKeys, b.add(staged, other));
    Value isEarlier =
        arith::AndIOp::create(b, b.equal(key, own), b.less(other, entry));
    Value isBefore = arith::OrIOp::create(
        b, compare(arith::CmpIPredicate::ugt, key, own), isEarlier);
    scf::YieldOp::create(b,
                         b.add(count.getRegionIterArg(0), toNumber(isBefore)));
  }
  return b.toIndex(count.getResult(0));
}

void SelectKernel::store(Value column, Value token, Value weight) {
  SmallVector<Value> at{expert, column};
  memref::StoreOp::create(b, token, op.getTokens(), at);
  if (op.getWeights())
    storeF32(b, weight, op.getWeights(), at, 1);
}

namespace {
struct SelectToGPU : moe::impl::MoESelectToGPUPassBase<SelectToGPU> {
  void runOnOperation() override {
    SmallVector<SelectIntoOp> selects;
    getOperation().walk([&](SelectIntoOp op) {
      if (op.hasPureBufferSemantics())
        selects.push_back(op);
    });
    for (SelectIntoOp select : selects)
      SelectKernel(select).build();
  }
};
} // namespace
