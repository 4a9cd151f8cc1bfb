// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEMOVEMENTOPS_TD
#define MOE_IR_MOEMOVEMENTOPS_TD

include "moe/IR/MoERoutingOps.td"

def MoE_DispatchOp : MoE_Op<"dispatch", [Pure, MoE_ReifyShapes]> {
  let summary = "Gathers token rows in plan order";
  let description = [{
    Row n of the result is token `pairs`[n] / `slots` of `x`[T,D]; where the
    pair is -1 the row is zero. `slots` is K, the slots per token of the plan.

    Pairs of bins come with `tokens`[E,C] in place of `slots`: row n is token
    `tokens`[p / C, p % C], p = `pairs`[n]; zero, too, where that is no token.

    Constraints:
    - dispatch_c1: `rows` has one row per pair and the width and element type
      of `x`.
    - dispatch_c2: there is one of `slots` and `tokens`; `slots` is positive and
      fits an i32.
    - dispatch_c3: the width of `x` is static.
    - dispatch_c4: there are E * C pairs for `tokens` of shape [E,C].

    Example:

    ```mlir
    %rows = moe.dispatch %x, %pairs slots 2
        : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins
    MoE_FloatMatrix:$x,                    // [T, D]
    MoE_IdVector:$pairs,                   // [N]
    Optional<MoE_IdMatrix>:$tokens,        // [E, C]
    OptionalAttr<I64Attr>:$slots);
  let results = (outs MoE_FloatMatrix:$rows);    // [N, D]
  let assemblyFormat = [{
    $x `,` $pairs (`slots` $slots^)? (`tokens` `(` $tokens^ `:` type($tokens) `)`)?
    attr-dict
    `:` type($x) `,` type($pairs) `->` type($rows)
  }];
  let hasVerifier = 1;
}

def MoE_CombineOp : MoE_Op<"combine", [Pure, MoE_ReifyShapes,
    AllTypesMatch<["init", "result"]>]> {
  let summary = "Sums expert outputs back into token rows";
  let description = [{
    result[t] = init[t] + sum over the live slots s of token t, in slot order,
    of `weights`[t,s] * rows[n], where `pairs`[n] = t * K + s. Computes in f32
    and rounds once, to the element type of the result; `product_type` and
    `sum_type` are the types that every product and every partial sum is rounded
    to before that. A token without a live slot keeps `init`. With `order
    atomic` any order of addition will do, also one that changes from run to
    run.

    With `tokens`[E,C], bins of `moe.select`, `weights` is [E,C] and the sum of
    token t runs over the entries e, c with `tokens`[e,c] = t in the order of
    their pairs e * C + c, that is of experts.

    Constraints:
    - combine_c1: `rows` has one row per pair.
    - combine_c2: `init` has the width of `rows` and, without `tokens`, one row
      per row of `weights`.
    - combine_c3: there are T * K pairs for weights of shape [T,K], or E * C.
    - combine_c4: the number of slots and the width are static, and there is a
      slot; of bins the number of entries may be dynamic.
    - combine_c5: `product_type` and `sum_type` are floats of at most 32 bits.
    - combine_c6: `tokens` has the shape of `weights`.

    Example:

    ```mlir
    %y = moe.combine %rows, %pairs, %w into %init
        : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
    ```
  }];
  let arguments = (ins
    MoE_FloatMatrix:$rows,                 // [N, D']
    MoE_IdVector:$pairs,                   // [N]
    MoE_FloatMatrix:$weights,              // [T, K], or [E, C]
    MoE_FloatMatrix:$init,                 // [T, D']
    Optional<MoE_IdMatrix>:$tokens,        // [E, C]
    OptionalAttr<TypeAttr>:$product_type,
    OptionalAttr<TypeAttr>:$sum_type,
    DefaultValuedAttr<MoE_CombineOrderAttr,
                      "::mlir::moe::CombineOrder::slot">:$order);
  let results = (outs MoE_FloatMatrix:$result);  // [T, D']
  let assemblyFormat = [{
    $rows `,` $pairs `,` $weights `into` $init
    (`tokens` `(` $tokens^ `:` type($tokens) `)`)? (`order` $order^)? attr-dict
    `:` type($rows) `,` type($pairs) `,` type($weights) `into` type($init)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = MoE_SumTypes;
}

#endif // MOE_IR_MOEMOVEMENTOPS_TD
