// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TOOLS_SUPPORT_OPTTOOL_H
#define MOE_TOOLS_SUPPORT_OPTTOOL_H

namespace mlir {
class DialectRegistry;
namespace moe {

/// mlir-opt's main function with our defaults: missed remarks of category moe
/// are shown, and input that nests too deep is refused rather than crashed on.
int runOptTool(int argc, char **argv, DialectRegistry &registry);

} // namespace moe
} // namespace mlir

#endif // MOE_TOOLS_SUPPORT_OPTTOOL_H
