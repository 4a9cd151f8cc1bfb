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
  } else if (!isSlotCount(getSlotsAttr())) { // dispatch_c2
    return emitOpError("slots must be positive and fit an i32, found ")
           << getSlotsAttr().getInt();
  }
  if (!getWeights())
    return success();
  SmallVector<int64_t> expected;
  if (getTokens())
    expected.assign(getTokens().getType().getShape());
  else
    expected = {x.getDimSize(0), static_cast<int64_t>(*getSlots())};
  if (failed(verifyCompatibleShape(getWeights().getType().getShape(),
                                   expected))) // dispatch_c5
  {
    auto error = emitOpError("weights have type ")
                 << getWeights().getType() << ", expected ";
    if (getTokens())
      return error << "the shape of " << getTokens().getType();
    return error << "a row per token of " << x << " and " << *getSlots()
                 << " columns";
  }
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
  if (getUnweighted() && getProductType()) // combine_c7
    return emitOpError("is unweighted, so that there is no product to round");
  return verifySumTypes(*this, getProductType(), getSumType()); // combine_c5
}

LogicalResult VirtualOp::verify() {
  RankedTensorType x = getX().getType();
  RankedTensorType experts = getExperts().getType();
  RankedTensorType weights = getWeights().getType();
  RankedTensorType init = getInit().getType();
  if (failed(verifyCompatibleShape(experts.getShape(), weights.getShape())) ||
      !compatibleDims(experts.getDimSize(0), x.getDimSize(0)) ||
      !hasStaticSlots(experts) || !hasStaticSlots(weights)) // virtual_c1
    return emitOpError("experts and weights have types ")
           << experts << " and " << weights
           << ", expected one shape, a row per token of " << x
           << " and a static, positive number of slots";
  if (failed(verifyCompatibleShape(x.getShape(), init.getShape())) ||
      x.isDynamicDim(1) || init.isDynamicDim(1)) // virtual_c2
    return emitOpError("x and init have types ")
           << x << " and " << init << ", expected one shape of static width";
  if (!getCoefficients() != !getVectors()) // virtual_c4
    return emitOpError("coefficients and vectors must come together, found "
                       "only ")
           << (getVectors() ? "vectors" : "coefficients");
  if (getVectors()) {
    RankedTensorType vectors = getVectors().getType();
    RankedTensorType coefficients = getCoefficients().getType();
    int64_t count = vectors.getDimSize(0);
    if (!vectors.hasStaticShape() || count < 1 ||
        vectors.getDimSize(1) != x.getDimSize(1) ||
        coefficients.getDimSize(1) != 2 * count ||
        !compatibleDims(coefficients.getDimSize(0),
                        x.getDimSize(0))) // virtual_c4
      return emitOpError("coefficients and vectors have types ")
             << coefficients << " and " << vectors
             << ", expected vectors of the width of " << x
             << " and two coefficients for each of them per token";
  }
  int64_t first = getFirst(), identity = getIdentity(), end;
  if (first < 0 || identity < 0 || getNumConstant() + identity == 0 ||
      llvm::AddOverflow(first, getNumConstant() + identity, end) ||
      !llvm::isInt<32>(end)) // virtual_c3
    return emitOpError("has ")
           << getNumConstant() << " constant and " << identity
           << " identity columns from " << first
           << ", expected one at least, with ids that fit an i32";
  return success();
}
