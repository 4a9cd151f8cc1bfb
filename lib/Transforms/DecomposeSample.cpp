// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "DecomposeUtils.h"

#include "moe/IR/MoEOps.h"
#include "moe/Transforms/Patterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <array>

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Philox-4x32-10 (Salmon et al., 2011) and what it is fed with.
class Philox : public ImplicitLocOpBuilder {
public:
  using Words = std::array<Value, 4>;

  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  Value i32(uint32_t value) {
    return arith::ConstantOp::create(
        *this, getI32IntegerAttr(static_cast<int32_t>(value)));
  }

  /// The low and the high half of an i64.
  std::pair<Value, Value> split(Value value) {
    Value shift = arith::ConstantIntOp::create(*this, 32, 64);
    Value high = arith::ShRUIOp::create(*this, value, shift);
    return {arith::TruncIOp::create(*this, getI32Type(), value),
            arith::TruncIOp::create(*this, getI32Type(), high)};
  }

  Words generate(Words counter, Value seed) {
    auto [low, high] = split(seed);
    for (int round = 0; round < 10; ++round) {
      if (round > 0) {
        low = arith::AddIOp::create(*this, low, i32(0x9E3779B9));
        high = arith::AddIOp::create(*this, high, i32(0xBB67AE85));
      }
      auto [low0, high0] = multiply(counter[0], 0xD2511F53);
      auto [low1, high1] = multiply(counter[2], 0xCD9E8D57);
      counter = {exclusiveOr(exclusiveOr(high1, counter[1]), low), low1,
                 exclusiveOr(exclusiveOr(high0, counter[3]), high), low0};
    }
    return counter;
  }

private:
  std::pair<Value, Value> multiply(Value word, uint32_t factor) {
    Type i64 = getI64Type();
    Value wide = arith::ExtUIOp::create(*this, i64, word);
    Value constant = arith::ConstantIntOp::create(*this, factor, 64);
    return split(arith::MulIOp::create(*this, wide, constant));
  }

  Value exclusiveOr(Value a, Value b) {
    return arith::XOrIOp::create(*this, a, b);
  }
};

/// (word >> 8) + `first`, times 2^-24: exact in f32.
Value fraction(Philox &b, Value word, uint32_t first) {
  Value bits = arith::ShRUIOp::create(b, word, b.i32(8));
  bits = arith::AddIOp::create(b, bits, b.i32(first));
  Value number = arith::UIToFPOp::create(b, b.getF32Type(), bits);
  return arith::MulFOp::create(
      b, number, constantFloat(b, b.getLoc(), b.getF32Type(), 0x1p-24));
}

/// sqrt(-2 ln u) cos(2 pi v), or sin for odd numbers. The angle is folded into
/// -pi/2 .. pi/2 while it is still a multiple of 2^-24 turns, hence exactly.
Value boxMuller(Philox &b, Value radiusWord, Value angleWord, Value isOdd) {
  Location loc = b.getLoc();
  Type f32 = b.getF32Type();
  auto constant = [&](double value) {
    return constantFloat(b, loc, f32, value);
  };
  Value log = math::LogOp::create(b, fraction(b, radiusWord, 1));
  Value radius =
      math::SqrtOp::create(b, arith::MulFOp::create(b, log, constant(-2.0)));
  // sin(a) is cos(a - 1/4 turn); with turns in -1/2 .. 1/2, cos(a) is
  // sin(1/4 turn - |a|).
  Value turns = fraction(b, angleWord, 0);
  turns = arith::SubFOp::create(
      b, turns,
      arith::SelectOp::create(b, isOdd, constant(0.25), constant(0.0)));
  Value isPast =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, turns, constant(0.5));
  Value back = arith::SubFOp::create(b, turns, constant(1.0));
  turns = arith::SelectOp::create(b, isPast, back, turns);
  Value folded =
      arith::SubFOp::create(b, constant(0.25), math::AbsFOp::create(b, turns));
  Value angle = arith::MulFOp::create(b, folded, constant(0x1.921fb6p+2));
  return arith::MulFOp::create(b, radius, math::SinOp::create(b, angle));
}

/// mean + deviation * noise, element by element.
struct DecomposeSample : OpRewritePattern<SampleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SampleOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(rewriter, shapes)))
      return failure();
    RankedTensorType type = op.getResult().getType();
    Type f32 = rewriter.getF32Type();
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    if (op.getNoise()) {
      inputs.push_back(op.getNoise());
      maps.push_back(rewriter.getMultiDimIdentityMap(2));
    }
    rewriter.replaceOp(
        op,
        mapElements(
            rewriter, loc, type, shapes.front(), inputs, maps,
            [&](OpBuilder &b, Location loc, ValueRange in) {
              Value row = linalg::IndexOp::create(b, loc, 0);
              Value column = linalg::IndexOp::create(b, loc, 1);
              Value samples =
                  arith::ConstantIndexOp::create(b, loc, op.getSamples());
              Value token = arith::DivUIOp::create(b, loc, row, samples);
              auto at = [&](Value matrix) {
                Value element = tensor::ExtractOp::create(
                    b, loc, matrix, ValueRange{token, column});
                return castFloat(b, loc, element, f32);
              };
              Value value = at(op.getMean());
              if (op.getSource() != NoiseSource::mean) {
                Value noise =
                    op.getNoise()
                        ? castFloat(b, loc, in[0], f32)
                        : normal(op, b, token,
                                 arith::RemUIOp::create(b, loc, row, samples),
                                 column);
                Value away =
                    arith::MulFOp::create(b, loc, at(op.getDeviation()), noise);
                value = buildSum(b, loc, {value, away});
              }
              return castFloat(b, loc, value, type.getElementType());
            }));
    return success();
  }

private:
  /// Number sample * D + column of the token.
  static Value normal(SampleOp op, OpBuilder &builder, Value token,
                      Value sample, Value column) {
    Philox b(op.getLoc(), builder);
    Type i64 = b.getI64Type();
    Value width =
        arith::ConstantIndexOp::create(b, op.getMean().getType().getDimSize(1));
    Value number = arith::AddIOp::create(
        b, arith::MulIOp::create(b, sample, width), column);
    number = arith::IndexCastOp::create(b, b.getI32Type(), number);
    Value position = arith::IndexCastOp::create(b, i64, token);
    if (op.getPosition())
      position = arith::AddIOp::create(b, position, op.getPosition());
    auto [low, high] = b.split(position);
    Value block = arith::ShRUIOp::create(b, number, b.i32(2));
    Philox::Words words =
        b.generate({block, b.i32(op.getStream()), low, high}, op.getSeed());
    auto hasBit = [&](uint32_t bit) {
      Value masked = arith::AndIOp::create(b, number, b.i32(bit));
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, masked,
                                   b.i32(0));
    };
    Value isSecond = hasBit(2);
    return boxMuller(
        b, arith::SelectOp::create(b, isSecond, words[2], words[0]),
        arith::SelectOp::create(b, isSecond, words[3], words[1]), hasBit(1));
  }
};
} // namespace

void moe::populateDecomposeSamplePatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeSample>(patterns.getContext());
}
