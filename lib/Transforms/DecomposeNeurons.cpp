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
/// A moe.neurons as a masked feed-forward layer on all F units.
class MaskedLayer {
public:
  MaskedLayer(NeuronsOp op, OpBuilder &builder)
      : b(builder), loc(op.getLoc()), op(op), f32(builder.getF32Type()),
        isPost(op.getSide() == MaskSide::post),
        numUnits(op.getUp().getType().getDimSize(0)),
        tokens(tensor::getMixedSize(builder, loc, op.getX(), 0)),
        identity(builder.getMultiDimIdentityMap(2)),
        perColumn(identity.dropResult(0)) {}

  Value build() {
    Value preactivations = product(op.getX(), op.getUp(), /*transposed=*/true);
    buildMask();
    Value hidden =
        isPost ? maskAfter(preactivations) : maskBefore(preactivations);
    Value sums = product(hidden, op.getDown(), /*transposed=*/false);
    RankedTensorType type = op.getResult().getType();
    SmallVector<Value> inputs{sums};
    SmallVector<AffineMap> maps{identity};
    if (op.getDownBias()) {
      inputs.push_back(op.getDownBias());
      maps.push_back(perColumn);
    }
    return mapElements(b, loc, type, {tokens, OpFoldResult()}, inputs, maps,
                       [&](OpBuilder &b, Location loc, ValueRange in) {
                         return castFloat(b, loc, biased(b, in),
                                          type.getElementType());
                       });
  }

private:
  /// in[0], plus in[1] where there is one, in f32.
  Value biased(OpBuilder &b, ValueRange in) {
    Value value = castFloat(b, loc, in[0], f32);
    if (in.size() == 1)
      return value;
    return buildSum(b, loc, {value, castFloat(b, loc, in[1], f32)});
  }

  RankedTensorType tokensBy(int64_t width, Type element) {
    return RankedTensorType::get({op.getX().getType().getDimSize(0), width},
                                 element);
  }

  /// rows * matrix in f32; on the way down the units that a token does not keep
  /// are left out, whatever stands there.
  Value product(Value rows, Value matrix, bool transposed) {
    RankedTensorType type = tokensBy(
        cast<ShapedType>(matrix.getType()).getDimSize(!transposed), f32);
    Value zero = constantFloat(b, loc, f32, 0.0);
    Value init = filledTensor(b, loc, type, {tokens, OpFoldResult()}, zero);
    AffineExpr t, j, d;
    bindDims(b.getContext(), t, j, d);
    auto map = [&](AffineExpr row, AffineExpr column) {
      return AffineMap::get(3, 0, {row, column}, b.getContext());
    };
    SmallVector<Value> inputs{rows, matrix};
    SmallVector<AffineMap> maps{map(t, d), transposed ? map(j, d) : map(d, j)};
    if (!transposed && isPost) {
      inputs.push_back(kept);
      maps.push_back(map(t, d));
    }
    maps.push_back(map(t, j));
    SmallVector<utils::IteratorType> iterators(3,
                                               utils::IteratorType::parallel);
    iterators[2] = utils::IteratorType::reduction;
    return linalg::GenericOp::create(
               b, loc, type, inputs, init, maps, iterators,
               [&](OpBuilder &b, Location loc, ValueRange in) {
                 Value term = arith::MulFOp::create(
                     b, loc, castFloat(b, loc, in[0], f32),
                     castFloat(b, loc, in[1], f32));
                 Value sum = buildSum(b, loc, {in.back(), term});
                 if (in.size() == 4)
                   sum = arith::SelectOp::create(b, loc, in[2], sum, in[3]);
                 linalg::YieldOp::create(b, loc, sum);
               })
        .getResult(0);
  }

  /// Makes `factors` and `kept`, what the slots say of every unit: one row per
  /// token, with the samples added, or with side pre one per sample.
  void buildMask() {
    auto type =
        isPost ? tokensBy(numUnits, f32)
               : RankedTensorType::get(
                     {op.getUnits().getType().getDimSize(0), numUnits}, f32);
    SmallVector<OpFoldResult> sizes{
        isPost ? tokens : tensor::getMixedSize(b, loc, op.getUnits(), 0),
        OpFoldResult()};
    factors = mapElements(
        b, loc, type, sizes, {}, {},
        [&](OpBuilder &b, Location loc, ValueRange) {
          return addSlots(b, constantFloat(b, loc, f32, 0.0),
                          [&](OpBuilder &b, Value sum, Value row, Value slot,
                              Value token, Value sample) {
                            return buildSum(
                                b, loc,
                                {sum, slotFactor(b, row, slot, token, sample)});
                          });
        });
    kept = mapElements(
        b, loc, type.clone(b.getI1Type()), sizes, {}, {},
        [&](OpBuilder &b, Location loc, ValueRange) {
          return addSlots(b, arith::ConstantIntOp::create(b, loc, 0, 1),
                          [&](OpBuilder &b, Value, Value, Value, Value, Value) {
                            return arith::ConstantIntOp::create(b, loc, 1, 1);
                          });
        });
  }

  /// Carries `initial` over the slots that name the unit of the second index
  /// of a linalg body, of all samples of a token or of one, in order.
  Value addSlots(OpBuilder &b, Value initial,
                 function_ref<Value(OpBuilder &, Value sum, Value row,
                                    Value slot, Value token, Value sample)>
                     add) {
    Value which = linalg::IndexOp::create(b, loc, 0);
    Value unit = linalg::IndexOp::create(b, loc, 1);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value samples = arith::ConstantIndexOp::create(b, loc, op.getSamples());
    Value slots = arith::ConstantIndexOp::create(
        b, loc, op.getUnits().getType().getDimSize(1));
    Value token = which, first = zero, end = liveSamples(b);
    if (!isPost) {
      token = arith::DivUIOp::create(b, loc, which, samples);
      first = arith::RemUIOp::create(b, loc, which, samples);
      end = arith::MinSIOp::create(b, loc, end,
                                   arith::AddIOp::create(b, loc, first, one));
    }
    scf::LoopNest nest = scf::buildLoopNest(
        b, loc, {first, zero}, {end, slots}, {one, one}, initial,
        [&](OpBuilder &b, Location loc, ValueRange at, ValueRange state) {
          Value row = arith::AddIOp::create(
              b, loc, arith::MulIOp::create(b, loc, token, samples), at[0]);
          Value id = tensor::ExtractOp::create(b, loc, op.getUnits(),
                                               ValueRange{row, at[1]});
          Value wide = arith::IndexCastOp::create(b, loc, b.getIndexType(), id);
          Value named = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                              wide, unit);
          auto guarded = scf::IfOp::create(
              b, loc, named,
              [&](OpBuilder &b, Location loc) {
                scf::YieldOp::create(
                    b, loc, add(b, state[0], row, at[1], token, at[0]));
              },
              [&](OpBuilder &b, Location loc) {
                scf::YieldOp::create(b, loc, state);
              });
          return scf::ValueVector{guarded.getResult(0)};
        });
    return nest.results[0];
  }

  /// The number of samples that count, as an index.
  Value liveSamples(OpBuilder &b) {
    Value samples = arith::ConstantIndexOp::create(b, loc, op.getSamples());
    Value count = op.getCount();
    if (!count)
      return samples;
    if (!count.getType().isIndex())
      count = arith::IndexCastOp::create(b, loc, b.getIndexType(), count);
    return arith::MinSIOp::create(b, loc, count, samples);
  }

  /// What one slot adds; a sample's weight joins where samples are added.
  Value slotFactor(OpBuilder &b, Value row, Value slot, Value token,
                   Value sample) {
    Value factor =
        castFloat(b, loc,
                  tensor::ExtractOp::create(b, loc, op.getCoefficients(),
                                            ValueRange{row, slot}),
                  f32);
    return isPost ? weighSample(b, factor, token, sample) : factor;
  }

  Value weighSample(OpBuilder &b, Value value, Value token, Value sample) {
    if (!op.getSampleWeights())
      return value;
    Value weight = tensor::ExtractOp::create(b, loc, op.getSampleWeights(),
                                             ValueRange{token, sample});
    return arith::MulFOp::create(b, loc, value, castFloat(b, loc, weight, f32));
  }

  Type argumentType() {
    return op.getActivation().front().getArgument(0).getType();
  }

  /// A copy of the region, in f32 but for its own types.
  Value activate(OpBuilder &b, Value preactivation) {
    Block &block = op.getActivation().front();
    IRMapping mapping;
    mapping.map(block.getArgument(0),
                castFloat(b, loc, preactivation, argumentType()));
    for (Operation &inner : block.without_terminator())
      b.clone(inner, mapping);
    Value result =
        mapping.lookupOrDefault(block.getTerminator()->getOperand(0));
    return castFloat(b, loc, result, f32);
  }

  /// [T, F], rounded to what the region yields, of the preactivation and of
  /// `more`.
  Value mapHidden(Value preactivations, ValueRange more, ScalarBody body) {
    Type type =
        op.getActivation().front().getTerminator()->getOperand(0).getType();
    SmallVector<Value> inputs(more);
    SmallVector<AffineMap> maps(more.size(), identity);
    inputs.push_back(preactivations);
    maps.push_back(identity);
    if (op.getUpBias()) {
      inputs.push_back(op.getUpBias());
      maps.push_back(perColumn);
    }
    return mapElements(
        b, loc, tokensBy(numUnits, type), {tokens, OpFoldResult()}, inputs,
        maps, [&](OpBuilder &b, Location loc, ValueRange in) {
          SmallVector<Value> values(in.take_front(more.size()));
          values.push_back(biased(b, in.drop_front(more.size())));
          return castFloat(b, loc, body(b, loc, values), type);
        });
  }

  Value maskAfter(Value preactivations) {
    return mapHidden(
        preactivations, {factors, kept},
        [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
          Value masked =
              arith::MulFOp::create(b, loc, in[0], activate(b, in[2]));
          return arith::SelectOp::create(b, loc, in[1], masked,
                                         constantFloat(b, loc, f32, 0.0));
        });
  }

  Value maskBefore(Value preactivations) {
    return mapHidden(
        preactivations, {},
        [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
          Value token = linalg::IndexOp::create(b, loc, 0);
          Value unit = linalg::IndexOp::create(b, loc, 1);
          Value start = arith::ConstantIndexOp::create(b, loc, 0);
          Value samples =
              arith::ConstantIndexOp::create(b, loc, op.getSamples());
          Value end = liveSamples(b);
          Value step = arith::ConstantIndexOp::create(b, loc, 1);
          Value none = constantFloat(b, loc, f32, 0.0);
          auto sum = scf::ForOp::create(
              b, loc, start, end, step, none,
              [&](OpBuilder &b, Location loc, Value sample, ValueRange state) {
                Value row = arith::AddIOp::create(
                    b, loc, arith::MulIOp::create(b, loc, token, samples),
                    sample);
                SmallVector<Value> at{row, unit};
                Value factor = tensor::ExtractOp::create(b, loc, factors, at);
                Value isKept = tensor::ExtractOp::create(b, loc, kept, at);
                Value masked = arith::MulFOp::create(b, loc, factor, in[0]);
                masked = arith::SelectOp::create(b, loc, isKept, masked, none);
                Value term = weighSample(b, activate(b, masked), token, sample);
                scf::YieldOp::create(b, loc,
                                     buildSum(b, loc, {state[0], term}));
              });
          return sum.getResult(0);
        });
  }

  OpBuilder &b;
  Location loc;
  NeuronsOp op;
  Type f32;
  bool isPost;
  int64_t numUnits;
  OpFoldResult tokens;
  AffineMap identity, perColumn;
  Value factors, kept;
};

/// Two matmuls on all units, with a mask between them.
struct DecomposeNeurons : OpRewritePattern<NeuronsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(NeuronsOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, MaskedLayer(op, rewriter).build());
    return success();
  }
};
} // namespace

void moe::populateDecomposeNeuronsPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeNeurons>(patterns.getContext());
}
