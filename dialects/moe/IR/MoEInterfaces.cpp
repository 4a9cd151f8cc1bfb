// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEInterfaces.h"

#include "moe/IR/MoEInterfaces.cpp.inc"
