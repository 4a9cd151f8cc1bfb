// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the ops that code is made from have in common: operands that are all
// tensors or all memrefs, some of which are destinations.
#ifndef MOE_IR_MOEDESTINATIONS_H
#define MOE_IR_MOEDESTINATIONS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::moe {

/// Checks that tensors and memrefs do not mix, and that every destination of
/// tensor type has a result of that type.
LogicalResult verifyDestinations(DestinationStyleOpInterface op);

/// Inputs are read and destinations written, where they are memrefs.
void addEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects,
    bool readsDestinations = false);

/// `count` operands from `first` on.
MutableOperandRange rangeFrom(OpOperand &first, unsigned count);

/// Whether `type` can have this shape at run time.
bool isShape(ShapedType type, ArrayRef<int64_t> shape);

} // namespace mlir::moe

#endif // MOE_IR_MOEDESTINATIONS_H
