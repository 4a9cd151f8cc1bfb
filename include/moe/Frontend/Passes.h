// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_PASSES_H
#define MOE_FRONTEND_PASSES_H

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Pass/Pass.h"

namespace mlir::moe {

#define GEN_PASS_DECL
#include "moe/Frontend/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "moe/Frontend/Passes.h.inc"

} // namespace mlir::moe

#endif // MOE_FRONTEND_PASSES_H
