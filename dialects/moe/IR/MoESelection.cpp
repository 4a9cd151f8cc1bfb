// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoESelection.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::moe;

namespace {
using Predicate = arith::CmpFPredicate;
using IntPredicate = arith::CmpIPredicate;

constexpr double infinity = std::numeric_limits<double>::infinity();

VectorType vectorOf(int64_t size, Type element) {
  return VectorType::get({size}, element);
}

int64_t sizeOf(Value vector) {
  return cast<VectorType>(vector.getType()).getDimSize(0);
}

Type elementOf(Value vector) {
  return cast<VectorType>(vector.getType()).getElementType();
}

Value constant(ImplicitLocOpBuilder &b, Type type, double value) {
  return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
}

Value constantInt(ImplicitLocOpBuilder &b, Type type, int64_t value) {
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
}

Value index(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

Value splat(ImplicitLocOpBuilder &b, Value scalar, int64_t size) {
  return vector::BroadcastOp::create(b, vectorOf(size, scalar.getType()),
                                     scalar);
}

Value choose(ImplicitLocOpBuilder &b, Value condition, Value a, Value other) {
  return arith::SelectOp::create(b, condition, a, other);
}

Value toIndex(ImplicitLocOpBuilder &b, Value integer) {
  return arith::IndexCastOp::create(b, b.getIndexType(), integer);
}

/// `count` i32 numbers -1: empty slots.
Value emptySlots(ImplicitLocOpBuilder &b, int64_t count) {
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(vectorOf(count, b.getI32Type()),
                                b.getI32IntegerAttr(-1)));
}

/// Runs `body` for 0 .. end-1, which passes `state` on.
SmallVector<Value> forEach(
    ImplicitLocOpBuilder &b, Value end, ValueRange state,
    function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, Value, ValueRange)>
        body,
    int64_t step = 1) {
  auto loop = scf::ForOp::create(
      b, b.getLoc(), index(b, 0), end, index(b, step), state,
      [&](OpBuilder &builder, Location loc, Value i, ValueRange state) {
        ImplicitLocOpBuilder b(loc, builder);
        scf::YieldOp::create(b, body(b, i, state));
      });
  return SmallVector<Value>(loop.getResults());
}

/// One scan of scalars per slot. An expert beats the best so far if its key is
/// larger, or if it is NaN and the best is not; scanning upwards makes the
/// lower id win ties.
Value scanForLargest(ImplicitLocOpBuilder &b, Value row, int64_t count) {
  int64_t numExperts = sizeOf(row);
  Value yes = arith::ConstantIntOp::create(b, 1, 1);
  Value none = arith::ConstantIntOp::create(b, -1, 32);
  Value zeroKey = constant(b, elementOf(row), 0.0);
  Value noneTaken = arith::ConstantOp::create(
      b, b.getZeroAttr(vectorOf(numExperts, b.getI1Type())));
  auto scan = [&](ImplicitLocOpBuilder &b, Value taken) {
    return forEach(
        b, index(b, numExperts), {none, zeroKey},
        [&](ImplicitLocOpBuilder &b, Value expert, ValueRange best) {
          Value key = vector::ExtractOp::create(b, row, expert);
          Value isTaken = vector::ExtractOp::create(b, taken, expert);
          Value isFree = arith::XOrIOp::create(b, isTaken, yes);
          Value isFirst =
              arith::CmpIOp::create(b, IntPredicate::eq, best[0], none);
          Value larger = arith::CmpFOp::create(b, Predicate::OGT, key, best[1]);
          Value isNan = arith::CmpFOp::create(b, Predicate::UNO, key, key);
          Value overNumber =
              arith::CmpFOp::create(b, Predicate::ORD, best[1], best[1]);
          Value nanWins = arith::AndIOp::create(b, isNan, overNumber);
          Value wins = arith::OrIOp::create(
              b, isFirst, arith::OrIOp::create(b, larger, nanWins));
          wins = arith::AndIOp::create(b, isFree, wins);
          Value id = arith::IndexCastOp::create(b, b.getI32Type(), expert);
          return SmallVector<Value>{choose(b, wins, id, best[0]),
                                    choose(b, wins, key, best[1])};
        })[0];
  };
  return forEach(b, index(b, count), {emptySlots(b, count), noneTaken},
                 [&](ImplicitLocOpBuilder &b, Value slot, ValueRange state) {
                   Value picked = scan(b, state[1]);
                   Value ids =
                       vector::InsertOp::create(b, picked, state[0], slot);
                   Value taken = vector::InsertOp::create(b, yes, state[1],
                                                          toIndex(b, picked));
                   return SmallVector<Value>{ids, taken};
                 })[0];
}

/// Finds the `count` largest of many keys: the smallest that is in, bit by bit,
/// then the ids that reach it, then the place of each among them.
class LargestSearch {
public:
  LargestSearch(ImplicitLocOpBuilder &b, Value row, int64_t count)
      : b(b), numExperts(sizeOf(row)), count(count),
        keyType(b.getIntegerType(elementOf(row).getIntOrFloatBitWidth())),
        chunkType(vectorOf(lanes, keyType)) {
    keys = buffer(numExperts, keyType);
    store(orderedKeys(row), keys);
  }

  Value run() {
    Value smallest = findSmallest();
    Value ids = buffer(count, b.getI32Type());
    Value picked = buffer(count, keyType);
    collect(smallest, ids, picked);
    Value ranked = buffer(count, b.getI32Type());
    rank(ids, picked, ranked);
    return vector::LoadOp::create(b, vectorOf(count, b.getI32Type()), ranked,
                                  index(b, 0));
  }

private:
  /// Lanes of one step; buffers are padded to a multiple with zeros, which are
  /// less than every key.
  static constexpr int64_t lanes = 16;

  Value buffer(int64_t size, Type element) {
    int64_t padded = llvm::alignTo(size, lanes);
    Value memory = allocate(MemRefType::get({padded}, element));
    Value zeros =
        arith::ConstantOp::create(b, b.getZeroAttr(vectorOf(lanes, element)));
    if (padded != size)
      vector::StoreOp::create(b, zeros, memory, index(b, padded - lanes));
    return memory;
  }

  /// On the stack, outside of all loops that run on one thread: a loop would
  /// not give it back between two rounds.
  Value allocate(MemRefType type) {
    Region *region = b.getInsertionBlock()->getParent();
    while (
        isa<scf::ForOp, scf::WhileOp>(region->getParentOp()) ||
        !region->getParentOp()->hasTrait<OpTrait::AutomaticAllocationScope>())
      region = region->getParentRegion();
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&region->front());
    return memref::AllocaOp::create(b, type);
  }

  void store(Value vector, Value memory) {
    vector::StoreOp::create(b, vector, memory, index(b, 0));
  }

  Value load(ImplicitLocOpBuilder &b, Value memory, Value at) {
    return vector::LoadOp::create(b, chunkType, memory, at);
  }

  /// Unsigned integers in the order of the keys: NaN above everything, both
  /// zeros alike, none zero.
  Value orderedKeys(Value row) {
    auto type = vectorOf(numExperts, keyType);
    int64_t width = keyType.getIntOrFloatBitWidth();
    auto all = [&](int64_t value) {
      return splat(b, constantInt(b, keyType, value), numExperts);
    };
    int64_t sign = std::numeric_limits<int64_t>::min() >> (64 - width);
    // Adding +0 turns -0 into +0 and leaves everything else alone.
    Value sum = arith::AddFOp::create(
        b, row, splat(b, constant(b, elementOf(row), 0.0), numExperts));
    Value bits = arith::BitcastOp::create(b, type, sum);
    Value negative = arith::CmpIOp::create(b, IntPredicate::slt, bits, all(0));
    Value flipped = choose(b, negative, arith::XOrIOp::create(b, bits, all(-1)),
                           arith::OrIOp::create(b, bits, all(sign)));
    Value isNan = arith::CmpFOp::create(b, Predicate::UNO, row, row);
    return choose(b, isNan, all(-1), flipped);
  }

  /// How many of the first `size` keys of `memory` compare to `bound`.
  Value countIf(ImplicitLocOpBuilder &b, Value memory, int64_t size,
                IntPredicate predicate, Value bound) {
    Value zeros = arith::ConstantOp::create(
        b, b.getZeroAttr(vectorOf(lanes, b.getI32Type())));
    Value bounds = splat(b, bound, lanes);
    Value counts = forEach(
        b, index(b, size), zeros,
        [&](ImplicitLocOpBuilder &b, Value at, ValueRange state) {
          Value meets =
              arith::CmpIOp::create(b, predicate, load(b, memory, at), bounds);
          Value one = arith::ExtUIOp::create(b, zeros.getType(), meets);
          return SmallVector<Value>{arith::AddIOp::create(b, state[0], one)};
        },
        lanes)[0];
    return vector::ReductionOp::create(b, vector::CombiningKind::ADD, counts);
  }

  /// The largest number that `count` keys reach: the last key that is in.
  Value findSmallest() {
    int64_t width = keyType.getIntOrFloatBitWidth();
    Value top = constantInt(b, keyType, int64_t(1) << (width - 1));
    Value needed = constantInt(b, b.getI32Type(), count);
    return forEach(
        b, index(b, width), {constantInt(b, keyType, 0), top},
        [&](ImplicitLocOpBuilder &b, Value, ValueRange state) {
          Value tried = arith::OrIOp::create(b, state[0], state[1]);
          Value reached =
              countIf(b, keys, numExperts, IntPredicate::uge, tried);
          Value enough =
              arith::CmpIOp::create(b, IntPredicate::sge, reached, needed);
          Value next =
              arith::ShRUIOp::create(b, state[1], constantInt(b, keyType, 1));
          return SmallVector<Value>{choose(b, enough, tried, state[0]), next};
        })[0];
  }

  /// Writes the ids, rising, and keys of what is in: keys above `smallest`, and
  /// as many equal to it, by id, as there is room for.
  void collect(Value smallest, Value ids, Value picked) {
    Value above = countIf(b, keys, numExperts, IntPredicate::ugt, smallest);
    Value equals =
        arith::SubIOp::create(b, constantInt(b, b.getI32Type(), count), above);
    forEach(b, index(b, numExperts), {index(b, 0), toIndex(b, equals)},
            [&](ImplicitLocOpBuilder &b, Value expert, ValueRange state) {
              Value key = memref::LoadOp::create(b, keys, expert);
              Value larger =
                  arith::CmpIOp::create(b, IntPredicate::ugt, key, smallest);
              Value equal =
                  arith::CmpIOp::create(b, IntPredicate::eq, key, smallest);
              Value hasRoom = arith::CmpIOp::create(b, IntPredicate::ne,
                                                    state[1], index(b, 0));
              Value isTie = arith::AndIOp::create(b, equal, hasRoom);
              Value isIn = arith::OrIOp::create(b, larger, isTie);
              scf::IfOp::create(b, isIn, [&](OpBuilder &builder, Location loc) {
                ImplicitLocOpBuilder b(loc, builder);
                Value id =
                    arith::IndexCastOp::create(b, b.getI32Type(), expert);
                memref::StoreOp::create(b, id, ids, state[0]);
                memref::StoreOp::create(b, key, picked, state[0]);
                scf::YieldOp::create(b);
              });
              auto asIndex = [&](Value bit) -> Value {
                return arith::IndexCastUIOp::create(b, b.getIndexType(), bit);
              };
              return SmallVector<Value>{
                  arith::AddIOp::create(b, state[0], asIndex(isIn)),
                  arith::SubIOp::create(b, state[1], asIndex(isTie))};
            });
  }

  /// Writes every id to its place: behind all larger keys, and behind equal
  /// ones that come before it.
  void rank(Value ids, Value picked, Value ranked) {
    Value equals = arith::ConstantOp::create(
        b, b.getZeroAttr(vectorOf(lanes, b.getI32Type())));
    auto steps = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
    Value lane = arith::ConstantOp::create(
        b, DenseElementsAttr::get(vectorOf(lanes, b.getIndexType()),
                                  ArrayRef<int64_t>(steps)));
    forEach(
        b, index(b, count), {},
        [&](ImplicitLocOpBuilder &b, Value i, ValueRange) {
          Value key = memref::LoadOp::create(b, picked, i);
          Value keys = splat(b, key, lanes);
          Value before = forEach(
              b, index(b, count), equals,
              [&](ImplicitLocOpBuilder &b, Value at, ValueRange state) {
                Value others = load(b, picked, at);
                Value larger =
                    arith::CmpIOp::create(b, IntPredicate::ugt, others, keys);
                Value same =
                    arith::CmpIOp::create(b, IntPredicate::eq, others, keys);
                Value place =
                    arith::AddIOp::create(b, lane, splat(b, at, lanes));
                Value earlier = arith::CmpIOp::create(
                    b, IntPredicate::ult, place, splat(b, i, lanes));
                Value ahead = arith::OrIOp::create(
                    b, larger, arith::AndIOp::create(b, same, earlier));
                Value one = arith::ExtUIOp::create(b, equals.getType(), ahead);
                return SmallVector<Value>{
                    arith::AddIOp::create(b, state[0], one)};
              },
              lanes)[0];
          Value place = vector::ReductionOp::create(
              b, vector::CombiningKind::ADD, before);
          Value id = memref::LoadOp::create(b, ids, i);
          memref::StoreOp::create(b, id, ranked, toIndex(b, place));
          return SmallVector<Value>();
        });
  }

  ImplicitLocOpBuilder &b;
  int64_t numExperts, count;
  Type keyType;
  VectorType chunkType;
  Value keys;
};

/// The sum of the `top` largest of `group`; NaN if one of them is.
Value groupScore(ImplicitLocOpBuilder &b, Value group, int64_t top) {
  auto largest = [&](Value keys) -> Value {
    return vector::ReductionOp::create(b, vector::CombiningKind::MAXIMUMF,
                                       keys);
  };
  int64_t size = sizeOf(group);
  auto ids = llvm::to_vector(llvm::seq<int32_t>(0, size));
  Value lane = arith::ConstantOp::create(
      b, DenseElementsAttr::get(vectorOf(size, b.getI32Type()),
                                ArrayRef<int32_t>(ids)));
  Value past = splat(b, constantInt(b, b.getI32Type(), size), size);
  Value lowest = splat(b, constant(b, elementOf(group), -infinity), size);
  Value best = largest(group);
  Value sum = best;
  for (int64_t i = 1; i < top; ++i) {
    Value isBest =
        arith::CmpFOp::create(b, Predicate::UEQ, group, splat(b, best, size));
    Value first = vector::ReductionOp::create(b, vector::CombiningKind::MINSI,
                                              choose(b, isBest, lane, past));
    Value isFirst =
        arith::CmpIOp::create(b, IntPredicate::eq, lane, splat(b, first, size));
    group = choose(b, isFirst, lowest, group);
    best = largest(group);
    sum = arith::AddFOp::create(b, sum, best);
  }
  return sum;
}

/// Fills the keys of groups that do not stay.
Value keepGroups(ImplicitLocOpBuilder &b, GroupsAttr groups, Value row) {
  int64_t numExperts = sizeOf(row), size = numExperts / groups.getN();
  SmallVector<Value> scores;
  for (int64_t first = 0; first < numExperts; first += size) {
    Value group = vector::ShuffleOp::create(
        b, row, row, llvm::to_vector(llvm::seq(first, first + size)));
    scores.push_back(groupScore(b, group, groups.getTop()));
  }
  Value all = vector::FromElementsOp::create(
      b, vectorOf(groups.getN(), elementOf(row)), scores);
  Value kept = buildLargest(b, b.getLoc(), all, groups.getKeep());
  double fill = groups.getFill() == GroupFill::zero ? 0.0 : -infinity;
  Value filled = splat(b, constant(b, elementOf(row), fill), numExperts);
  for (int64_t g = 0; g < groups.getN(); ++g) {
    Value isMine = arith::CmpIOp::create(
        b, IntPredicate::eq, kept,
        splat(b, constantInt(b, b.getI32Type(), g), groups.getKeep()));
    Value stays =
        vector::ReductionOp::create(b, vector::CombiningKind::OR, isMine);
    SmallVector<bool> others(numExperts, true);
    std::fill_n(others.begin() + g * size, size, false);
    Value isOther = arith::ConstantOp::create(
        b, DenseElementsAttr::get(vectorOf(numExperts, b.getI1Type()),
                                  ArrayRef<bool>(others)));
    Value isIn = arith::OrIOp::create(b, isOther, splat(b, stays, numExperts));
    row = choose(b, isIn, row, filled);
  }
  return row;
}

/// Live ids in rising order, then empty slots. Every id goes behind those that
/// are smaller, and behind equal ones before it.
Value sortById(ImplicitLocOpBuilder &b, Value ids) {
  int64_t count = sizeOf(ids);
  Value end = index(b, count);
  Value none = constantInt(b, b.getI32Type(), 0);
  return forEach(
      b, end, emptySlots(b, count),
      [&](ImplicitLocOpBuilder &b, Value slot, ValueRange state) {
        // As unsigned numbers, empty slots come last.
        Value id = vector::ExtractOp::create(b, ids, slot);
        Value place = forEach(
            b, end, none,
            [&](ImplicitLocOpBuilder &b, Value other, ValueRange before) {
              Value otherId = vector::ExtractOp::create(b, ids, other);
              Value smaller =
                  arith::CmpIOp::create(b, IntPredicate::ult, otherId, id);
              Value same =
                  arith::CmpIOp::create(b, IntPredicate::eq, otherId, id);
              Value earlier =
                  arith::CmpIOp::create(b, IntPredicate::ult, other, slot);
              Value isBefore = arith::OrIOp::create(
                  b, smaller, arith::AndIOp::create(b, same, earlier));
              Value one = arith::ExtUIOp::create(b, b.getI32Type(), isBefore);
              return SmallVector<Value>{
                  arith::AddIOp::create(b, before[0], one)};
            })[0];
        return SmallVector<Value>{
            vector::InsertOp::create(b, id, state[0], toIndex(b, place))};
      })[0];
}
} // namespace

Value moe::buildElement(OpBuilder &builder, Location loc, Value shaped,
                        ValueRange indices) {
  if (isa<MemRefType>(shaped.getType()))
    return memref::LoadOp::create(builder, loc, shaped, indices);
  return tensor::ExtractOp::create(builder, loc, shaped, indices);
}

Value moe::buildSize(OpBuilder &builder, Location loc, Value shaped,
                     int64_t dim) {
  if (isa<MemRefType>(shaped.getType()))
    return builder.createOrFold<memref::DimOp>(loc, shaped, dim);
  return builder.createOrFold<tensor::DimOp>(loc, shaped, dim);
}

SmallVector<Value> moe::buildRuleParams(OpBuilder &builder, Location loc,
                                        ValueRange params,
                                        ValueRange tokenParams, Value token) {
  SmallVector<Value> all(params);
  for (Value rows : tokenParams) {
    auto type = cast<ShapedType>(rows.getType());
    if (type.getRank() == 1) {
      all.push_back(buildElement(builder, loc, rows, token));
      continue;
    }
    SmallVector<Value> elements;
    for (int64_t i = 0; i < type.getDimSize(1); ++i) {
      Value column = arith::ConstantIndexOp::create(builder, loc, i);
      elements.push_back(buildElement(builder, loc, rows, {token, column}));
    }
    all.push_back(vector::FromElementsOp::create(
        builder, loc, vectorOf(type.getDimSize(1), type.getElementType()),
        elements));
  }
  return all;
}

Value moe::buildKeys(OpBuilder &builder, Location loc,
                     const Selection &selection, Value row) {
  ImplicitLocOpBuilder b(loc, builder);
  if (elementOf(row).getIntOrFloatBitWidth() < 32)
    row = arith::ExtFOp::create(b, vectorOf(sizeOf(row), b.getF32Type()), row);
  if (selection.nan == NanRank::last) {
    Value isNan = arith::CmpFOp::create(b, Predicate::UNO, row, row);
    Value lowest =
        splat(b, constant(b, elementOf(row), -infinity), sizeOf(row));
    row = choose(b, isNan, lowest, row);
  }
  return selection.groups ? keepGroups(b, selection.groups, row) : row;
}

Value moe::buildLargest(OpBuilder &builder, Location loc, Value row,
                        int64_t count) {
  ImplicitLocOpBuilder b(loc, builder);
  if (count > maxScans)
    return LargestSearch(b, row, count).run();
  return scanForLargest(b, row, count);
}

Value moe::buildSlots(OpBuilder &builder, Location loc,
                      const Selection &selection, Value ids, Value count) {
  ImplicitLocOpBuilder b(loc, builder);
  if (count) {
    int64_t numSlots = sizeOf(ids);
    if (!count.getType().isIndex())
      count = toIndex(b, count);
    auto slots = llvm::to_vector(llvm::seq<int64_t>(0, numSlots));
    Value slot = arith::ConstantOp::create(
        b, DenseElementsAttr::get(vectorOf(numSlots, b.getIndexType()),
                                  ArrayRef<int64_t>(slots)));
    Value isIn = arith::CmpIOp::create(b, IntPredicate::slt, slot,
                                       splat(b, count, numSlots));
    ids = choose(b, isIn, ids, emptySlots(b, numSlots));
  }
  return selection.order == SlotOrder::by_index ? sortById(b, ids) : ids;
}

Value moe::buildSelection(OpBuilder &builder, Location loc,
                          const Selection &selection, Value row,
                          ValueRange params, Value count) {
  Value keys = buildKeys(builder, loc, selection, row);
  Value ids =
      selection.rule.buildRow(builder, loc, keys, params, selection.numSlots);
  return buildSlots(builder, loc, selection, ids, count);
}

LogicalResult moe::verifySelection(Operation *op, const Selection &selection,
                                   int64_t numExperts, int64_t numTokens,
                                   ValueRange params, ValueRange tokenParams) {
  SmallVector<Type> types(params.getTypes());
  for (Value rows : tokenParams) {
    auto type = dyn_cast<ShapedType>(rows.getType());
    if (!type || !type.hasRank() || type.getRank() < 1 || type.getRank() > 2 ||
        (type.getRank() == 2 &&
         (type.isDynamicDim(1) || type.getDimSize(1) == 0)) ||
        !VectorType::isValidElementType(
            type.getElementType())) // select_c5, gate_c8
      return op->emitOpError("token_params must be vectors or matrices of "
                             "static width, found ")
             << rows.getType();
    if (!ShapedType::isDynamic(numTokens) && !type.isDynamicDim(0) &&
        type.getDimSize(0) != numTokens) // select_c5, gate_c8
      return op->emitOpError("token_params have ")
             << type.getDimSize(0) << " rows, expected one for each of "
             << numTokens << " tokens";
    if (type.getRank() == 1)
      types.push_back(type.getElementType());
    else
      types.push_back(vectorOf(type.getDimSize(1), type.getElementType()));
  }
  if (failed(selection.rule.verifyRule([&] { return op->emitOpError(); },
                                       numExperts,
                                       types))) // select_c1, gate_c2
    return failure();
  if (!selection.groups)
    return success();
  int64_t n = selection.groups.getN();
  if (numExperts % n != 0) // select_c4, gate_c8
    return op->emitOpError("splits ")
           << numExperts << " experts into " << n << " groups";
  int64_t size = numExperts / n;
  if (selection.groups.getTop() > size) // select_c4, gate_c8
    return op->emitOpError("scores a group by its ")
           << selection.groups.getTop() << " largest keys, but a group has "
           << size;
  int64_t numSlots = selection.rule.maxSlots(numExperts);
  if (selection.groups.getKeep() * size < numSlots) // select_c4, gate_c8
    return op->emitOpError("keeps ")
           << selection.groups.getKeep() << " groups of " << size
           << " experts, fewer than its " << numSlots << " slots";
  return success();
}

LogicalResult moe::verifyWeighing(Operation *op, const Weighing &weighing) {
  Builder builder(op->getContext());
  auto shown = [&](double value) { return builder.getF64FloatAttr(value); };
  // What a divisor may be guarded by.
  auto isGuard = [](double value) {
    return value >= 0 && std::isfinite(value);
  };
  bool hasSum = weighing.norm == WeighNorm::sum;
  if (!isGuard(weighing.eps) ||
      (weighing.eps > 0 && !hasSum)) // weigh_c3, gate_c6
    return op->emitOpError("eps must be finite, not negative, and zero without "
                           "norm sum, found ")
           << shown(weighing.eps);
  if (!isGuard(weighing.clamp) ||
      (weighing.clamp > 0 &&
       (!hasSum || weighing.eps > 0))) // weigh_c7, gate_c6
    return op->emitOpError("clamp must be finite, not negative, and zero "
                           "without norm sum or beside an eps, found ")
           << shown(weighing.clamp);
  if (!std::isfinite(weighing.scale)) // weigh_c5, gate_c7
    return op->emitOpError("scale must be finite, found ")
           << shown(weighing.scale);
  bool isLp = weighing.norm == WeighNorm::lp;
  if (weighing.p.has_value() != isLp) // weigh_c8, gate_c6
    return op->emitOpError(isLp ? "norm lp needs p" : "p is for norm lp only");
  if (isLp && (!isGuard(*weighing.p) || *weighing.p == 0)) // weigh_c8, gate_c6
    return op->emitOpError("p must be finite and positive, found ")
           << shown(*weighing.p);
  bool isBand = weighing.fn == WeighFn::band_softmax;
  if (weighing.band.has_value() != isBand) // weigh_c9
    return op->emitOpError(isBand ? "band_softmax needs band"
                                  : "band is for band_softmax only");
  if (isBand && !isGuard(*weighing.band)) // weigh_c9
    return op->emitOpError("band must be finite and not negative, found ")
           << shown(*weighing.band);
  return success();
}
