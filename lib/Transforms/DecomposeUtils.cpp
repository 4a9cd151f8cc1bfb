// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "DecomposeUtils.h"

#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

Value moe::castFloat(OpBuilder &builder, Location loc, Value value, Type type) {
  auto from = cast<FloatType>(value.getType());
  auto to = cast<FloatType>(type);
  if (from == to)
    return value;
  if (from.getWidth() < to.getWidth())
    return arith::ExtFOp::create(builder, loc, to, value);
  if (from.getWidth() > to.getWidth())
    return arith::TruncFOp::create(builder, loc, to, value);
  // f16 and bf16 convert through a type that holds both.
  Value wide = arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
  return arith::TruncFOp::create(builder, loc, to, wide);
}

Value moe::constantFloat(OpBuilder &builder, Location loc, Type type,
                         double value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getFloatAttr(type, value));
}

Value moe::emptyTensor(OpBuilder &builder, Location loc, RankedTensorType type,
                       ArrayRef<OpFoldResult> sizes) {
  SmallVector<Value> dynamicSizes;
  for (auto [i, size] : llvm::enumerate(sizes))
    if (type.isDynamicDim(i))
      dynamicSizes.push_back(
          getValueOrCreateConstantIndexOp(builder, loc, size));
  return tensor::EmptyOp::create(builder, loc, type, dynamicSizes);
}

Value moe::buildSigmoid(OpBuilder &b, Location loc, Value x) {
  Value one = constantFloat(b, loc, x.getType(), 1.0);
  Value e = math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, x));
  return arith::DivFOp::create(b, loc, one,
                               arith::AddFOp::create(b, loc, one, e));
}

Value moe::buildSum(OpBuilder &b, Location loc, ValueRange values) {
  return arith::AddFOp::create(b, loc, values[0], values[1]);
}

Value moe::buildMaximum(OpBuilder &b, Location loc, ValueRange values) {
  return arith::MaximumFOp::create(b, loc, values[0], values[1]);
}

Value moe::filledTensor(OpBuilder &builder, Location loc, RankedTensorType type,
                        ArrayRef<OpFoldResult> sizes, Value value) {
  Value empty = emptyTensor(builder, loc, type, sizes);
  return linalg::FillOp::create(builder, loc, value, empty).getResult(0);
}

Value moe::mapElements(OpBuilder &builder, Location loc, RankedTensorType type,
                       ArrayRef<OpFoldResult> sizes, ValueRange inputs,
                       ArrayRef<AffineMap> maps, ScalarBody body) {
  SmallVector<AffineMap> allMaps(maps);
  allMaps.push_back(builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  Value empty = emptyTensor(builder, loc, type, sizes);
  return linalg::GenericOp::create(
             builder, loc, type, inputs, empty, allMaps, iterators,
             [&](OpBuilder &b, Location loc, ValueRange elements) {
               Value result = body(b, loc, elements.drop_back());
               linalg::YieldOp::create(b, loc, result);
             })
      .getResult(0);
}

Value moe::reduceMatrix(OpBuilder &builder, Location loc, Value matrix,
                        int64_t dim, Value initial, ScalarBody body) {
  int64_t kept = 1 - dim;
  auto type = cast<RankedTensorType>(matrix.getType());
  auto resultType =
      RankedTensorType::get(type.getDimSize(kept), initial.getType());
  Value start =
      filledTensor(builder, loc, resultType,
                   tensor::getMixedSize(builder, loc, matrix, kept), initial);
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
  iterators[dim] = utils::IteratorType::reduction;
  return linalg::GenericOp::create(
             builder, loc, resultType, matrix, start,
             {identity, identity.dropResult(dim)}, iterators,
             [&](OpBuilder &b, Location loc, ValueRange elements) {
               linalg::YieldOp::create(b, loc, body(b, loc, elements));
             })
      .getResult(0);
}

Value moe::reduceColumnsByRuns(OpBuilder &builder, Location loc, Value matrix,
                               Value initial, ScalarBody body) {
  constexpr int64_t rowsPerRun = 64;
  auto type = cast<RankedTensorType>(matrix.getType());
  Value rows = getValueOrCreateConstantIndexOp(
      builder, loc, tensor::getMixedSize(builder, loc, matrix, 0));
  Value size = arith::ConstantIndexOp::create(builder, loc, rowsPerRun);
  Value runs = builder.createOrFold<arith::CeilDivUIOp>(loc, rows, size);
  auto partType = RankedTensorType::get(
      {getConstantIntValue(runs).value_or(ShapedType::kDynamic),
       type.getDimSize(1)},
      initial.getType());
  Value parts = mapElements(
      builder, loc, partType,
      {OpFoldResult(runs), builder.getIndexAttr(type.getDimSize(1))}, {}, {},
      [&](OpBuilder &b, Location loc, ValueRange) {
        Value run = linalg::IndexOp::create(b, loc, 0);
        Value column = linalg::IndexOp::create(b, loc, 1);
        Value begin = arith::MulIOp::create(b, loc, run, size);
        Value end = arith::MinUIOp::create(
            b, loc, arith::AddIOp::create(b, loc, begin, size), rows);
        Value one = arith::ConstantIndexOp::create(b, loc, 1);
        auto loop = scf::ForOp::create(
            b, loc, begin, end, one, initial,
            [&](OpBuilder &b, Location loc, Value row, ValueRange state) {
              Value element = tensor::ExtractOp::create(
                  b, loc, matrix, ValueRange{row, column});
              scf::YieldOp::create(b, loc, body(b, loc, {element, state[0]}));
            });
        return loop.getResult(0);
      });
  return reduceMatrix(builder, loc, parts, 0, initial, body);
}

Value moe::isLive(OpBuilder &builder, Location loc, Value id,
                  int64_t numExperts) {
  // One unsigned comparison also rejects negative ids.
  Value end = arith::ConstantIntOp::create(builder, loc, numExperts, 32);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, id,
                               end);
}

Value moe::isPresent(OpBuilder &b, Location loc, Value value) {
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 32);
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, value, zero);
}

Value moe::isLive(OpBuilder &builder, Location loc, Value id, Value end) {
  // Sign extension makes negative ids large.
  Value at =
      arith::IndexCastOp::create(builder, loc, builder.getIndexType(), id);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, at,
                               end);
}

Value moe::countIf(
    OpBuilder &builder, Location loc, Value begin, Value end,
    function_ref<Value(OpBuilder &, Location, Value other)> isCounted) {
  Value step = arith::ConstantIndexOp::create(builder, loc, 1);
  Value none = arith::ConstantIntOp::create(builder, loc, 0, 32);
  auto loop = scf::ForOp::create(
      builder, loc, begin, end, step, none,
      [&](OpBuilder &b, Location loc, Value other, ValueRange state) {
        Value one = arith::ExtUIOp::create(b, loc, b.getI32Type(),
                                           isCounted(b, loc, other));
        Value next = arith::AddIOp::create(b, loc, state[0], one);
        scf::YieldOp::create(b, loc, next);
      });
  return loop.getResult(0);
}

TokenRange moe::tokensOfGroup(OpBuilder &b, Location loc, Value group,
                              Value numTokens, std::optional<int64_t> scope) {
  if (!scope)
    return {arith::ConstantIndexOp::create(b, loc, 0), numTokens};
  Value size = arith::ConstantIndexOp::create(b, loc, *scope);
  Value begin = arith::MulIOp::create(b, loc, group, size);
  Value end = arith::AddIOp::create(b, loc, begin, size);
  return {begin, arith::MinUIOp::create(b, loc, end, numTokens)};
}

TokenRange moe::tokensAround(OpBuilder &b, Location loc, Value token,
                             Value numTokens, std::optional<int64_t> scope) {
  Value group;
  if (scope) {
    Value size = arith::ConstantIndexOp::create(b, loc, *scope);
    group = arith::DivUIOp::create(b, loc, token, size);
  }
  return tokensOfGroup(b, loc, group, numTokens, scope);
}

Value moe::ranksBefore(OpBuilder &b, Location loc, Value otherKey,
                       Value otherPlace, Value ownKey, Value ownPlace,
                       bool nanFirst) {
  using Predicate = arith::CmpFPredicate;
  auto compare = [&](Predicate predicate, Value x, Value y) -> Value {
    return arith::CmpFOp::create(b, loc, predicate, x, y);
  };
  auto both = [&](Value x, Value y) -> Value {
    return arith::AndIOp::create(b, loc, x, y);
  };
  auto either = [&](Value x, Value y) -> Value {
    return arith::OrIOp::create(b, loc, x, y);
  };
  Value otherNan = compare(Predicate::UNO, otherKey, otherKey);
  Value ownNan = compare(Predicate::UNO, ownKey, ownKey);
  Value differ = arith::XOrIOp::create(b, loc, otherNan, ownNan);
  Value byNan = both(differ, nanFirst ? otherNan : ownNan);
  Value larger = compare(Predicate::OGT, otherKey, ownKey);
  Value same =
      either(compare(Predicate::OEQ, otherKey, ownKey), both(otherNan, ownNan));
  Value earlier = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                        otherPlace, ownPlace);
  return either(either(byNan, larger), both(same, earlier));
}

namespace {
using PairBody = function_ref<SmallVector<Value>(
    OpBuilder &, Location, Value bucket, Value pair, ValueRange state)>;

/// Runs `body` for every live element, row by row.
SmallVector<Value> forLivePairs(OpBuilder &builder, Location loc, Value ids,
                                Value rows, Value columns, BucketOf bucketOf,
                                ValueRange state, PairBody body) {
  OpBuilder::InsertionGuard guard(builder);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  auto outer = scf::ForOp::create(builder, loc, zero, rows, one, state);
  builder.setInsertionPointToStart(outer.getBody());
  Value row = outer.getInductionVar();
  auto inner = scf::ForOp::create(builder, loc, zero, columns, one,
                                  outer.getRegionIterArgs());
  scf::YieldOp::create(builder, loc, inner.getResults());
  builder.setInsertionPointToStart(inner.getBody());
  Value column = inner.getInductionVar();
  Value id =
      tensor::ExtractOp::create(builder, loc, ids, ValueRange{row, column});
  Bucket bucket = bucketOf(builder, loc, id, {row, column});
  auto guarded = scf::IfOp::create(
      builder, loc, bucket.isLive,
      [&](OpBuilder &b, Location loc) {
        Value first = arith::MulIOp::create(b, loc, row, columns);
        Value pair = arith::AddIOp::create(b, loc, first, column);
        scf::YieldOp::create(
            b, loc,
            body(b, loc, bucket.bucket, pair, inner.getRegionIterArgs()));
      },
      [&](OpBuilder &b, Location loc) {
        scf::YieldOp::create(b, loc, inner.getRegionIterArgs());
      });
  scf::YieldOp::create(builder, loc, guarded.getResults());
  return SmallVector<Value>(outer.getResults());
}
} // namespace

// Counts, their running sum, then the pairs in order.
SortedPairs moe::sortPairs(OpBuilder &builder, Location loc, Value ids,
                           RankedTensorType offsetsType,
                           OpFoldResult numBuckets, RankedTensorType pairsType,
                           BucketOf bucketOf) {
  auto size = [&](int64_t dim) {
    return getValueOrCreateConstantIndexOp(
        builder, loc, tensor::getMixedSize(builder, loc, ids, dim));
  };
  Value rows = size(0), columns = size(1);
  Value numPairs = arith::MulIOp::create(builder, loc, rows, columns);
  Value end = getValueOrCreateConstantIndexOp(builder, loc, numBuckets);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value none = arith::ConstantIntOp::create(builder, loc, -1, 32);
  Value zeroCount = arith::ConstantIntOp::create(builder, loc, 0, 32);
  Value oneCount = arith::ConstantIntOp::create(builder, loc, 1, 32);

  // Entry b + 1 counts bucket b.
  Value numOffsets = arith::AddIOp::create(builder, loc, end, one);
  Value counts =
      filledTensor(builder, loc, offsetsType, {numOffsets}, zeroCount);
  counts =
      forLivePairs(builder, loc, ids, rows, columns, bucketOf, counts,
                   [&](OpBuilder &b, Location loc, Value bucket, Value,
                       ValueRange state) {
                     Value at = arith::AddIOp::create(b, loc, bucket, one);
                     Value old =
                         tensor::ExtractOp::create(b, loc, state[0], at);
                     Value grown = arith::AddIOp::create(b, loc, old, oneCount);
                     return SmallVector<Value>{
                         tensor::InsertOp::create(b, loc, grown, state[0], at)};
                   })
          .front();
  Value offsets =
      scf::ForOp::create(
          builder, loc, zero, end, one, counts,
          [&](OpBuilder &b, Location loc, Value bucket, ValueRange state) {
            Value at = arith::AddIOp::create(b, loc, bucket, one);
            Value begin = tensor::ExtractOp::create(b, loc, state[0], bucket);
            Value count = tensor::ExtractOp::create(b, loc, state[0], at);
            Value sum = arith::AddIOp::create(b, loc, begin, count);
            Value next = tensor::InsertOp::create(b, loc, sum, state[0], at);
            scf::YieldOp::create(b, loc, next);
          })
          .getResult(0);

  // `offsets` also serves as each bucket's next free entry; that copy is the
  // price of returning it unchanged.
  Value pairs = filledTensor(builder, loc, pairsType, {numPairs}, none);
  pairs =
      forLivePairs(
          builder, loc, ids, rows, columns, bucketOf, {pairs, offsets},
          [&](OpBuilder &b, Location loc, Value bucket, Value pair,
              ValueRange state) {
            Value entry = tensor::ExtractOp::create(b, loc, state[1], bucket);
            Value at =
                arith::IndexCastOp::create(b, loc, b.getIndexType(), entry);
            Value id = arith::IndexCastOp::create(b, loc, b.getI32Type(), pair);
            Value next = arith::AddIOp::create(b, loc, entry, oneCount);
            return SmallVector<Value>{
                tensor::InsertOp::create(b, loc, id, state[0], at),
                tensor::InsertOp::create(b, loc, next, state[1], bucket)};
          })
          .front();
  return {offsets, pairs};
}

Plan moe::planPairs(OpBuilder &builder, Location loc, Value ids,
                    OpFoldResult numBuckets) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, ids);
  auto value = [&](OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(builder, loc, size);
  };
  auto vectorOf = [&](Value size) {
    std::optional<int64_t> constant = getConstantIntValue(size);
    auto type = RankedTensorType::get(constant.value_or(ShapedType::kDynamic),
                                      builder.getI32Type());
    return emptyTensor(builder, loc, type, {size});
  };
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value offsets = vectorOf(
      builder.createOrFold<arith::AddIOp>(loc, value(numBuckets), one));
  Value pairs = vectorOf(builder.createOrFold<arith::MulIOp>(
      loc, value(sizes[0]), value(sizes[1])));
  Value positions =
      emptyTensor(builder, loc, cast<RankedTensorType>(ids.getType()), sizes);
  auto plan = PlanIntoOp::create(
      builder, loc,
      TypeRange{offsets.getType(), pairs.getType(), positions.getType()}, ids,
      offsets, pairs, positions);
  return {plan.getResult(0), plan.getResult(1), plan.getResult(2)};
}

Run moe::runOf(OpBuilder &builder, Location loc, const Plan &plan,
               Value bucket) {
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value after = arith::AddIOp::create(builder, loc, bucket, one);
  return {extractIndex(builder, loc, plan.offsets, bucket),
          extractIndex(builder, loc, plan.offsets, after)};
}

Value moe::extractIndex(OpBuilder &builder, Location loc, Value tensor,
                        Value at) {
  Value element = tensor::ExtractOp::create(builder, loc, tensor, at);
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                    element);
}

Value moe::extractIf(OpBuilder &builder, Location loc, Value condition,
                     Value tensor, ValueRange indices, Type type) {
  auto guarded = scf::IfOp::create(
      builder, loc, condition,
      [&](OpBuilder &b, Location loc) {
        Value element = tensor::ExtractOp::create(b, loc, tensor, indices);
        scf::YieldOp::create(b, loc, castFloat(b, loc, element, type));
      },
      [&](OpBuilder &b, Location loc) {
        scf::YieldOp::create(b, loc, constantFloat(b, loc, type, 0.0));
      });
  return guarded.getResult(0);
}
