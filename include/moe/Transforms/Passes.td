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
    or on the keys becomes an operand. Casts between the stages are kept as the types that
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
              of bins, and a matmul that gathers already. Each refusal is a
              missed remark.

    (example: test/Transforms/fuse-dispatch/doc.mlir)
  }];
}

def MoEFuseCombinePass : MoE_FusePass<"moe-fuse-combine"> {
  let summary = "Sum expert rows by the positions of the plan";
  let description = [{
    A combine has to find the rows of a token in the pairs; the positions of a
    `moe.plan_into` say where they are. A combine of `order atomic` needs no
    rows at all: the matmul before it adds what it makes to the tokens, in f32.

    Expects:  `moe-fuse-plan` and `moe-fuse-experts` have run.
    Produces: `moe.gather_sum` in place of `moe.combine`, with `init` as residual
              unless it is known to be zero, and of bins with the entries sorted
              by token, which a second plan does; `scatter` in a
              `moe.grouped_matmul` in place of one of `order atomic`.
    Refuses:  pairs that do not come from a `moe.plan_into`, and a number
              of slots other than the plan's. With `order atomic`, rows that
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
    Produces: the same IR with a schedule on every codegen op but plans.
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
