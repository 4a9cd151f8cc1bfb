// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "DecomposeUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

using namespace mlir;
using namespace mlir::moe;

namespace {
using IntPredicate = arith::CmpIPredicate;

Value index(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value sizeOf(OpBuilder &b, Location loc, Value tensor, int64_t dim) {
  return getValueOrCreateConstantIndexOp(
      b, loc, tensor::getMixedSize(b, loc, tensor, dim));
}

Value compare(OpBuilder &b, Location loc, IntPredicate predicate, Value x,
              Value y) {
  return arith::CmpIOp::create(b, loc, predicate, x, y);
}

/// The slots that one moe.limit keeps. Every slot counts those of its expert
/// that come before it: among all slots in the scope or, in parallel, in the
/// run that a plan has gathered for the expert and the group of tokens. In the
/// order of a plan, counting is a subtraction.
class Limit {
public:
  Limit(LimitOp op, OpBuilder &builder, bool parallel)
      : builder(builder), loc(op.getLoc()), op(op), parallel(parallel),
        numSlots(op.getExperts().getType().getDimSize(1)),
        numTokens(sizeOf(builder, loc, op.getExperts(), 0)),
        sizes(tensor::getMixedSizes(builder, loc, op.getExperts())),
        identity(builder.getMultiDimIdentityMap(2)) {}

  Value experts() {
    bool isLimited = op.getCapacity() || op.getFactor();
    if (isLimited && parallel)
      sortSlots();
    return mapElements(
        builder, loc, op.getExperts().getType(), sizes, op.getExperts(),
        identity, [&](OpBuilder &b, Location loc, ValueRange in) {
          Value live = isLive(b, loc, in[0], op.getNumExperts());
          if (isLimited && parallel)
            live = livesInRun(b, live, in[0]);
          else if (isLimited)
            live = arith::AndIOp::create(b, loc, live, hasRoom(b, in[0]));
          Value none = arith::ConstantIntOp::create(b, loc, -1, 32);
          return arith::SelectOp::create(b, loc, live, in[0], none);
        });
  }

  Value weights(Value kept) {
    RankedTensorType type = op.getWeights().getType();
    if (!op.getRenormalize())
      return keep(kept, type);
    Type f32 = builder.getF32Type();
    Value wide = keep(kept, type.clone(f32));
    Value sums = reduceMatrix(builder, loc, wide, 1,
                              constantFloat(builder, loc, f32, 0.0), buildSum);
    return mapElements(
        builder, loc, type, sizes, {kept, wide, sums},
        {identity, identity, identity.getMajorSubMap(1)},
        [&](OpBuilder &b, Location loc, ValueRange in) {
          Value sum = in[2];
          if (!op.getClamp().isZero())
            sum = buildMaximum(
                b, loc,
                {sum,
                 constantFloat(b, loc, f32, op.getClamp().convertToDouble())});
          Value share = arith::DivFOp::create(b, loc, in[1], sum);
          Value zero = constantFloat(b, loc, f32, 0.0);
          share = arith::SelectOp::create(b, loc, isPresent(b, loc, in[0]),
                                          share, zero);
          return castFloat(b, loc, share, type.getElementType());
        });
  }

private:
  /// The weights of the slots in `kept`, and 0.
  Value keep(Value kept, RankedTensorType type) {
    return mapElements(builder, loc, type, sizes, {kept, op.getWeights()},
                       {identity, identity},
                       [&](OpBuilder &b, Location loc, ValueRange in) {
                         Type element = type.getElementType();
                         Value zero = constantFloat(b, loc, element, 0.0);
                         return arith::SelectOp::create(
                             b, loc, isPresent(b, loc, in[0]),
                             castFloat(b, loc, in[1], element), zero);
                       });
  }

  /// Whether the slot that a map is at, of expert `own`, is within capacity.
  Value hasRoom(OpBuilder &b, Value own) {
    Value token = linalg::IndexOp::create(b, loc, 0);
    Value slot = linalg::IndexOp::create(b, loc, 1);
    TokenRange around = tokensAround(b, loc, token, numTokens, op.getScope());
    // One loop over the slots of all tokens around.
    Value perToken = index(b, loc, numSlots);
    Value begin = arith::MulIOp::create(b, loc, around.begin, perToken);
    Value end = arith::MulIOp::create(b, loc, around.end, perToken);
    Value before = countIf(
        b, loc, begin, end, [&](OpBuilder &b, Location loc, Value place) {
          Value otherToken = arith::DivUIOp::create(b, loc, place, perToken);
          Value otherSlot = arith::RemUIOp::create(b, loc, place, perToken);
          Value other = tensor::ExtractOp::create(
              b, loc, op.getExperts(), ValueRange{otherToken, otherSlot});
          Value same = compare(b, loc, IntPredicate::eq, other, own);
          Value isBefore = comesBefore(b, otherToken, otherSlot, token, slot);
          return arith::AndIOp::create(b, loc, same, isBefore).getResult();
        });
    return isWithin(b, before, around);
  }

  /// Whether there is room for a slot that `before` others come before.
  Value isWithin(OpBuilder &b, Value before, TokenRange around) {
    before = arith::IndexCastOp::create(b, loc, b.getIndexType(), before);
    Value tokens = arith::SubIOp::create(b, loc, around.end, around.begin);
    return compare(b, loc, IntPredicate::ult, before, capacity(b, tokens));
  }

  /// Whether the plan sorts all slots as they are dropped.
  bool isOrderOfPlan() {
    return !op.getPriority() && op.getOrder() != DropOrder::by_weight;
  }

  /// Whether it gets a row per slot: token after token within a slot.
  bool isTransposed() {
    return isOrderOfPlan() && op.getOrder() == DropOrder::slot_major;
  }

  /// Sorts the slots by group of tokens and expert.
  void sortSlots() {
    SmallVector<OpFoldResult> planSizes(sizes);
    if (isTransposed())
      std::swap(planSizes[0], planSizes[1]);
    SmallVector<int64_t> shape(op.getExperts().getType().getShape());
    if (isTransposed())
      std::swap(shape[0], shape[1]);
    Value buckets = mapElements(
        builder, loc, op.getExperts().getType().clone(shape), planSizes, {}, {},
        [&](OpBuilder &b, Location loc, ValueRange) {
          SmallVector<Value> at{linalg::IndexOp::create(b, loc, 0),
                                linalg::IndexOp::create(b, loc, 1)};
          if (isTransposed())
            std::swap(at[0], at[1]);
          Value id = tensor::ExtractOp::create(b, loc, op.getExperts(), at);
          Value bucket = arith::IndexCastOp::create(b, loc, b.getI32Type(),
                                                    bucketOf(b, at[0], id));
          Value none = arith::ConstantIntOp::create(b, loc, -1, 32);
          return arith::SelectOp::create(
              b, loc, isLive(b, loc, id, op.getNumExperts()), bucket, none);
        });
    Value numBuckets = index(builder, loc, op.getNumExperts());
    if (op.getScope()) {
      Value groups = arith::CeilDivUIOp::create(
          builder, loc, numTokens, index(builder, loc, *op.getScope()));
      numBuckets = arith::MulIOp::create(builder, loc, groups, numBuckets);
    }
    plan = planPairs(builder, loc, buckets, numBuckets);
  }

  /// Of a slot that names an expert.
  Value bucketOf(OpBuilder &b, Value token, Value id) {
    Value expert = arith::IndexCastOp::create(b, loc, b.getIndexType(), id);
    if (!op.getScope())
      return expert;
    Value group =
        arith::DivUIOp::create(b, loc, token, index(b, loc, *op.getScope()));
    Value first =
        arith::MulIOp::create(b, loc, group, index(b, loc, op.getNumExperts()));
    return arith::AddIOp::create(b, loc, first, expert);
  }

  /// Whether the slot that a map is at is `live` and within capacity.
  Value livesInRun(OpBuilder &builder, Value live, Value id) {
    Value token = linalg::IndexOp::create(builder, loc, 0);
    Value slot = linalg::IndexOp::create(builder, loc, 1);
    auto guarded = scf::IfOp::create(
        builder, loc, live,
        [&](OpBuilder &b, Location loc) {
          TokenRange around =
              tokensAround(b, loc, token, numTokens, op.getScope());
          Value before = numBefore(b, token, slot,
                                   runOf(b, loc, plan, bucketOf(b, token, id)));
          scf::YieldOp::create(b, loc, isWithin(b, before, around));
        },
        [&](OpBuilder &b, Location loc) {
          scf::YieldOp::create(b, loc, live);
        });
    return guarded.getResult(0);
  }

  /// How many slots of `run` come before the one that is given, as an i32.
  Value numBefore(OpBuilder &b, Value token, Value slot, Run run) {
    if (isOrderOfPlan()) {
      SmallVector<Value> at{token, slot};
      if (isTransposed())
        std::swap(at[0], at[1]);
      Value begin =
          arith::IndexCastOp::create(b, loc, b.getI32Type(), run.begin);
      Value own = tensor::ExtractOp::create(b, loc, plan.positions, at);
      return arith::SubIOp::create(b, loc, own, begin);
    }
    Value perToken = index(b, loc, numSlots);
    return countIf(b, loc, run.begin, run.end,
                   [&](OpBuilder &b, Location loc, Value entry) {
                     Value pair = extractIndex(b, loc, plan.pairs, entry);
                     Value other =
                         arith::DivUIOp::create(b, loc, pair, perToken);
                     Value otherSlot =
                         arith::RemUIOp::create(b, loc, pair, perToken);
                     return comesBefore(b, other, otherSlot, token, slot);
                   });
  }

  Value comesBefore(OpBuilder &b, Value otherToken, Value otherSlot,
                    Value token, Value slot) {
    if (op.getOrder() == DropOrder::by_weight) {
      auto place = [&](Value token, Value slot) -> Value {
        Value first =
            arith::MulIOp::create(b, loc, token, index(b, loc, numSlots));
        return arith::AddIOp::create(b, loc, first, slot);
      };
      return ranksBefore(
          b, loc, key(b, op.getWeights(), {otherToken, otherSlot}),
          place(otherToken, otherSlot), key(b, op.getWeights(), {token, slot}),
          place(token, slot), /*nanFirst=*/false);
    }
    Value tokenBefore =
        op.getPriority()
            ? ranksBefore(b, loc, key(b, op.getPriority(), otherToken),
                          otherToken, key(b, op.getPriority(), token), token,
                          /*nanFirst=*/false)
            : compare(b, loc, IntPredicate::ult, otherToken, token);
    Value slotBefore = compare(b, loc, IntPredicate::ult, otherSlot, slot);
    bool bySlot = op.getOrder() == DropOrder::slot_major;
    Value first = bySlot ? slotBefore : tokenBefore;
    Value second = bySlot ? tokenBefore : slotBefore;
    Value same = bySlot ? compare(b, loc, IntPredicate::eq, otherSlot, slot)
                        : compare(b, loc, IntPredicate::eq, otherToken, token);
    return arith::OrIOp::create(b, loc, first,
                                arith::AndIOp::create(b, loc, same, second));
  }

  /// Keys are compared in their own type, or in f32, which holds it.
  Value key(OpBuilder &b, Value tensor, ValueRange at) {
    Value element = tensor::ExtractOp::create(b, loc, tensor, at);
    if (element.getType().getIntOrFloatBitWidth() >= 32)
      return element;
    return castFloat(b, loc, element, b.getF32Type());
  }

  /// Of an expert, where `tokens` compete.
  Value capacity(OpBuilder &b, Value tokens) {
    if (op.getCapacity())
      return index(b, loc, *op.getCapacity());
    Type f64 = b.getF64Type(), i64 = b.getI64Type();
    Value count = arith::IndexCastOp::create(b, loc, i64, tokens);
    Value share = arith::SIToFPOp::create(b, loc, f64, count);
    auto constant = [&](double value) {
      return constantFloat(b, loc, f64, value);
    };
    if (op.getTimesK())
      share = arith::MulFOp::create(b, loc, share, constant(numSlots));
    share = arith::MulFOp::create(b, loc, share,
                                  constant(op.getFactor()->convertToDouble()));
    share = arith::DivFOp::create(b, loc, share, constant(op.getNumExperts()));
    // More would not fit an integer, and is more than there can be.
    share = arith::MinimumFOp::create(
        b, loc, share, constant(std::numeric_limits<int32_t>::max()));
    Value size =
        arith::IndexCastOp::create(b, loc, b.getIndexType(), rounded(b, share));
    if (op.getCapAtScope())
      size = arith::MinUIOp::create(b, loc, size, tokens);
    if (op.getMin() != 0)
      size = arith::MaxUIOp::create(b, loc, size, index(b, loc, op.getMin()));
    if (op.getMultipleOf() != 1) {
      Value unit = index(b, loc, op.getMultipleOf());
      Value units = arith::CeilDivUIOp::create(b, loc, size, unit);
      size = arith::MulIOp::create(b, loc, units, unit);
    }
    return size;
  }

  /// A float that is not negative as an i64.
  Value rounded(OpBuilder &b, Value value) {
    Type f64 = value.getType(), i64 = b.getI64Type();
    Value whole = arith::FPToSIOp::create(b, loc, i64, value);
    if (op.getRound() == Rounding::floor)
      return whole;
    Value rest = arith::SubFOp::create(
        b, loc, value, arith::SIToFPOp::create(b, loc, f64, whole));
    auto isRest = [&](arith::CmpFPredicate predicate, double bound) -> Value {
      return arith::CmpFOp::create(b, loc, predicate, rest,
                                   constantFloat(b, loc, f64, bound));
    };
    Value goesUp = isRest(arith::CmpFPredicate::OGT,
                          op.getRound() == Rounding::ceil ? 0.0 : 0.5);
    if (op.getRound() == Rounding::nearest) {
      // Halves go to the even neighbour.
      Value isHalf = isRest(arith::CmpFPredicate::OEQ, 0.5);
      Value isOdd = arith::TruncIOp::create(b, loc, b.getI1Type(), whole);
      goesUp = arith::OrIOp::create(
          b, loc, goesUp, arith::AndIOp::create(b, loc, isHalf, isOdd));
    }
    return arith::AddIOp::create(b, loc, whole,
                                 arith::ExtUIOp::create(b, loc, i64, goesUp));
  }

  OpBuilder &builder;
  Location loc;
  LimitOp op;
  bool parallel;
  int64_t numSlots;
  Value numTokens;
  SmallVector<OpFoldResult> sizes;
  AffineMap identity;
  /// Of the slots by group of tokens and expert, in parallel.
  Plan plan;
};

struct DecomposeLimit : OpRewritePattern<LimitOp> {
  DecomposeLimit(MLIRContext *context, bool parallel)
      : OpRewritePattern(context), parallel(parallel) {}

  LogicalResult matchAndRewrite(LimitOp op,
                                PatternRewriter &rewriter) const override {
    Limit limit(op, rewriter, parallel);
    Value experts = limit.experts();
    rewriter.replaceOp(op, {experts, limit.weights(experts)});
    return success();
  }

private:
  bool parallel;
};

/// Three maps, each of which looks for what it counts; in parallel, what is in
/// any row of the ids is counted by a plan.
struct DecomposeStats : OpRewritePattern<StatsOp> {
  DecomposeStats(MLIRContext *context, bool parallel)
      : OpRewritePattern(context), parallel(parallel) {}

  LogicalResult matchAndRewrite(StatsOp op,
                                PatternRewriter &rewriter) const override {
    Value slots = count(op, rewriter, op.getSlots().getType(), 1);
    Value live = count(op, rewriter, op.getLive().getType(), 0);
    rewriter.replaceOp(op, {slots, live, mean(op, rewriter)});
    return success();
  }

private:
  /// Live entries of every expert, or of every token: the `scoresDim` of
  /// scores that a result of `type` has an entry for.
  Value count(StatsOp op, OpBuilder &builder, RankedTensorType type,
              int64_t scoresDim) const {
    Location loc = op.getLoc();
    Value ids = op.getExperts();
    Value zero = index(builder, loc, 0);
    Value rows = sizeOf(builder, loc, ids, 0);
    Value columns = sizeOf(builder, loc, ids, 1);
    Value numIds =
        sizeOf(builder, loc, op.getScores(), op.isByExpert() ? 0 : 1);
    bool isPerRow = (scoresDim == 0) != op.isByExpert();
    OpFoldResult size =
        tensor::getMixedSize(builder, loc, op.getScores(), scoresDim);
    Plan plan;
    if (parallel && !isPerRow)
      plan = planPairs(builder, loc, ids, size);
    return mapElements(
        builder, loc, type, size, {}, {},
        [&](OpBuilder &b, Location loc, ValueRange) -> Value {
          Value at = linalg::IndexOp::create(b, loc, 0);
          if (plan.offsets) {
            Run run = runOf(b, loc, plan, at);
            return arith::IndexCastOp::create(
                b, loc, b.getI32Type(),
                arith::SubIOp::create(b, loc, run.end, run.begin));
          }
          if (isPerRow)
            return countIf(b, loc, zero, columns,
                           [&](OpBuilder &b, Location loc, Value column) {
                             Value id = tensor::ExtractOp::create(
                                 b, loc, ids, ValueRange{at, column});
                             return isLive(b, loc, id, numIds);
                           });
          Value end = arith::MulIOp::create(b, loc, rows, columns);
          Value own = arith::IndexCastOp::create(b, loc, b.getI32Type(), at);
          return countIf(
              b, loc, zero, end, [&](OpBuilder &b, Location loc, Value place) {
                Value row = arith::DivUIOp::create(b, loc, place, columns);
                Value column = arith::RemUIOp::create(b, loc, place, columns);
                Value id = tensor::ExtractOp::create(b, loc, ids,
                                                     ValueRange{row, column});
                return compare(b, loc, IntPredicate::eq, id, own);
              });
        });
  }

  Value mean(StatsOp op, OpBuilder &builder) const {
    Location loc = op.getLoc();
    RankedTensorType type = op.getMean().getType();
    Type f32 = builder.getF32Type();
    Value zero = constantFloat(builder, loc, f32, 0.0);
    auto add = [&](OpBuilder &b, Location loc, ValueRange in) {
      return buildSum(b, loc, {in[1], castFloat(b, loc, in[0], f32)});
    };
    Value sums =
        parallel ? reduceColumnsByRuns(builder, loc, op.getScores(), zero, add)
                 : reduceMatrix(builder, loc, op.getScores(), 0, zero, add);
    Value tokens = sizeOf(builder, loc, op.getScores(), 0);
    // Nothing is the sum of no scores, whatever it is divided by.
    Value most =
        arith::MaxUIOp::create(builder, loc, tokens, index(builder, loc, 1));
    Value count = arith::SIToFPOp::create(
        builder, loc, f32,
        arith::IndexCastOp::create(builder, loc, builder.getI64Type(), most));
    return mapElements(builder, loc, type,
                       OpFoldResult(builder.getIndexAttr(type.getDimSize(0))),
                       sums, builder.getMultiDimIdentityMap(1),
                       [&](OpBuilder &b, Location loc, ValueRange in) {
                         Value value =
                             arith::DivFOp::create(b, loc, in[0], count);
                         return castFloat(b, loc, value, type.getElementType());
                       });
  }

  bool parallel;
};
} // namespace

void moe::populateDecomposeBalancePatterns(RewritePatternSet &patterns,
                                           bool parallel) {
  patterns.add<DecomposeLimit, DecomposeStats>(patterns.getContext(), parallel);
}
