// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::moe;

BlockArgument ExpertsOp::getBlockArgument(OpOperand &operand) {
  return getBody().front().getArgument(operand.getOperandNumber());
}

YieldOp ExpertsOp::getYield() {
  return cast<YieldOp>(getBody().front().getTerminator());
}

LogicalResult ExpertsOp::verify() {
  RankedTensorType result = getResult().getType();
  RankedTensorType offsets = getOffsets().getType();
  if (getRows().empty()) // experts_c1
    return emitOpError("expected at least one row operand");
  for (Type type : getRows().getTypes()) {
    auto rows = cast<RankedTensorType>(type);
    if (rows.getRank() == 0 ||
        failed(verifyCompatibleShape(rows.getShape().take_front(),
                                     result.getShape().take_front())))
      return emitOpError("row operand has type ")
             << rows << ", expected as many rows as " << result;
  }
  if (offsets.isDynamicDim(0) || offsets.getDimSize(0) < 2) // experts_c2
    return emitOpError("offsets must be static with at least two entries, "
                       "found ")
           << offsets;
  for (Type type : getWeights().getTypes()) {
    auto weights = cast<RankedTensorType>(type);
    if (weights.getRank() == 0 || weights.getDimSize(0) != getNumExperts())
      return emitOpError("expert operand has type ")
             << weights << ", expected " << getNumExperts() << " experts";
  }
  SmallVector<ShapedType> sized(getRows().getTypes()); // experts_c6
  sized.push_back(result);
  for (ShapedType type : sized)
    if (ShapedType::isDynamicShape(type.getShape().drop_front()))
      return emitOpError("only the number of rows may be dynamic, found ")
             << type;
  for (Type type : getWeights().getTypes())
    if (!cast<ShapedType>(type).hasStaticShape())
      return emitOpError("an expert operand must be static, found ") << type;
  return success();
}

LogicalResult ExpertsOp::verifyRegions() {
  SmallVector<Type> expected; // experts_c3
  for (Type type : getRows().getTypes()) {
    auto rows = cast<RankedTensorType>(type);
    SmallVector<int64_t> shape(rows.getShape());
    shape[0] = ShapedType::kDynamic;
    expected.push_back(RankedTensorType::get(shape, rows.getElementType()));
  }
  for (Type type : getWeights().getTypes()) {
    auto weights = cast<RankedTensorType>(type);
    expected.push_back(RankedTensorType::get(weights.getShape().drop_front(),
                                             weights.getElementType()));
  }
  llvm::append_range(expected, getShared().getTypes());
  Block &block = getBody().front();
  if (!llvm::equal(block.getArgumentTypes(), expected))
    return emitOpError("block arguments have types (")
           << block.getArgumentTypes() << "), expected (" << expected << ")";
  RankedTensorType result = getResult().getType();
  Type yielded = RankedTensorType::get(
      {ShapedType::kDynamic, result.getDimSize(1)}, result.getElementType());
  if (!llvm::equal(getYield().getOperandTypes(),
                   ArrayRef<Type>(yielded))) // experts_c4
    return emitOpError("the region must yield one value of type ")
           << yielded << ", found (" << getYield().getOperandTypes() << ")";
  for (Operation &op : block) // experts_c5
    if (!isMemoryEffectFree(&op))
      return op.emitOpError("has side effects, which the body of an expert "
                            "must not have");
  return success();
}
