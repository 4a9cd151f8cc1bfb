// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TOOLS_SUPPORT_FUSEDCOPY_H
#define MOE_TOOLS_SUPPORT_FUSEDCOPY_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::moe {

/// What becomes of the module when it is fused; null if that fails. Says
/// nothing: the passes say it again when the module itself is compiled.
OwningOpRef<ModuleOp> fuseCopy(ModuleOp module);

} // namespace mlir::moe

#endif // MOE_TOOLS_SUPPORT_FUSEDCOPY_H
