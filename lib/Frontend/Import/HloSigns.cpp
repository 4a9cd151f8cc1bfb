// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
// A bool for each operand, then for each result.
constexpr StringLiteral marks = "moe.unsigned";

bool isUnsignedType(Type type) {
  auto element = dyn_cast<IntegerType>(getElementTypeOrSelf(type));
  return element && element.isUnsigned();
}
} // namespace

void hlo::dropSigns(ModuleOp module) {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](IntegerType type) -> std::optional<Type> {
    if (!type.isUnsigned())
      return std::nullopt;
    return IntegerType::get(type.getContext(), type.getWidth());
  });
  module.walk([&](Operation *op) {
    if (isForeign(op)) {
      SmallVector<bool> flags;
      for (Type type : op->getOperandTypes())
        flags.push_back(isUnsignedType(type));
      for (Type type : op->getResultTypes())
        flags.push_back(isUnsignedType(type));
      if (llvm::is_contained(flags, true))
        op->setAttr(marks, DenseBoolArrayAttr::get(op->getContext(), flags));
    }
  });
  auto setType = [&](Value value) {
    value.setType(replacer.replace(value.getType()));
  };
  module.walk([&](Operation *op) {
    llvm::for_each(op->getResults(), setType);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::for_each(block.getArguments(), setType);
    if (auto function = dyn_cast<FunctionOpInterface>(op))
      function.setType(replacer.replace(function.getFunctionType()));
  });
}

bool hlo::isUnsigned(Operation *op, unsigned operand) {
  auto flags = op->getAttrOfType<DenseBoolArrayAttr>(marks);
  return flags && flags[operand];
}

bool hlo::yieldsUnsigned(Operation *op) {
  auto flags = op->getAttrOfType<DenseBoolArrayAttr>(marks);
  return flags && flags[op->getNumOperands()];
}

bool hlo::hasUnsigned(Operation *op) { return op->hasAttr(marks); }
