// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOESTATEOPS_TD
#define MOE_IR_MOESTATEOPS_TD

include "moe/IR/MoERoutingOps.td"

def MoE_RouterCellOp : MoE_Op<"router_cell", [Pure, MoE_ReifyShapes,
    AttrSizedOperandSegments]> {
  let summary = "Carries a router's state from one MoE layer to the next";
  let description = [{
    One step of a recurrence over *layers*: from what this layer knows of every
    token, x[T,Q], and the state h[T,P] that the previous MoE layer left, the
    state for this one. Tokens are independent. Before the first layer the state
    is zero. Where another layer stands in between, the state is an SSA value
    like any other and goes around it.

    Weights are [rows, columns] as torch stores them. With W, U the weights,
    b, c the biases (zero where not given) and g the gates that the rows of a
    stack belong to in this order:

    - gru (RMoE): gates r, z, n; r, z = sigmoid(W x + b + U h + c),
      n = tanh(W x + b + r * (U h + c)), h' = (1 - z) n + z h.
    - rnn: h' = tanh(W x + b + U h + c).
    - lstm: gates i, f, g, o; c' = f c + i g, h' = o tanh(c'), where g is a tanh
      and the others sigmoids; `cell` is c.
    - ema (ZAYA): h' = x + w * h, with a vector w.
    - linear (MoE++): h' = x + U h.

    With `recurrent` its rows stand for U h, and U is not given: that product
    needs nothing of this layer (`moe-hoist-router-state`).

    Computed in f32, then rounded to the element types of the results.

    Constraints:
    - router_cell_c1: `input`, `state` and `new_state` have the same rows;
      `new_state` has the width of `state`; widths are static and positive.
    - router_cell_c2: gru, rnn and lstm have two weights, [G * P, Q] and
      [G * P, P] with G = 3, 1 and 4; linear has one, [P, P], and ema a vector
      of P.
    - router_cell_c3: there are two biases of G * P, or none; with ema and
      linear none.
    - router_cell_c4: with ema and linear, `input` has the width of `state`.
    - router_cell_c5: lstm, and nothing else, has `cell` and `new_cell`, which
      have the shape of `state`.
    - router_cell_c6: `recurrent` has the rows of `state` and G * P columns; it
      takes the place of the last weights, and ema has none.

    Example:

    ```mlir
    %h1 = moe.router_cell gru %x, %h
        weights(%w, %u : tensor<6x4xf32>, tensor<6x2xf32>)
        biases(%b, %c : tensor<6xf32>, tensor<6xf32>)
        : tensor<?x4xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
    ```
  }];
  let arguments = (ins
    MoE_CellKindAttr:$kind,
    MoE_FloatMatrix:$input,                // [T, Q]
    MoE_FloatMatrix:$state,                // [T, P]
    Optional<MoE_FloatMatrix>:$cell,       // [T, P]
    Optional<MoE_FloatMatrix>:$recurrent,  // [T, G * P]
    Variadic<RankedTensorOf<[AnyFloat]>>:$weights,
    Variadic<MoE_FloatVector>:$biases);    // [G * P]
  let results = (outs
    MoE_FloatMatrix:$new_state,            // [T, P]
    Optional<MoE_FloatMatrix>:$new_cell);  // [T, P]
  let assemblyFormat = [{
    $kind $input `,` $state (`cell` `(` $cell^ `:` type($cell) `)`)?
    (`recurrent` `(` $recurrent^ `:` type($recurrent) `)`)?
    (`weights` `(` $weights^ `:` type($weights) `)`)?
    (`biases` `(` $biases^ `:` type($biases) `)`)? attr-dict
    `:` type($input) `,` type($state) `->` type($new_state)
    (`,` type($new_cell)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// How many gates a stack of weights holds.
    int64_t getNumGates();
  }];
}

def MoE_SampleOp : MoE_Op<"sample", [Pure, MoE_ReifyShapes,
    AttrSizedOperandSegments]> {
  let summary = "Draws points of a Gaussian for every token";
  let description = [{
    With `samples` S, row r = t * S + s of `result`[T*S,D] is sample s of token
    t: mean[t,j] + deviation[t,j] * e, where e is

    - given: noise[r,j].
    - counter: the normal number that Spec.md computes from `seed`, `stream`,
      `position` + t and s * D + j with Philox-4x32-10 and the Box-Muller
      transform. Nothing is remembered between calls, so numbers depend neither
      on tiling nor on the back end. Layers differ in their `stream`.
    - mean: zero; every sample is the mean.

    Computed in f32, then rounded to the element type of the result.

    Constraints:
    - sample_c1: `samples` is positive; `result` has T * S rows and the width of
      `mean`, which is static.
    - sample_c2: `deviation` has the shape of `mean`; it is there but with the
      source mean.
    - sample_c3: `noise` is there with the source given only and has the shape
      of `result`.
    - sample_c4: `seed` is there with the source counter only, and so are
      `position` and a `stream` other than 0.
    - sample_c5: S * D fits an i32.

    Example:

    ```mlir
    %z = moe.sample gaussian counter %mean deviation(%sigma : tensor<?x4xf32>)
        seed(%seed) samples 2 : tensor<?x4xf32> -> tensor<?x4xf32>
    ```
  }];
  let arguments = (ins
    MoE_DistributionAttr:$distribution,
    MoE_NoiseSourceAttr:$source,
    MoE_FloatMatrix:$mean,                 // [T, D]
    Optional<MoE_FloatMatrix>:$deviation,  // [T, D]
    Optional<MoE_FloatMatrix>:$noise,      // [T * S, D]
    Optional<I64>:$seed,
    Optional<I64>:$position,
    I64Attr:$samples,
    DefaultValuedAttr<I32Attr, "0">:$stream);
  let results = (outs MoE_FloatMatrix:$result);  // [T * S, D]
  let assemblyFormat = [{
    $distribution $source $mean
    (`deviation` `(` $deviation^ `:` type($deviation) `)`)?
    (`noise` `(` $noise^ `:` type($noise) `)`)?
    (`seed` `(` $seed^ `)`)? (`position` `(` $position^ `)`)?
    `samples` $samples (`stream` $stream^)? attr-dict
    `:` type($mean) `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // MOE_IR_MOESTATEOPS_TD
