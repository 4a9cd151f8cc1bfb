// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEINTERFACES_TD
#define MOE_IR_MOEINTERFACES_TD

include "mlir/IR/OpBase.td"

def MoE_SelectRuleInterface : AttrInterface<"SelectRuleInterface"> {
  let cppNamespace = "::mlir::moe";
  let description = [{
    A rule by which `moe.select` picks experts. An embedding pipeline adds a
    rule by giving an attribute of its own dialect this interface; every back
    end can then lower it through `buildRow`.

    A rule may take operands (`params`). Scalars reach it as they are, tensors
    as tensors or, after bufferization, as memrefs (`buildElement` reads
    either). Of an operand with a row per token (`token_params`), which come
    last, it sees the token's own: a scalar, or a vector where it is a matrix.
  }];
  let methods = [
    InterfaceMethod<[{
      Checks the rule against the number of experts and the types of the extra
      operands. Reports through `emitError` and fails if it cannot apply.
    }], "::llvm::LogicalResult", "verifyRule",
      (ins "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError,
           "int64_t":$numExperts, "::mlir::TypeRange":$params)>,
    InterfaceMethod<"The largest number of slots a token can fill.",
      "int64_t", "maxSlots", (ins "int64_t":$numExperts)>,
    InterfaceMethod<[{
      Whether a token's experts depend on that token's keys alone, so that
      tokens may be tiled and the gate fused.
    }], "bool", "isPerToken", (ins)>,
    InterfaceMethod<[{
      Whether only the order of the keys matters, so that any strictly
      increasing function of them gives the same experts.
    }], "bool", "dependsOnlyOnOrder", (ins)>,
    InterfaceMethod<[{
      Emits the selection for one token in scf, vector and arith: `row` is the
      token's keys as `vector<ExT>`, T being f32, or f64 where the key is; the
      result its experts as `vector<Kxi32>` with K = `numSlots`, empty slots -1.
    }], "::mlir::Value", "buildRow",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::Value":$row, "::mlir::ValueRange":$params,
           "int64_t":$numSlots)>,
    InterfaceMethod<[{
      For a rule that chooses among the experts with the K largest keys: emits
      which of them stay. `ids` has them in falling order of key as
      `vector<Kxi32>`; the result has -1 for the others. A back end that ranks
      keys in its own way calls this instead of `buildRow`. Null, the default,
      if the rule is not of this kind.
    }], "::mlir::Value", "buildKept",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::Value":$row, "::mlir::Value":$ids,
           "::mlir::ValueRange":$params),
      /*methodBody=*/"", /*defaultImplementation=*/"return {};">,
    InterfaceMethod<[{
      Whether `buildKept` emits something.
    }], "bool", "choosesAmongLargest", (ins),
      /*methodBody=*/"", /*defaultImplementation=*/"return false;">,
  ];
}

#endif // MOE_IR_MOEINTERFACES_TD
