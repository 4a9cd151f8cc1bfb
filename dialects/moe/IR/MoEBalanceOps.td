// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEBALANCEOPS_TD
#define MOE_IR_MOEBALANCEOPS_TD

include "moe/IR/MoERoutingOps.td"

def MoE_LimitOp : MoE_Op<"limit", [Pure, MoE_ReifyShapes,
    AllTypesMatch<["experts", "limited_experts"]>,
    AllTypesMatch<["weights", "limited_weights"]>]> {
  let summary = "Drops what exceeds the capacity of an expert";
  let description = [{
    Of the live slots of `experts`[T,K] that name an expert, those stay that come
    among the first C in the order of dropping; the others become -1, with weight
    0. C is `capacity`; or, with `factor`, factor * S / E, times K where
    `times_k`, rounded by `round`, at most S where `cap_at_scope`, at least
    `min`, and up to the next multiple of `multiple_of`; with neither there is no
    limit. A capacity of 0 drops everything. E is `num_experts`, S the number of
    tokens; with `scope`, every group of that many tokens in a row has a capacity
    of its own, with its own S: the last group may be shorter.

    `order` slot_major (GShard) takes all first slots, then all second ones, each
    by token; token_major token after token, each by slot; by_weight the larger
    weight first. `priority`[T] replaces the order of tokens in the first two:
    larger first (batch prioritised routing), then the lower token id. NaN comes
    last.

    `renormalize` divides the weights of a token by the sum over the slots it
    kept, or by `clamp` where that is larger, in f32.

    Constraints:
    - limit_c1: `experts` and `weights` have the same shape.
    - limit_c2: `num_experts` is positive and fits an i32; the number of slots
      is static and positive.
    - limit_c3: there is a `capacity`, an i32 that is not negative, or a `factor`,
      finite and not negative, or neither.
    - limit_c4: `round`, `times_k`, `min`, `multiple_of` and `cap_at_scope` come
      with `factor` only; `min` is not negative, `multiple_of` positive, both
      fit an i32.
    - limit_c5: `priority` has an entry per token, and `order` is not by_weight.
    - limit_c6: `clamp` is finite, not negative, and zero without `renormalize`.
    - limit_c7: `scope` is positive and fits an i32.

    Example (GShard):

    ```mlir
    %f, %v = moe.limit %e, %w of 4 factor 1.25 round floor {cap_at_scope, min = 4}
        : tensor<?x2xi32>, tensor<?x2xf32>
    ```
  }];
  let arguments = (ins
    MoE_IdMatrix:$experts,                 // [T, K]
    MoE_FloatMatrix:$weights,              // [T, K]
    Optional<MoE_FloatVector>:$priority,   // [T]
    I64Attr:$num_experts,
    OptionalAttr<I64Attr>:$capacity,
    OptionalAttr<F64Attr>:$factor,
    DefaultValuedAttr<MoE_RoundingAttr, "::mlir::moe::Rounding::ceil">:$round,
    UnitAttr:$times_k,
    UnitAttr:$cap_at_scope,
    DefaultValuedAttr<I64Attr, "0">:$min,
    DefaultValuedAttr<I64Attr, "1">:$multiple_of,
    DefaultValuedAttr<MoE_DropOrderAttr, "::mlir::moe::DropOrder::slot_major">:$order,
    UnitAttr:$renormalize,
    DefaultValuedAttr<F64Attr, "0.0">:$clamp,
    OptionalAttr<I64Attr>:$scope);
  let results = (outs
    MoE_IdMatrix:$limited_experts,         // [T, K]
    MoE_FloatMatrix:$limited_weights);     // [T, K]
  let assemblyFormat = [{
    $experts `,` $weights `of` $num_experts (`capacity` $capacity^)?
    (`factor` $factor^)? (`round` $round^)? (`scope` $scope^)? (`order` $order^)?
    (`priority` `(` $priority^ `:` type($priority) `)`)?
    (`renormalize` $renormalize^)? attr-dict `:` type($experts) `,` type($weights)
  }];
  let hasVerifier = 1;
}

def MoE_StatsOp : MoE_Op<"stats", [Pure, MoE_ReifyShapes]> {
  let summary = "Counts what a router did";
  let description = [{
    What balance losses, bias controllers and curricula read: `slots`[E], the
    live slots that name an expert; `live`[T], the live slots of a token; and
    `mean`[E], the mean over the tokens of `scores`[T,E], 0 without tokens.
    Means are computed in f32. With `by expert` the ids are tokens[E,C], bins of
    `moe.select`, and their entries count.

    Constraints:
    - stats_c1: `slots` and `mean` have an entry per expert, and their number is
      static.
    - stats_c2: `live` has an entry per token.
    - stats_c3: `experts` has a row per token, and a static, positive number of
      slots; with `by expert`, a row per expert.

    Example:

    ```mlir
    %slots, %live, %mean = moe.stats %e, %s : tensor<?x2xi32>, tensor<?x4xf32>
        -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
    ```
  }];
  let arguments = (ins
    MoE_IdMatrix:$experts,                 // [T, K], or tokens[E, C]
    MoE_FloatMatrix:$scores,               // [T, E]
    DefaultValuedAttr<MoE_SelectByAttr, "::mlir::moe::SelectBy::token">:$by);
  let results = (outs
    MoE_IdVector:$slots,                   // [E]
    MoE_IdVector:$live,                    // [T]
    MoE_FloatVector:$mean);                // [E]
  let assemblyFormat = [{
    $experts `,` $scores (`by` $by^)? attr-dict `:` type($experts) `,` type($scores)
    `->` type($slots) `,` type($live) `,` type($mean)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    bool isByExpert() { return getBy() == SelectBy::expert; }
  }];
}

#endif // MOE_IR_MOEBALANCEOPS_TD
