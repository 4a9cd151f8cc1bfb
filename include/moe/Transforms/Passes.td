// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_TRANSFORMS_PASSES_TD
#define MOE_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def MoEDecomposePass : Pass<"moe-decompose"> {
  let summary = "Write stage ops and primitives as plain linalg, tensor and scf";
  let description = [{
    The executable meaning of every stage op and primitive, as code that one
    shot bufferization takes: no fusion, no tiles, loops in the order the op's
    definition gives. An expert without rows is skipped, so that nothing of it
    is read. Codegen ops are left alone.

    Expects:  any IR.
    Produces: the same IR without stage ops and primitives; with `parallel`,
              perhaps `moe.plan_into`.
    Refuses:  a `moe.select` whose rule looks across tokens, with a missed
              remark; without `loop-over-experts` every `moe.experts`, with an
              error.

    (example: test/Transforms/decompose/doc.mlir)
  }];
  let options = [
    Option<"reportUnfused", "report-unfused", "bool", /*default=*/"false",
           "Give a missed remark for every stage op: it should have been fused.">,
    Option<"parallel", "parallel", "bool", /*default=*/"false",
           "Write what looks across tokens for many threads: sorted by "
           "moe.plan_into, in loops without order.">,
    Option<"loopOverExperts", "loop-over-experts", "bool", /*default=*/"true",
           "Make a loop over the experts of a moe.experts. A GPU cannot run "
           "one: its bounds lie in device memory.">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::moe::MoEDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect",
  ];
}

class MoE_FusePass<string flag> : Pass<flag> {
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::moe::MoEDialect", "::mlir::tensor::TensorDialect",
  ];
}

def MoEFuseGatePass : MoE_FusePass<"moe-fuse-gate"> {
  let summary = "Fuse router matmul, score, select and weigh";
  let description = [{
    A router reads every token once and writes a handful of numbers, so one op
    does all of it. The router matmul is taken where it is a `linalg.matmul` (or
    a contraction written in another way) on zeros whose right operand lies as
    [E,D], is a transpose of that, or lies as [D,E] (then it is transposed:
    routers are small). Otherwise, and where others need the logits as well, the
    gate reads the logits. A bias per expert on the logits (before any rounding)
    or on the keys becomes an operand. Columns that are always on are weighed in
    the gate where the key is a slice without them. Casts between the stages are kept as the types that
    logits and scores are rounded to.

    Expects:  raised IR (`isRaised`).
    Produces: one `moe.gate` in place of select and weigh; scores that others
              use stay.
    Refuses:  expert choice; rules that look across tokens; keys that are
              neither the logits nor their scores, nor either plus a bias per
              expert in its own type or f32; sources that are neither; scores of
              which select and weigh see different roundings; scores not
              computed in f32, or over tokens; band_softmax. Each refusal is a missed remark, and so is a capacity
              (`moe.limit`), which stays, and a router matmul that the gate does
              not take: one whose logits others read, or with a bias that is
              added after the product was rounded.

    (example: test/Transforms/fuse-gate/doc.mlir)
  }];
}

def MoEFuseBinsPass : MoE_FusePass<"moe-fuse-bins"> {
  let summary = "Fuse expert choice: select and weigh by expert";
  let description = [{
    An expert that picks tokens looks at all of them, so its work is a kernel of
    its own beside the score; the values of what it picked cost nothing more.

    Expects:  raised IR (`isRaised`).
    Produces: one `moe.select_into` in place of a `moe.select` by expert and of
              a `moe.weigh` that takes just the values.
    Refuses:  weights that are normalised or scaled, and values that are known
              only after the bins: the weigh stays, with a missed remark.

    (example: test/Transforms/fuse-bins/doc.mlir)
  }];
}

def MoEFusePlanPass : MoE_FusePass<"moe-fuse-plan"> {
  let summary = "Give plans destinations and the positions of their pairs";
  let description = [{
    While a plan writes where every pair goes, it can as well write down the
    inverse, which lets every token find its rows without a search
    (`moe-fuse-combine`).

    Expects:  raised IR (`isRaised`).
    Produces: `moe.plan_into` in place of every `moe.plan`; of bins, it sorts
              the entries by their row.
    Refuses:  nothing.

    (example: test/Transforms/fuse-plan/doc.mlir)
  }];
}

def MoEFuseExpertsPass : MoE_FusePass<"moe-fuse-experts"> {
  let summary = "Turn bodies of experts into grouped matmuls";
  let description = [{
    Reads the body of an expert backwards as matmuls with elementwise work
    between them. Every matmul becomes one grouped matmul over the rows of all
    experts, and the work on its result the epilogue. Column slices of a product
    (gate and up projections stored in one matrix), products of the same rows
    with several weights, stored as [out, in] or [in, out], and casts between
    stages are all parts of one op, and so are an expert's own vectors that the
    work reads column by column, such as its biases, vectors that all experts
    share, and what belongs to a row: its routing weight, a residual.

    At any other op that makes row n of its result from rows n of its operands
    (a norm of the hidden rows, rows scaled before the first matmul) the body is
    split: the op stays what it is, on the rows of all experts at once.
    Where anyone may read rows that belong to no expert, those are zeroed.

    Expects:  raised IR (`isRaised`).
    Produces: `moe.grouped_matmul` ops in place of a `moe.experts`, with linalg
              and tensor ops between them where the body was split.
    Refuses:  ops that are not known to work row by row or that may trap; work
              of the rows of all experts that needs an expert operand; matmuls
              in f64, of different types or with a part of an expert operand;
              vectors of other than floats. Each refusal is a missed remark at
              the op that does not fit.

    (example: test/Transforms/fuse-experts/doc.mlir)
  }];
}

def MoEFuseDispatchPass : MoE_FusePass<"moe-fuse-dispatch"> {
  let summary = "Gather token rows inside the grouped matmul";
  let description = [{
    The gathered rows of a dispatch are K copies of the tokens, written once and
    read once. A grouped matmul can read the tokens where they lie.

    Expects:  fused experts (`moe-fuse-experts`).
    Produces: grouped matmuls with `gather`; a dispatch nobody else reads goes
              away.
    Refuses:  offsets and pairs that are not known to come from one plan, pairs
              of bins, a dispatch that weighs its rows, and a matmul that
              gathers already. Each refusal is a missed remark.

    (example: test/Transforms/fuse-dispatch/doc.mlir)
  }];
}

def MoEFuseCombinePass : MoE_FusePass<"moe-fuse-combine"> {
  let summary = "Sum expert rows by the positions of the plan";
  let description = [{
    A combine has to find the rows of a token in the pairs; the positions of a
    `moe.plan_into` say where they are. Identity columns in its `init` are rows
    of the token, which the sum then takes as well. A combine of `order atomic`
    needs no rows at all: the matmul before it adds what it makes to the tokens,
    in f32.

    Expects:  `moe-fuse-plan` and `moe-fuse-experts` have run.
    Produces: `moe.gather_sum` in place of `moe.combine`, with `init` as residual
              unless it is known to be zero, and of bins with the entries sorted
              by token, which a second plan does; `scatter` in a
              `moe.grouped_matmul` in place of one of `order atomic`.
    Refuses:  pairs that do not come from a `moe.plan_into`, and a number
              of slots other than the plan's; a `moe.virtual` with constant
              columns, other weights or a result that is not f32, or before the
              combine of bins, which stays.
              With `order atomic`, an unweighted combine, rows that
              others read or that no matmul makes, pairs of another plan than the
              matmul's, experts that are always on, and products or partial sums
              that are rounded: those are summed in order. Each refusal is a
              missed remark.

    (example: test/Transforms/fuse-combine/doc.mlir)
  }];
}

def MoEFuseSharedExpertsPass : MoE_FusePass<"moe-fuse-shared-experts"> {
  let summary = "Run shared experts in the matmuls of the routed ones";
  let description = [{
    A shared expert n times as wide as a routed one is n experts that are always
    on: the plan gives them all tokens, the grouped matmuls have their weights
    beside those of the others, and the sum adds their rows last. One launch
    then works on all experts, and no result of the shared one is written and
    read again only to be added.

    Expects:  `moe.gather_sum`, and beside it `moe.grouped_matmul` ops with one
              expert that has all tokens (`moe-raise-shared-experts` and the
              passes before this).
    Produces: `always_on` experts in the plan and the matmuls of the block.
    Refuses:  a width that is no multiple of a routed expert's; other work
              between or after the matmuls, or such that reads row parts; other
              tokens; several experts where each would be rounded by itself;
              sums that the graph rounds elsewhere; rows or sums that others
              read as well. Then the shared expert stays a grouped matmul of its
              own, and a missed remark at the addition says why.

    (example: test/Transforms/fuse-shared-experts/doc.mlir)
  }];
}

class MoE_RewritePass<string flag> : Pass<flag> {
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::moe::MoEDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect",
  ];
}

def MoEHoistRouterStatePass : MoE_RewritePass<"moe-hoist-router-state"> {
  let summary = "Multiply a router's state as soon as it is there";
  let description = [{
    A recurrent router (RMoE) multiplies the state that the previous MoE layer
    left with a matrix that needs nothing of this layer. Splits that product off
    the cell and puts it right behind the op that made the state, above the
    experts, attention and whatever else stands between the layers, so that it
    is no part of the chain from this layer's input to its experts. What is
    computed stays the same, bit for bit.

    Expects:  raised IR (`isRaised`).
    Produces: cells with `recurrent` products, and a matmul in f32 for each.
    Refuses:  ema, which has no product; weights that are made after all that
              could be passed over. Each refusal is a missed remark.

    (example: test/Transforms/hoist-router-state/doc.mlir)
  }];
}

def MoESimplifyRouterPass : MoE_RewritePass<"moe-simplify-router"> {
  let summary = "Leave out work of a router that changes nothing";
  let description = [{
    Rewrites by the algebra of routing (`lib/Transforms/README.md`):

    - selects on logits where scores rise with them;
    - takes a softmax over the selected in place of one over all experts that is
      divided by its selected sum;
    - folds constants that multiply weights, or what they sum up, into them;
    - leaves the entries of bins unsorted where nobody sees their order.

    Equal scores of different logits tie, and the terms of a sum round, so most
    of it needs `allow-reassociation`; where a rounding of the scores is lost, the
    remark says so. Without it only constants and the order of bins are done,
    which keep every bit.

    Expects:  raised IR (`isRaised`).
    Produces: the same stages, fewer or cheaper.
    Refuses:  rules that compute with keys, group sums, fill = zero and biases
              where scores decide; relu, which makes ties; a softmax over tokens;
              guards in the sum; selections that may pass over a NaN, unless
              `assume-finite`; scales of sums that start from something or
              are rounded on the way. Each refusal is a missed remark.

    (example: test/Transforms/simplify-router/doc.mlir)
  }];
  let options = [
    Option<"allowReassociation", "allow-reassociation", "bool",
           /*default=*/"false",
           "Allow what changes ties and roundings.">,
    Option<"assumeFinite", "assume-finite", "bool", /*default=*/"false",
           "No logit is NaN.">,
  ];
}

def MoESinkWeightsPass : MoE_RewritePass<"moe-sink-weights"> {
  let summary = "Multiply by the routing weight inside the expert";
  let description = [{
    A combine multiplies each row with its weight. The last matmul of an expert
    is linear, so its input may be multiplied instead (`to=hidden`, as Megatron
    does), and what is added after it separately. An expert whose body(w r) is
    w body(r) for w >= 0 may take it at the entry (`to=input`): matmuls and relu
    without biases, never SwiGLU or GELU. The weights of the combine become
    ones.

    Products round in another place, so no pipeline runs this pass: who runs it
    allows that.

    Expects:  raised IR (`isRaised`).
    Produces: bodies with the weight as a row operand.
    Refuses:  rows that others read, products or sums that the graph rounds, a
              last op that is no matmul on zeros plus a vector per expert; for
              `to=input` bodies that are not homogeneous and weights that may be
              negative. Each refusal is a missed remark. A place it does not know
              is an error.

    (example: test/Transforms/sink-weights/doc.mlir)
  }];
  let options = [
    Option<"to", "to", "std::string", /*default=*/[{"hidden"}],
           "hidden or input.">,
  ];
}

def MoESkipZeroWeightsPass : MoE_RewritePass<"moe-skip-zero-weights"> {
  let summary = "Run no expert for a weight of zero";
  let description = [{
    A pair whose weight is zero adds nothing: its slot becomes empty before the
    plan. With all experts selected and a mask in the weights (dense experts,
    ReMoE) this is what makes a block sparse.

    Expects:  raised IR (`isRaised`).
    Produces: plans of slots with a weight only.
    Refuses:  everything without `assume-finite`, as zero times an infinity
              counts; weights that cannot be zero; slots that a capacity or
              statistics count; bins; bodies that mix rows; rows that others read.
              Each refusal is a missed remark.

    (example: test/Transforms/skip-zero-weights/doc.mlir)
  }];
  let options = [
    Option<"assumeFinite", "assume-finite", "bool", /*default=*/"false",
           "Experts make finite rows of every token.">,
  ];
}

def MoETileTokensPass : MoE_RewritePass<"moe-tile-tokens"> {
  let summary = "Run a block on a few tokens at a time";
  let description = [{
    The hidden rows of a long batch need T K F elements at once. Where tokens are
    routed one by one and experts work row by row, a block is the same function
    on any part of them, so it becomes a loop over tiles of `tile` tokens, from
    the scores to the combine. Bits stay the same.

    Expects:  raised IR (`isRaised`).
    Produces: an `scf.for` with the block inside; what is not part of a block is
              sliced.
    Refuses:  experts that select tokens, a softmax over tokens, capacity, a rule
              that looks across tokens, bodies that mix rows, plans and rows that
              others read, blocks of at most `tile` tokens. Each refusal is a
              missed remark. A tile that is not positive is an error.

    (example: test/Transforms/tile-tokens/doc.mlir)
  }];
  let options = [
    Option<"tile", "tile", "int64_t", /*default=*/"1024", "Tokens in a tile.">,
  ];
}

def MoECollapseSamplesPass : MoE_RewritePass<"moe-collapse-samples"> {
  let summary = "Mask units after their activation, once for all samples";
  let description = [{
    With the mask before the activation every sample of a token needs activations
    of its own. Where the mask is binary and act(0) = 0, act(c p) is c act(p), so
    the mask may stand after it, and the samples become one sum of masks
    (infinity-MoE).

    Expects:  raised IR (`isRaised`).
    Produces: `moe.neurons post` in place of `moe.neurons pre`.
    Refuses:  coefficients that are not known to be one in distinct slots, an
              activation that is not known to be zero at zero; without
              `allow-reassociation` more than two samples or weights of samples,
              whose sums round. Each refusal is a missed remark.

    (example: test/Transforms/collapse-samples/doc.mlir)
  }];
  let options = [
    Option<"allowReassociation", "allow-reassociation", "bool",
           /*default=*/"false", "Allow another order of roundings.">,
  ];
}

def MoEFuseNeuronsPass : MoE_FusePass<"moe-fuse-neurons"> {
  let summary = "Run moe.neurons on the units that tokens keep";
  let description = [{
    Gives a `moe.neurons` the destinations that its steps hand to one another:
    which units every tile of tokens keeps, what a token's samples say of each,
    and the hidden vectors. A tile has 4 tokens, or as many as there are.

    Expects:  raised IR (`isRaised`).
    Produces: `moe.masked_ffn` in place of every `moe.neurons`.
    Refuses:  a mask before an activation that is not known to map 0 to 0: then
              every unit counts for every token; such a mask with more than 32
              samples; floats of more than 32 bits. Each refusal is a missed
              remark.

    (example: test/Transforms/fuse-neurons/doc.mlir)
  }];
}

def MoESchedulePass : Pass<"moe-schedule"> {
  let summary = "Choose strategies and tiles";
  let description = [{
    Writes `#moe.schedule<strategy, tile = [rows, columns, depth]>` onto codegen
    ops that have none; what is computed does not change. A schedule that is
    there stays, so one written by hand wins.

    | target | op                     | strategy | rows         | columns            | depth    |
    | ------ | ---------------------- | -------- | ------------ | ------------------ | -------- |
    | cpu    | gate                   | dot      | 4            | E                  | lanes    |
    | cpu    | grouped_matmul         | dot      | 3 (6 of 16 lanes) | 4 / parts     | lanes    |
    | cpu    | grouped_matmul, [in, out] | dot, or fma of both layouts | 6 | 2 (4 of 16 lanes) * lanes / parts | lanes |
    | cpu    | gather_sum             | dot      | 1            | 4 * lanes          | K        |
    | nvptx  | gate                   | fma      | 4            | E                  | 32       |
    | nvptx  | grouped_matmul, bf16 or f16, D a multiple of 8 | mma_sync | 16, 32 or 64 | 128 | 64 or 32 |
    | nvptx  | grouped_matmul, others | fma      | 16, 32 or 64 | 64                 | 16       |
    | nvptx  | gather_sum             | fma      | 1            | 256                | K        |

    Rows follow the rows an expert has on average, where their number is static,
    and are 64 otherwise. Columns of a grouped matmul are shared out among its
    parts, with at least as many for each as the warps need.

    Expects:  fused IR (`isFused`); other ops are left alone.
    Produces: the same IR with a schedule on every codegen op but plans and
              `moe.masked_ffn`, whose tile says which units it lists.
    Refuses:  a target other than cpu and nvptx, a chip it does not know, lanes
              that are no power of two of at most 64 (errors).

    (example: test/Transforms/schedule/doc.mlir)
  }];
  let options = [
    Option<"target", "target", "std::string", /*default=*/[{"cpu"}],
           "cpu or nvptx.">,
    Option<"chip", "chip", "std::string", /*default=*/[{"sm_90a"}],
           "GPU architecture, for nvptx.">,
    Option<"lanes", "lanes", "int64_t", /*default=*/"8",
           "Floats in a vector, for cpu: 8 for AVX2, 16 for AVX-512; 0 leaves "
           "schedules to the lowering, which knows the target.">,
  ];
  let dependentDialects = ["::mlir::moe::MoEDialect"];
}

#endif // MOE_TRANSFORMS_PASSES_TD
