// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small builders for the patterns of moe-decompose. Nothing else uses them: the
// meaning of an op shares no code with the passes it is compared with.
#ifndef MOE_TRANSFORMS_DECOMPOSEUTILS_H
#define MOE_TRANSFORMS_DECOMPOSEUTILS_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace mlir::moe {

using ScalarBody = function_ref<Value(OpBuilder &, Location, ValueRange)>;

/// `value` as `type`: exact where that is wider, rounded once where not.
Value castFloat(OpBuilder &builder, Location loc, Value value, Type type);

Value constantFloat(OpBuilder &builder, Location loc, Type type, double value);

/// 1 / (1 + exp(-x)).
Value buildSigmoid(OpBuilder &builder, Location loc, Value x);

/// The sum, and the maximum, of two floats. NaN stays NaN in both.
Value buildSum(OpBuilder &builder, Location loc, ValueRange values);
Value buildMaximum(OpBuilder &builder, Location loc, ValueRange values);

/// An empty tensor of `type`; of `sizes`, only those of its dynamic dimensions
/// are used.
Value emptyTensor(OpBuilder &builder, Location loc, RankedTensorType type,
                  ArrayRef<OpFoldResult> sizes);

/// The same with every element `value`.
Value filledTensor(OpBuilder &builder, Location loc, RankedTensorType type,
                   ArrayRef<OpFoldResult> sizes, Value value);

/// A linalg.generic without reductions: `body` makes an element of a result of
/// `type` from the elements of `inputs`, which `maps` find by the indices of
/// the result.
Value mapElements(OpBuilder &builder, Location loc, RankedTensorType type,
                  ArrayRef<OpFoldResult> sizes, ValueRange inputs,
                  ArrayRef<AffineMap> maps, ScalarBody body);

/// Reduces every row of a matrix, or every column where `dim` is 0, from
/// `initial` on and in order; `body` gets an element and the value so far.
Value reduceMatrix(OpBuilder &builder, Location loc, Value matrix, int64_t dim,
                   Value initial, ScalarBody body);

/// The same for columns, for many threads: runs of rows first, side by side,
/// then their results. `body` takes either for its element.
Value reduceColumnsByRuns(OpBuilder &builder, Location loc, Value matrix,
                          Value initial, ScalarBody body);

/// Whether the expert id (i32) lies in [0, numExperts).
Value isLive(OpBuilder &builder, Location loc, Value id, int64_t numExperts);

/// Whether the i32 is an entry, not the -1 that stands for none.
Value isPresent(OpBuilder &builder, Location loc, Value value);

/// The same for ids below `end`, an index.
Value isLive(OpBuilder &builder, Location loc, Value id, Value end);

/// Where a pair belongs; `bucket`, an index, counts only if `isLive`.
struct Bucket {
  Value isLive, bucket;
};

/// Of the element `id` of a matrix at `indices`.
using BucketOf =
    function_ref<Bucket(OpBuilder &, Location, Value id, ValueRange indices)>;

struct SortedPairs {
  Value offsets, pairs;
};

/// Sorts the live elements of `ids`, a matrix of i32, by `bucketOf` and then by
/// their number (row * columns + column). Bucket b has the entries from
/// offsets[b] to offsets[b + 1] of `pairs`; those after the last are -1.
SortedPairs sortPairs(OpBuilder &builder, Location loc, Value ids,
                      RankedTensorType offsetsType, OpFoldResult numBuckets,
                      RankedTensorType pairsType, BucketOf bucketOf);

/// The same by a moe.plan_into, for ids that are buckets already; others have
/// none. `positions` has the entry of `pairs` that every id became, or -1.
struct Plan {
  Value offsets, pairs, positions;
};
Plan planPairs(OpBuilder &builder, Location loc, Value ids,
               OpFoldResult numBuckets);

/// What stands in entries offsets[bucket] to offsets[bucket + 1] of a plan.
struct Run {
  Value begin, end;
};
Run runOf(OpBuilder &builder, Location loc, const Plan &plan, Value bucket);

/// An element of a vector of i32 as an index.
Value extractIndex(OpBuilder &builder, Location loc, Value tensor, Value at);

/// How many `other` in begin .. end - 1 satisfy `isCounted`, as an i32.
Value countIf(
    OpBuilder &builder, Location loc, Value begin, Value end,
    function_ref<Value(OpBuilder &, Location, Value other)> isCounted);

/// Tokens begin .. end - 1, as indices.
struct TokenRange {
  Value begin, end;
};

/// The `group`-th run of `scope` tokens, or all where there is no scope.
TokenRange tokensOfGroup(OpBuilder &builder, Location loc, Value group,
                         Value numTokens, std::optional<int64_t> scope);

/// The tokens that compete with `token`.
TokenRange tokensAround(OpBuilder &builder, Location loc, Value token,
                        Value numTokens, std::optional<int64_t> scope);

/// Whether `other` comes before `own`: a larger key does, then the lower of the
/// places; NaN behind all numbers, or before them.
Value ranksBefore(OpBuilder &builder, Location loc, Value otherKey,
                  Value otherPlace, Value ownKey, Value ownPlace,
                  bool nanFirst);

/// The element of `tensor` at `indices` as a float of `type`, or zero where
/// `condition` is false: then it is not read.
Value extractIf(OpBuilder &builder, Location loc, Value condition, Value tensor,
                ValueRange indices, Type type);

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_DECOMPOSEUTILS_H
