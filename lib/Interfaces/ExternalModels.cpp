// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Interfaces/ExternalModels.h"

void mlir::moe::registerExternalModels(DialectRegistry &registry) {
  registerBufferizationModels(registry);
}
