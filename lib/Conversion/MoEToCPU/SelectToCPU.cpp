// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/GateBuilder.h"
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOESELECTTOCPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
using IntPredicate = arith::CmpIPredicate;

/// Keys of one step.
constexpr int64_t kLanes = 16;

/// Emits what one expert picks from one group of tokens: the smallest key that
/// is in, bit by bit, then the tokens that reach it, then the place of each.
/// A pass over all keys takes a few vectors, so the number of picks costs
/// nothing but their order.
class BinEmitter {
public:
  BinEmitter(SelectIntoOp op, KernelBuilder &b)
      : op(op), b(b), size(op.getK()) {
    unsigned width = op.getKey().getType().getElementTypeBitWidth();
    keyType = b.getIntegerType(std::max(width, 32u));
    chunkType = VectorType::get({kLanes}, keyType);
  }

  void emit() {
    numTokens = b.dim(op.getKey(), 0);
    limit = buildLimit();
    Value numGroups = b.index(1);
    if (std::optional<int64_t> scope = op.getScope())
      numGroups = b.ceilDiv(numTokens, *scope);
    int64_t numExperts = op.getNumExperts();
    b.parallelLoop(b.mul(numGroups, numExperts), [&](Value task) {
      expert = b.rem(task, numExperts);
      emitBin(b.div(task, numExperts));
    });
  }

private:
  Value constant(Type type, int64_t value) {
    return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
  }

  Value compare(IntPredicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, predicate, x, y);
  }

  /// How many entries a group fills at most.
  Value buildLimit() {
    Value all = b.index(size);
    Value count = op.getCount();
    if (!count)
      return all;
    if (!count.getType().isIndex())
      count = b.toIndex(count);
    return arith::MaxSIOp::create(b, b.min(all, count), b.index(0));
  }

  Value allocate(Value numElements, Type element) {
    return memref::AllocOp::create(
        b, MemRefType::get({ShapedType::kDynamic}, element), numElements);
  }

  Value padded(Value count) { return b.mul(b.ceilDiv(count, kLanes), kLanes); }

  /// Memory for keys of which the last step is zeros where nothing else is
  /// written: less than whatever is looked for.
  Value allocateKeys(Value count) {
    Value room = padded(count);
    Value keys = allocate(room, keyType);
    b.ifThen(compare(IntPredicate::ne, room, b.index(0)), [&] {
      Value zeros = arith::ConstantOp::create(b, b.getZeroAttr(chunkType));
      vector::StoreOp::create(b, zeros, keys, b.sub(room, b.index(kLanes)));
    });
    return keys;
  }

  void emitBin(Value group) {
    begin = b.index(0);
    Value end = numTokens;
    if (std::optional<int64_t> scope = op.getScope()) {
      begin = b.mul(group, *scope);
      end = b.min(b.add(begin, *scope), numTokens);
    }
    count = b.sub(end, begin);
    Value room = b.min(limit, count);
    Value first = b.mul(group, size);

    Value keys = allocateKeys(count);
    loadKeys(keys);
    Value smallest = findSmallest(keys, room);
    Value picked = allocateKeys(room);
    Value ids = allocate(room, b.getI32Type());
    collect(keys, smallest, room, picked, ids);
    b.forLoop(b.index(0), room, 1, [&](Value i) {
      Value place = i;
      if (op.getOrder() == SlotOrder::by_key)
        place = rankOf(i, picked, room);
      Value token = b.add(begin, b.toIndex(b.load(ids, i)));
      Value weight;
      if (op.getSource())
        weight = b.load(op.getSource(), {token, expert});
      store(b.add(first, place), b.toI32(token), weight);
    });
    b.forLoop(room, b.index(size), 1, [&](Value i) {
      store(b.add(first, i), constant(b.getI32Type(), -1), Value());
    });
    for (Value memory : {keys, picked, ids})
      memref::DeallocOp::create(b, memory);
  }

  void store(Value column, Value token, Value weight) {
    SmallVector<Value> at{expert, column};
    b.store(token, op.getTokens(), at);
    if (!op.getWeights())
      return;
    Type type = op.getWeights().getType().getElementType();
    if (!weight)
      weight = arith::ConstantOp::create(b, b.getZeroAttr(type));
    // Values are taken in f32.
    weight = buildFloatCast(b, b.getLoc(), weight, b.getF32Type());
    b.store(buildFloatCast(b, b.getLoc(), weight, cast<FloatType>(type)),
            op.getWeights(), at);
  }

  void loadKeys(Value keys) {
    b.forLoop(b.index(0), count, 1, [&](Value i) {
      Value key = b.load(op.getKey(), {b.add(begin, i), expert});
      if (key.getType().getIntOrFloatBitWidth() < 32)
        key = buildFloatCast(b, b.getLoc(), key, b.getF32Type());
      b.store(buildOrderedKey(b, b.getLoc(), key, op.getNan()), keys, i);
    });
  }

  /// Adds up over `memory` in steps what `body` makes of a step and its first
  /// index, as an index.
  Value countSteps(Value memory, Value numKeys,
                   function_ref<Value(Value keys, Value at)> body) {
    auto type = VectorType::get({kLanes}, b.getI32Type());
    Value zeros = arith::ConstantOp::create(b, b.getZeroAttr(type));
    Value sums = b.forLoop(
        b.index(0), numKeys, kLanes, {zeros}, [&](Value at, ValueRange state) {
          Value keys = vector::LoadOp::create(b, chunkType, memory, at);
          Value ones = arith::ExtUIOp::create(b, type, body(keys, at));
          return SmallVector<Value>{arith::AddIOp::create(b, state[0], ones)};
        })[0];
    return b.toIndex(
        vector::ReductionOp::create(b, vector::CombiningKind::ADD, sums));
  }

  Value countIf(Value memory, Value numKeys, IntPredicate predicate,
                Value bound) {
    Value bounds = vector::BroadcastOp::create(b, chunkType, bound);
    return countSteps(memory, numKeys, [&](Value keys, Value) {
      return compare(predicate, keys, bounds);
    });
  }

  /// The largest number that `room` keys reach: the last key that is in.
  Value findSmallest(Value keys, Value room) {
    int64_t width = keyType.getIntOrFloatBitWidth();
    Value top = constant(keyType, int64_t(1) << (width - 1));
    return b.forLoop(
        b.index(0), b.index(width), 1, {constant(keyType, 0), top},
        [&](Value, ValueRange state) {
          Value tried = arith::OrIOp::create(b, state[0], state[1]);
          Value enough =
              compare(IntPredicate::sge,
                      countIf(keys, count, IntPredicate::uge, tried), room);
          Value next =
              arith::ShRUIOp::create(b, state[1], constant(keyType, 1));
          return SmallVector<Value>{
              arith::SelectOp::create(b, enough, tried, state[0]), next};
        })[0];
  }

  /// Writes the keys of what is in, and its number in the group, by token: keys
  /// above `smallest`, and as many equal to it as there is room for.
  void collect(Value keys, Value smallest, Value room, Value picked,
               Value ids) {
    Value above = countIf(keys, count, IntPredicate::ugt, smallest);
    b.forLoop(b.index(0), count, 1, {b.index(0), b.sub(room, above)},
              [&](Value i, ValueRange state) {
                Value key = b.load(keys, i);
                Value isTie = arith::AndIOp::create(
                    b, compare(IntPredicate::eq, key, smallest),
                    compare(IntPredicate::ne, state[1], b.index(0)));
                Value isIn = arith::OrIOp::create(
                    b, compare(IntPredicate::ugt, key, smallest), isTie);
                b.ifThen(isIn, [&] {
                  b.store(key, picked, state[0]);
                  b.store(b.toI32(i), ids, state[0]);
                });
                auto asIndex = [&](Value bit) -> Value {
                  return arith::IndexCastUIOp::create(b, b.getIndexType(), bit);
                };
                return SmallVector<Value>{b.add(state[0], asIndex(isIn)),
                                          b.sub(state[1], asIndex(isTie))};
              });
  }

  /// How many of what is in come before the `i`-th: a larger key does, then an
  /// earlier token.
  Value rankOf(Value i, Value picked, Value room) {
    Value own = vector::BroadcastOp::create(b, chunkType, b.load(picked, i));
    auto places = VectorType::get({kLanes}, b.getI32Type());
    auto numbers = llvm::to_vector(llvm::seq<int32_t>(0, kLanes));
    Value lanes = arith::ConstantOp::create(
        b, DenseElementsAttr::get(places, ArrayRef<int32_t>(numbers)));
    Value ownPlace = vector::BroadcastOp::create(b, places, b.toI32(i));
    return countSteps(picked, room, [&](Value keys, Value at) -> Value {
      Value place = arith::AddIOp::create(
          b, lanes, vector::BroadcastOp::create(b, places, b.toI32(at)));
      Value isEarlier =
          arith::AndIOp::create(b, compare(IntPredicate::eq, keys, own),
                                compare(IntPredicate::ult, place, ownPlace));
      return arith::OrIOp::create(b, compare(IntPredicate::ugt, keys, own),
                                  isEarlier);
    });
  }

  SelectIntoOp op;
  KernelBuilder &b;
  /// Entries of a group.
  int64_t size;
  Type keyType;
  VectorType chunkType;
  Value numTokens, limit, expert;
  /// The tokens of the group.
  Value begin, count;
};

struct SelectToCPU : moe::impl::MoESelectToCPUPassBase<SelectToCPU> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(lowerAll<SelectIntoOp>(getOperation(), getArgument(),
                                      [](SelectIntoOp op, KernelBuilder &b) {
                                        BinEmitter(op, b).emit();
                                        return success();
                                      })))
      signalPassFailure();
  }
};
} // namespace
