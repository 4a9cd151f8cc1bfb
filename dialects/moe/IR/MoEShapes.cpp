// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Sizes of a result of type `type`: static ones as attributes, a dynamic first
/// one as the first size of `source`, times `factor`.
LogicalResult reifyFrom(OpBuilder &builder, Location loc, Type type,
                        Value source, int64_t factor,
                        ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> sizes;
  for (auto [i, size] :
       llvm::enumerate(cast<RankedTensorType>(type).getShape())) {
    if (!ShapedType::isDynamic(size)) {
      sizes.push_back(builder.getIndexAttr(size));
      continue;
    }
    // Verifiers keep every other dimension static.
    if (i != 0)
      return failure();
    OpFoldResult rows = tensor::getMixedSize(builder, loc, source, 0);
    if (factor != 1) {
      Value count = getValueOrCreateConstantIndexOp(builder, loc, rows);
      Value times = arith::ConstantIndexOp::create(builder, loc, factor);
      rows = arith::MulIOp::create(builder, loc, count, times).getResult();
    }
    sizes.push_back(rows);
  }
  shapes.push_back(std::move(sizes));
  return success();
}
} // namespace

LogicalResult ScoreOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  return reifyFrom(builder, getLoc(), getScores().getType(), getLogits(), 1,
                   shapes);
}

LogicalResult SelectOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  RankedTensorType type = getExperts().getType();
  if (isByExpert() && type.isDynamicDim(1)) {
    // The entries of all groups of `scope` tokens.
    Location loc = getLoc();
    Value tokens = getValueOrCreateConstantIndexOp(
        builder, loc, tensor::getMixedSize(builder, loc, getKey(), 0));
    Value scope = arith::ConstantIndexOp::create(builder, loc, *getScope());
    Value entries = arith::ConstantIndexOp::create(
        builder, loc, cast<TopKAttr>(getRule()).getK());
    Value groups = arith::CeilDivUIOp::create(builder, loc, tokens, scope);
    Value size = arith::MulIOp::create(builder, loc, groups, entries);
    shapes.push_back({builder.getIndexAttr(type.getDimSize(0)), size});
    return success();
  }
  return reifyFrom(builder, getLoc(), getExperts().getType(), getKey(), 1,
                   shapes);
}

LogicalResult WeighOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(tensor::getMixedSizes(builder, getLoc(), getExperts()));
  if (getAlwaysWeights())
    return reifyFrom(builder, getLoc(), getAlwaysWeights().getType(),
                     getSource(), 1, shapes);
  return success();
}

LogicalResult PlanOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedRankedShapedTypeDims &shapes) {
  if (failed(reifyFrom(builder, getLoc(), getOffsets().getType(), getExperts(),
                       1, shapes)))
    return failure();
  if (isByExpert() && getPairs().getType().isDynamicDim(0)) {
    Location loc = getLoc();
    Value entries = getValueOrCreateConstantIndexOp(
        builder, loc, tensor::getMixedSize(builder, loc, getExperts(), 1));
    Value bins = arith::ConstantIndexOp::create(builder, loc, getNumExperts());
    Value size = arith::MulIOp::create(builder, loc, entries, bins);
    shapes.push_back({size});
    return success();
  }
  return reifyFrom(builder, getLoc(), getPairs().getType(), getExperts(),
                   getNumSlots(), shapes);
}

LogicalResult
DispatchOp::reifyResultShapes(OpBuilder &builder,
                              ReifiedRankedShapedTypeDims &shapes) {
  return reifyFrom(builder, getLoc(), getRows().getType(), getPairs(), 1,
                   shapes);
}

LogicalResult
CombineOp::reifyResultShapes(OpBuilder &builder,
                             ReifiedRankedShapedTypeDims &shapes) {
  return reifyFrom(builder, getLoc(), getResult().getType(), getInit(), 1,
                   shapes);
}

LogicalResult
VirtualOp::reifyResultShapes(OpBuilder &builder,
                             ReifiedRankedShapedTypeDims &shapes) {
  return reifyFrom(builder, getLoc(), getResult().getType(), getInit(), 1,
                   shapes);
}

LogicalResult
ExpertsOp::reifyResultShapes(OpBuilder &builder,
                             ReifiedRankedShapedTypeDims &shapes) {
  return reifyFrom(builder, getLoc(), getResult().getType(), getRows().front(),
                   1, shapes);
}

LogicalResult LimitOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  shapes.assign(2, tensor::getMixedSizes(builder, getLoc(), getExperts()));
  return success();
}

LogicalResult StatsOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  for (Value result : getResults())
    if (failed(reifyFrom(builder, getLoc(), result.getType(), getScores(), 1,
                         shapes)))
      return failure();
  return success();
}

LogicalResult SortOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedRankedShapedTypeDims &shapes) {
  for (Value input : getInputs())
    shapes.push_back(tensor::getMixedSizes(builder, getLoc(), input));
  return success();
}

LogicalResult
RouterCellOp::reifyResultShapes(OpBuilder &builder,
                                ReifiedRankedShapedTypeDims &shapes) {
  for (Value result : getResults())
    if (failed(reifyFrom(builder, getLoc(), result.getType(), getState(), 1,
                         shapes)))
      return failure();
  return success();
}

LogicalResult SampleOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  return reifyFrom(builder, getLoc(), getResult().getType(), getMean(),
                   getSamples(), shapes);
}

LogicalResult
NeuronsOp::reifyResultShapes(OpBuilder &builder,
                             ReifiedRankedShapedTypeDims &shapes) {
  return reifyFrom(builder, getLoc(), getResult().getType(), getX(), 1, shapes);
}
