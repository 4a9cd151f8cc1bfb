// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a gate does with one token, emitted as arith, math, vector and scf on
// values. The GPU, where a warp holds the token, shares the elementwise part.
// moe-decompose shares nothing: it is what these are compared with.
#ifndef MOE_CONVERSION_GATEBUILDER_H
#define MOE_CONVERSION_GATEBUILDER_H

#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// Converts a float scalar or vector to another float element type, by
/// extending, truncating or not at all.
Value buildFloatCast(OpBuilder &builder, Location loc, Value value,
                     FloatType elementType);

/// An unsigned integer for a float, or a vector of them, in the order of the
/// floats: both zeros alike, NaN the largest of all or the least. No number
/// becomes 0.
Value buildOrderedKey(OpBuilder &builder, Location loc, Value key, NanRank nan);

/// Every element of `x`, a float scalar or vector, by `fn`, which is
/// elementwise: not softmax.
Value buildScoreElement(OpBuilder &builder, Location loc, ScoreFn fn, Value x);

/// Scores of one token. `logits` is a vector of E floats; computes in
/// `computeType` and rounds to `scoreType`.
Value buildScoreRow(OpBuilder &builder, Location loc, ScoreFn fn, Value logits,
                    FloatType computeType, FloatType scoreType);

/// The same ids as `#moe.top_k<numSlots>` picks from `keys`, as
/// vector<numSlots x i32>: one vector maximum per slot instead of a scan by
/// scalars. `keys` may have any float type of at most 32 bits.
Value buildTopKRow(OpBuilder &builder, Location loc, Value keys,
                   int64_t numSlots);

/// Experts of one token: the largest keys by buildTopKRow where the rule
/// chooses among them and they are few, by the rule's own `buildRow` otherwise.
Value buildSelectRow(OpBuilder &builder, Location loc,
                     const Selection &selection, Value keys, ValueRange params,
                     Value count);

/// What `norm sum` or `norm lp` adds up, and what it divides by, given the sum
/// of that over the live slots. Float scalars or vectors.
Value buildNormTerm(OpBuilder &builder, Location loc, const Weighing &weighing,
                    Value weight);
Value buildDivisor(OpBuilder &builder, Location loc, const Weighing &weighing,
                   Value sum);

/// Weights of one token's slots, other than by band_softmax. `source` is a
/// vector of E floats, `ids` one of K i32 where negative slots are empty,
/// `perExpert` a vector of E floats or null, `factor` a float or null. Computes
/// in f32 and rounds to `weightType`.
Value buildWeighRow(OpBuilder &builder, Location loc, const Weighing &weighing,
                    Value source, Value ids, FloatType weightType,
                    Value perExpert = {}, Value factor = {});

/// `ids`, -1 where they are `end` or more: columns without a weight.
Value buildWeighedIds(OpBuilder &builder, Location loc, Value ids, int64_t end);

/// What a gate decides for one token.
struct GateRow {
  Value ids;     // vector<K x i32>
  Value weights; // vector<K x element type of the weights>
  Value always;  // the same for the n columns that are always on, or null
};

/// The whole of `gate`, on memrefs, after its router matmul: `logits` is a
/// vector of E floats, without the bias and not yet rounded to the gate's type
/// of logits.
GateRow buildGateRow(OpBuilder &builder, Location loc, GateOp gate,
                     Value logits, Value token);

} // namespace mlir::moe

#endif // MOE_CONVERSION_GATEBUILDER_H
