// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the NVPTX back end is asked for: chips it knows, formats, and the CUDA
// tools that assembling needs.
#ifndef MOE_CONVERSION_MOETOGPU_TOOLKIT_H
#define MOE_CONVERSION_MOETOGPU_TOOLKIT_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include <optional>
#include <string>

namespace mlir::moe {

/// The PTX version kernels for `chip` are written in, as a target feature;
/// nothing for an unknown chip.
std::optional<StringRef> ptxFeature(StringRef chip);

/// The names of all known chips, for messages.
std::string knownChips();

/// isa, bin or fatbin; nothing for anything else.
std::optional<gpu::CompilationTarget> parseFormat(StringRef format);

/// The path of CUDA's `tool`: beside MOE_PTXAS, then below CUDA_HOME, then in
/// PATH. MOE_PTXAS itself names ptxas.
std::optional<std::string> findTool(StringRef tool);

} // namespace mlir::moe

#endif // MOE_CONVERSION_MOETOGPU_TOOLKIT_H
