// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

using namespace mlir;
using namespace mlir::moe;

FloatType ScoreOp::getComputeFloatType() {
  if (std::optional<Type> type = getComputeType())
    return cast<FloatType>(*type);
  return Float32Type::get(getContext());
}

LogicalResult ScoreOp::verify() {
  RankedTensorType logits = getLogits().getType();
  if (logits.getShape() != getScores().getType().getShape()) // score_c1
    return emitOpError("scores have shape ")
           << getScores().getType() << ", expected the shape of " << logits;
  if (logits.isDynamicDim(1)) // score_c2
    return emitOpError("the number of experts must be static, found ")
           << logits;
  if (std::optional<Type> type = getComputeType()) { // score_c3
    auto floatType = dyn_cast<FloatType>(*type);
    unsigned width = cast<FloatType>(logits.getElementType()).getWidth();
    if (!floatType || floatType.getWidth() < width)
      return emitOpError("compute_type must be a float of at least ")
             << width << " bits, found " << *type;
  }
  return success();
}

LogicalResult SelectOp::verify() {
  RankedTensorType key = getKey().getType();
  RankedTensorType experts = getExperts().getType();
  if (key.isDynamicDim(1)) // select_c3
    return emitOpError("the number of experts must be static, found ") << key;
  int64_t numExperts = key.getDimSize(1);
  if (failed(getRule().verifyRule([&] { return emitOpError(); }, numExperts,
                                  getParams().getTypes()))) // select_c1
    return failure();
  int64_t numSlots = getRule().maxSlots(numExperts);
  if (experts.getDimSize(0) != key.getDimSize(0) ||
      experts.getDimSize(1) != numSlots) // select_c2
    return emitOpError("experts have type ")
           << experts << ", expected the rows of " << key << " and " << numSlots
           << " slots";
  return success();
}

LogicalResult WeighOp::verify() {
  RankedTensorType source = getSource().getType();
  RankedTensorType experts = getExperts().getType();
  if (getWeights().getType().getShape() != experts.getShape()) // weigh_c1
    return emitOpError("weights have type ")
           << getWeights().getType() << ", expected the shape of " << experts;
  if (!compatibleDims(source.getDimSize(0), experts.getDimSize(0))) // weigh_c2
    return emitOpError("source has ")
           << source.getDimSize(0) << " tokens, but experts have "
           << experts.getDimSize(0);
  double eps = getEps().convertToDouble();
  if (eps < 0 || (eps > 0 && getNorm() != WeighNorm::sum)) // weigh_c3
    return emitOpError("eps must not be negative and needs norm = sum, found ")
           << eps;
  if (source.isDynamicDim(1) || experts.isDynamicDim(1)) // weigh_c4
    return emitOpError("the numbers of experts and slots must be static");
  return success();
}

LogicalResult PlanOp::verify() {
  RankedTensorType experts = getExperts().getType();
  RankedTensorType offsets = getOffsets().getType();
  RankedTensorType pairs = getPairs().getType();
  if (experts.isDynamicDim(1)) // plan_c3
    return emitOpError("the number of slots must be static, found ") << experts;
  int64_t numPairs = experts.isDynamicDim(0)
                         ? ShapedType::kDynamic
                         : experts.getDimSize(0) * experts.getDimSize(1);
  if (!compatibleDims(pairs.getDimSize(0), numPairs)) // plan_c1
    return emitOpError("pairs have ")
           << pairs.getDimSize(0) << " entries, expected " << numPairs
           << " for experts of type " << experts;
  if (offsets.isDynamicDim(0) || offsets.getDimSize(0) < 2) // plan_c2
    return emitOpError("offsets must be static with at least two entries, "
                       "found ")
           << offsets;
  return success();
}
