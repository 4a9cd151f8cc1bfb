// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEROUTINGOPS_TD
#define MOE_IR_MOEROUTINGOPS_TD

include "moe/IR/MoEAttrs.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def MoE_FloatMatrix : RankedTensorOf<[AnyFloat], [HasAnyRankOfPred<[2]>], "matrix">;
def MoE_IdMatrix : RankedTensorOf<[I32], [HasAnyRankOfPred<[2]>], "matrix">;
def MoE_IdVector : RankedTensorOf<[I32], [HasAnyRankOfPred<[1]>], "vector">;
def MoE_FloatVector : RankedTensorOf<[AnyFloat], [HasAnyRankOfPred<[1]>], "vector">;
def MoE_Count : AnyTypeOf<[Index, I32, I64]>;

// Sizes of results follow from operands, so that a size needs no op to stay.
def MoE_ReifyShapes : DeclareOpInterfaceMethods<
    ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>;

def MoE_ScoreOp : MoE_Op<"score", [Pure, MoE_ReifyShapes]> {
  let summary = "Turns router logits into scores";
  let description = [{
    Applies `fn` to every token's logits[T,E]; softmax runs over the experts, or
    over the tokens with `axis tokens` (mesh-TF's expert choice): all of them,
    or with `scope` those of each run of that many tokens, of which the last may
    be shorter. Computed in `compute_type` (f32 unless given), then rounded to
    the element type of the result. Formulas: identity l; softmax
    exp(l - max l) / sum; sigmoid 1 / (1 + exp(-l)); sqrtsoftplus
    sqrt(log(1 + exp(l))) (DeepSeek-V4); relu max(l, 0) (ReMoE).

    Constraints:
    - score_c1: `logits` and `scores` have the same shape.
    - score_c2: the number of experts is static.
    - score_c3: `compute_type`, or f32 where it is not given, is a float at
      least as wide as the logits.
    - score_c4: only softmax has the axis `tokens`.
    - score_c5: `scope` is positive, fits an i32, and comes with the axis
      `tokens`.

    Example:

    ```mlir
    %s = moe.score softmax %logits : tensor<?x4xf32> -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins
    MoE_ScoreFnAttr:$fn,
    MoE_FloatMatrix:$logits,               // [T, E]
    OptionalAttr<TypeAttr>:$compute_type,
    DefaultValuedAttr<MoE_ScoreAxisAttr, "::mlir::moe::ScoreAxis::experts">:$axis,
    OptionalAttr<I64Attr>:$scope);
  let results = (outs MoE_FloatMatrix:$scores);  // [T, E]
  let assemblyFormat = [{
    $fn $logits (`axis` $axis^)? (`scope` $scope^)? attr-dict `:` type($logits) `->` type($scores)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The type scores are computed in.
    ::mlir::FloatType getComputeFloatType();
  }];
}

def MoE_SelectOp : MoE_Op<"select", [Pure, MoE_ReifyShapes,
    AttrSizedOperandSegments]> {
  let summary = "Picks the experts of every token, or the tokens of every expert";
  let description = [{
    Applies `rule` to every token's row of `key`[T,E] and returns the chosen
    experts, one per slot; unfilled slots are -1. The key is separate from what
    `moe.weigh` reads, so a bias may steer the choice without changing the
    weights (DeepSeek-V3). Ties go to the lower expert id. A NaN key ranks
    first, or counts as -infinity with `nan last`, and never touches another
    token.

    Around the rule: `groups` limits the choice to some groups of experts
    before it; after it, slots from `count` on, a number known at run time, are
    emptied, and `order by_index` sorts a token's experts by id. Rules that
    take operands find them in `params`, which all tokens share, and
    `token_params`, which have a row per token.

    With `by expert` (expert choice) every expert picks tokens instead: the
    result is a bin per expert, tokens[E,C], filled by `#moe.top_k<C>` from the
    expert's column of `key`. Ties go to the lower token id, and a NaN key ranks
    behind all others unless it says `nan first`. With `scope`, every group of
    that many tokens in a row, the last one perhaps shorter, has C entries of
    its own: a bin holds those of the first group, then of the second, and so on.

    Constraints:
    - select_c1: the rule accepts the number of experts and its operands;
      `#moe.top_k<k>` needs 0 < k <= E, or k > 0 with `by expert`.
    - select_c2: `experts` has the rows of `key` and the rule's number of slots;
      with `by expert` a row per expert, and k entries for every group.
    - select_c3: the number of experts is static.
    - select_c4: `groups` splits the experts evenly, a group has `top` of them,
      and the groups kept have at least one expert per slot.
    - select_c5: `token_params` are vectors, or matrices of static width, with
      the rows of `key`.
    - select_c6: `by expert` goes with `#moe.top_k` only, without groups and
      operands of the rule.
    - select_c7: `scope` is positive, fits an i32, and comes with `by expert`.

    Example:

    ```mlir
    %e = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
    %t = moe.select #moe.top_k<3> %key by expert : tensor<?x4xf32> -> tensor<4x3xi32>
    ```
  }];
  let arguments = (ins
    MoE_SelectRuleInterface:$rule,
    MoE_FloatMatrix:$key,                  // [T, E]
    Optional<MoE_Count>:$count,
    Variadic<AnyType>:$params,
    Variadic<AnyRankedTensor>:$token_params,     // [T, ...]
    OptionalAttr<MoE_GroupsAttr>:$groups,
    OptionalAttr<MoE_NanRankAttr>:$nan,
    DefaultValuedAttr<MoE_SlotOrderAttr, "::mlir::moe::SlotOrder::by_key">:$order,
    DefaultValuedAttr<MoE_SelectByAttr, "::mlir::moe::SelectBy::token">:$by,
    OptionalAttr<I64Attr>:$scope);
  let results = (outs MoE_IdMatrix:$experts);    // [T, K], or [E, C]
  let assemblyFormat = [{
    $rule $key (`by` $by^)? (`scope` $scope^)? (`count` `(` $count^ `:` type($count) `)`)?
    (`params` `(` $params^ `:` type($params) `)`)?
    (`token_params` `(` $token_params^ `:` type($token_params) `)`)?
    (`groups` $groups^)? (`nan` $nan^)? (`order` $order^)? attr-dict
    `:` type($key) `->` type($experts)
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$experts,
                                 "::mlir::moe::SelectRuleInterface":$rule,
                                 "::mlir::Value":$key)>];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Of a select by token.
    ::mlir::moe::Selection getSelection();
    ::mlir::moe::NanRank getNanRank() {
      return getNan().value_or(isByExpert() ? NanRank::last : NanRank::first);
    }
    bool isByExpert() { return getBy() == SelectBy::expert; }
    /// Whether the experts of a token depend on its own keys alone.
    bool isPerToken() { return !isByExpert() && getRule().isPerToken(); }
    /// Whether every slot of every token gets an expert.
    bool fillsSlots() {
      return !isByExpert() && ::llvm::isa<TopKAttr>(getRule()) && !getCount();
    }
  }];
}

def MoE_WeighOp : MoE_Op<"weigh", [Pure, MoE_ReifyShapes,
    AttrSizedOperandSegments]> {
  let summary = "Weighs the selected experts of every token";
  let description = [{
    For every slot of `experts`[T,K], takes the token's value in `source`[T,E]
    at that expert (ids outside 0 .. E - 1 are empty slots) and turns it into a
    weight by `fn`: value itself, softmax_selected (softmax over the token's
    live slots), sigmoid, one, or band_softmax: a softmax at this expert over
    those e that no earlier slot has and whose value v[e] is close to the
    slot's own v, (v - v[e]) / max(abs v[e], v) <= 2 * `band` (SparseMixer).

    Then, where `norm` is sum, divides by the sum over the live slots plus
    `eps`, or by that sum but at least `clamp`; where it is lp by
    (sum of abs(.)^p)^(1/p); where it is hits by the number of live slots. Then
    multiplies by the expert's entry of `per_expert`[E], by the scalar `factor`
    and by `scale`. Empty slots get 0 and take no part in sums. Computed in f32,
    then rounded to the element type of the result.

    With `by expert` the ids are tokens[E,C], bins of `moe.select`, and a
    token's live slots are the entries of all bins that name it: `norm hits`
    divides by the number of experts that picked the token. Ids outside
    0 .. T - 1 are empty.

    With `columns` n only ids below n weigh anything, the others being empty
    slots of this op: picks that stand for no work and take no part in sums
    (MoE++'s zero column, AdaMoE's null experts).

    With `always_on` n the last n columns of `source` belong to experts that run
    for every token and that no slot can name: each is one more live slot, part
    of every sum, and its weight stands in `always_weights`[T,n] (Inkling).

    Constraints:
    - weigh_c1: `weights` has the shape of `experts`.
    - weigh_c2: `source` and `experts` have the same number of tokens; with
      `by expert`, of experts.
    - weigh_c3: `eps` is finite, not negative, and zero without `norm sum`.
    - weigh_c4: the numbers of experts and slots are static, and there is a
      slot; of bins only the number of experts has to be static.
    - weigh_c5: `scale` is finite.
    - weigh_c6: `per_expert` has an entry per expert.
    - weigh_c7: `clamp` is finite, not negative, and zero without `norm sum` or
      beside an `eps`.
    - weigh_c8: `p` is there with `norm lp` only, finite and positive.
    - weigh_c9: `band` is there with band_softmax only, finite and not negative.
    - weigh_c10: with `by expert`, `fn` is not band_softmax.
    - weigh_c11: `columns` is positive, no more than the columns that slots can
      name, and comes without `by expert`.
    - weigh_c12: `always_on` is not negative, leaves a column that slots can
      name, and comes without `by expert` and band_softmax; `always_weights` is
      there with it only, has a row per token and n columns.

    Example (Mixtral):

    ```mlir
    %w = moe.weigh value %s, %e norm sum
        : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
    ```
  }];
  let arguments = (ins
    MoE_WeighFnAttr:$fn,
    MoE_FloatMatrix:$source,               // [T, E]
    MoE_IdMatrix:$experts,                 // [T, K], or tokens[E, C]
    Optional<MoE_FloatVector>:$per_expert, // [E]
    Optional<AnyFloat>:$factor,
    DefaultValuedAttr<MoE_WeighNormAttr, "::mlir::moe::WeighNorm::none">:$norm,
    DefaultValuedAttr<F64Attr, "0.0">:$eps,
    DefaultValuedAttr<F64Attr, "0.0">:$clamp,
    DefaultValuedAttr<F64Attr, "1.0">:$scale,
    OptionalAttr<F64Attr>:$p,
    OptionalAttr<F64Attr>:$band,
    DefaultValuedAttr<MoE_SelectByAttr, "::mlir::moe::SelectBy::token">:$by,
    OptionalAttr<I64Attr>:$columns,
    DefaultValuedAttr<I64Attr, "0">:$always_on);
  let results = (outs
    MoE_FloatMatrix:$weights,                    // [T, K], or [E, C]
    Optional<MoE_FloatMatrix>:$always_weights);  // [T, n]
  let assemblyFormat = [{
    $fn $source `,` $experts (`by` $by^)? (`columns` $columns^)?
    (`always_on` $always_on^)? (`per_expert` `(` $per_expert^ `:` type($per_expert) `)`)?
    (`factor` `(` $factor^ `:` type($factor) `)`)? (`norm` $norm^)? attr-dict
    `:` type($source) `,` type($experts) `->` type($weights)
    (`,` type($always_weights)^)?
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$weights,
      "::mlir::moe::WeighFn":$fn, "::mlir::Value":$source,
      "::mlir::Value":$experts,
      CArg<"::mlir::moe::WeighNorm", "::mlir::moe::WeighNorm::none">:$norm,
      CArg<"double", "0.0">:$eps, CArg<"double", "1.0">:$scale)>];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::moe::Weighing getWeighing();
    bool isByExpert() { return getBy() == SelectBy::expert; }
    /// How many columns of the source slots can name.
    int64_t getNumNamed() {
      return getSource().getType().getDimSize(1) - getAlwaysOn();
    }
    /// The end of the ids that weigh anything.
    int64_t getNumColumns() { return getColumns().value_or(getNumNamed()); }
    /// Whether it is nothing but the values at the ids.
    bool isPlain();
  }];
  let hasCanonicalizer = 1;
}

def MoE_PlanOp : MoE_Op<"plan", [Pure, MoE_ReifyShapes]> {
  let summary = "Groups token-expert pairs by expert";
  let description = [{
    Integer work only. Sorts the live pairs of `experts`[T,K], those with an id
    in 0 .. E - 1, by expert, then by pair id = t * K + slot. `pairs`[N], N = T * K, lists them;
    `offsets`[E+1] says where every expert's run begins, and `offsets`[E] how
    many pairs are live; entries of `pairs` from there on are -1. N comes from
    the types, so no count travels to the host.

    With `by expert` the ids are tokens[E,C], bins of `moe.select`: pairs are
    numbered e * C + c, N = E * C, and live where the entry is not negative.

    Constraints:
    - plan_c1: `pairs` has T * K entries, or E * C.
    - plan_c2: `offsets` is static and has at least two entries.
    - plan_c3: the number of slots is static and positive; of bins it may be
      dynamic.
    - plan_c4: an i32 can number the pairs.
    - plan_c5: with `by expert`, there is a bin per expert.

    Example:

    ```mlir
    %offsets, %pairs = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
    ```
  }];
  let arguments = (ins
    MoE_IdMatrix:$experts,                 // [T, K], or tokens[E, C]
    DefaultValuedAttr<MoE_SelectByAttr, "::mlir::moe::SelectBy::token">:$by);
  let results = (outs
    MoE_IdVector:$offsets,                 // [E + 1]
    MoE_IdVector:$pairs);                  // [T * K], or [E * C]
  let assemblyFormat = [{
    $experts (`by` $by^)? attr-dict `:` type($experts) `->` type($offsets) `,` type($pairs)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getNumExperts() { return getOffsets().getType().getDimSize(0) - 1; }
    int64_t getNumSlots() { return getExperts().getType().getDimSize(1); }
    bool isByExpert() { return getBy() == SelectBy::expert; }
  }];
}

#endif // MOE_IR_MOEROUTINGOPS_TD
