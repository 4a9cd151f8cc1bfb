// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEDIALECT_H
#define MOE_IR_MOEDIALECT_H

#include "mlir/IR/Dialect.h"

#include "moe/IR/MoEDialect.h.inc"

#endif // MOE_IR_MOEDIALECT_H
