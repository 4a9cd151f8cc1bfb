// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEOPS_TD
#define MOE_IR_MOEOPS_TD

include "moe/IR/MoERoutingOps.td"
include "moe/IR/MoEBalanceOps.td"
include "moe/IR/MoEMovementOps.td"
include "moe/IR/MoEExpertOps.td"
include "moe/IR/MoEStateOps.td"
include "moe/IR/MoENeuronOps.td"
include "moe/IR/MoEPrimitiveOps.td"
include "moe/IR/MoECodegenOps.td"

#endif // MOE_IR_MOEOPS_TD
