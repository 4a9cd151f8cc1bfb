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
  using OpRewritePattern::OpRewritePattern;

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
    Value top = reduceMatrix(rewriter, loc, logits, dim, lowest,
                             [&](OpBuilder &b, Location loc, ValueRange in) {
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
    Value sum = reduceMatrix(rewriter, loc, exps, dim, zero, buildSum);
    rewriter.replaceOp(
        op,
        mapElements(rewriter, loc, type, sizes, {exps, sum}, {identity, perRow},
                    [&](OpBuilder &b, Location loc, ValueRange in) {
                      Value y = arith::DivFOp::create(b, loc, in[0], in[1]);
                      return castFloat(b, loc, y, type.getElementType());
                    }));
    return success();
  }
};

/// One token after the other, as the rule says.
struct DecomposeSelect : OpRewritePattern<SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SelectOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getRule().isPerToken())
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
    auto loop = scf::ForOp::create(rewriter, loc, zero, tokens, one, empty);
    rewriter.setInsertionPointToStart(loop.getBody());
    Value token = loop.getInductionVar();
    Value row = vector::TransferReadOp::create(
        rewriter, loc, rowType, op.getKey(), ValueRange{token, zero}, padding,
        ArrayRef<bool>{true});
    SmallVector<Value> params = buildRuleParams(rewriter, loc, op.getParams(),
                                                op.getTokenParams(), token);
    Value ids = buildSelection(rewriter, loc, op.getSelection(), row, params,
                               op.getCount());
    auto written = vector::TransferWriteOp::create(
        rewriter, loc, ids, loop.getRegionIterArg(0), ValueRange{token, zero},
        ArrayRef<bool>{true});
    scf::YieldOp::create(rewriter, loc, written.getResult());
    rewriter.replaceOp(op, loop.getResults());
    return success();
  }
};

/// A stable counting sort: counts, their running sum, then the pairs in order.
struct DecomposePlan : OpRewritePattern<PlanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PlanOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value experts = op.getExperts();
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, experts);
    Value tokens = getValueOrCreateConstantIndexOp(rewriter, loc, sizes[0]);
    Value slots = getValueOrCreateConstantIndexOp(rewriter, loc, sizes[1]);
    Value numPairs = arith::MulIOp::create(rewriter, loc, tokens, slots);
    Value end =
        arith::ConstantIndexOp::create(rewriter, loc, op.getNumExperts());
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value none = arith::ConstantIntOp::create(rewriter, loc, -1, 32);
    Value zeroCount = arith::ConstantIntOp::create(rewriter, loc, 0, 32);
    Value oneCount = arith::ConstantIntOp::create(rewriter, loc, 1, 32);

    // Entry e + 1 counts expert e.
    Value counts =
        filledTensor(rewriter, loc, op.getOffsets().getType(), {}, zeroCount);
    counts = forLivePairs(
                 op, rewriter, tokens, slots, counts,
                 [&](OpBuilder &b, Location loc, Value expert, Value,
                     ValueRange state) {
                   Value at = arith::AddIOp::create(b, loc, expert, one);
                   Value old = tensor::ExtractOp::create(b, loc, state[0], at);
                   Value grown = arith::AddIOp::create(b, loc, old, oneCount);
                   return SmallVector<Value>{
                       tensor::InsertOp::create(b, loc, grown, state[0], at)};
                 })
                 .front();
    Value offsets =
        scf::ForOp::create(
            rewriter, loc, zero, end, one, counts,
            [&](OpBuilder &b, Location loc, Value expert, ValueRange state) {
              Value at = arith::AddIOp::create(b, loc, expert, one);
              Value begin = tensor::ExtractOp::create(b, loc, state[0], expert);
              Value count = tensor::ExtractOp::create(b, loc, state[0], at);
              Value sum = arith::AddIOp::create(b, loc, begin, count);
              Value next = tensor::InsertOp::create(b, loc, sum, state[0], at);
              scf::YieldOp::create(b, loc, next);
            })
            .getResult(0);

    // `offsets` also serves as each expert's next free entry; that copy is the
    // price of returning it unchanged.
    Value pairs =
        filledTensor(rewriter, loc, op.getPairs().getType(), {numPairs}, none);
    pairs =
        forLivePairs(
            op, rewriter, tokens, slots, {pairs, offsets},
            [&](OpBuilder &b, Location loc, Value expert, Value pair,
                ValueRange state) {
              Value entry = tensor::ExtractOp::create(b, loc, state[1], expert);
              Value at =
                  arith::IndexCastOp::create(b, loc, b.getIndexType(), entry);
              Value id =
                  arith::IndexCastOp::create(b, loc, b.getI32Type(), pair);
              Value next = arith::AddIOp::create(b, loc, entry, oneCount);
              return SmallVector<Value>{
                  tensor::InsertOp::create(b, loc, id, state[0], at),
                  tensor::InsertOp::create(b, loc, next, state[1], expert)};
            })
            .front();
    rewriter.replaceOp(op, {offsets, pairs});
    return success();
  }

private:
  using PairBody = function_ref<SmallVector<Value>(
      OpBuilder &, Location, Value expert, Value pair, ValueRange state)>;

  /// Runs `body` for every pair whose slot is not empty, by token and slot.
  static SmallVector<Value> forLivePairs(PlanOp op, OpBuilder &builder,
                                         Value tokens, Value slots,
                                         ValueRange state, PairBody body) {
    Location loc = op.getLoc();
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    auto outer = scf::ForOp::create(builder, loc, zero, tokens, one, state);
    builder.setInsertionPointToStart(outer.getBody());
    Value token = outer.getInductionVar();
    auto inner = scf::ForOp::create(builder, loc, zero, slots, one,
                                    outer.getRegionIterArgs());
    scf::YieldOp::create(builder, loc, inner.getResults());
    builder.setInsertionPointToStart(inner.getBody());
    Value slot = inner.getInductionVar();
    Value id = tensor::ExtractOp::create(builder, loc, op.getExperts(),
                                         ValueRange{token, slot});
    Value live = isLive(builder, loc, id, op.getNumExperts());
    auto guarded = scf::IfOp::create(
        builder, loc, live,
        [&](OpBuilder &b, Location loc) {
          Value expert =
              arith::IndexCastOp::create(b, loc, b.getIndexType(), id);
          Value first = arith::MulIOp::create(b, loc, token, slots);
          Value pair = arith::AddIOp::create(b, loc, first, slot);
          scf::YieldOp::create(
              b, loc, body(b, loc, expert, pair, inner.getRegionIterArgs()));
        },
        [&](OpBuilder &b, Location loc) {
          scf::YieldOp::create(b, loc, inner.getRegionIterArgs());
        });
    scf::YieldOp::create(builder, loc, guarded.getResults());
    builder.setInsertionPointAfter(outer);
    return SmallVector<Value>(outer.getResults());
  }
};
} // namespace

void moe::populateDecomposeRoutingPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeScore, DecomposeSelect, DecomposePlan>(
      patterns.getContext());
}
