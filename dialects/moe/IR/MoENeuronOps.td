// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOENEURONOPS_TD
#define MOE_IR_MOENEURONOPS_TD

include "moe/IR/MoEExpertOps.td"

def MoE_NeuronsOp : MoE_Op<"neurons", [MoE_ReifyShapes,
    AttrSizedOperandSegments, RecursiveMemoryEffects, SingleBlock]> {
  let summary = "Runs every token through some units of one feed-forward layer";
  let description = [{
    One hidden layer of F units that all tokens share; a token's `units` are
    those it keeps. Row t * S + s of `units` and `coefficients` [T*S,n] is
    sample s of token t, S being `samples`; ids outside 0 .. F - 1 are empty
    slots, and a unit that stands in two slots counts twice. The region maps a
    unit's preactivation p[t,f] = x[t] . up[f] + up_bias[f] to its activation.

    - side post: a sample's coefficient multiplies the activation, so that all
      samples of a token are one sum of coefficients per unit. A unit that no
      sample of a token keeps is not read for it.
    - side pre: a sample's coefficient, 0 where it does not keep the unit,
      multiplies the preactivation.

    The samples of a token are added, each times its entry of
    `sample_weights`[T,S] (1 where not given); then comes the product with
    `down`[F,D'], then `down_bias`, once. Products accumulate in f32; the type
    of the block argument rounds the preactivation, that of the yielded value
    what goes into the second product.

    Samples from `count` on, a number known at run time, are left out: none of
    their slots, coefficients or weights has a meaning.

    Constraints:
    - neurons_c1: `up` is [F, D] for x[T,D] and `down` [F, D'], all static but
      T.
    - neurons_c2: `result` is [T, D'].
    - neurons_c3: `units` and `coefficients` have the same shape: T * S rows
      and a static, positive number of slots; `samples` is positive.
    - neurons_c4: `up_bias` has F entries and `down_bias` D'.
    - neurons_c5: `sample_weights` is [T, S].
    - neurons_c6: the region takes one float, yields one float and is free of
      side effects.
    - neurons_c7: a `count` that is a constant is at most S.

    Example:

    ```mlir
    %y = moe.neurons post %x, %units, %coefficients samples 2
        up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x8xf32>)
        : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
    ^unit(%p: f32):
      %zero = arith.constant 0.0 : f32
      %a = arith.maximumf %p, %zero : f32
      moe.yield %a : f32
    }
    ```
  }];
  let arguments = (ins
    MoE_MaskSideAttr:$side,
    MoE_FloatMatrix:$x,                          // [T, D]
    MoE_IdMatrix:$units,                         // [T * S, n]
    MoE_FloatMatrix:$coefficients,               // [T * S, n]
    MoE_FloatMatrix:$up,                         // [F, D]
    Optional<MoE_FloatVector>:$up_bias,          // [F]
    MoE_FloatMatrix:$down,                       // [F, D']
    Optional<MoE_FloatVector>:$down_bias,        // [D']
    Optional<MoE_FloatMatrix>:$sample_weights,   // [T, S]
    Optional<MoE_Count>:$count,
    I64Attr:$samples);
  let results = (outs MoE_FloatMatrix:$result);  // [T, D']
  let regions = (region SizedRegion<1>:$activation);
  let assemblyFormat = [{
    $side $x `,` $units `,` $coefficients `samples` $samples
    (`count` `(` $count^ `:` type($count) `)`)?
    `up` `(` $up (`,` $up_bias^)? `:` type($up) (`,` type($up_bias)^)? `)`
    `down` `(` $down (`,` $down_bias^)? `:` type($down) (`,` type($down_bias)^)? `)`
    (`sample_weights` `(` $sample_weights^ `:` type($sample_weights) `)`)?
    attr-dict-with-keyword
    `:` type($x) `,` type($units) `,` type($coefficients) `->` type($result)
    $activation
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

#endif // MOE_IR_MOENEURONOPS_TD
