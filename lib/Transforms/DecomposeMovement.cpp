// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "DecomposeUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// The entry of a matrix of ids, -1 where `condition` is false.
Value entryIf(OpBuilder &builder, Location loc, Value condition, Value ids,
              ValueRange indices) {
  auto guarded = scf::IfOp::create(
      builder, loc, condition,
      [&](OpBuilder &b, Location loc) {
        Value id = tensor::ExtractOp::create(b, loc, ids, indices);
        scf::YieldOp::create(b, loc, id);
      },
      [&](OpBuilder &b, Location loc) {
        Value none = arith::ConstantIntOp::create(b, loc, -1, 32);
        scf::YieldOp::create(b, loc, none);
      });
  return guarded.getResult(0);
}

/// rows[n, d] = pairs[n] < 0 ? 0 : x[pairs[n] / slots, d]
///
/// or, of bins, x[tokens[pairs[n] / C, pairs[n] % C], d] where that is a token;
/// times the weight of the pair where there are weights.
struct DecomposeDispatch : OpRewritePattern<DispatchOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DispatchOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType type = op.getRows().getType();
    SmallVector<OpFoldResult> sizes{
        tensor::getMixedSize(rewriter, loc, op.getPairs(), 0),
        tensor::getMixedSize(rewriter, loc, op.getX(), 1)};
    // Per token, or per bin.
    Value slots = getValueOrCreateConstantIndexOp(
        rewriter, loc,
        op.getTokens() ? tensor::getMixedSize(rewriter, loc, op.getTokens(), 1)
                       : OpFoldResult(rewriter.getIndexAttr(*op.getSlots())));
    Value numTokens = getValueOrCreateConstantIndexOp(
        rewriter, loc, tensor::getMixedSize(rewriter, loc, op.getX(), 0));
    AffineMap perRow = rewriter.getMultiDimIdentityMap(2).getMajorSubMap(1);
    rewriter.replaceOp(
        op, mapElements(
                rewriter, loc, type, sizes, op.getPairs(), perRow,
                [&](OpBuilder &b, Location loc, ValueRange in) {
                  Value pair = arith::IndexCastOp::create(
                      b, loc, b.getIndexType(), in[0]);
                  Value token = arith::DivUIOp::create(b, loc, pair, slots);
                  Value entry = arith::RemUIOp::create(b, loc, pair, slots);
                  SmallVector<Value> at{token, entry};
                  Value column = linalg::IndexOp::create(b, loc, 1);
                  Value isRow = isPresent(b, loc, in[0]);
                  if (op.getTokens()) {
                    Value id = entryIf(b, loc, isRow, op.getTokens(), at);
                    isRow = isLive(b, loc, id, numTokens);
                    token = arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                                       id);
                  }
                  Type element = type.getElementType();
                  if (!op.getWeights())
                    return extractIf(b, loc, isRow, op.getX(), {token, column},
                                     element);
                  Type compute = b.getF32Type();
                  Value product = arith::MulFOp::create(
                      b, loc,
                      extractIf(b, loc, isRow, op.getWeights(), at, compute),
                      extractIf(b, loc, isRow, op.getX(), {token, column},
                                compute));
                  return castFloat(b, loc, product, element);
                }));
    return success();
  }
};

/// result[t, d] = init[t, d] + w[t, 0] * column(t, e[t, 0], d) + ...
struct DecomposeVirtual : OpRewritePattern<VirtualOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(VirtualOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType type = op.getResult().getType();
    Type compute = rewriter.getF32Type();
    AffineMap identity = rewriter.getMultiDimIdentityMap(2);
    int64_t numSlots = op.getExperts().getType().getDimSize(1);
    rewriter.replaceOp(
        op, mapElements(
                rewriter, loc, type,
                tensor::getMixedSizes(rewriter, loc, op.getInit()),
                {op.getInit(), op.getX()}, {identity, identity},
                [&](OpBuilder &b, Location loc, ValueRange in) {
                  Place place{linalg::IndexOp::create(b, loc, 0),
                              linalg::IndexOp::create(b, loc, 1),
                              castFloat(b, loc, in[1], compute)};
                  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
                  Value end = arith::ConstantIndexOp::create(b, loc, numSlots);
                  Value one = arith::ConstantIndexOp::create(b, loc, 1);
                  auto sum = scf::ForOp::create(
                      b, loc, zero, end, one, castFloat(b, loc, in[0], compute),
                      [&](OpBuilder &b, Location loc, Value slot,
                          ValueRange state) {
                        scf::YieldOp::create(
                            b, loc, addSlot(op, b, loc, place, slot, state[0]));
                      });
                  return castFloat(b, loc, sum.getResult(0),
                                   type.getElementType());
                }));
    return success();
  }

private:
  /// Where a map is, and the element of `x` there.
  struct Place {
    Value token, column, x;
  };

  /// `sum` plus what slot `slot` of the token contributes at `place`.
  static Value addSlot(VirtualOp op, OpBuilder &builder, Location loc,
                       const Place &place, Value slot, Value sum) {
    SmallVector<Value> at{place.token, slot};
    Value id = tensor::ExtractOp::create(builder, loc, op.getExperts(), at);
    // Sum plus weight times what `columnOf` gives, if the id is one of `count`
    // from `first` on.
    auto addIf = [&](Value sum, int64_t first, int64_t count,
                     function_ref<Value(OpBuilder &, Location, Value)> columnOf)
        -> Value {
      Value start = arith::ConstantIntOp::create(builder, loc, first, 32);
      Value which = arith::SubIOp::create(builder, loc, id, start);
      auto guarded = scf::IfOp::create(
          builder, loc, isLive(builder, loc, which, count),
          [&](OpBuilder &b, Location loc) {
            Value weight =
                tensor::ExtractOp::create(b, loc, op.getWeights(), at);
            Value product = arith::MulFOp::create(
                b, loc, castFloat(b, loc, weight, sum.getType()),
                columnOf(b, loc, which));
            scf::YieldOp::create(
                b, loc,
                arith::AddFOp::create(b, loc, sum, product).getResult());
          },
          [&](OpBuilder &b, Location loc) {
            scf::YieldOp::create(b, loc, sum);
          });
      return guarded.getResult(0);
    };
    if (op.getNumConstant() > 0)
      sum = addIf(sum, op.getFirst(), op.getNumConstant(),
                  [&](OpBuilder &b, Location loc, Value which) {
                    return mixConstant(op, b, loc, place, which);
                  });
    if (op.getIdentity() > 0)
      sum = addIf(sum, op.getFirstIdentity(), op.getIdentity(),
                  [&](OpBuilder &, Location, Value) { return place.x; });
    return sum;
  }

  /// a x + b v of constant column `which`.
  static Value mixConstant(VirtualOp op, OpBuilder &b, Location loc,
                           const Place &place, Value which) {
    Value row = arith::IndexCastOp::create(b, loc, b.getIndexType(), which);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value first = arith::AddIOp::create(b, loc, row, row);
    Value second = arith::AddIOp::create(b, loc, first, one);
    auto load = [&](Value matrix, Value i, Value j) {
      Value element =
          tensor::ExtractOp::create(b, loc, matrix, ValueRange{i, j});
      return castFloat(b, loc, element, place.x.getType());
    };
    Value own = arith::MulFOp::create(
        b, loc, load(op.getCoefficients(), place.token, first), place.x);
    Value fixed = arith::MulFOp::create(
        b, loc, load(op.getCoefficients(), place.token, second),
        load(op.getVectors(), row, place.column));
    return arith::AddFOp::create(b, loc, own, fixed);
  }
};

/// Finds the row of every slot, then sums slot by slot:
///
///   position[pairs[n] / K, pairs[n] % K] = n
///   result[t, d] = init[t, d] + w[t, 0] * rows[position[t, 0], d] + ...
///
/// The slots of a token in bins are found by sorting their entries by token.
struct DecomposeCombine : OpRewritePattern<CombineOp> {
  DecomposeCombine(MLIRContext *context, bool parallel)
      : OpRewritePattern(context), parallel(parallel) {}

  LogicalResult matchAndRewrite(CombineOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType type = op.getResult().getType();
    Type compute = rewriter.getF32Type();
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value slots = getValueOrCreateConstantIndexOp(
        rewriter, loc, tensor::getMixedSize(rewriter, loc, op.getWeights(), 1));
    Value positions = invert(op, rewriter, slots);
    Plan entries;
    if (op.getTokens())
      entries = entriesOfTokens(op, rewriter, positions);
    rewriter.replaceOp(
        op,
        mapElements(
            rewriter, loc, type,
            tensor::getMixedSizes(rewriter, loc, op.getInit()), op.getInit(),
            rewriter.getMultiDimIdentityMap(2),
            [&](OpBuilder &b, Location loc, ValueRange in) {
              Value token = linalg::IndexOp::create(b, loc, 0);
              Value column = linalg::IndexOp::create(b, loc, 1);
              Value begin = zero, end = slots;
              if (op.getTokens()) {
                Run run = runOf(b, loc, entries, token);
                begin = run.begin;
                end = run.end;
              }
              auto sum = scf::ForOp::create(
                  b, loc, begin, end, one, castFloat(b, loc, in[0], compute),
                  [&](OpBuilder &b, Location loc, Value slot,
                      ValueRange state) {
                    SmallVector<Value> at{token, slot};
                    if (op.getTokens()) {
                      Value pair = extractIndex(b, loc, entries.pairs, slot);
                      at = {arith::DivUIOp::create(b, loc, pair, slots),
                            arith::RemUIOp::create(b, loc, pair, slots)};
                    }
                    Value next =
                        addSlot(op, b, loc, positions, at, column, state[0]);
                    scf::YieldOp::create(b, loc, next);
                  });
              return castFloat(b, loc, sum.getResult(0), type.getElementType());
            }));
    return success();
  }

private:
  /// The entries of bins, sorted by their token.
  Plan entriesOfTokens(CombineOp op, OpBuilder &builder,
                       Value positions) const {
    Location loc = op.getLoc();
    Value numTokens = getValueOrCreateConstantIndexOp(
        builder, loc, tensor::getMixedSize(builder, loc, op.getInit(), 0));
    if (parallel)
      return planPairs(builder, loc, op.getTokens(), numTokens);
    auto vector =
        RankedTensorType::get(ShapedType::kDynamic, builder.getI32Type());
    SortedPairs sorted = sortPairs(
        builder, loc, op.getTokens(), vector, numTokens, vector,
        [&](OpBuilder &b, Location loc, Value id, ValueRange at) -> Bucket {
          Value position = tensor::ExtractOp::create(b, loc, positions, at);
          Value counts =
              arith::AndIOp::create(b, loc, isLive(b, loc, id, numTokens),
                                    isPresent(b, loc, position));
          return {counts,
                  arith::IndexCastOp::create(b, loc, b.getIndexType(), id)};
        });
    return {sorted.offsets, sorted.pairs, Value()};
  }

  /// positions[t, s]: the row of slot s of token t, -1 if it has none.
  Value invert(CombineOp op, OpBuilder &builder, Value slots) const {
    if (parallel)
      return scatterRows(op, builder, slots);
    Location loc = op.getLoc();
    RankedTensorType type =
        op.getWeights().getType().clone(builder.getI32Type());
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    Value none = arith::ConstantIntOp::create(builder, loc, -1, 32);
    Value numPairs = getValueOrCreateConstantIndexOp(
        builder, loc, tensor::getMixedSize(builder, loc, op.getPairs(), 0));
    Value unknown = filledTensor(
        builder, loc, type,
        tensor::getMixedSizes(builder, loc, op.getWeights()), none);
    auto loop = scf::ForOp::create(
        builder, loc, zero, numPairs, one, unknown,
        [&](OpBuilder &b, Location loc, Value row, ValueRange state) {
          Value pair = tensor::ExtractOp::create(b, loc, op.getPairs(), row);
          auto guarded = scf::IfOp::create(
              b, loc, isPresent(b, loc, pair),
              [&](OpBuilder &b, Location loc) {
                Value at =
                    arith::IndexCastOp::create(b, loc, b.getIndexType(), pair);
                Value token = arith::DivUIOp::create(b, loc, at, slots);
                Value slot = arith::RemUIOp::create(b, loc, at, slots);
                Value id =
                    arith::IndexCastOp::create(b, loc, b.getI32Type(), row);
                Value written = tensor::InsertOp::create(
                    b, loc, id, state[0], ValueRange{token, slot});
                scf::YieldOp::create(b, loc, written);
              },
              [&](OpBuilder &b, Location loc) {
                scf::YieldOp::create(b, loc, state);
              });
          scf::YieldOp::create(b, loc, guarded.getResults());
        });
    return loop.getResult(0);
  }

  /// The same with a thread per row. Row n without a pair writes behind all
  /// pairs, N + n, so that no two write to one place.
  static Value scatterRows(CombineOp op, OpBuilder &builder, Value slots) {
    Location loc = op.getLoc();
    RankedTensorType type =
        op.getWeights().getType().clone(builder.getI32Type());
    OpFoldResult numPairs =
        tensor::getMixedSize(builder, loc, op.getPairs(), 0);
    Value end = getValueOrCreateConstantIndexOp(builder, loc, numPairs);
    Value two = arith::ConstantIndexOp::create(builder, loc, 2);
    auto flat =
        RankedTensorType::get(ShapedType::kDynamic, builder.getI32Type());
    Value unknown = filledTensor(
        builder, loc, flat,
        {arith::MulIOp::create(builder, loc, end, two).getResult()},
        arith::ConstantIntOp::create(builder, loc, -1, 32));
    OpFoldResult one = builder.getIndexAttr(1);
    auto forall = scf::ForallOp::create(
        builder, loc, numPairs, unknown, std::nullopt,
        [&](OpBuilder &b, Location loc, ValueRange arguments) {
          Value row = arguments[0];
          Value pair = tensor::ExtractOp::create(b, loc, op.getPairs(), row);
          Value at = arith::SelectOp::create(
              b, loc, isPresent(b, loc, pair),
              arith::IndexCastOp::create(b, loc, b.getIndexType(), pair),
              arith::AddIOp::create(b, loc, end, row));
          Value slice = tensor::ExtractSliceOp::create(
              b, loc, arguments[1], OpFoldResult(at), one, one);
          Value id = arith::IndexCastOp::create(b, loc, b.getI32Type(), row);
          Value zero = arith::ConstantIndexOp::create(b, loc, 0);
          Value written = tensor::InsertOp::create(b, loc, id, slice, zero);
          auto parallel = scf::InParallelOp::create(b, loc);
          b.setInsertionPointToStart(parallel.getBody());
          tensor::ParallelInsertSliceOp::create(b, loc, written, arguments[1],
                                                OpFoldResult(at), one, one);
        });
    return mapElements(
        builder, loc, type,
        tensor::getMixedSizes(builder, loc, op.getWeights()), {}, {},
        [&](OpBuilder &b, Location loc, ValueRange) -> Value {
          Value first = arith::MulIOp::create(
              b, loc, linalg::IndexOp::create(b, loc, 0), slots);
          Value pair = arith::AddIOp::create(
              b, loc, first, linalg::IndexOp::create(b, loc, 1));
          return tensor::ExtractOp::create(b, loc, forall.getResult(0), pair);
        });
  }

  /// `value` with the precision of `type`.
  static Value roundTo(OpBuilder &builder, Location loc, Value value,
                       FloatType type) {
    return castFloat(builder, loc, castFloat(builder, loc, value, type),
                     value.getType());
  }

  /// `sum` plus the weighted row of one slot; as it is where that is empty.
  static Value addSlot(CombineOp op, OpBuilder &builder, Location loc,
                       Value positions, ValueRange slot, Value column,
                       Value sum) {
    Value position = tensor::ExtractOp::create(builder, loc, positions, slot);
    auto guarded = scf::IfOp::create(
        builder, loc, isPresent(builder, loc, position),
        [&](OpBuilder &b, Location loc) {
          Value row =
              arith::IndexCastOp::create(b, loc, b.getIndexType(), position);
          Value element = tensor::ExtractOp::create(b, loc, op.getRows(),
                                                    ValueRange{row, column});
          Value product = castFloat(b, loc, element, sum.getType());
          if (!op.getUnweighted()) {
            Value weight =
                tensor::ExtractOp::create(b, loc, op.getWeights(), slot);
            product = arith::MulFOp::create(
                b, loc, castFloat(b, loc, weight, sum.getType()), product);
            product = roundTo(b, loc, product, op.getProductFloatType());
          }
          Value next = arith::AddFOp::create(b, loc, sum, product);
          scf::YieldOp::create(
              b, loc, ValueRange(roundTo(b, loc, next, op.getSumFloatType())));
        },
        [&](OpBuilder &b, Location loc) { scf::YieldOp::create(b, loc, sum); });
    return guarded.getResult(0);
  }

  bool parallel;
};
} // namespace

void moe::populateDecomposeMovementPatterns(RewritePatternSet &patterns,
                                            bool parallel) {
  patterns.add<DecomposeDispatch, DecomposeVirtual>(patterns.getContext());
  patterns.add<DecomposeCombine>(patterns.getContext(), parallel);
}
