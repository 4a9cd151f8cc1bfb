// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "StageBlock.h"

#include "FuseUtils.h"
#include "Homogeneity.h"

#include "moe/Support/Remarks.h"
#include "moe/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOESINKWEIGHTSPASS
#include "moe/Transforms/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-sink-weights";

/// Whether no weight is below zero, or NaN where its token has none.
bool areNotNegative(Value weights) {
  if (auto limit = weights.getDefiningOp<LimitOp>())
    return areNotNegative(limit.getWeights());
  auto weigh = weights.getDefiningOp<WeighOp>();
  if (!weigh || weigh.getPerExpert() || weigh.getFactor() ||
      weigh.getScale().isNegative())
    return false;
  if (weigh.getFn() != WeighFn::value)
    return true;
  auto score = peelCasts(weigh.getSource()).base.getDefiningOp<ScoreOp>();
  return score && score.getFn() != ScoreFn::identity;
}

/// What `body` makes of the columns of `inputs`, those of one column being
/// spread, as a tensor like the first.
Value mapRows(OpBuilder &builder, Location loc, ValueRange inputs,
              function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  auto type = cast<RankedTensorType>(inputs.front().getType());
  Value empty = createDestination(
      builder, loc, type, tensor::getMixedSizes(builder, loc, inputs.front()));
  MLIRContext *context = builder.getContext();
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  AffineMap first = AffineMap::get(
      2, 0, {builder.getAffineDimExpr(0), builder.getAffineConstantExpr(0)},
      context);
  SmallVector<AffineMap> maps;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    auto inputType = cast<RankedTensorType>(input.getType());
    maps.push_back(inputType.getRank() == 1 ? identity.getMinorSubMap(1)
                   : i > 0 && inputType.getDimSize(1) == 1 ? first
                                                           : identity);
  }
  maps.push_back(identity);
  return linalg::GenericOp::create(
             builder, loc, type, inputs, empty, maps,
             SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel),
             [&](OpBuilder &b, Location loc, ValueRange in) {
               linalg::YieldOp::create(b, loc, body(b, loc, in));
             })
      .getResult(0);
}

Value toType(OpBuilder &b, Location loc, Value value, Type type) {
  auto from = cast<FloatType>(value.getType());
  auto to = cast<FloatType>(type);
  if (from == to)
    return value;
  if (from.getWidth() < to.getWidth())
    return arith::ExtFOp::create(b, loc, to, value);
  if (from.getWidth() == to.getWidth())
    value = arith::ExtFOp::create(b, loc, b.getF32Type(), value);
  return arith::TruncFOp::create(b, loc, to, value);
}

/// in[0] * in[1], computed in f32 at least and rounded to the type of in[0].
Value product(OpBuilder &b, Location loc, ValueRange in) {
  Type type = in[0].getType();
  Type wide = type.getIntOrFloatBitWidth() > 32 ? type : b.getF32Type();
  Value value = arith::MulFOp::create(b, loc, toType(b, loc, in[0], wide),
                                      toType(b, loc, in[1], wide));
  return toType(b, loc, value, type);
}

/// The last matmul of a body, and a vector that is added to it.
struct LastMatmul {
  linalg::LinalgOp matmul;
  Value vector;
};

std::optional<LastMatmul> matchLast(Value yielded) {
  Value value = yielded;
  while (Value source = castSource(value))
    value = source;
  std::optional<Matmul> matmul = matchMatmul(value);
  Value vector;
  if (!matmul) {
    auto isMatmul = [](Value base) { return matchMatmul(base).has_value(); };
    std::optional<RowVectorSum> sum = matchRowVectorSum(value, isMatmul);
    // Rounding to another type behind the sum is one more thing to keep.
    if (!sum || value != yielded)
      return std::nullopt;
    matmul = matchMatmul(sum->base);
    vector = sum->vector;
  }
  if (!isZeroFill(matmul->init) || !matmul->op->hasOneUse())
    return std::nullopt;
  return LastMatmul{matmul->op, vector};
}

/// Multiplies before the last matmul:
///
///   %y = matmul %h, %down      =>   %y = matmul (%w * %h), %down
///   %z = %y + %bias                 %z = %y + %w * %bias
void sinkToHidden(ExpertsOp experts, Value weight, IRRewriter &rewriter) {
  YieldOp yield = experts.getYield();
  std::optional<LastMatmul> last = matchLast(yield.getOperand(0));
  Location loc = experts.getLoc();
  rewriter.setInsertionPoint(last->matmul);
  OpOperand *hidden = last->matmul.getDpsInputOperand(0);
  Value scaled = mapRows(rewriter, loc, {hidden->get(), weight}, product);
  rewriter.modifyOpInPlace(last->matmul, [&] { hidden->set(scaled); });
  if (!last->vector)
    return;
  rewriter.setInsertionPoint(yield);
  Value sum =
      mapRows(rewriter, loc, {last->matmul->getResult(0), last->vector, weight},
              [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                Value addend = product(b, loc, {in[1], in[2]});
                return arith::AddFOp::create(
                    b, loc, in[0], toType(b, loc, addend, in[0].getType()));
              });
  rewriter.modifyOpInPlace(yield, [&] { yield->setOperand(0, sum); });
}

/// Multiplies the rows before everything else:
///
///   body(%r) = matmul relu(matmul %r, %up), %down   =>   body(%w * %r)
void sinkToInput(ExpertsOp experts, Value weight, IRRewriter &rewriter) {
  Value rows = experts.getBody().getArgument(0);
  rewriter.setInsertionPointToStart(&experts.getBody().front());
  Value scaled = mapRows(rewriter, experts.getLoc(), {rows, weight}, product);
  rewriter.replaceUsesWithIf(rows, scaled, [&](OpOperand &use) {
    return use.getOwner() != scaled.getDefiningOp() &&
           !isa<tensor::DimOp>(use.getOwner());
  });
}

/// The weight of every row as an operand of the experts; returns what stands
/// for it in the body.
Value addWeightOperand(const StageBlock &block, IRRewriter &rewriter) {
  CombineOp combine = block.combine;
  ExpertsOp experts = block.experts;
  Location loc = experts.getLoc();
  Value weights = combine.getWeights();
  auto type = cast<RankedTensorType>(weights.getType());
  rewriter.setInsertionPoint(experts);
  int64_t numPairs = combine.getRows().getType().getDimSize(0);
  int64_t numWeights =
      type.hasStaticShape() ? type.getNumElements() : ShapedType::kDynamic;
  auto vector = RankedTensorType::get({numWeights}, type.getElementType());
  auto column = RankedTensorType::get({numWeights, 1}, type.getElementType());
  SmallVector<ReassociationIndices> all{{0, 1}};
  Value flat =
      tensor::CollapseShapeOp::create(rewriter, loc, vector, weights, all);
  flat = tensor::ExpandShapeOp::create(rewriter, loc, column, flat, all);
  auto rows = RankedTensorType::get({numPairs, 1}, type.getElementType());
  // A pair is the number of its weight.
  Value weight =
      DispatchOp::create(rewriter, loc, rows, flat, combine.getPairs(),
                         /*tokens=*/Value(), /*weights=*/Value(),
                         rewriter.getI64IntegerAttr(1));
  unsigned position = experts.getRows().size();
  auto inner =
      RankedTensorType::get({ShapedType::kDynamic, 1}, type.getElementType());
  rewriter.modifyOpInPlace(experts, [&] {
    experts.getRowsMutable().append(weight);
    experts.getBody().insertArgument(position, inner, loc);
  });
  return experts.getBody().getArgument(position);
}

void sinkWeights(CombineOp op, bool toInput, IRRewriter &rewriter) {
  auto found = findStageBlock(op);
  if (auto *text = std::get_if<StringRef>(&found))
    return (void)missed(op, passName, *text);
  auto &block = std::get<StageBlock>(found);
  std::string reason;
  if (auto fill = op.getWeights().getDefiningOp<linalg::FillOp>();
      fill && matchPattern(fill.getInputs().front(), m_OneFloat()))
    return;
  if (op.getProductType() || op.getSumType())
    reason = "the graph rounds the products";
  else if (!toInput && !matchLast(block.experts.getYield().getOperand(0)))
    reason = "the body does not end in a matmul on zeros, or in one plus a "
             "vector";
  else if (toInput && block.dispatches.size() != 1)
    reason = "the body has several row operands";
  else if (toInput)
    reason = whyNotHomogeneous(block.experts);
  if (reason.empty() && toInput && !areNotNegative(op.getWeights()))
    reason = "weights may be negative";
  if (!reason.empty())
    return (void)missed(op, passName, reason);
  if (failed(moveValueDefinitions(rewriter, op.getWeights(), block.experts)))
    return (void)missed(op, passName, "the weights are known only later");

  Value weight = addWeightOperand(block, rewriter);
  if (toInput)
    sinkToInput(block.experts, weight, rewriter);
  else
    sinkToHidden(block.experts, weight, rewriter);
  rewriter.setInsertionPoint(op);
  auto type = op.getWeights().getType();
  Value one = arith::ConstantOp::create(
      rewriter, op.getLoc(), rewriter.getFloatAttr(type.getElementType(), 1.0));
  Value empty = createDestination(
      rewriter, op.getLoc(), type,
      tensor::getMixedSizes(rewriter, op.getLoc(), op.getWeights()));
  Value filled =
      linalg::FillOp::create(rewriter, op.getLoc(), one, empty).getResult(0);
  rewriter.modifyOpInPlace(op, [&] { op.getWeightsMutable().assign(filled); });
  fired(op, passName,
        toInput ? "weights multiply the rows before their experts"
                : "weights multiply the hidden rows before the last matmul");
}

struct SinkWeights : moe::impl::MoESinkWeightsPassBase<SinkWeights> {
  using Base::Base;

  void runOnOperation() override {
    if (to != "hidden" && to != "input") {
      getOperation()->emitError("to=") << to << " is neither hidden nor input";
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    getOperation()->walk(
        [&](CombineOp op) { sinkWeights(op, to == "input", rewriter); });
    fuseOnce(getOperation(), RewritePatternSet(&getContext()));
  }
};
} // namespace
