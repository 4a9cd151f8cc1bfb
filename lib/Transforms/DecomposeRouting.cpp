// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "DecomposeUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// (t, j) -> (t), which repeats one value of a row along its columns; for
/// `dim` 0 (t, j) -> (j), one value of a column along its rows.
AffineMap along(OpBuilder &builder, int64_t dim = 1) {
  return builder.getMultiDimIdentityMap(2).dropResult(dim);
}

/// sqrt(log(1 + exp(x))), written so that exp cannot overflow.
Value sqrtSoftplus(OpBuilder &b, Location loc, Value x) {
  Value zero = constantFloat(b, loc, x.getType(), 0.0);
  Value negative =
      arith::NegFOp::create(b, loc, math::AbsFOp::create(b, loc, x));
  Value tail =
      math::Log1pOp::create(b, loc, math::ExpOp::create(b, loc, negative));
  Value head = arith::MaximumFOp::create(b, loc, x, zero);
  return math::SqrtOp::create(b, loc,
                              arith::AddFOp::create(b, loc, head, tail));
}

Value scoreElement(OpBuilder &b, Location loc, ScoreFn fn, Value x) {
  switch (fn) {
  case ScoreFn::sigmoid:
    return buildSigmoid(b, loc, x);
  case ScoreFn::sqrtsoftplus:
    return sqrtSoftplus(b, loc, x);
  case ScoreFn::relu:
    return arith::MaximumFOp::create(b, loc, x,
                                     constantFloat(b, loc, x.getType(), 0.0));
  case ScoreFn::identity:
  case ScoreFn::softmax: // Not of one element: see DecomposeScore.
    return x;
  }
  llvm_unreachable("unknown score function");
}

/// Elementwise but for softmax, which subtracts the largest logit of the row
/// (or of the column):
///
///   %m = max over experts of %l; %x = exp(%l - %m); %s = sum of %x; %x / %s
struct DecomposeScore : OpRewritePattern<ScoreOp> {
  DecomposeScore(MLIRContext *context, bool parallel)
      : OpRewritePattern(context), parallel(parallel) {}

  LogicalResult matchAndRewrite(ScoreOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value logits = op.getLogits();
    RankedTensorType type = op.getScores().getType();
    FloatType compute = op.getComputeFloatType();
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, logits);
    AffineMap identity = rewriter.getMultiDimIdentityMap(2);
    int64_t dim = op.getAxis() == ScoreAxis::experts ? 1 : 0;
    AffineMap perRow = along(rewriter, dim);

    if (op.getScope()) {
      rewriter.replaceOp(op, softmaxOfGroups(op, rewriter));
      return success();
    }
    if (op.getFn() != ScoreFn::softmax) {
      rewriter.replaceOp(
          op, mapElements(rewriter, loc, type, sizes, logits, identity,
                          [&](OpBuilder &b, Location loc, ValueRange in) {
                            Value x = castFloat(b, loc, in[0], compute);
                            Value y = scoreElement(b, loc, op.getFn(), x);
                            return castFloat(b, loc, y, type.getElementType());
                          }));
      return success();
    }

    Value lowest = constantFloat(rewriter, loc, compute, -infinity);
    auto reduce = [&](Value matrix, Value initial, ScalarBody body) {
      if (parallel && dim == 0)
        return reduceColumnsByRuns(rewriter, loc, matrix, initial, body);
      return reduceMatrix(rewriter, loc, matrix, dim, initial, body);
    };
    Value top =
        reduce(logits, lowest, [&](OpBuilder &b, Location loc, ValueRange in) {
          Value x = castFloat(b, loc, in[0], compute);
          return buildMaximum(b, loc, {x, in[1]});
        });
    Value exps = mapElements(
        rewriter, loc, type.clone(compute), sizes, {logits, top},
        {identity, perRow}, [&](OpBuilder &b, Location loc, ValueRange in) {
          Value x = castFloat(b, loc, in[0], compute);
          return math::ExpOp::create(b, loc,
                                     arith::SubFOp::create(b, loc, x, in[1]));
        });
    Value zero = constantFloat(rewriter, loc, compute, 0.0);
    Value sum = reduce(exps, zero, buildSum);
    rewriter.replaceOp(
        op,
        mapElements(rewriter, loc, type, sizes, {exps, sum}, {identity, perRow},
                    [&](OpBuilder &b, Location loc, ValueRange in) {
                      Value y = arith::DivFOp::create(b, loc, in[0], in[1]);
                      return castFloat(b, loc, y, type.getElementType());
                    }));
    return success();
  }

private:
  /// Softmax over every run of `scope` tokens: the largest logit and the sum of
  /// a group stand in a row of their own.
  static Value softmaxOfGroups(ScoreOp op, OpBuilder &builder) {
    Location loc = op.getLoc();
    Value logits = op.getLogits();
    RankedTensorType type = op.getScores().getType();
    FloatType compute = op.getComputeFloatType();
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, loc, logits);
    AffineMap identity = builder.getMultiDimIdentityMap(2);
    Value numTokens = getValueOrCreateConstantIndexOp(builder, loc, sizes[0]);
    Value scope = arith::ConstantIndexOp::create(builder, loc, *op.getScope());
    Value numGroups =
        arith::CeilDivUIOp::create(builder, loc, numTokens, scope);
    auto groupsType = RankedTensorType::get(
        {ShapedType::kDynamic, type.getDimSize(1)}, compute);
    SmallVector<OpFoldResult> groupSizes{numGroups, sizes[1]};
    auto logitAt = [&](OpBuilder &b, Location loc, Value token, Value expert) {
      Value x =
          tensor::ExtractOp::create(b, loc, logits, ValueRange{token, expert});
      return castFloat(b, loc, x, compute);
    };
    // `body` gets a logit and the value so far.
    auto reduceGroups = [&](double initial, ValueRange inputs,
                            function_ref<Value(OpBuilder &, Location,
                                               ValueRange in, ValueRange x)>
                                body) {
      SmallVector<AffineMap> maps(inputs.size(), identity);
      return mapElements(
          builder, loc, groupsType, groupSizes, inputs, maps,
          [&](OpBuilder &b, Location loc, ValueRange in) {
            Value group = linalg::IndexOp::create(b, loc, 0);
            Value expert = linalg::IndexOp::create(b, loc, 1);
            Value one = arith::ConstantIndexOp::create(b, loc, 1);
            TokenRange range =
                tokensOfGroup(b, loc, group, numTokens, op.getScope());
            auto loop = scf::ForOp::create(
                b, loc, range.begin, range.end, one,
                constantFloat(b, loc, compute, initial),
                [&](OpBuilder &b, Location loc, Value token, ValueRange state) {
                  Value x = logitAt(b, loc, token, expert);
                  scf::YieldOp::create(b, loc, body(b, loc, in, {x, state[0]}));
                });
            return loop.getResult(0);
          });
    };
    auto shiftedExp = [](OpBuilder &b, Location loc, Value x, Value top) {
      return math::ExpOp::create(b, loc, arith::SubFOp::create(b, loc, x, top));
    };
    Value tops =
        reduceGroups(-infinity, {},
                     [](OpBuilder &b, Location loc, ValueRange, ValueRange x) {
                       return buildMaximum(b, loc, x);
                     });
    Value sums = reduceGroups(
        0.0, tops,
        [&](OpBuilder &b, Location loc, ValueRange in, ValueRange x) {
          return buildSum(b, loc, {shiftedExp(b, loc, x[0], in[0]), x[1]});
        });
    return mapElements(
        builder, loc, type, sizes, logits, identity,
        [&](OpBuilder &b, Location loc, ValueRange in) {
          Value token = linalg::IndexOp::create(b, loc, 0);
          Value expert = linalg::IndexOp::create(b, loc, 1);
          Value group = arith::DivUIOp::create(b, loc, token, scope);
          SmallVector<Value> at{group, expert};
          Value top = tensor::ExtractOp::create(b, loc, tops, at);
          Value sum = tensor::ExtractOp::create(b, loc, sums, at);
          Value x = castFloat(b, loc, in[0], compute);
          Value y =
              arith::DivFOp::create(b, loc, shiftedExp(b, loc, x, top), sum);
          return castFloat(b, loc, y, type.getElementType());
        });
  }

  bool parallel;
};

/// One token after the other, or side by side, as the rule says.
struct DecomposeSelect : OpRewritePattern<SelectOp> {
  DecomposeSelect(MLIRContext *context, bool parallel)
      : OpRewritePattern(context), parallel(parallel) {}

  LogicalResult matchAndRewrite(SelectOp op,
                                PatternRewriter &rewriter) const override {
    if (op.isByExpert())
      return rewriter.notifyMatchFailure(op, "experts select tokens");
    if (!op.isPerToken())
      return missed(rewriter, op, "moe-decompose",
                    "the rule looks across tokens");
    Location loc = op.getLoc();
    RankedTensorType keyType = op.getKey().getType();
    RankedTensorType type = op.getExperts().getType();
    auto rowType =
        VectorType::get(keyType.getDimSize(1), keyType.getElementType());
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, op.getKey());
    Value tokens = getValueOrCreateConstantIndexOp(rewriter, loc, sizes[0]);
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value padding = constantFloat(rewriter, loc, rowType.getElementType(), 0.0);
    Value empty = emptyTensor(rewriter, loc, type, sizes);
    auto selectInto = [&](OpBuilder &rewriter, Value token, Value into,
                          Value at) -> Value {
      Value row = vector::TransferReadOp::create(
          rewriter, loc, rowType, op.getKey(), ValueRange{token, zero}, padding,
          ArrayRef<bool>{true});
      SmallVector<Value> params = buildRuleParams(rewriter, loc, op.getParams(),
                                                  op.getTokenParams(), token);
      Value ids = buildSelection(rewriter, loc, op.getSelection(), row, params,
                                 op.getCount());
      return vector::TransferWriteOp::create(rewriter, loc, ids, into,
                                             ValueRange{at, zero},
                                             ArrayRef<bool>{true})
          .getResult();
    };
    // A rule may look for the function around it: loops are filled in place.
    if (!parallel) {
      auto loop = scf::ForOp::create(rewriter, loc, zero, tokens, one, empty);
      rewriter.setInsertionPointToStart(loop.getBody());
      Value token = loop.getInductionVar();
      scf::YieldOp::create(
          rewriter, loc,
          selectInto(rewriter, token, loop.getRegionIterArg(0), token));
      rewriter.replaceOp(op, loop.getResults());
      return success();
    }
    auto forall = scf::ForallOp::create(rewriter, loc, sizes[0], empty,
                                        /*mapping=*/std::nullopt);
    rewriter.setInsertionPointToStart(forall.getBody());
    Value token = forall.getInductionVar(0);
    Value all = forall.getRegionIterArgs().front();
    SmallVector<OpFoldResult> offsets{token, rewriter.getIndexAttr(0)};
    SmallVector<OpFoldResult> rowSizes{
        rewriter.getIndexAttr(1), rewriter.getIndexAttr(type.getDimSize(1))};
    SmallVector<OpFoldResult> strides(2, rewriter.getIndexAttr(1));
    Value slice = tensor::ExtractSliceOp::create(rewriter, loc, all, offsets,
                                                 rowSizes, strides);
    Value ids = selectInto(rewriter, token, slice, zero);
    rewriter.setInsertionPointToStart(forall.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(rewriter, loc, ids, all, offsets,
                                          rowSizes, strides);
    rewriter.replaceOp(op, forall.getResults());
    return success();
  }

private:
  bool parallel;
};

/// A stable counting sort of the live pairs by expert.
struct DecomposePlan : OpRewritePattern<PlanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PlanOp op,
                                PatternRewriter &rewriter) const override {
    auto slotBucket = [&](OpBuilder &b, Location loc, Value id,
                          ValueRange) -> Bucket {
      return {isLive(b, loc, id, op.getNumExperts()),
              arith::IndexCastOp::create(b, loc, b.getIndexType(), id)};
    };
    auto binBucket = [&](OpBuilder &b, Location loc, Value id,
                         ValueRange indices) -> Bucket {
      Value zero = arith::ConstantIntOp::create(b, loc, 0, 32);
      return {
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, id, zero),
          indices[0]};
    };
    SortedPairs sorted = sortPairs(
        rewriter, op.getLoc(), op.getExperts(), op.getOffsets().getType(),
        rewriter.getIndexAttr(op.getNumExperts()), op.getPairs().getType(),
        op.isByExpert() ? BucketOf(binBucket) : BucketOf(slotBucket));
    rewriter.replaceOp(op, {sorted.offsets, sorted.pairs});
    return success();
  }
};
} // namespace

void moe::populateDecomposeRoutingPatterns(RewritePatternSet &patterns,
                                           bool parallel) {
  patterns.add<DecomposePlan>(patterns.getContext());
  patterns.add<DecomposeScore, DecomposeSelect>(patterns.getContext(),
                                                parallel);
}
