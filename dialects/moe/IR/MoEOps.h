// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEOPS_H
#define MOE_IR_MOEOPS_H

#include "moe/IR/MoEAttrs.h"
#include "moe/IR/MoEDialect.h"
#include "moe/IR/MoESelection.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::moe {
class YieldOp;

/// Whether two dimensions, static or dynamic, can be equal at run time.
inline bool compatibleDims(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

/// T * K for slots of shape [T,K]: dynamic where T or K is, and at most the
/// largest integer.
int64_t getNumPairs(ShapedType slots);

/// Whether K of [T,K] is a size that code can be made for.
inline bool hasStaticSlots(ShapedType slots) {
  return !slots.isDynamicDim(1) && slots.getDimSize(1) > 0;
}

/// What the verifiers of the ops that sum weighted rows say about the types of
/// products and partial sums.
LogicalResult verifySumTypes(Operation *op, std::optional<Type> product,
                             std::optional<Type> sum);

/// Checks how many of the `numSource` columns weigh anything and are always on,
/// and the type of the weights of the latter, null without any.
LogicalResult verifyColumns(Operation *op, std::optional<int64_t> columns,
                            int64_t alwaysOn, int64_t numSource,
                            ShapedType always, int64_t numTokens);

/// Whether pair ids, which are i32, can be divided by `slots`.
inline bool isSlotCount(IntegerAttr slots) {
  return slots.getInt() > 0 && llvm::isInt<32>(slots.getInt());
}
} // namespace mlir::moe

#define GET_OP_CLASSES
#include "moe/IR/MoEOps.h.inc"

#endif // MOE_IR_MOEOPS_H
