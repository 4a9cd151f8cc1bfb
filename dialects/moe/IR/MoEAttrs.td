// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEATTRS_TD
#define MOE_IR_MOEATTRS_TD

include "moe/IR/MoEEnums.td"
include "moe/IR/MoEInterfaces.td"

class MoE_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<MoE_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def MoE_TopKAttr : MoE_Attr<"TopK", "top_k", [
    DeclareAttrInterfaceMethods<MoE_SelectRuleInterface>]> {
  let summary = "The k experts with the largest keys";
  let description = [{
    `#moe.top_k<2>` fills k slots in falling order of key. Among equal keys the
    lower expert id comes first; NaN counts as larger than every number.
  }];
  let parameters = (ins "int64_t":$k);
  let assemblyFormat = "`<` $k `>`";
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
