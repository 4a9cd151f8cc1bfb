// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "DecomposeUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// The weights of one moe.weigh, as tensors of f32 until the end.
class Weights {
public:
  Weights(WeighOp op, OpBuilder &builder, bool parallel)
      : builder(builder), loc(op.getLoc()), op(op), parallel(parallel),
        weighing(op.getWeighing()), f32(builder.getF32Type()),
        type(op.getWeights().getType().clone(f32)),
        numExperts(op.getSource().getType().getDimSize(1)),
        sizes(tensor::getMixedSizes(builder, loc, op.getExperts())),
        identity(builder.getMultiDimIdentityMap(2)) {
    if (op.isByExpert())
      numTokens = getValueOrCreateConstantIndexOp(
          builder, loc, tensor::getMixedSize(builder, loc, op.getSource(), 0));
  }

  Value build() {
    Value weights = slotValues();
    if (weighing.fn == WeighFn::softmax_selected)
      weights = softmax(weights);
    weights = normalize(weights);
    return scaled(weights);
  }

private:
  /// `body` for the slots that are not empty, given their ids and the elements
  /// of `inputs`; `otherwise` for the others.
  Value mapLive(ValueRange inputs, ScalarBody body, double otherwise = 0.0) {
    SmallVector<Value> allInputs{op.getExperts()};
    llvm::append_range(allInputs, inputs);
    SmallVector<AffineMap> allMaps(allInputs.size(), identity);
    return mapElements(builder, loc, type, sizes, allInputs, allMaps,
                       [&](OpBuilder &b, Location loc, ValueRange in) {
                         Value live = isLiveSlot(b, in[0]);
                         Value value = body(b, loc, in);
                         Value empty = constantFloat(b, loc, f32, otherwise);
                         return arith::SelectOp::create(b, loc, live, value,
                                                        empty);
                       });
  }

  Value isLiveSlot(OpBuilder &b, Value id) {
    return op.isByExpert() ? isLive(b, loc, id, numTokens)
                           : isLive(b, loc, id, op.getNumColumns());
  }

  /// Token and expert of the slot that a map is at.
  Value tokenOf(OpBuilder &b, Value id) {
    if (op.isByExpert())
      return toIndex(b, id);
    return linalg::IndexOp::create(b, loc, 0);
  }
  Value expertOf(OpBuilder &b, Value id) {
    if (!op.isByExpert())
      return toIndex(b, id);
    return linalg::IndexOp::create(b, loc, 0);
  }

  /// Reduces `terms` over the slots of every token.
  Value reduceSlots(Value terms, double initial, ScalarBody body) {
    Value start = constantFloat(builder, loc, f32, initial);
    if (!op.isByExpert())
      return reduceMatrix(builder, loc, terms, 1, start, body);
    // The slots of a token are where its bins say.
    if (parallel)
      return reduceEntries(terms, start, body);
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    auto end = [&](int64_t dim) {
      return getValueOrCreateConstantIndexOp(builder, loc, sizes[dim]);
    };
    Value bins = end(0), entries = end(1);
    Value filled = filledTensor(
        builder, loc,
        RankedTensorType::get(op.getSource().getType().getDimSize(0), f32),
        {numTokens}, start);
    auto loop = scf::ForOp::create(
        builder, loc, zero, bins, one, filled,
        [&](OpBuilder &b, Location loc, Value bin, ValueRange outer) {
          auto inner = scf::ForOp::create(
              b, loc, zero, entries, one, outer,
              [&](OpBuilder &b, Location loc, Value entry, ValueRange state) {
                Value next =
                    reduceEntry(b, {bin, entry}, terms, state[0], body);
                scf::YieldOp::create(b, loc, next);
              });
          scf::YieldOp::create(b, loc, inner.getResults());
        });
    return loop.getResult(0);
  }

  /// The same over the entries sorted by token.
  Value reduceEntries(Value terms, Value start, ScalarBody body) {
    if (!entries.offsets)
      entries = planPairs(builder, loc, op.getExperts(), numTokens);
    Value columns = getValueOrCreateConstantIndexOp(builder, loc, sizes[1]);
    auto resultType =
        RankedTensorType::get(op.getSource().getType().getDimSize(0), f32);
    return mapElements(
        builder, loc, resultType, OpFoldResult(numTokens), {}, {},
        [&](OpBuilder &b, Location loc, ValueRange) {
          Run run = runOf(b, loc, entries, linalg::IndexOp::create(b, loc, 0));
          Value one = arith::ConstantIndexOp::create(b, loc, 1);
          auto loop = scf::ForOp::create(
              b, loc, run.begin, run.end, one, start,
              [&](OpBuilder &b, Location loc, Value entry, ValueRange state) {
                Value pair = extractIndex(b, loc, entries.pairs, entry);
                SmallVector<Value> at{
                    arith::DivUIOp::create(b, loc, pair, columns),
                    arith::RemUIOp::create(b, loc, pair, columns)};
                Value term = tensor::ExtractOp::create(b, loc, terms, at);
                scf::YieldOp::create(b, loc, body(b, loc, {term, state[0]}));
              });
          return loop.getResult(0);
        });
  }

  /// `reduced` with the term of one entry, unless that is empty.
  Value reduceEntry(OpBuilder &builder, ValueRange at, Value terms,
                    Value reduced, ScalarBody body) {
    Value id = tensor::ExtractOp::create(builder, loc, op.getExperts(), at);
    auto guarded = scf::IfOp::create(
        builder, loc, isLiveSlot(builder, id),
        [&](OpBuilder &b, Location loc) {
          Value token = toIndex(b, id);
          Value term = tensor::ExtractOp::create(b, loc, terms, at);
          Value old = tensor::ExtractOp::create(b, loc, reduced, token);
          Value next = tensor::InsertOp::create(
              b, loc, body(b, loc, {term, old}), reduced, token);
          scf::YieldOp::create(b, loc, next);
        },
        [&](OpBuilder &b, Location loc) {
          scf::YieldOp::create(b, loc, reduced);
        });
    return guarded.getResult(0);
  }

  /// What `reduceSlots` has for the token of a live slot.
  Value reducedOf(OpBuilder &b, Value reduced, Value id) {
    return extractIf(b, loc, isLiveSlot(b, id), reduced, tokenOf(b, id), f32);
  }

  /// Divides by the sums of `terms` over the slots, passed through `guard`.
  Value divideBySum(Value weights, Value terms,
                    function_ref<Value(OpBuilder &, Value)> guard = {}) {
    Value sums = reduceSlots(terms, 0.0, buildSum);
    return mapLive(weights,
                   [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
                     Value divisor = reducedOf(b, sums, in[0]);
                     if (guard)
                       divisor = guard(b, divisor);
                     return arith::DivFOp::create(b, loc, in[1], divisor);
                   });
  }

  /// What every slot weighs before any normalisation; minus infinity if empty
  /// before a softmax.
  Value slotValues() {
    bool isSoftmax = weighing.fn == WeighFn::softmax_selected;
    return mapLive(
        {},
        [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
          if (weighing.fn == WeighFn::one)
            return constantFloat(b, loc, f32, 1.0);
          Value token = tokenOf(b, in[0]);
          Value value = extractIf(b, loc, isLiveSlot(b, in[0]), op.getSource(),
                                  {token, expertOf(b, in[0])}, f32);
          if (weighing.fn == WeighFn::sigmoid)
            return buildSigmoid(b, loc, value);
          if (weighing.fn == WeighFn::band_softmax)
            return bandSoftmax(b, token, linalg::IndexOp::create(b, loc, 1),
                               value);
          return value;
        },
        isSoftmax ? -infinity : 0.0);
  }

  Value toIndex(OpBuilder &b, Value id) {
    return arith::IndexCastOp::create(b, loc, b.getIndexType(), id);
  }

  /// 1 / sum of exp(v[e] - own), over the experts e in the band around `own`
  /// that no earlier slot has.
  Value bandSoftmax(OpBuilder &b, Value token, Value slot, Value own) {
    Value start = arith::ConstantIndexOp::create(b, loc, 0);
    Value end = arith::ConstantIndexOp::create(b, loc, numExperts);
    Value step = arith::ConstantIndexOp::create(b, loc, 1);
    Value none = constantFloat(b, loc, f32, 0.0);
    Value width = constantFloat(b, loc, f32, 2.0 * *weighing.band);
    auto sum = scf::ForOp::create(
        b, loc, start, end, step, none,
        [&](OpBuilder &b, Location loc, Value expert, ValueRange state) {
          Value value =
              castFloat(b, loc,
                        tensor::ExtractOp::create(b, loc, op.getSource(),
                                                  ValueRange{token, expert}),
                        f32);
          Value size = math::AbsFOp::create(b, loc, value);
          Value away = arith::DivFOp::create(
              b, loc, arith::SubFOp::create(b, loc, own, value),
              buildMaximum(b, loc, {size, own}));
          // 0 / 0 is in.
          Value isIn = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ULE,
                                             away, width);
          Value isTaken = isInEarlierSlot(b, token, slot, expert);
          Value term = math::ExpOp::create(
              b, loc, arith::SubFOp::create(b, loc, value, own));
          term = arith::SelectOp::create(b, loc, isIn, term, none);
          term = arith::SelectOp::create(b, loc, isTaken, none, term);
          scf::YieldOp::create(b, loc, buildSum(b, loc, {state[0], term}));
        });
    Value one = constantFloat(b, loc, f32, 1.0);
    return arith::DivFOp::create(b, loc, one, sum.getResult(0));
  }

  Value isInEarlierSlot(OpBuilder &b, Value token, Value slot, Value expert) {
    Value start = arith::ConstantIndexOp::create(b, loc, 0);
    Value step = arith::ConstantIndexOp::create(b, loc, 1);
    Value no = arith::ConstantIntOp::create(b, loc, 0, 1);
    auto any = scf::ForOp::create(
        b, loc, start, slot, step, no,
        [&](OpBuilder &b, Location loc, Value other, ValueRange state) {
          Value id = tensor::ExtractOp::create(b, loc, op.getExperts(),
                                               ValueRange{token, other});
          Value same = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                             toIndex(b, id), expert);
          scf::YieldOp::create(
              b, loc, arith::OrIOp::create(b, loc, state[0], same).getResult());
        });
    return any.getResult(0);
  }

  Value softmax(Value values) {
    Value top = reduceSlots(values, -infinity, buildMaximum);
    Value exps = mapLive(
        values, [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
          Value x =
              arith::SubFOp::create(b, loc, in[1], reducedOf(b, top, in[0]));
          return math::ExpOp::create(b, loc, x);
        });
    return divideBySum(exps, exps);
  }

  Value normalize(Value weights) {
    switch (weighing.norm) {
    case WeighNorm::none:
      return weights;
    case WeighNorm::hits: {
      Value ones = mapLive({}, [&](OpBuilder &b, Location loc, ValueRange) {
        return constantFloat(b, loc, f32, 1.0);
      });
      return divideBySum(weights, ones);
    }
    case WeighNorm::sum:
      return divideBySum(weights, weights, [&](OpBuilder &b, Value sum) {
        if (weighing.eps != 0.0)
          sum =
              buildSum(b, loc, {sum, constantFloat(b, loc, f32, weighing.eps)});
        if (weighing.clamp != 0.0)
          sum = buildMaximum(b, loc,
                             {sum, constantFloat(b, loc, f32, weighing.clamp)});
        return sum;
      });
    case WeighNorm::lp: {
      Value powers = mapLive(
          weights, [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
            Value size = math::AbsFOp::create(b, loc, in[1]);
            return power(b, size, *weighing.p);
          });
      return divideBySum(weights, powers, [&](OpBuilder &b, Value sum) {
        return power(b, sum, 1.0 / *weighing.p);
      });
    }
    }
    llvm_unreachable("unknown norm");
  }

  Value power(OpBuilder &b, Value base, double exponent) {
    if (exponent == 1.0)
      return base;
    return math::PowFOp::create(b, loc, base,
                                constantFloat(b, loc, f32, exponent));
  }

  /// The factors behind the normalisation, and the rounding.
  Value scaled(Value weights) {
    RankedTensorType resultType = op.getWeights().getType();
    if (!op.getPerExpert() && !op.getFactor() && weighing.scale == 1.0 &&
        resultType == type)
      return weights;
    Value ids = op.getExperts();
    return mapElements(
        builder, loc, resultType, sizes, {ids, weights}, {identity, identity},
        [&](OpBuilder &b, Location loc, ValueRange in) {
          Value weight = in[1];
          auto multiply = [&](Value factor) {
            weight = arith::MulFOp::create(b, loc, weight,
                                           castFloat(b, loc, factor, f32));
          };
          Value live = isLiveSlot(b, in[0]);
          if (Value perExpert = op.getPerExpert())
            multiply(
                extractIf(b, loc, live, perExpert, expertOf(b, in[0]), f32));
          if (op.getFactor())
            multiply(op.getFactor());
          if (weighing.scale != 1.0)
            multiply(constantFloat(b, loc, f32, weighing.scale));
          // An infinite factor of nothing is nothing.
          weight = arith::SelectOp::create(b, loc, live, weight,
                                           constantFloat(b, loc, f32, 0.0));
          return castFloat(b, loc, weight, resultType.getElementType());
        });
  }

  OpBuilder &builder;
  Location loc;
  WeighOp op;
  bool parallel;
  Weighing weighing;
  Type f32;
  RankedTensorType type;
  int64_t numExperts;
  SmallVector<OpFoldResult> sizes;
  AffineMap identity;
  /// Of a weigh by expert.
  Value numTokens;
  /// Its entries sorted by token, once something asked for them.
  Plan entries;
};

/// Values of the slots in f32, normalised over the slots that are not empty.
struct DecomposeWeigh : OpRewritePattern<WeighOp> {
  DecomposeWeigh(MLIRContext *context, bool parallel)
      : OpRewritePattern(context), parallel(parallel) {}

  LogicalResult matchAndRewrite(WeighOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getAlwaysOn() > 0)
      return rewriter.notifyMatchFailure(op, "some slots are always live");
    rewriter.replaceOp(op, Weights(op, rewriter, parallel).build());
    return success();
  }

private:
  bool parallel;
};

/// Columns that are always on are slots like others once they have ids:
///
///   moe.weigh %s, %e always_on n  =>  moe.weigh %s, [%e | E .. E+n-1], sliced
struct DecomposeAlwaysOn : OpRewritePattern<WeighOp> {
  DecomposeAlwaysOn(MLIRContext *context, bool parallel)
      : OpRewritePattern(context), parallel(parallel) {}

  LogicalResult matchAndRewrite(WeighOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getAlwaysOn() == 0)
      return rewriter.notifyMatchFailure(op, "all slots are those of the ids");
    Location loc = op.getLoc();
    RankedTensorType experts = op.getExperts().getType();
    int64_t numSlots = experts.getDimSize(1);
    int64_t numAll = numSlots + op.getAlwaysOn();
    auto type = RankedTensorType::get({experts.getDimSize(0), numAll},
                                      experts.getElementType());
    OpFoldResult numTokens =
        tensor::getMixedSize(rewriter, loc, op.getExperts(), 0);
    Value ids = mapElements(rewriter, loc, type,
                            {numTokens, rewriter.getIndexAttr(numAll)}, {}, {},
                            [&](OpBuilder &b, Location loc, ValueRange) {
                              return idOfSlot(op, b, loc, numSlots);
                            });
    auto all = WeighOp::create(
        rewriter, loc, type.clone(rewriter.getF32Type()),
        /*always_weights=*/Type(), op.getFn(), op.getSource(), ids,
        op.getPerExpert(), op.getFactor(), op.getNorm(), op.getEps(),
        op.getClamp(), op.getScale(), op.getPAttr(), op.getBandAttr(),
        op.getBy(), /*columns=*/IntegerAttr());
    Value allWeights = Weights(all, rewriter, parallel).build();
    rewriter.eraseOp(all);
    auto slice = [&](TypedValue<RankedTensorType> weights, int64_t from) {
      SmallVector<OpFoldResult> offsets{rewriter.getIndexAttr(0),
                                        rewriter.getIndexAttr(from)};
      SmallVector<OpFoldResult> sizes{
          numTokens, rewriter.getIndexAttr(weights.getType().getDimSize(1))};
      SmallVector<OpFoldResult> strides(2, rewriter.getIndexAttr(1));
      RankedTensorType sliced = weights.getType();
      return mapElements(
          rewriter, loc, sliced, sizes,
          tensor::ExtractSliceOp::create(rewriter, loc,
                                         sliced.clone(rewriter.getF32Type()),
                                         allWeights, offsets, sizes, strides)
              .getResult(),
          rewriter.getMultiDimIdentityMap(2),
          [&](OpBuilder &b, Location loc, ValueRange in) {
            return castFloat(b, loc, in[0], sliced.getElementType());
          });
    };
    rewriter.replaceOp(op, {slice(op.getWeights(), 0),
                            slice(op.getAlwaysWeights(), numSlots)});
    return success();
  }

private:
  /// The id of the slot that a map is at: that of the op, -1 where it weighs
  /// nothing, or that of a column that is always on.
  static Value idOfSlot(WeighOp op, OpBuilder &builder, Location loc,
                        int64_t numSlots) {
    Value token = linalg::IndexOp::create(builder, loc, 0);
    Value slot = linalg::IndexOp::create(builder, loc, 1);
    Value end = arith::ConstantIndexOp::create(builder, loc, numSlots);
    Value isSlot = arith::CmpIOp::create(builder, loc,
                                         arith::CmpIPredicate::ult, slot, end);
    auto id = scf::IfOp::create(
        builder, loc, isSlot,
        [&](OpBuilder &b, Location loc) {
          Value id = tensor::ExtractOp::create(b, loc, op.getExperts(),
                                               ValueRange{token, slot});
          Value none = arith::ConstantIntOp::create(b, loc, -1, 32);
          Value live = isLive(b, loc, id, op.getNumColumns());
          scf::YieldOp::create(
              b, loc,
              arith::SelectOp::create(b, loc, live, id, none).getResult());
        },
        [&](OpBuilder &b, Location loc) {
          Value shift = arith::ConstantIndexOp::create(
              b, loc, op.getNumNamed() - numSlots);
          Value column = arith::AddIOp::create(b, loc, slot, shift);
          scf::YieldOp::create(
              b, loc,
              arith::IndexCastOp::create(b, loc, b.getI32Type(), column)
                  .getResult());
        });
    return id.getResult(0);
  }

  bool parallel;
};
} // namespace

void moe::populateDecomposeWeighPatterns(RewritePatternSet &patterns,
                                         bool parallel) {
  patterns.add<DecomposeWeigh, DecomposeAlwaysOn>(patterns.getContext(),
                                                  parallel);
}
