// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TOOLS_MOE_TRANSLATE_CHEADER_H
#define MOE_TOOLS_MOE_TRANSLATE_CHEADER_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::moe {

/// Prints a C header for the object file of a module that moe-to-cpu made: one
/// function on plain arrays for every entry. What C cannot say is an error.
LogicalResult printCHeader(ModuleOp module, llvm::raw_ostream &output);

} // namespace mlir::moe

#endif // MOE_TOOLS_MOE_TRANSLATE_CHEADER_H
