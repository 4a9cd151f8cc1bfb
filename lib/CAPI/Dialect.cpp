// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe-c/Dialect.h"

#include "moe/IR/MoEDialect.h"
#include "moe/InitAll.h"

#include "mlir/CAPI/Registration.h"

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(MoE, moe, mlir::moe::MoEDialect)

void moeRegisterAll(MlirDialectRegistry registry) {
  mlir::moe::registerAllMoEDialects(*unwrap(registry));
  mlir::moe::registerAllMoEExtensions(*unwrap(registry));
}
