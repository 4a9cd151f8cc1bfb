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

def MoE_ScoreAxisAttr : MoE_Enum<"ScoreAxis", "what a softmax runs over", [
  I32EnumAttrCase<"experts", 0>,
  I32EnumAttrCase<"tokens", 1>,
]>;

def MoE_SelectByAttr : MoE_Enum<"SelectBy", "who selects whom", [
  I32EnumAttrCase<"token", 0>,
  I32EnumAttrCase<"expert", 1>,
]>;

def MoE_NanRankAttr : MoE_Enum<"NanRank", "where NaN keys rank", [
  I32EnumAttrCase<"first", 0>,
  I32EnumAttrCase<"last", 1>,
]>;

def MoE_SlotOrderAttr : MoE_Enum<"SlotOrder", "order of a token's slots", [
  I32EnumAttrCase<"by_key", 0>,
  I32EnumAttrCase<"by_index", 1>,
]>;

def MoE_GroupFillAttr : MoE_Enum<"GroupFill", "key of an expert outside the groups kept", [
  I32EnumAttrCase<"minus_infinity", 0>,
  I32EnumAttrCase<"zero", 1>,
]>;

def MoE_GapNormAttr : MoE_Enum<"GapNorm", "what a gap is measured in", [
  I32EnumAttrCase<"full", 0>,
  I32EnumAttrCase<"top2", 1>,
]>;

def MoE_WeighFnAttr : MoE_Enum<"WeighFn", "weight of a selected expert", [
  I32EnumAttrCase<"value", 0>,
  I32EnumAttrCase<"softmax_selected", 1>,
  I32EnumAttrCase<"sigmoid", 2>,
  I32EnumAttrCase<"one", 3>,
  I32EnumAttrCase<"band_softmax", 4>,
]>;

def MoE_WeighNormAttr : MoE_Enum<"WeighNorm", "normalisation over a token's slots", [
  I32EnumAttrCase<"none", 0>,
  I32EnumAttrCase<"sum", 1>,
  I32EnumAttrCase<"lp", 2>,
  I32EnumAttrCase<"hits", 3>,
]>;

def MoE_RoundingAttr : MoE_Enum<"Rounding", "how a capacity is rounded", [
  I32EnumAttrCase<"ceil", 0>,
  I32EnumAttrCase<"floor", 1>,
  I32EnumAttrCase<"nearest", 2>,
]>;

def MoE_DropOrderAttr : MoE_Enum<"DropOrder", "who is dropped last", [
  I32EnumAttrCase<"slot_major", 0>,
  I32EnumAttrCase<"token_major", 1>,
  I32EnumAttrCase<"by_weight", 2>,
]>;

def MoE_CellKindAttr : MoE_Enum<"CellKind", "how a router's state goes on", [
  I32EnumAttrCase<"gru", 0>,
  I32EnumAttrCase<"rnn", 1>,
  I32EnumAttrCase<"lstm", 2>,
  I32EnumAttrCase<"ema", 3>,
  I32EnumAttrCase<"linear", 4>,
]>;

def MoE_DistributionAttr : MoE_Enum<"Distribution", "what samples are drawn from", [
  I32EnumAttrCase<"gaussian", 0>,
]>;

def MoE_NoiseSourceAttr : MoE_Enum<"NoiseSource", "where the noise of a sample is from", [
  I32EnumAttrCase<"given", 0>,
  I32EnumAttrCase<"counter", 1>,
  I32EnumAttrCase<"mean", 2>,
]>;

def MoE_MaskSideAttr : MoE_Enum<"MaskSide", "the side of an activation that is masked", [
  I32EnumAttrCase<"post", 0>,
  I32EnumAttrCase<"pre", 1>,
]>;

def MoE_GateValueAttr : MoE_Enum<"GateValue", "a value inside a gate", [
  I32EnumAttrCase<"logits", 0>,
  I32EnumAttrCase<"scores", 1>,
]>;

def MoE_CombineOrderAttr : MoE_Enum<"CombineOrder", "order in which a combine adds", [
  I32EnumAttrCase<"slot", 0>,
  I32EnumAttrCase<"atomic", 1>,
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
