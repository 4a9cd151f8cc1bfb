// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// `value` in every place of a tensor like the operand.
LogicalResult importConstantLike(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  auto value = op->getAttrOfType<TypedAttr>("value");
  if (failed(type))
    return failure();
  Type element = type->getElementType();
  if (op->getNumOperands() != 1 || !value ||
      !isa<IntegerAttr, FloatAttr>(value))
    return hlo::malformed(op, "one operand and a value");
  // What was unsigned is signless by now.
  if (auto integer = dyn_cast<IntegerAttr>(value))
    if (element.isInteger(integer.getValue().getBitWidth()))
      value = IntegerAttr::get(element, integer.getValue());
  if (value.getType() != element)
    return hlo::malformed(op, "a value of type ") << element;
  rewriter.setInsertionPoint(op);
  if (type->hasStaticShape()) {
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        op, SplatElementsAttr::get(*type, Attribute(value)));
    return success();
  }
  Value scalar = arith::ConstantOp::create(rewriter, op->getLoc(), value);
  rewriter.replaceOp(op, hlo::buildFill(rewriter, op->getLoc(), *type, scalar,
                                        op->getOperand(0)));
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::chloImporters() {
  static constexpr ImporterEntry table[] = {
      {"chlo.constant_like", importConstantLike},
  };
  return table;
}
