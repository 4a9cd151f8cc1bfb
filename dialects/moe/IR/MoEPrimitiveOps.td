// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEPRIMITIVEOPS_TD
#define MOE_IR_MOEPRIMITIVEOPS_TD

include "moe/IR/MoERoutingOps.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

def MoE_SortOp : MoE_Op<"sort", [
    IsolatedFromAbove, RecursiveMemoryEffects,
    DeclareOpInterfaceMethods<InferTypeOpInterface>,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "Sorts tensors together along one dimension";
  let description = [{
    A primitive for what exporters write (`tm_tensor.sort`,
    `stablehlo.sort`): orders all inputs along `dimension` by the comparator in
    the region, which gets two candidates of every input (a0, b0, a1, b1, ...)
    and yields whether the first belongs before the second. Stable: two elements
    keep their order unless the comparator puts the later one first and not the
    other way round, so one that is true for equal elements is fine, too.

    Constraints:
    - sort_c1: there is at least one input, and all have the same shape.
    - sort_c2: `dimension` is within the rank.
    - sort_c3: results have the types of the inputs.
    - sort_c4: the region takes two scalars per input and yields one i1.

    Example:

    ```mlir
    %v, %i = moe.sort %a, %b dimension 1
        : tensor<6x4xf32>, tensor<6x4xi64> {
    ^compare(%a0: f32, %b0: f32, %a1: i64, %b1: i64):
      %before = arith.cmpf ogt, %a0, %b0 : f32
      moe.yield %before : i1
    }
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$inputs,
    I64Attr:$dimension);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$comparator);
  let assemblyFormat = [{
    $inputs `dimension` $dimension attr-dict-with-keyword `:` type($inputs) $comparator
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

#endif // MOE_IR_MOEPRIMITIVEOPS_TD
