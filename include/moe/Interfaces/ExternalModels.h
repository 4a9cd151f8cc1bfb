// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_INTERFACES_EXTERNALMODELS_H
#define MOE_INTERFACES_EXTERNALMODELS_H

namespace mlir {
class DialectRegistry;
namespace moe {

/// Registers the interfaces of moe ops that live outside the dialect library.
void registerExternalModels(DialectRegistry &registry);

/// One-shot bufferization of the codegen ops. Stage ops have none: they are
/// fused or decomposed first.
void registerBufferizationModels(DialectRegistry &registry);

} // namespace moe
} // namespace mlir

#endif // MOE_INTERFACES_EXTERNALMODELS_H
