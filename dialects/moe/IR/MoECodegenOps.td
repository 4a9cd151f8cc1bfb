// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOECODEGENOPS_TD
#define MOE_IR_MOECODEGENOPS_TD

include "moe/IR/MoERoutingOps.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"

// Codegen ops work on tensors until bufferization and on memrefs after it.
class MoE_TensorOrMemRef<list<Type> elements, int rank, string description>
    : ShapedContainerType<elements,
        And<[Or<[IsRankedTensorTypePred, IsMemRefTypePred]>, HasAnyRankOfPred<[rank]>]>,
        description, "::mlir::ShapedType">;
def MoE_FloatMatrixLike : MoE_TensorOrMemRef<[AnyFloat], 2, "matrix">;
def MoE_FloatRank3Like : MoE_TensorOrMemRef<[AnyFloat], 3, "stack of matrices">;
def MoE_IdMatrixLike : MoE_TensorOrMemRef<[I32], 2, "matrix">;
def MoE_FloatVectorLike : MoE_TensorOrMemRef<[AnyFloat], 1, "vector">;
def MoE_IdVectorLike : MoE_TensorOrMemRef<[I32], 1, "vector">;
def MoE_F32MatrixLike : MoE_TensorOrMemRef<[F32], 2, "matrix">;

class MoE_CodegenOp<string mnemonic, list<Trait> traits = []>
    : MoE_Op<mnemonic, traits # [
        DeclareOpInterfaceMethods<DestinationStyleOpInterface,
                                  ["getDpsInitsMutable"]>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let hasVerifier = 1;
}

def MoE_GateOp : MoE_CodegenOp<"gate", [AttrSizedOperandSegments]> {
  let summary = "Router matmul, score, select and weigh in one";
  let description = [{
    logits = x[T,D] * router[E,D]^T + bias[E], accumulated in f32 and rounded to
    `logits_type`; without `router` the first operand holds the logits[T,E]
    themselves. Then `score`, `rule` on `select_on`, and `weigh` with `norm`,
    `eps` and `scale` on `weigh_on`, each with the meaning of the stage op of
    its name, which also gives the other operands and attributes theirs. Scores
    are rounded to `score_type`. Where there is a `key_bias`[E], the keys are
    `select_on` plus it, in its type: that of `select_on`, or f32.

    With `always_on` n, the last n columns of the router are weighed, but no key:
    E counts the others wherever experts are selected. Their weights go to
    `always_weights`[T,n], with the meaning moe.weigh gives them.

    Constraints:
    - gate_c1: with a router, its width is that of `x`; the number of experts
      and the width are static.
    - gate_c2: the rule accepts the number of experts, decides per token and
      has the slots of `experts`.
    - gate_c3: `experts` and `weights` have the same shape, with one row per
      token.
    - gate_c4: operands are all tensors or all memrefs, and results match the
      destinations.
    - gate_c5: `logits_type` and `score_type` are floats.
    - gate_c6: `eps` is finite, not negative, and zero without `norm sum`;
      likewise `clamp`, and not both are there; `p` is there with `norm lp`
      only, finite and positive.
    - gate_c7: `scale` is finite.
    - gate_c8: `groups` and `token_params` are as moe.select wants them.
    - gate_c9: `bias`, `key_bias` and `per_expert` have an entry per expert; the
      element type of `key_bias` is that of `select_on`, or f32.
    - gate_c10: there is no `bias` without a router.
    - gate_c11: `weigh` is not band_softmax.
    - gate_c12: `columns` and `always_on` are as moe.weigh wants them;
      `always_weights` comes with `always_on`, has a row per token and n
      columns.

    Example:

    ```mlir
    %e, %w = moe.gate ins(%x, %router : tensor<?x8xf32>, tensor<4x8xf32>)
        outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
        score softmax select #moe.top_k<2> on scores weigh value on scores
        norm sum -> tensor<?x2xi32>, tensor<?x2xf32>
    ```
  }];
  let arguments = (ins
    MoE_FloatMatrixLike:$x,                // [T, D], or logits [T, E]
    Optional<MoE_FloatMatrixLike>:$router, // [E, D]
    Optional<MoE_FloatVectorLike>:$bias,         // [E]
    Optional<MoE_FloatVectorLike>:$key_bias,     // [E]
    Optional<MoE_Count>:$count,
    Variadic<AnyType>:$params,
    Variadic<AnyType>:$token_params,             // [T, ...]
    Optional<MoE_FloatVectorLike>:$per_expert,   // [E]
    Optional<AnyFloat>:$factor,
    MoE_IdMatrixLike:$experts,             // destination [T, K]
    MoE_FloatMatrixLike:$weights,          // destination [T, K]
    Optional<MoE_FloatMatrixLike>:$always_weights, // destination [T, n]
    MoE_ScoreFnAttr:$score,
    MoE_SelectRuleInterface:$rule,
    MoE_GateValueAttr:$select_on,
    OptionalAttr<MoE_GroupsAttr>:$groups,
    DefaultValuedAttr<MoE_NanRankAttr, "::mlir::moe::NanRank::first">:$nan,
    DefaultValuedAttr<MoE_SlotOrderAttr, "::mlir::moe::SlotOrder::by_key">:$order,
    MoE_WeighFnAttr:$weigh,
    MoE_GateValueAttr:$weigh_on,
    DefaultValuedAttr<MoE_WeighNormAttr, "::mlir::moe::WeighNorm::none">:$norm,
    DefaultValuedAttr<F64Attr, "0.0">:$eps,
    DefaultValuedAttr<F64Attr, "0.0">:$clamp,
    DefaultValuedAttr<F64Attr, "1.0">:$scale,
    OptionalAttr<F64Attr>:$p,
    OptionalAttr<I64Attr>:$columns,
    DefaultValuedAttr<I64Attr, "0">:$always_on,
    OptionalAttr<TypeAttr>:$logits_type,
    OptionalAttr<TypeAttr>:$score_type,
    OptionalAttr<MoE_ScheduleAttr>:$schedule);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $x (`,` $router^)? `:` type($x) (`,` type($router)^)? `)`
    (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`key_bias` `(` $key_bias^ `:` type($key_bias) `)`)?
    (`count` `(` $count^ `:` type($count) `)`)?
    (`params` `(` $params^ `:` type($params) `)`)?
    (`token_params` `(` $token_params^ `:` type($token_params) `)`)?
    (`per_expert` `(` $per_expert^ `:` type($per_expert) `)`)?
    (`factor` `(` $factor^ `:` type($factor) `)`)?
    `outs` `(` $experts `,` $weights (`,` $always_weights^)?
      `:` type($experts) `,` type($weights) (`,` type($always_weights)^)? `)`
    `score` $score `select` $rule `on` $select_on (`groups` $groups^)?
    (`nan` $nan^)? (`order` $order^)? `weigh` $weigh `on` $weigh_on
    (`columns` $columns^)? (`always_on` $always_on^)? (`norm` $norm^)? attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    /// Columns of the router, with those that are always on.
    int64_t getNumExperts();
    /// Those that a slot can name.
    int64_t getNumNamed() { return getNumExperts() - getAlwaysOn(); }
    /// The end of the ids that weigh anything.
    int64_t getNumColumns() { return getColumns().value_or(getNumNamed()); }
    int64_t getNumSlots();
    /// Types logits and scores are rounded to; f32 unless given.
    ::mlir::FloatType getLogitsFloatType();
    ::mlir::FloatType getScoreFloatType();
    ::mlir::FloatType getFloatType(::mlir::moe::GateValue value) {
      return value == GateValue::logits ? getLogitsFloatType()
                                        : getScoreFloatType();
    }
    ::mlir::moe::Selection getSelection();
    ::mlir::moe::Weighing getWeighing();
  }];
}

def MoE_PlanIntoOp : MoE_CodegenOp<"plan_into"> {
  let summary = "Groups pairs by expert, and says where each went";
  let description = [{
    `moe.plan` in destination style, with the inverse beside it:
    `positions`[t,s] is the entry of `pairs` that holds t * K + s, or -1 for an
    empty slot.

    With `always_on` n, the last n experts of `offsets` run for every token, as
    shared experts do: expert E + i, E being the number of the others, has all T
    tokens in order, in slot K + i. A pair is then t * (K + n) + slot.

    Anything that ids of rows and columns say may be sorted in this way: entries
    of bins by token, slots by expert and group of tokens. So the numbers of
    buckets and of columns may be dynamic.

    Constraints:
    - plan_into_c1: `pairs` has T * (K + n) entries.
    - plan_into_c2: `offsets` has at least n + 2 entries, and is static where n
      is not 0.
    - plan_into_c3: `positions` has shape [T, K + n].
    - plan_into_c4: operands are all tensors or all memrefs, and results match
      the destinations.
    - plan_into_c5: the number of slots is positive, and static where n is not
      0.
    - plan_into_c6: an i32 can number the pairs.
    - plan_into_c7: `always_on` is not negative and fits an i32.

    Example:

    ```mlir
    %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
        outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
        -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
    ```
  }];
  let arguments = (ins
    MoE_IdMatrixLike:$experts,             // [T, K]
    MoE_IdVectorLike:$offsets,             // destination [E + 1]
    MoE_IdVectorLike:$pairs,               // destination [T * (K + n)]
    MoE_IdMatrixLike:$positions,           // destination [T, K + n]
    DefaultValuedAttr<I64Attr, "0">:$always_on);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $experts `:` type($experts) `)` (`always_on` $always_on^)?
    `outs` `(` $offsets `,` $pairs `,` $positions `:`
      type($offsets) `,` type($pairs) `,` type($positions) `)`
    attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    /// Without those that are always on; may be dynamic.
    int64_t getNumRoutedExperts();
    /// K: the slots of `experts`; may be dynamic.
    int64_t getNumRoutedSlots();
    int64_t getNumSlots();
  }];
}

def MoE_SelectIntoOp : MoE_CodegenOp<"select_into", [AttrSizedOperandSegments]> {
  let summary = "Every expert picks its tokens, and weighs them";
  let description = [{
    `moe.select` with `by expert`, in destination style: `tokens`[E,C] as there,
    with `k`, `count`, `scope`, `nan` and `order` meaning the same. With
    `source`[T,E], `weights`[E,C] has the value of every entry there,
    source[tokens[e,c],e], and 0 for an empty one: a `moe.weigh value` with `by
    expert`.

    Constraints:
    - select_into_c1: `k` is positive and fits an i32.
    - select_into_c2: `tokens` has a row per expert, and k entries for every
      group.
    - select_into_c3: the number of experts is static.
    - select_into_c4: `source` has the shape of `key`; it and `weights` come
      together, and `weights` has the shape of `tokens`.
    - select_into_c5: `scope` is positive and fits an i32.
    - select_into_c6: operands are all tensors or all memrefs, and results match
      the destinations.

    Example:

    ```mlir
    %t, %w = moe.select_into 3 ins(%k : tensor<?x4xf32>) weigh(%s : tensor<?x4xf32>)
        outs(%t0, %w0 : tensor<4x3xi32>, tensor<4x3xf32>)
        -> tensor<4x3xi32>, tensor<4x3xf32>
    ```
  }];
  let arguments = (ins
    MoE_FloatMatrixLike:$key,              // [T, E]
    Optional<MoE_Count>:$count,
    Optional<MoE_FloatMatrixLike>:$source, // [T, E]
    MoE_IdMatrixLike:$tokens,              // destination [E, C]
    Optional<MoE_FloatMatrixLike>:$weights, // destination [E, C]
    I64Attr:$k,
    OptionalAttr<I64Attr>:$scope,
    DefaultValuedAttr<MoE_NanRankAttr, "::mlir::moe::NanRank::last">:$nan,
    DefaultValuedAttr<MoE_SlotOrderAttr, "::mlir::moe::SlotOrder::by_key">:$order);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $k (`scope` $scope^)? `ins` `(` $key `:` type($key) `)`
    (`count` `(` $count^ `:` type($count) `)`)?
    (`weigh` `(` $source^ `:` type($source) `)`)? (`nan` $nan^)? (`order` $order^)?
    `outs` `(` $tokens (`,` $weights^)? `:` type($tokens) (`,` type($weights)^)? `)`
    attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    int64_t getNumExperts() { return getKey().getType().getDimSize(1); }
  }];
}

def MoE_WeightLayoutsAttr
    : TypedArrayAttrBase<MoE_WeightLayoutAttr, "layouts of weights">;

def MoE_GroupedMatmulOp : MoE_CodegenOp<"grouped_matmul", [
    AttrSizedOperandSegments, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "One matmul per expert over its rows, with an epilogue";
  let description = [{
    Rows `offsets`[e] to `offsets`[e+1] of the result belong to expert e. Row n
    multiplies row n of `lhs`, or row `pairs`[n] / `slots` where `pairs` is
    given (gather prologue: a moe.dispatch that costs no pass over memory).

    Weights lie as torch stores them, [E, columns, D], unless `layouts` says
    `in_out` of them: then [E, D, columns]. An output column j of `init` may
    need several products: *part* i is the accumulator

      acc_i = sum over d of lhs[row, d]
              * weights[part_weights[i]][e, part_offsets[i] + part_strides[i] * j, d]

    with the last two indices exchanged where the layout is `in_out`,

    accumulated in f32 and rounded to the type of block argument i. The region
    (the epilogue) maps the accumulators of one output element to that element:
    scalar, free of side effects. Gate and up projections stored as halves of
    one matrix are the parts (offset 0, stride 1) and (offset F, stride 1);
    interleaved ones (0, 2) and (1, 2).

    After the accumulators the epilogue takes one element of an expert's
    vectors (biases, scales of columns) per *vector part*: at output column j
    of expert e, vector part i is

      vectors[vector_parts[i]][e, vector_offsets[i] + vector_strides[i] * j]

    where e counts as 0 for vectors of one row, which all experts share. After
    those it takes one element of what belongs to row n (its routing weight, a
    residual) per *row part*:

      rows[row_parts[i]][n, row_offsets[i] + row_strides[i] * j]

    A stride of 0 is one element for all columns.

    Rows from the last of `offsets` on are left undefined, and nothing may read
    them; with `zero_rest` they are zero. An expert without rows is not read.

    With `scatter` the result has a row per token, not per pair: with p =
    scatter_pairs[n] and K slots in `scatter_weights`[T,K], what the epilogue
    makes of row n is multiplied by scatter_weights[p / K, p % K] and added to
    row p / K of what `init` holds, in f32, in any order. It is a moe.combine
    of order atomic without a buffer of rows.

    With `always_on` n, the last n experts of `offsets` are one expert n times
    as wide as the others, cut into n (`moe.plan_into`). Its matrices are
    `always_weights` and its vectors `always_vectors`; which of them the parts
    read is listed behind what they read of the others. Expert E + i reads, with
    F columns of `init`, along the columns of a matrix that is as deep as `lhs`

      always_weights[w][part_offset + part_stride * (i * F + j), d]

    and along the depth of one that is n times as deep

      always_weights[w][part_offset + part_stride * j, i * D + d]

    Constraints:
    - grouped_matmul_c1: weights have the depth of `lhs` and E matrices, E + n
      + 1 being the size of `offsets`; these sizes are static.
    - grouped_matmul_c2: `part_weights`, `part_offsets` and `part_strides` have
      one entry per part, and there is a part; so have `vector_parts`,
      `vector_offsets` and `vector_strides` per vector part, all twice with
      experts that are always on, and `row_parts`, `row_offsets` and
      `row_strides` per row part; the region takes the parts, then the vector
      parts, then the row parts.
    - grouped_matmul_c3: every column a part reads exists; the width of `init`
      is static.
    - grouped_matmul_c4: without `scatter`, `init` has one row per pair, or per
      row of `lhs` where there are no pairs.
    - grouped_matmul_c5: `pairs` and `slots` come together; `slots` is positive
      and fits an i32.
    - grouped_matmul_c6: the region takes floats, yields one value of the
      element type of `init` and is free of side effects.
    - grouped_matmul_c7: operands are all tensors or all memrefs, and results
      match the destinations.
    - grouped_matmul_c8: `vectors` are static and have a row per expert, or one
      for all.
    - grouped_matmul_c9: every element a vector part reads exists, and its
      block argument has the type of that element.
    - grouped_matmul_c10: `layouts`, where given, has one entry per weights.
    - grouped_matmul_c11: `always_on` is not negative and leaves an expert that
      is not; `always_weights` come with it, and `always_vectors` only with it;
      all weights are then `out_in`.
    - grouped_matmul_c12: `always_weights` are static, of the depth of `lhs` or
      n times that, and `always_vectors` static; a part reads elements of one
      type of both kinds of experts.
    - grouped_matmul_c13: `rows` have one row per pair, or per row of `lhs`
      where there are no pairs, and a static width; every element a row part
      reads exists, and its block argument has the type of that element.
    - grouped_matmul_c14: `scatter_pairs` and `scatter_weights` come together;
      there is one such pair per row, the number of slots is static, `init` is
      of f32 and has one row per token, there is no `zero_rest` and no expert is
      always on, as its rows have no weight.

    Example (the up projection of Mixtral, with its gather and its SwiGLU):

    ```mlir
    %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>)
        weights(%w : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
        gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x16xf32>)
        parts weights [0, 0] offsets [0, 16] strides [1, 1] {
    ^epilogue(%gate: f32, %up: f32):
      %h = arith.mulf %gate, %up : f32
      moe.yield %h : f32
    } -> tensor<?x16xf32>
    ```
  }];
  let arguments = (ins
    MoE_FloatMatrixLike:$lhs,                // [T, D] with pairs, else [N, D]
    Variadic<MoE_FloatRank3Like>:$weights,   // [E, columns, D] or [E, D, columns]
    Variadic<MoE_FloatMatrixLike>:$vectors,  // [E, columns] or [1, columns]
    Variadic<MoE_FloatMatrixLike>:$rows,     // [N, columns]
    Variadic<MoE_FloatMatrixLike>:$always_weights, // [columns, D or n * D]
    Variadic<MoE_FloatVectorLike>:$always_vectors, // [columns]
    MoE_IdVectorLike:$offsets,               // [E + n + 1]
    Optional<MoE_IdVectorLike>:$pairs,       // [N]
    Optional<MoE_IdVectorLike>:$scatter_pairs,      // [N]
    Optional<MoE_FloatMatrixLike>:$scatter_weights, // [T, K]
    MoE_FloatMatrixLike:$init,               // destination [N, F], or [T, F]
    OptionalAttr<MoE_WeightLayoutsAttr>:$layouts, // out_in where not given
    DenseI64ArrayAttr:$part_weights,
    DenseI64ArrayAttr:$part_offsets,
    DenseI64ArrayAttr:$part_strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$vector_parts,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$vector_offsets,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$vector_strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$row_parts,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$row_offsets,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$row_strides,
    DefaultValuedAttr<I64Attr, "0">:$always_on,
    OptionalAttr<I64Attr>:$slots,
    UnitAttr:$zero_rest,
    OptionalAttr<MoE_ScheduleAttr>:$schedule);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $lhs `:` type($lhs) `)`
    `weights` `(` $weights `:` type($weights) `)`
    (`layouts` custom<Layouts>($layouts)^)?
    (`vectors` `(` $vectors^ `:` type($vectors) `)`)?
    (`rows` `(` $rows^ `:` type($rows) `)`)?
    (`always_on` $always_on^)?
    (`always_weights` `(` $always_weights^ `:` type($always_weights) `)`)?
    (`always_vectors` `(` $always_vectors^ `:` type($always_vectors) `)`)?
    `offsets` `(` $offsets `:` type($offsets) `)`
    (`gather` `(` $pairs^ `:` type($pairs) `)` `slots` $slots)?
    (`scatter` `(` $scatter_pairs^ `,` $scatter_weights `:`
      type($scatter_pairs) `,` type($scatter_weights) `)`)?
    `outs` `(` $init `:` type($init) `)` (`zero_rest` $zero_rest^)?
    `parts` `weights` $part_weights `offsets` $part_offsets
    `strides` $part_strides
    (`vector_parts` `vectors` $vector_parts^ `offsets` $vector_offsets
    `strides` $vector_strides)?
    (`row_parts` `rows` $row_parts^ `offsets` $row_offsets
    `strides` $row_strides)? attr-dict-with-keyword $epilogue (`->` type($results)^)?
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// With those that are always on, as in `offsets`.
    int64_t getNumExperts();
    /// How the weights of this number lie.
    ::mlir::moe::WeightLayout getLayout(int64_t weights);
    /// Columns of the weights of this number.
    int64_t getNumColumns(int64_t weights);
    /// Whether some weights that a part reads lie this way.
    bool hasParts(::mlir::moe::WeightLayout layout);
    int64_t getNumRoutedExperts() { return getNumExperts() - getAlwaysOn(); }
    int64_t getNumParts() {
      return getPartWeights().size() / (getAlwaysOn() ? 2 : 1);
    }
    int64_t getNumVectorParts() {
      return getVectorParts().size() / (getAlwaysOn() ? 2 : 1);
    }
    int64_t getNumRowParts() { return getRowParts().size(); }
    /// What part `part` reads of the experts that are always on.
    ::mlir::Value getAlwaysWeights(int64_t part) {
      return getAlwaysWeights()[getPartWeights()[getNumParts() + part]];
    }
    ::mlir::Value getAlwaysVectors(int64_t part) {
      return getAlwaysVectors()[getVectorParts()[getNumVectorParts() + part]];
    }
    /// Whether rows are added to those of `init`, which is then read.
    bool scatters() { return static_cast<bool>(getScatterPairs()); }
    /// An operand whose first dimension is the number of rows, tokens or not.
    ::mlir::Value getPerRow() {
      return scatters() ? ::mlir::Value(getScatterPairs())
                        : ::mlir::Value(getInit());
    }
    /// The width of lhs rows, which the products run over.
    int64_t getDepth();
  }];
}

def MoE_GatherSumOp : MoE_CodegenOp<"gather_sum", [AttrSizedOperandSegments]> {
  let summary = "Ordered, weighted sum of expert rows per token";
  let description = [{
    out[t] = residual[t] + sum over s = 0 .. K-1 with positions[t,s] >= 0 of
    weights[t,s] * rows[positions[t,s]], accumulated in f32 in slot order and
    rounded once; without `residual` the sum starts at zero. `product_type` and
    `sum_type` are those of moe.combine. Every row of the destination is
    written.

    `positions` may have more columns than `weights`: slots of experts that are
    always on (`moe.plan_into`). Their rows have no weight; their sum is
    multiplied by `gate`[t], if there is one, and added to the sum of the others
    last. `always_type` is the type that both sums are rounded to before that,
    f32 unless given.

    With `identity` the sum first takes, in slot order, weights[t,s] * x[t] for
    the slots with `first` <= experts[t,s] < `first` + `count`: the identity
    columns of moe.virtual. An `unweighted` sum adds rows as they are.

    With `entries`, `positions` and `weights` are those of bins, [E,C], and the
    sum of token t runs over the pairs e * C + c that stand in entries[n] for
    n = offsets[t] .. offsets[t+1]-1, in this order.

    Constraints:
    - gather_sum_c1: `positions` has a row per row of `weights`, and as many
      columns at least; with `entries`, just as many.
    - gather_sum_c2: `out` has one row per token and the width of `rows`.
    - gather_sum_c3: `residual` has the shape of `out`.
    - gather_sum_c4: operands are all tensors or all memrefs, and results match
      the destinations.
    - gather_sum_c5: the number of slots and the width are static, and there is
      a slot; of bins the number of entries may be dynamic.
    - gather_sum_c6: `product_type` and `sum_type` are floats of at most 32
      bits.
    - gather_sum_c7: `gate` has shape [T, 1].
    - gather_sum_c8: `gate` and `always_type` come with slots that are always
      on, and `always_type` is a float of at most 32 bits.
    - gather_sum_c9: `x`, `experts`, `first` and `count` come together; `x` has
      the shape of `out`, `experts` that of `weights`; `first` is not negative,
      `count` positive, and the ids fit an i32.
    - gather_sum_c10: an `unweighted` sum has no `product_type`.
    - gather_sum_c11: `offsets` and `entries` come together; there are T + 1
      offsets, and an entry per weight.
    - gather_sum_c12: with `entries` there is no `identity`.

    Example:

    ```mlir
    %y = moe.gather_sum ins(%rows, %q, %w
        : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
        outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    ```
  }];
  let arguments = (ins
    MoE_FloatMatrixLike:$rows,             // [N, D']
    MoE_IdMatrixLike:$positions,           // [T, K + n]
    MoE_FloatMatrixLike:$weights,          // [T, K]
    Optional<MoE_FloatMatrixLike>:$x,      // [T, D']
    Optional<MoE_IdMatrixLike>:$experts,   // [T, K]
    Optional<MoE_FloatMatrixLike>:$gate,   // [T, 1]
    Optional<MoE_FloatMatrixLike>:$residual, // [T, D']
    Optional<MoE_IdVectorLike>:$offsets,   // [T + 1]
    Optional<MoE_IdVectorLike>:$entries,   // [E * C]
    MoE_FloatMatrixLike:$out,              // destination [T, D']
    OptionalAttr<TypeAttr>:$product_type,
    OptionalAttr<TypeAttr>:$sum_type,
    OptionalAttr<TypeAttr>:$always_type,
    OptionalAttr<I64Attr>:$first,
    OptionalAttr<I64Attr>:$count,
    UnitAttr:$unweighted,
    OptionalAttr<MoE_ScheduleAttr>:$schedule);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $rows `,` $positions `,` $weights `:`
      type($rows) `,` type($positions) `,` type($weights) `)`
    (`unweighted` $unweighted^)?
    (`identity` `(` $x^ `,` $experts `:` type($x) `,` type($experts) `)`
      `first` $first `count` $count)?
    (`gate` `(` $gate^ `:` type($gate) `)`)?
    (`residual` `(` $residual^ `:` type($residual) `)`)?
    (`tokens` `(` $offsets^ `,` $entries `:` type($offsets) `,` type($entries) `)`)?
    `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = MoE_SumTypes # [{
    /// K: the slots that have a weight.
    int64_t getNumRoutedSlots();
    /// n: those that have none.
    int64_t getNumAlwaysOn();
    /// What both sums are rounded to before they are added.
    ::mlir::FloatType getAlwaysFloatType() {
      return ::mlir::cast<::mlir::FloatType>(getAlwaysType().value_or(
          ::mlir::Float32Type::get(getContext())));
    }
  }];
}

def MoE_MaskedFfnOp : MoE_CodegenOp<"masked_ffn", [
    AttrSizedOperandSegments, SingleBlock]> {
  let summary = "A feed-forward layer on the units that tokens keep";
  let description = [{
    `moe.neurons` in destination style. What a token does not keep it does not
    read, with either side: `out` is the sum over the units that some slot of
    the token names. With side pre that is `moe.neurons` where the activation of
    0 is 0.

    Tokens come in tiles of `tile`, units in blocks of 64. `lists`[i,F] holds, at
    64 * b and behind, the units of block b that some token of tile i keeps, in
    order, and `counts`[i,b] says how many; the rows of `up` and `down` that are
    read for the tile are those. `kept`[t,f] is not 0 where token t keeps unit f;
    with side pre bit s says whether sample s does. `factors` has, for side post,
    the sum of a token's coefficients [T,F], for side pre those of every sample
    [T*S,F]. `hidden`[t,f], in the type that the region yields, is what unit f of
    the list of its tile hands on. Other elements of `hidden` and `lists` are
    undefined.

    Every sum has one order: coefficients by sample and slot, products with
    `down` by unit, in a fixed number of runs of blocks. So neither `tile` nor
    the number of threads changes a bit of `out`.

    Constraints:
    - masked_ffn_c1: `up` is [F, D] for x[T,D] and `down` [F, D'], all static but
      T, and F is positive.
    - masked_ffn_c2: `units` and `coefficients` have the same shape: T * S rows
      and a static, positive number of slots; `samples` is positive, and with
      side pre at most 32.
    - masked_ffn_c3: `up_bias` has F entries, `down_bias` D', `sample_weights` is
      [T, S].
    - masked_ffn_c4: `tile` is 1 to 8.
    - masked_ffn_c5: `out` is [T, D'], `hidden` [T, F], `factors` [T, F] or, with
      side pre, [T * S, F], `kept` [T, F], `lists` has F columns and `counts`
      one per 64 of them, rounded up; both have a row per tile.
    - masked_ffn_c6: the region takes one float, yields one of the element type
      of `hidden` and is free of side effects.
    - masked_ffn_c7: operands are all tensors or all memrefs, and results match
      the destinations.

    Example:

    ```mlir
    %r:6 = moe.masked_ffn post
        ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
        samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x8xf32>) tile 4
        outs(%y, %h, %f, %k, %l, %n : tensor<4x8xf32>, tensor<4x16xf32>,
             tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
    ^unit(%p: f32):
      %zero = arith.constant 0.0 : f32
      %a = arith.maximumf %p, %zero : f32
      moe.yield %a : f32
    } -> tensor<4x8xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>,
         tensor<1x16xi32>, tensor<1x1xi32>
    ```
  }];
  let arguments = (ins
    MoE_MaskSideAttr:$side,
    MoE_FloatMatrixLike:$x,                        // [T, D]
    MoE_IdMatrixLike:$units,                       // [T * S, n]
    MoE_FloatMatrixLike:$coefficients,             // [T * S, n]
    MoE_FloatMatrixLike:$up,                       // [F, D]
    Optional<MoE_FloatVectorLike>:$up_bias,        // [F]
    MoE_FloatMatrixLike:$down,                     // [F, D']
    Optional<MoE_FloatVectorLike>:$down_bias,      // [D']
    Optional<MoE_FloatMatrixLike>:$sample_weights, // [T, S]
    Optional<MoE_Count>:$count,
    MoE_FloatMatrixLike:$out,                      // destination [T, D']
    MoE_FloatMatrixLike:$hidden,                   // destination [T, F]
    MoE_F32MatrixLike:$factors,                    // destination [T, F] or [T * S, F]
    MoE_IdMatrixLike:$kept,                        // destination [T, F]
    MoE_IdMatrixLike:$lists,                       // destination [tiles, F]
    MoE_IdMatrixLike:$counts,                      // destination [tiles, blocks]
    I64Attr:$samples,
    I64Attr:$tile);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$activation);
  let assemblyFormat = [{
    $side `ins` `(` $x `,` $units `,` $coefficients `:`
      type($x) `,` type($units) `,` type($coefficients) `)`
    `samples` $samples (`count` `(` $count^ `:` type($count) `)`)?
    `up` `(` $up (`,` $up_bias^)? `:` type($up) (`,` type($up_bias)^)? `)`
    `down` `(` $down (`,` $down_bias^)? `:` type($down) (`,` type($down_bias)^)? `)`
    (`sample_weights` `(` $sample_weights^ `:` type($sample_weights) `)`)?
    `tile` $tile
    `outs` `(` $out `,` $hidden `,` $factors `,` $kept `,` $lists `,` $counts `:`
      type($out) `,` type($hidden) `,` type($factors) `,` type($kept) `,`
      type($lists) `,` type($counts) `)`
    attr-dict-with-keyword $activation (`->` type($results)^)?
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// Units that share a count.
    static constexpr int64_t kBlock = 64;
    int64_t getNumUnits() { return getUp().getType().getDimSize(0); }
    int64_t getNumBlocks() { return llvm::divideCeil(getNumUnits(), kBlock); }
    bool isPost() { return getSide() == MaskSide::post; }
  }];
}

#endif // MOE_IR_MOECODEGENOPS_TD
