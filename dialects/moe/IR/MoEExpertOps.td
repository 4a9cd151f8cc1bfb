// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEEXPERTOPS_TD
#define MOE_IR_MOEEXPERTOPS_TD

include "moe/IR/MoERoutingOps.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def MoE_ExpertsOp : MoE_Op<"experts", [MoE_ReifyShapes,
    IsolatedFromAbove, AttrSizedOperandSegments, RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "Runs every row through its expert";
  let description = [{
    Rows `offsets`[e] to `offsets`[e+1] belong to expert e. The region is the
    body of one expert: it maps that expert's rows to its result rows and does
    not see the expert's id. Block arguments, in operand order: *row* operands
    [N,...] as `[?,...]`, *expert* operands [E,...] without their first
    dimension, *shared* operands as they are. An expert without rows is never
    run, nor are its operands read. Rows from `offsets`[E] on are zero.

    Constraints:
    - experts_c1: there is at least one row operand, and all have as many rows
      as the result.
    - experts_c2: every expert operand has E as first dimension, E + 1 being
      the size of `offsets`.
    - experts_c3: block arguments match the operands as described.
    - experts_c4: the region yields one value: `[?, D']` with the width and
      element type of the result.
    - experts_c5: the region is free of side effects.
    - experts_c6: of all row and expert operands and the result, only the
      number of rows may be dynamic.

    Example:

    ```mlir
    %y = moe.experts rows(%rows : tensor<?x8xf32>)
        weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
        -> tensor<?x8xf32> {
    ^expert(%r: tensor<?x8xf32>, %we: tensor<8x8xf32>):
      %c0 = arith.constant 0 : index
      %n = tensor.dim %r, %c0 : tensor<?x8xf32>
      %e = tensor.empty(%n) : tensor<?x8xf32>
      %m = linalg.add ins(%r, %r : tensor<?x8xf32>, tensor<?x8xf32>)
          outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
      moe.yield %m : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$rows,       // [N, ...]
    Variadic<AnyRankedTensor>:$weights,    // [E, ...]
    Variadic<AnyType>:$shared,
    MoE_IdVector:$offsets);                // [E + 1]
  let results = (outs MoE_FloatMatrix:$result);  // [N, D']
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `rows` `(` $rows `:` type($rows) `)`
    (`weights` `(` $weights^ `:` type($weights) `)`)?
    (`shared` `(` $shared^ `:` type($shared) `)`)?
    `offsets` `(` $offsets `:` type($offsets) `)`
    `->` type($result) attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getNumExperts() { return getOffsets().getType().getDimSize(0) - 1; }
    /// The block argument that stands for `operand` (a row, expert or shared
    /// operand).
    ::mlir::BlockArgument getBlockArgument(::mlir::OpOperand &operand);
    YieldOp getYield();
  }];
}

def MoE_YieldOp : MoE_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["ExpertsOp", "GroupedMatmulOp", "NeuronsOp", "MaskedFfnOp", "SortOp"]>]> {
  let summary = "Ends the region of a moe op";
  let description = [{
    Hands the values of a region to the op around it.

    Example:

    ```mlir
    moe.yield %h : f32
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$operands);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif // MOE_IR_MOEEXPERTOPS_TD
