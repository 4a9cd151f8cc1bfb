// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEATTRS_TD
#define MOE_IR_MOEATTRS_TD

include "moe/IR/MoEEnums.td"
include "moe/IR/MoEInterfaces.td"

class MoE_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<MoE_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

class MoE_Rule<string name, string attrMnemonic, list<string> more = []>
    : MoE_Attr<name, attrMnemonic, [
        DeclareAttrInterfaceMethods<MoE_SelectRuleInterface, more>]>;

// Chooses among the experts with the largest keys.
class MoE_RankedRule<string name, string attrMnemonic>
    : MoE_Rule<name, attrMnemonic, ["buildKept", "choosesAmongLargest"]>;

def MoE_TopKAttr : MoE_RankedRule<"TopK", "top_k"> {
  let summary = "The k experts with the largest keys";
  let description = [{
    `#moe.top_k<2>` fills k slots in falling order of key. Among equal keys the
    lower expert id comes first; NaN counts as larger than every number.
  }];
  let parameters = (ins "int64_t":$k);
  let assemblyFormat = "`<` $k `>`";
}

def MoE_GapAttr : MoE_RankedRule<"Gap", "gap"> {
  let summary = "The best expert, and those close behind it";
  let description = [{
    `#moe.gap<k>` ranks like `#moe.top_k<k>` and keeps slot s > 0 where

      key[0] - key[s] <= threshold                             norm full
      (key[0] - key[s]) / (key[0] + key[1]) <= threshold       norm top2

    with keys in falling order and `threshold` the rule's operand, a float
    (adaptive gating: k = 2 on the softmax). A threshold below 0 gives top-1,
    one of at least 1 top-k. Slot 0 always stays. Computed in f32, or f64 where
    the keys are; a gap that is NaN keeps nothing.
  }];
  let parameters = (ins "int64_t":$k,
    DefaultValuedParameter<"::mlir::moe::GapNorm",
                           "::mlir::moe::GapNorm::full">:$norm);
  let assemblyFormat = "`<` $k (`,` `norm` `=` $norm^)? `>`";
}

def MoE_CumulativeAttr : MoE_RankedRule<"Cumulative", "cumulative"> {
  let summary = "The smallest set of best experts whose keys add up to p";
  let description = [{
    With keys in falling order, keeps slot s > 0 where the sum of
    key[0 .. s-1] is at most p (top-p), or less than p where `strict`
    (XMoE). p is the rule's operand, a float. Slot 0 always stays. There are E
    slots unless `max` is given, which cuts the set. Sums in f32, or f64 where
    the keys are.
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "0">:$max,
    DefaultValuedParameter<"bool", "false">:$strict);
  let assemblyFormat = "(`<` struct($max, $strict)^ `>`)?";
}

def MoE_PositiveAttr : MoE_RankedRule<"Positive", "positive"> {
  let summary = "All experts with a key above zero";
  let description = [{
    In falling order of key (ReMoE); NaN counts as above zero. There are E slots
    unless `max` is given.
  }];
  let parameters = (ins DefaultValuedParameter<"int64_t", "0">:$max);
  let assemblyFormat = "(`<` struct($max)^ `>`)?";
}

def MoE_AboveAttr : MoE_Rule<"Above", "above"> {
  let summary = "All experts above their own threshold";
  let description = [{
    Picks the experts e with key[e] > threshold[e] (or NaN keys) in falling
    order of key; `threshold` is the rule's operand, E floats (DynMoE). Where
    fewer than `min_active` are above, the `min_active` experts with the largest
    keys are picked instead. There are E slots unless `max` is given.
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "0">:$max,
    DefaultValuedParameter<"int64_t", "0">:$min_active);
  let assemblyFormat = "(`<` struct($max, $min_active)^ `>`)?";
}

def MoE_TableAttr : MoE_Rule<"Table", "table"> {
  let summary = "Experts from a table";
  let description = [{
    Slot s gets table[id, s], where `table`, [V,k] integers, is the rule's
    operand and `id`, an integer, its operand per token: hash layers. An id
    outside the table gives empty slots, and so does an entry that is no
    expert. The key decides nothing.
  }];
  let parameters = (ins "int64_t":$k);
  let assemblyFormat = "`<` $k `>`";
}

def MoE_GroupsAttr : MoE_Attr<"Groups", "groups"> {
  let summary = "A choice of groups before the choice of experts";
  let description = [{
    Splits the experts into `n` groups of neighbours. The score of a group is
    the sum of its `top` largest keys; the `keep` groups of the largest scores
    stay, ranked like keys. Experts of the others get `fill` as key, which a
    rule may still pick. DeepSeek-V3: n = 8, keep = 4, top = 2.
  }];
  let parameters = (ins "int64_t":$n, "int64_t":$keep,
    DefaultValuedParameter<"int64_t", "1">:$top,
    DefaultValuedParameter<"::mlir::moe::GroupFill",
        "::mlir::moe::GroupFill::minus_infinity">:$fill);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def MoE_ScheduleAttr : MoE_Attr<"Schedule", "schedule"> {
  let summary = "How a codegen op is computed";
  let description = [{
    Written by `moe-schedule`, read by the lowerings; it never changes what is
    computed. `tile` holds rows, columns and depth of the tile one worker (a
    thread on the CPU, a block on the GPU) computes at a time; its meaning
    beyond that belongs to the strategy.
  }];
  let parameters = (ins
    EnumParameter<MoE_StrategyAttr>:$strategy,
    ArrayRefParameter<"int64_t">:$tile);
  let assemblyFormat = "`<` $strategy `,` `tile` `=` `[` $tile `]` `>`";
  let genVerifyDecl = 1;
}

#endif // MOE_IR_MOEATTRS_TD
