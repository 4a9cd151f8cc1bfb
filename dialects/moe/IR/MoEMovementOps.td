// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEMOVEMENTOPS_TD
#define MOE_IR_MOEMOVEMENTOPS_TD

include "moe/IR/MoERoutingOps.td"

def MoE_DispatchOp : MoE_Op<"dispatch", [Pure, MoE_ReifyShapes,
    AttrSizedOperandSegments]> {
  let summary = "Gathers token rows in plan order";
  let description = [{
    Row n of the result is token `pairs`[n] / `slots` of `x`[T,D]; where the
    pair is -1 the row is zero. `slots` is K, the slots per token of the plan.

    Pairs of bins come with `tokens`[E,C] in place of `slots`: row n is token
    `tokens`[p / C, p % C], p = `pairs`[n]; zero, too, where that is no token.

    With `weights`[T,K], or [E,C], every row is multiplied by its pair's weight
    (Llama 4, which weighs what an expert reads): in f32, rounded once.

    Constraints:
    - dispatch_c1: `rows` has one row per pair and the width and element type
      of `x`.
    - dispatch_c2: there is one of `slots` and `tokens`; `slots` is positive and
      fits an i32.
    - dispatch_c3: the width of `x` is static.
    - dispatch_c4: there are E * C pairs for `tokens` of shape [E,C].
    - dispatch_c5: `weights` has a row per token and a column per slot, or the
      shape of `tokens`.

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
    Optional<MoE_FloatMatrix>:$weights,    // [T, K], or [E, C]
    OptionalAttr<I64Attr>:$slots);
  let results = (outs MoE_FloatMatrix:$rows);    // [N, D]
  let assemblyFormat = [{
    $x `,` $pairs (`slots` $slots^)? (`tokens` `(` $tokens^ `:` type($tokens) `)`)?
    (`weights` `(` $weights^ `:` type($weights) `)`)? attr-dict
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
    run. An `unweighted` combine adds rows as they are: their weights were
    multiplied before, to the expert's input (`moe.dispatch`) or its hidden rows
    (a row operand of `moe.experts`), and here only say which slots there are.

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
    - combine_c7: an `unweighted` combine has no `product_type`.

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
                      "::mlir::moe::CombineOrder::slot">:$order,
    UnitAttr:$unweighted);
  let results = (outs MoE_FloatMatrix:$result);  // [T, D']
  let assemblyFormat = [{
    $rows `,` $pairs `,` $weights `into` $init
    (`tokens` `(` $tokens^ `:` type($tokens) `)`)? (`order` $order^)?
    (`unweighted` $unweighted^)? attr-dict
    `:` type($rows) `,` type($pairs) `,` type($weights) `into` type($init)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = MoE_SumTypes;
}

def MoE_VirtualOp : MoE_Op<"virtual", [Pure, MoE_ReifyShapes,
    AttrSizedOperandSegments, AllTypesMatch<["init", "result"]>]> {
  let summary = "Adds what virtual columns of the router contribute";
  let description = [{
    A router may have columns without an expert behind them. Their ids follow
    those of the experts, so no plan lists them and no row of theirs is moved.
    What they contribute, this op adds to `init`, per slot and times its weight:
    `constant` columns, from the id `first` on, a x + b v with a and b from
    `coefficients`[T,2n] and v from `vectors`[n,D] (MoE++); then `identity`
    columns the token's own row x (LongCat, MoE++'s copy). Any other id adds
    nothing: those of experts, of empty slots, and of zero columns, which come
    last (AdaMoE, MoE++, ZAYA's skip).

    result[t] = init[t] + sum over slots s of weights[t,s] * c, in slot order and
    in f32, rounded once; with j = experts[t,s] - first and n constant columns

    - c = coefficients[t,2j] * x[t] + coefficients[t,2j+1] * vectors[j], 0 <= j < n
    - c = x[t], n <= j < n + identity

    A token without such a slot keeps `init`.

    Constraints:
    - virtual_c1: `experts` and `weights` have one shape, with a row per token
      and a static, positive number of slots.
    - virtual_c2: `x` has the shape of `init`, and a static width.
    - virtual_c3: `first` and `identity` are not negative, there is a constant
      or an identity column, and the ids of all of them fit an i32.
    - virtual_c4: `coefficients` and `vectors` come together; there is a vector,
      of the width of `x`, and two coefficients per token and vector.

    Example (LongCat: 8 experts, then 4 identity columns):

    ```mlir
    %y = moe.virtual %x, %e, %w into %init first 8 identity 4
        : tensor<?x16xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x16xf32>
    ```
  }];
  let arguments = (ins
    MoE_FloatMatrix:$x,                         // [T, D]
    MoE_IdMatrix:$experts,                      // [T, K]
    MoE_FloatMatrix:$weights,                   // [T, K]
    MoE_FloatMatrix:$init,                      // [T, D]
    Optional<MoE_FloatMatrix>:$coefficients,    // [T, 2 n]
    Optional<MoE_FloatMatrix>:$vectors,         // [n, D]
    I64Attr:$first,
    DefaultValuedAttr<I64Attr, "0">:$identity);
  let results = (outs MoE_FloatMatrix:$result); // [T, D]
  let assemblyFormat = [{
    $x `,` $experts `,` $weights `into` $init `first` $first
    (`constant` `(` $coefficients^ `,` $vectors `:` type($coefficients) `,`
      type($vectors) `)`)? (`identity` $identity^)? attr-dict
    `:` type($x) `,` type($experts) `,` type($weights) `into` type($init)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getNumConstant() {
      return getVectors() ? getVectors().getType().getDimSize(0) : 0;
    }
    /// The first id of an identity column.
    int64_t getFirstIdentity() { return getFirst() + getNumConstant(); }
  }];
}

#endif // MOE_IR_MOEMOVEMENTOPS_TD
