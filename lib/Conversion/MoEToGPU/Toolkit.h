// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Formats of compiled kernels, and the CUDA tools that assembling needs.
#ifndef MOE_CONVERSION_MOETOGPU_TOOLKIT_H
#define MOE_CONVERSION_MOETOGPU_TOOLKIT_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include <optional>
#include <string>

namespace mlir::moe {

/// isa, bin or fatbin; nothing for anything else.
std::optional<gpu::CompilationTarget> parseFormat(StringRef format);

/// The path of CUDA's `tool`: beside MOE_PTXAS, then below CUDA_HOME, then in
/// PATH. MOE_PTXAS itself names ptxas.
std::optional<std::string> findTool(StringRef tool);

} // namespace mlir::moe

#endif // MOE_CONVERSION_MOETOGPU_TOOLKIT_H
