// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Whether an attribute is an i32 of at least `least`.
bool isAtLeast(int64_t value, int64_t least) {
  return value >= least && llvm::isInt<32>(value);
}

bool isFiniteAndNotNegative(const APFloat &value) {
  return value.isFinite() && (!value.isNegative() || value.isZero());
}

LogicalResult verifyCapacity(LimitOp op) {
  if (op.getCapacity() && op.getFactor()) // limit_c3
    return op.emitOpError("has a capacity and a factor, expected one of them");
  if (op.getCapacity() && !isAtLeast(*op.getCapacity(), 0)) // limit_c3
    return op.emitOpError("capacity must be an i32 and not negative, found ")
           << static_cast<int64_t>(*op.getCapacity());
  if (op.getFactor() && !isFiniteAndNotNegative(*op.getFactor())) // limit_c3
    return op.emitOpError("factor must be finite and not negative, found ")
           << op.getFactorAttr();
  bool shapesFactor = op.getRound() != Rounding::ceil || op.getTimesK() ||
                      op.getCapAtScope() || op.getMin() != 0 ||
                      op.getMultipleOf() != 1;
  if (shapesFactor && !op.getFactor()) // limit_c4
    return op.emitOpError("round, times_k, min, multiple_of and cap_at_scope "
                          "need a factor");
  if (!isAtLeast(op.getMin(), 0) ||
      !isAtLeast(op.getMultipleOf(), 1)) // limit_c4
    return op.emitOpError("min must not be negative and multiple_of positive, "
                          "both as an i32, found ")
           << static_cast<int64_t>(op.getMin()) << " and "
           << static_cast<int64_t>(op.getMultipleOf());
  return success();
}
} // namespace

LogicalResult LimitOp::verify() {
  RankedTensorType experts = getExperts().getType();
  RankedTensorType weights = getWeights().getType();
  if (weights.getShape() != experts.getShape()) // limit_c1
    return emitOpError("weights have type ")
           << weights << ", expected the shape of " << experts;
  if (!isAtLeast(getNumExperts(), 1) || !hasStaticSlots(experts)) // limit_c2
    return emitOpError("the numbers of experts and slots must be positive, "
                       "found ")
           << static_cast<int64_t>(getNumExperts()) << " experts and "
           << experts;
  if (failed(verifyCapacity(*this)))
    return failure();
  if (getPriority()) {
    RankedTensorType priority = getPriority().getType();
    if (!compatibleDims(priority.getDimSize(0),
                        experts.getDimSize(0))) // limit_c5
      return emitOpError("priority has type ")
             << priority << ", expected an entry for each of "
             << experts.getDimSize(0) << " tokens";
    if (getOrder() == DropOrder::by_weight) // limit_c5
      return emitOpError("has a priority, but drops by weight");
  }
  if (!isFiniteAndNotNegative(getClamp()) ||
      (!getClamp().isZero() && !getRenormalize())) // limit_c6
    return emitOpError("clamp must be finite, not negative, and zero without "
                       "renormalize, found ")
           << getClampAttr();
  if (getScope() && !isAtLeast(*getScope(), 1)) // limit_c7
    return emitOpError("scope must be positive and fit an i32, found ")
           << static_cast<int64_t>(*getScope());
  return success();
}

LogicalResult StatsOp::verify() {
  RankedTensorType experts = getExperts().getType();
  RankedTensorType scores = getScores().getType();
  RankedTensorType slots = getSlots().getType();
  RankedTensorType mean = getMean().getType();
  int64_t numExperts = scores.getDimSize(1);
  if (scores.isDynamicDim(1) || slots.getDimSize(0) != numExperts ||
      mean.getDimSize(0) != numExperts) // stats_c1
    return emitOpError("slots and mean have types ")
           << slots << " and " << mean
           << ", expected an entry for each expert of " << scores;
  if (!compatibleDims(getLive().getType().getDimSize(0),
                      scores.getDimSize(0))) // stats_c2
    return emitOpError("live has type ")
           << getLive().getType() << ", expected an entry for each of "
           << scores.getDimSize(0) << " tokens";
  bool fits = isByExpert() ? experts.getDimSize(0) == numExperts
                           : hasStaticSlots(experts) &&
                                 compatibleDims(experts.getDimSize(0),
                                                scores.getDimSize(0));
  if (!fits) // stats_c3
    return emitOpError("experts have type ")
           << experts << ", expected "
           << (isByExpert() ? "a bin for each expert of "
                            : "static slots for each token of ")
           << scores;
  return success();
}
