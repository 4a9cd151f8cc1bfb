// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEENUMS_TD
#define MOE_IR_MOEENUMS_TD

include "moe/IR/MoEBase.td"

class MoE_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::moe";
}

def MoE_ScoreFnAttr : MoE_Enum<"ScoreFn", "turns logits into scores", [
  I32EnumAttrCase<"identity", 0>,
  I32EnumAttrCase<"softmax", 1>,
  I32EnumAttrCase<"sigmoid", 2>,
  I32EnumAttrCase<"sqrtsoftplus", 3>,
  I32EnumAttrCase<"relu", 4>,
]>;

def MoE_WeighFnAttr : MoE_Enum<"WeighFn", "weight of a selected expert", [
  I32EnumAttrCase<"value", 0>,
  I32EnumAttrCase<"softmax_selected", 1>,
  I32EnumAttrCase<"sigmoid", 2>,
  I32EnumAttrCase<"one", 3>,
]>;

def MoE_WeighNormAttr : MoE_Enum<"WeighNorm", "normalisation over a token's slots", [
  I32EnumAttrCase<"none", 0>,
  I32EnumAttrCase<"sum", 1>,
]>;

def MoE_GateValueAttr : MoE_Enum<"GateValue", "a value inside a gate", [
  I32EnumAttrCase<"logits", 0>,
  I32EnumAttrCase<"scores", 1>,
]>;

def MoE_WeightLayoutAttr : MoE_Enum<"WeightLayout", "how a matrix of weights lies", [
  I32EnumAttrCase<"out_in", 0>,
  I32EnumAttrCase<"in_out", 1>,
]>;

def MoE_StrategyAttr : MoE_Enum<"Strategy", "how a codegen op is computed", [
  I32EnumAttrCase<"dot", 0>,
  I32EnumAttrCase<"fma", 1>,
  I32EnumAttrCase<"mma_sync", 2>,
]>;

#endif // MOE_IR_MOEENUMS_TD
