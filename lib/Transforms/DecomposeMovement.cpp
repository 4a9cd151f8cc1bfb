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
/// Whether an i32 is an entry, not the -1 that stands for none.
Value isPresent(OpBuilder &b, Location loc, Value value) {
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 32);
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, value, zero);
}

/// rows[n, d] = pairs[n] < 0 ? 0 : x[pairs[n] / slots, d]
struct DecomposeDispatch : OpRewritePattern<DispatchOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DispatchOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType type = op.getRows().getType();
    SmallVector<OpFoldResult> sizes{
        tensor::getMixedSize(rewriter, loc, op.getPairs(), 0),
        tensor::getMixedSize(rewriter, loc, op.getX(), 1)};
    Value slots = arith::ConstantIndexOp::create(rewriter, loc, op.getSlots());
    AffineMap perRow = rewriter.getMultiDimIdentityMap(2).getMajorSubMap(1);
    rewriter.replaceOp(
        op, mapElements(rewriter, loc, type, sizes, op.getPairs(), perRow,
                        [&](OpBuilder &b, Location loc, ValueRange in) {
                          Value pair = arith::IndexCastOp::create(
                              b, loc, b.getIndexType(), in[0]);
                          Value token =
                              arith::DivUIOp::create(b, loc, pair, slots);
                          Value column = linalg::IndexOp::create(b, loc, 1);
                          return extractIf(b, loc, isPresent(b, loc, in[0]),
                                           op.getX(), {token, column},
                                           type.getElementType());
                        }));
    return success();
  }
};

/// Finds the row of every slot, then sums slot by slot:
///
///   position[pairs[n] / K, pairs[n] % K] = n
///   result[t, d] = init[t, d] + w[t, 0] * rows[position[t, 0], d] + ...
struct DecomposeCombine : OpRewritePattern<CombineOp> {
  using OpRewritePattern::OpRewritePattern;

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
    rewriter.replaceOp(
        op, mapElements(rewriter, loc, type,
                        tensor::getMixedSizes(rewriter, loc, op.getInit()),
                        op.getInit(), rewriter.getMultiDimIdentityMap(2),
                        [&](OpBuilder &b, Location loc, ValueRange in) {
                          Value token = linalg::IndexOp::create(b, loc, 0);
                          Value column = linalg::IndexOp::create(b, loc, 1);
                          auto sum = scf::ForOp::create(
                              b, loc, zero, slots, one,
                              castFloat(b, loc, in[0], compute),
                              [&](OpBuilder &b, Location loc, Value slot,
                                  ValueRange state) {
                                Value next =
                                    addSlot(op, b, loc, positions,
                                            {token, slot}, column, state[0]);
                                scf::YieldOp::create(b, loc, next);
                              });
                          return castFloat(b, loc, sum.getResult(0),
                                           type.getElementType());
                        }));
    return success();
  }

private:
  /// positions[t, s]: the row of slot s of token t, -1 if it has none.
  static Value invert(CombineOp op, OpBuilder &builder, Value slots) {
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
          Value weight =
              tensor::ExtractOp::create(b, loc, op.getWeights(), slot);
          Value product = arith::MulFOp::create(
              b, loc, castFloat(b, loc, weight, sum.getType()),
              castFloat(b, loc, element, sum.getType()));
          product = roundTo(b, loc, product, op.getProductFloatType());
          Value next = arith::AddFOp::create(b, loc, sum, product);
          scf::YieldOp::create(
              b, loc, ValueRange(roundTo(b, loc, next, op.getSumFloatType())));
        },
        [&](OpBuilder &b, Location loc) { scf::YieldOp::create(b, loc, sum); });
    return guarded.getResult(0);
  }
};
} // namespace

void moe::populateDecomposeMovementPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeDispatch, DecomposeCombine>(patterns.getContext());
}
