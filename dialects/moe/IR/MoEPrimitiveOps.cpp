// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

using namespace mlir;
using namespace mlir::moe;

LogicalResult SortOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                       ValueRange operands, DictionaryAttr,
                                       OpaqueProperties, RegionRange,
                                       SmallVectorImpl<Type> &types) {
  llvm::append_range(types, operands.getTypes()); // sort_c3
  return success();
}

LogicalResult SortOp::verify() {
  if (getInputs().empty()) // sort_c1
    return emitOpError("sorts nothing, expected at least one input");
  auto first = cast<RankedTensorType>(getInputs().front().getType());
  for (Type type : getInputs().getTypes())
    if (cast<RankedTensorType>(type).getShape() != first.getShape())
      return emitOpError("inputs differ in shape: ")
             << first << " and " << type;
  int64_t dimension = getDimension();
  if (dimension < 0 || dimension >= first.getRank()) // sort_c2
    return emitOpError("sorts along dimension ")
           << dimension << ", but the inputs have rank " << first.getRank();
  return success();
}

LogicalResult SortOp::verifyRegions() { // sort_c4
  Block &block = getComparator().front();
  bool argumentsMatch = block.getNumArguments() == 2 * getInputs().size();
  for (auto [i, type] : llvm::enumerate(getInputs().getTypes())) {
    if (!argumentsMatch)
      break;
    Type element = cast<RankedTensorType>(type).getElementType();
    argumentsMatch = block.getArgument(2 * i).getType() == element &&
                     block.getArgument(2 * i + 1).getType() == element;
  }
  if (!argumentsMatch)
    return emitOpError("the comparator must take two scalars per input, "
                       "found (")
           << block.getArgumentTypes() << ")";
  Operation *yield = block.getTerminator();
  if (yield->getNumOperands() != 1 ||
      !yield->getOperand(0).getType().isInteger(1))
    return emitOpError("the comparator must yield one i1, found (")
           << yield->getOperandTypes() << ")";
  return success();
}
