// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All an embedder needs to register.
#ifndef MOE_INITALL_H
#define MOE_INITALL_H

namespace mlir {
class DialectRegistry;
namespace moe {

/// The moe dialect alone.
void registerAllMoEDialects(DialectRegistry &registry);
/// Interfaces and translations that the passes rely on.
void registerAllMoEExtensions(DialectRegistry &registry);
void registerAllMoEPasses();
void registerAllMoEPipelines();

} // namespace moe
} // namespace mlir

#endif // MOE_INITALL_H
