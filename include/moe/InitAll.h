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
/// What the pipelines rely on: upstream's dialects, which they load as they
/// need them, with their interfaces, and translations to LLVM IR. A host's own
/// dialects and those of its other compilers stay its business.
void registerAllMoEExtensions(DialectRegistry &registry);
void registerAllMoEPasses();
void registerAllMoEPipelines();

} // namespace moe
} // namespace mlir

#endif // MOE_INITALL_H
