// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::moe;

LogicalResult NeuronsOp::verify() {
  RankedTensorType x = getX().getType();
  RankedTensorType up = getUp().getType();
  RankedTensorType down = getDown().getType();
  RankedTensorType result = getResult().getType();
  RankedTensorType units = getUnits().getType();
  if (!up.hasStaticShape() || !down.hasStaticShape() ||
      up.getDimSize(1) != x.getDimSize(1) ||
      up.getDimSize(0) != down.getDimSize(0) ||
      up.getDimSize(0) == 0) // neurons_c1
    return emitOpError("expected static matrices [F, D] and [F, D'] for rows "
                       "of ")
           << x << ", found " << up << " and " << down;
  if (!compatibleDims(result.getDimSize(0), x.getDimSize(0)) ||
      result.getDimSize(1) != down.getDimSize(1)) // neurons_c2
    return emitOpError("result has type ")
           << result << ", expected the rows of " << x << " and the width of "
           << down;
  int64_t samples = getSamples();
  if (samples <= 0) // neurons_c3
    return emitOpError("needs at least one sample, found ") << samples;
  int64_t rows = units.getDimSize(0), tokens = x.getDimSize(0);
  if (getCoefficients().getType().getShape() != units.getShape() ||
      !hasStaticSlots(units) ||
      (!ShapedType::isDynamic(rows) &&
       (rows % samples != 0 || !compatibleDims(tokens, rows / samples))))
    return emitOpError("units and coefficients have types ")
           << units << " and " << getCoefficients().getType() << ", expected "
           << samples << " rows of static width for each of " << x;
  if ((getUpBias() &&
       getUpBias().getType().getDimSize(0) != up.getDimSize(0)) ||
      (getDownBias() && getDownBias().getType().getDimSize(0) !=
                            down.getDimSize(1))) // neurons_c4
    return emitOpError("biases need ")
           << up.getDimSize(0) << " entries going up and " << down.getDimSize(1)
           << " going down";
  std::optional<int64_t> count = // neurons_c7
      getCount() ? getConstantIntValue(getCount()) : std::nullopt;
  if (count && *count > samples)
    return emitOpError("has ") << samples << " samples, but counts " << *count;
  if (getSampleWeights()) { // neurons_c5
    RankedTensorType weights = getSampleWeights().getType();
    if (!compatibleDims(weights.getDimSize(0), tokens) ||
        weights.getDimSize(1) != samples)
      return emitOpError("sample_weights have type ")
             << weights << ", expected " << samples << " for each of " << x;
  }
  return success();
}

LogicalResult NeuronsOp::verifyRegions() { // neurons_c6
  Block &block = getActivation().front();
  if (block.getNumArguments() != 1 ||
      !isa<FloatType>(block.getArgument(0).getType()))
    return emitOpError("the activation takes one float, found (")
           << block.getArgumentTypes() << ")";
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getNumOperands() != 1 ||
      !isa<FloatType>(yield.getOperand(0).getType()))
    return emitOpError("the activation must yield one float");
  for (Operation &op : block)
    if (!isMemoryEffectFree(&op))
      return op.emitOpError(
          "has side effects, which an activation must not have");
  return success();
}
