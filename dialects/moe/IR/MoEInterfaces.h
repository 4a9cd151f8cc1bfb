// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEINTERFACES_H
#define MOE_IR_MOEINTERFACES_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeRange.h"

#include "moe/IR/MoEInterfaces.h.inc"

#endif // MOE_IR_MOEINTERFACES_H
