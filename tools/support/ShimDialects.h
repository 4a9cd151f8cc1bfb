// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TOOLS_SUPPORT_SHIMDIALECTS_H
#define MOE_TOOLS_SUPPORT_SHIMDIALECTS_H

namespace mlir {
class DialectRegistry;
namespace moe {

/// Registers stand-ins for stablehlo, chlo, torch and tm_tensor, so that their
/// generic form parses: every operation, type and attribute of theirs is taken,
/// and kept as text. For tools only: a host may have the real dialects.
void registerShimDialects(DialectRegistry &registry);

} // namespace moe
} // namespace mlir

#endif // MOE_TOOLS_SUPPORT_SHIMDIALECTS_H
