// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::moe;

LogicalResult DispatchOp::verify() {
  RankedTensorType x = getX().getType();
  RankedTensorType rows = getRows().getType();
  if (x.isDynamicDim(1)) // dispatch_c3
    return emitOpError("the width of x must be static, found ") << x;
  if (failed(verifyCompatibleShape(rows.getShape().take_front(),
                                   getPairs().getType().getShape())) ||
      rows.getDimSize(1) != x.getDimSize(1) ||
      rows.getElementType() != x.getElementType()) // dispatch_c1
    return emitOpError("rows have type ")
           << rows << ", expected one row of " << x << " per pair of "
           << getPairs().getType();
  if (static_cast<bool>(getSlotsAttr()) ==
      static_cast<bool>(getTokens())) // dispatch_c2
    return emitOpError("needs slots or tokens, one of them");
  if (getTokens()) {
    RankedTensorType tokens = getTokens().getType();
    int64_t numPairs = getNumPairs(tokens);
    if (!compatibleDims(getPairs().getType().getDimSize(0),
                        numPairs)) // dispatch_c4
      return emitOpError("pairs have ")
             << getPairs().getType().getDimSize(0) << " entries, expected "
             << numPairs << " for tokens of type " << tokens;
    return success();
  }
  if (!isSlotCount(getSlotsAttr())) // dispatch_c2
    return emitOpError("slots must be positive and fit an i32, found ")
           << getSlotsAttr().getInt();
  return success();
}

LogicalResult moe::verifySumTypes(Operation *op, std::optional<Type> product,
                                  std::optional<Type> sum) {
  for (auto [name, type] :
       {std::pair<StringRef, std::optional<Type>>("product_type", product),
        {"sum_type", sum}})
    if (type && (!isa<FloatType>(*type) || type->getIntOrFloatBitWidth() > 32))
      return op->emitOpError(name)
             << " must be a float of at most 32 bits, found " << *type;
  return success();
}

LogicalResult CombineOp::verify() {
  RankedTensorType rows = getRows().getType();
  RankedTensorType pairs = getPairs().getType();
  RankedTensorType weights = getWeights().getType();
  RankedTensorType init = getInit().getType();
  if (failed(verifyCompatibleShape(rows.getShape().take_front(),
                                   pairs.getShape()))) // combine_c1
    return emitOpError("rows have type ")
           << rows << ", expected one row per pair of " << pairs;
  if (getTokens() &&
      failed(verifyCompatibleShape(getTokens().getType().getShape(),
                                   weights.getShape()))) // combine_c6
    return emitOpError("tokens have type ")
           << getTokens().getType() << ", expected the shape of " << weights;
  int64_t numRows = getTokens() ? init.getDimSize(0) : weights.getDimSize(0);
  if (failed(verifyCompatibleShape(
          init.getShape(), {numRows, rows.getDimSize(1)}))) // combine_c2
  {
    auto error = emitOpError("init has type ") << init << ", expected ";
    if (!getTokens())
      error << "the rows of " << weights << " and ";
    return error << "the width of " << rows;
  }
  int64_t numPairs = getNumPairs(weights);
  if (!compatibleDims(pairs.getDimSize(0), numPairs)) // combine_c3
    return emitOpError("pairs have ")
           << pairs.getDimSize(0) << " entries, expected " << numPairs
           << " for weights of type " << weights;
  if ((!getTokens() && !hasStaticSlots(weights)) || rows.isDynamicDim(1) ||
      init.isDynamicDim(1)) // combine_c4
    return emitOpError("the number of slots and the width must be static, and "
                       "there must be a slot, found ")
           << weights << ", " << rows << " and " << init;
  return verifySumTypes(*this, getProductType(), getSumType()); // combine_c5
}
