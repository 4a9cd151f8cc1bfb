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
/// `size` entries of dimension 0 from `offset` on, whole in the others; `type`
/// may leave out dimension 0 where `size` is one.
Value sliceFront(OpBuilder &builder, Location loc, Value source,
                 RankedTensorType type, OpFoldResult offset,
                 OpFoldResult size) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, source);
  SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  offsets[0] = offset;
  sizes[0] = size;
  return tensor::ExtractSliceOp::create(builder, loc, type, source, offsets,
                                        sizes, strides);
}

Value insertRows(OpBuilder &builder, Location loc, Value rows, Value into,
                 Value first, Value count) {
  int64_t width = cast<RankedTensorType>(into.getType()).getDimSize(1);
  SmallVector<OpFoldResult> offsets{first, builder.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes{count, builder.getIndexAttr(width)};
  SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
  return tensor::InsertSliceOp::create(builder, loc, rows, into, offsets, sizes,
                                       strides);
}

/// A loop over the experts that have rows, with the body inside:
///
///   for e: if lo[e] < hi[e]: result[lo:hi] = body(rows[lo:hi], weights[e])
struct DecomposeExperts : OpRewritePattern<ExpertsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ExpertsOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType type = op.getResult().getType();
    SmallVector<OpFoldResult> sizes{
        tensor::getMixedSize(rewriter, loc, op.getRows().front(), 0),
        rewriter.getIndexAttr(type.getDimSize(1))};
    Value numRows = getValueOrCreateConstantIndexOp(rewriter, loc, sizes[0]);
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value end =
        arith::ConstantIndexOp::create(rewriter, loc, op.getNumExperts());

    Value result = emptyTensor(rewriter, loc, type, sizes);
    Value live = offsetAt(op, rewriter, end);
    Value rest = arith::SubIOp::create(rewriter, loc, numRows, live);
    auto tailType = RankedTensorType::get(
        {ShapedType::kDynamic, type.getDimSize(1)}, type.getElementType());
    Value noRows = sliceFront(rewriter, loc, result, tailType, live, rest);
    Value zeroElement =
        constantFloat(rewriter, loc, type.getElementType(), 0.0);
    noRows =
        linalg::FillOp::create(rewriter, loc, zeroElement, noRows).getResult(0);
    result = insertRows(rewriter, loc, noRows, result, live, rest);

    auto loop = scf::ForOp::create(
        rewriter, loc, zero, end, one, result,
        [&](OpBuilder &b, Location loc, Value expert, ValueRange state) {
          Value next = arith::AddIOp::create(b, loc, expert, one);
          Value first = offsetAt(op, b, expert);
          Value count =
              arith::SubIOp::create(b, loc, offsetAt(op, b, next), first);
          // Nothing of an expert without rows may be read.
          Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt,
                                            count, zero);
          auto guarded = scf::IfOp::create(
              b, loc, any,
              [&](OpBuilder &b, Location loc) {
                Value rows = runBody(op, b, loc, expert, first, count);
                scf::YieldOp::create(
                    b, loc, insertRows(b, loc, rows, state[0], first, count));
              },
              [&](OpBuilder &b, Location loc) {
                scf::YieldOp::create(b, loc, state);
              });
          scf::YieldOp::create(b, loc, guarded.getResults());
        });
    rewriter.replaceOp(op, loop.getResults());
    return success();
  }

private:
  static Value offsetAt(ExpertsOp op, OpBuilder &b, Value index) {
    Location loc = op.getLoc();
    Value offset = tensor::ExtractOp::create(b, loc, op.getOffsets(), index);
    return arith::IndexCastOp::create(b, loc, b.getIndexType(), offset);
  }

  /// A copy of the region for one expert and its rows; the result rows.
  static Value runBody(ExpertsOp op, OpBuilder &b, Location loc, Value expert,
                       Value first, Value count) {
    Block &body = op.getBody().front();
    IRMapping mapping;
    for (OpOperand &operand : op.getRowsMutable()) {
      BlockArgument argument = op.getBlockArgument(operand);
      mapping.map(argument,
                  sliceFront(b, loc, operand.get(),
                             cast<RankedTensorType>(argument.getType()), first,
                             count));
    }
    for (OpOperand &operand : op.getWeightsMutable()) {
      BlockArgument argument = op.getBlockArgument(operand);
      mapping.map(argument,
                  sliceFront(b, loc, operand.get(),
                             cast<RankedTensorType>(argument.getType()), expert,
                             b.getIndexAttr(1)));
    }
    for (OpOperand &operand : op.getSharedMutable())
      mapping.map(op.getBlockArgument(operand), operand.get());
    for (Operation &inner : body.without_terminator())
      b.clone(inner, mapping);
    return mapping.lookupOrDefault(op.getYield().getOperand(0));
  }
};
} // namespace

void moe::populateDecomposeExpertsPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeExperts>(patterns.getContext());
}
