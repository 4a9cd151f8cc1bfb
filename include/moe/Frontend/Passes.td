// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_PASSES_TD
#define MOE_FRONTEND_PASSES_TD

include "mlir/Pass/PassBase.td"

def MoEImportTmTensorPass : Pass<"moe-import-tm-tensor"> {
  let summary = "Turns tm_tensor ops into moe primitives";
  let description = [{
    torch-mlir writes what linalg cannot say in its tm_tensor dialect. Reads its
    ops by name and properties, so that they may be registered or not.

    Expects:  tm_tensor ops in generic form.
    Produces: `moe.sort` for `tm_tensor.sort` and `topk`; a loop over slices for
              `scan`, over elements for `scatter`; matmuls and a softmax for
              `attention`.
    Refuses:  every other tm_tensor op, with a missed remark; a malformed one,
              with an error.

    (example: test/Frontend/import-tm-tensor/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def MoEImportTorchPass : Pass<"moe-import-torch", "::mlir::ModuleOp"> {
  let summary = "Turns torch ops into upstream ops and moe primitives";
  let description = [{
    Takes a graph as torch.export and torch-mlir write it: functions of value
    tensors and numbers in one block, in generic form, with ONNX operators in
    `torch.operator`. Ops and types are read by name, properties and text, so
    that they may be registered or not. Every op means what PyTorch (or ONNX)
    says, with broadcasting, promotion of types, dynamic and data-dependent
    sizes; narrow floats are computed in f32 and rounded once. What a tensor
    holds that torch leaves uninitialised is zero.

    Expects:  functions whose types and ops are torch's; others are left alone.
    Produces: the same functions of ranked tensors, i64, f64 and i1, in linalg,
              tensor, arith, math, scf and cf; `moe.sort` for sorts and top-k;
              `moe.experts` for grouped matmuls.
    Refuses:  an op that the table in lib/Frontend/Import/README.md does not
              have, operands, dimensions and sizes that do not fit, element
              types other than floats of 16 to 64 bits, integers and bool: an
              error each.

    (example: test/Frontend/import-torch/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def MoEImportStablehloPass : Pass<"moe-import-stablehlo", "::mlir::ModuleOp"> {
  let summary = "Turns StableHLO and CHLO ops into upstream ops";
  let description = [{
    What JAX, keras and torch-mlir export. Ops are read by name, properties and
    the printed text of attributes, so that they may be registered or not. Their
    meaning is that of the StableHLO specification; which ops are taken stands
    in lib/Frontend/Import/README.md.

    Expects:  stablehlo and chlo ops, with calls of private functions.
    Produces: linalg, tensor, arith, math and scf ops, `moe.sort` for sorts and
              top-k, `moe.experts` for ragged products; signless integers, also
              in signatures. Private functions are inlined. Composites become
              what they mean where that is known, and a call of their
              decomposition elsewhere. A module without such ops stays as it is.
    Refuses:  an op that is not imported, with an error, or with a missed remark
              if the host registered it and may lower it itself; a malformed
              one, with an error.

    (example: test/Frontend/import-stablehlo/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::arith::ArithDialect",
    "::mlir::complex::ComplexDialect", "::mlir::func::FuncDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def MoERaiseSortTopKPass : Pass<"moe-raise-sort-top-k"> {
  let summary = "Raises a descending sort of which only the front is read";
  let description = [{
    Exporters spell top-k as a sort of (keys, column numbers) along the experts
    followed by slices [0, k). Which column number the second input is, is asked
    of its elements, not of the ops that made it.

    Expects:  imported IR (`moe.sort`).
    Produces: `moe.select #moe.top_k<k>` for the numbers and `moe.weigh value`
              for the keys.
    Refuses:  an ascending or unknown order, other companions than column
              numbers, another dimension than the last, keys wider than f32,
              results that are not sliced at the front. Each refusal is a missed remark.

    (example: test/Frontend/raise-sort-top-k/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseArgmaxTopKPass : Pass<"moe-raise-argmax-top-k"> {
  let summary = "Raises k rounds of tosa.argmax";
  let description = [{
    TOSA has no sort: torch-mlir spells top-k as k rounds that each take the
    largest key not yet taken, NaN first, and mark it in a mask.

    Expects:  TOSA ops, before they are lowered.
    Produces: `moe.select #moe.top_k<k>` and `moe.weigh value` in place of the
              concatenated rounds.
    Refuses:  argmax rounds that do not chain from the first to the last, with
              a missed remark.

    (example: test/Frontend/raise-argmax-top-k/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::tensor::TensorDialect"];
}

def MoENormalizePass : Pass<"moe-normalize"> {
  let summary = "Folds what changes nothing around a router";
  let description = [{
    Slices of everything, reshapes there and back, casts to wider types and back,
    ops that stand there twice and products computed in parts change no meaning,
    but hide one from what compares values. Runs upstream's canonicalisation and
    CSE over functions in which something may be chosen, and leaves every other
    function alone.

    Expects:  any IR; calls are inlined before.
    Produces: the same functions, canonical; one product in place of parts that
              are inserted beside each other.
    Refuses:  functions without `moe.sort`, `tosa.argmax` and reductions of two
              results, and those with `moe.select` or `moe.gate`, which are
              raised already: they stay as they are.

    (example: test/Frontend/normalize/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect",
    "::mlir::arith::ArithDialect"];
}

def MoELowerTosaPass : Pass<"moe-lower-tosa"> {
  let summary = "Lowers TOSA around a router to linalg";
  let description = [{
    Recognition works on linalg. Runs upstream's TOSA lowerings over functions
    in which a router was found, or an argmax that may be one, and leaves every
    other function alone.

    Expects:  top-k raised to `moe.select`.
    Produces: linalg, tensor, arith and scf in place of TOSA.
    Refuses:  functions without `moe.select` and `tosa.argmax`: they stay TOSA.

    (example: test/Frontend/lower-tosa/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::index::IndexDialect"];
}

def MoERaiseRouterPass : Pass<"moe-raise-router"> {
  let summary = "Raises what leads to a selection and what weighs it";
  let description = [{
    Walks from `moe.select` back through its key, and from the selected values
    on through what is made of them.

    Expects:  `moe.select`, and linalg around it.
    Produces: `moe.score` for a softmax or sigmoid; one `linalg.matmul` of
              matrices for the logits; norm, eps or clamp, scale and numbers per
              expert folded into `moe.weigh`.
    Refuses:  a key that is no known score, or wider than f32: it stays as it
              is, and a missed remark says so.

    (example: test/Frontend/raise-router/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoEInlineCallsPass : Pass<"moe-inline-calls", "::mlir::ModuleOp"> {
  let summary = "Inlines private functions";
  let description = [{
    jaxlib writes argmax, one_hot, cumsum and the like as private functions. What
    an element is, is asked within one function, so their bodies are put where
    they are called.

    Expects:  any module.
    Produces: no call of a private function of one block; functions that nobody
              calls any more are gone.
    Refuses:  recursion, and functions of several blocks: those calls stay.

    (example: test/Frontend/inline-calls/doc.mlir)
  }];
}

def MoERaiseArgmaxPass : Pass<"moe-raise-argmax"> {
  let summary = "Raises a maximum that keeps its column";
  let description = [{
    Top-1 routers (Switch), and every round of those that mask what is taken
    (GShard), reduce pairs of key and column. Runs the body on pairs of numbers
    to learn what it keeps, so that any spelling will do.

    Expects:  linalg with private functions inlined.
    Produces: `moe.select #moe.top_k<1>` for the column and `moe.weigh value` for
              the key.
    Refuses:  a column nobody reads (a maximum with a dead index), one that leads
              to no weights of as many experts (a class, a code of a book), bodies
              that keep something else than the first of the largest. Keys wider than
              f32 and companions that are no columns, with a missed remark. A NaN
              among the keys makes the weight NaN in both; which column stands
              beside it is not kept.

    (example: test/Frontend/raise-argmax/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseGroupsPass : Pass<"moe-raise-groups"> {
  let summary = "Raises a choice of groups before the choice of experts";
  let description = [{
    DeepSeek-V2 and -V3 first pick groups of experts by their largest keys, and
    mask the keys of the other groups. Asks what a key is where its group is
    picked and where not.

    Expects:  `moe.select` of groups and of experts; scatters raised.
    Produces: `groups` on the select of the experts; the other is gone if
              nothing else reads it.
    Refuses:  masks other than zero and minus infinity, groups of experts that do
              not follow each other, and scores of a group that are not the sum
              of its largest keys, with a missed remark.

    (example: test/Frontend/raise-groups/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseMaskedTopKPass : Pass<"moe-raise-masked-top-k"> {
  let summary = "Joins selections of which each leaves out those before";
  let description = [{
    GShard, st-moe and others pick the second expert as the first of the keys in
    which the first expert is masked. What the keys are at those taken and at the
    others is asked of their elements, so a product with 1 - one_hot and a select
    of minus infinity are the same.

    Expects:  `moe.select`, and linalg around it.
    Produces: one `moe.select #moe.top_k` with the slots of both; plain
              `moe.weigh` of both become one.
    Refuses:  keys that change elsewhere, and masks that may be larger than a key
              (0 is one, unless the keys are scores), with a missed remark.

    (example: test/Frontend/raise-masked-top-k/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseGatheredValuesPass : Pass<"moe-raise-gathered-values"> {
  let summary = "Raises values read at the selected experts";
  let description = [{
    A router that selects by one thing and weighs by another, such as scores
    without the bias of the keys, reads the other at the ids: by a gather, or by
    a sum over one-hot factors.

    Expects:  `moe.select`, and linalg around it.
    Produces: `moe.weigh value` in place of every tensor that has, for every
              token and slot, the value of the token at the slot's expert.
    Refuses:  values wider than f32, with a missed remark. What reads by the ids
              in any other way stays.

    (example: test/Frontend/raise-gathered-values/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseScatterPass : Pass<"moe-raise-scatter"> {
  let summary = "Compares selected experts where a loop scatters by them";
  let description = [{
    A scatter makes a matrix [tokens, experts] of a number per slot: Llama 4
    scatters scores into minus infinities, DeepSeek ones into a mask of groups.
    What an element of it is, no expression says, so the loop becomes a sum over
    the slots that compares their experts with the column.

    Expects:  `moe.select`, and loops that insert one element at a time.
    Produces: a linalg.generic over tokens, experts and slots.
    Refuses:  a scatter by selected experts into anything but zeros or minus
              infinities, or of what depends on the expert, with a missed
              remark. Loops that are no such scatter stay, as do those whose
              number of tokens is known at run time.

    (example: test/Frontend/raise-scatter/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseDenseExpertsPass : Pass<"moe-raise-dense-experts"> {
  let summary = "Raises experts that all tokens go through, masked";
  let description = [{
    Every expert runs on every token, and a mask, one-hot of the selection, is
    multiplied with what comes out or goes in. Starts at a sum over as many terms
    as there are experts and asks what a term is where its expert is not
    selected: if that is zero, only the selected ones have to run. A mask on the
    input needs a body that maps zero to zero. Numbers are taken to be finite,
    as zero times infinity would not be zero.

    Expects:  `moe.select`, and linalg around it.
    Produces: `moe.plan`, `moe.dispatch`, `moe.experts` and `moe.combine`; the
              mask is gone.
    Refuses:  terms that are not zero, rows that read something else than their
              token and expert, sums wider than f32. Each refusal is a missed
              remark that names the failed condition. So is a sum over all
              experts, weighed, in a function without a selection (soft MoE, an
              ensemble). Other sums that do not depend on a selection are left
              without one.

    (example: test/Frontend/raise-dense-experts/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseRaggedPass : Pass<"moe-raise-ragged"> {
  let summary = "Raises products of all rows with the matrices of all groups";
  let description = [{
    Rows that are sorted by group, times a matrix for each group, is what JAX
    computes on a CPU as one product for every row and group, with zeros for the
    rows that are not in the group. Starts at such a sum and asks what is added
    where a row is before the start of a group or behind its end: if that is
    zero, only one group is left for a row. The bounds have to be running sums of
    counts.

    Expects:  linalg.
    Produces: `moe.experts` with one matmul in place of the masked product.
    Refuses:  bounds that are something else than running sums, sizes that are no
              counts, terms that are not zero outside of a group. Each refusal is
              a missed remark that names the failed condition.

    (example: test/Frontend/raise-ragged/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseSortedExpertsPass : Pass<"moe-raise-sorted-experts"> {
  let summary = "Raises experts that run on rows sorted by expert";
  let description = [{
    The ids of all slots are sorted, tokens are gathered in that order, groups of
    rows go through `moe.experts`, and what comes out is added to the tokens, or
    brought back to the order of slots and summed. Starts at the sum and asks
    what it adds for a slot, whose row is known by its number alone: the sort
    gives back what it was given for the slot, and the experts give what the
    slot's expert makes of it. So the order in which equal ids come does not
    matter, nor how sizes of groups are counted.

    Expects:  `moe.select`, `moe.sort` of its ids, `moe.experts`, and linalg
              around them.
    Produces: `moe.plan`, `moe.dispatch`, `moe.experts` and `moe.combine`; no
              sort is left.
    Refuses:  a sort by something else, groups that are not those of the sorted
              ids, rows that are not added to their tokens, rows that read
              something else than their token and expert, sums wider than f32.
              Each refusal is a missed remark that names the failed condition.

    (example: test/Frontend/raise-sorted-experts/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseGatheredExpertsPass : Pass<"moe-raise-gathered-experts"> {
  let summary = "Raises experts whose weight matrices are gathered per pair";
  let description = [{
    The family of `batched_mm` exports: for every token and slot a whole weight
    matrix is gathered, multiplied with the token, and the results are summed
    over the slots. Starts at such a sum and asks what its elements are: a sum
    over slots s of weight[t,s] * row, where the row reads x[t] and, of tensors
    indexed by the selected expert, only that expert's part.

    Expects:  `moe.select`, and linalg around it.
    Produces: `moe.plan`, `moe.dispatch`, `moe.experts` and `moe.combine`; no
              gathered weight matrix is left, and no assertion that an id is
              that of an expert.
    Refuses:  rows that read something else, tokens that are not a matrix,
              sums wider than f32, matrices gathered by ids that no selection
              made.
              Each refusal is a missed remark that names the failed condition.

    (example: test/Frontend/raise-gathered-experts/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseUnrolledExpertsPass : Pass<"moe-raise-unrolled-experts"> {
  let summary = "Raises experts that are spelled out one by one";
  let description = [{
    Every expert runs on every token, and its rows are added, times a number per
    token that compares the selection with the number of the expert. Starts at a
    tree of additions, takes the experts among what it adds, in any order, and
    asks whether all compute what the first one does with other operands.
    Operands that are parts of one stack, in the order of the experts, are that
    stack; others are put into a new one.

    Expects:  `moe.select`, and linalg around it.
    Produces: `moe.plan`, `moe.dispatch`, `moe.experts` and `moe.combine`; the
              experts but one, and the mask, are gone.
    Refuses:  experts that are missing, added twice or different, several
              tensors added between them, weights that are not zero where an
              expert is not selected, sums wider than f32. Each refusal is a
              missed remark that names the failed condition.

    (example: test/Frontend/raise-unrolled-experts/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseOneHotExpertsPass : Pass<"moe-raise-one-hot-experts"> {
  let summary = "Raises experts with a capacity, reached by one-hot products";
  let description = [{
    GShard and Switch give every expert room for C tokens, and multiply with
    tensors [tokens, experts, C] that are one-hot: to bring tokens to their places
    and to bring rows back, weighed. Starts at the sum over experts and places,
    finds what number a slot's place is, and proves that it counts the slots with
    the same expert before it: a running sum, however it is spelled, of one-hot
    factors, plus what earlier slots have taken. Then no two tokens share a
    place, a row is that of its token, and places from C on are those that
    `moe.limit` drops.

    Expects:  `moe.select`, and linalg around it.
    Produces: `moe.limit`, `moe.plan`, `moe.dispatch`, `moe.experts` and
              `moe.combine`; no one-hot tensor is left.
    Refuses:  places that are counted otherwise, rows that read something else
              than their token and expert, sums wider than f32. Each refusal is a
              missed remark that names the failed condition. Room for one token
              only, and numbers of tokens known at run time, are left alone.

    (example: test/Frontend/raise-one-hot-experts/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoERaiseSharedExpertsPass : Pass<"moe-raise-shared-experts"> {
  let summary = "Raises a feed-forward network that is added to a combine";
  let description = [{
    A shared expert is an expert that every token passes, and whose result is
    added to that of the routed ones: outside of `moe.combine`, or as what it
    starts from. It becomes a `moe.experts` with one expert that has all rows,
    so that it is fused like any other; a factor per token between it and the
    sum, such as the gate of Qwen2-MoE, stays where it is.

    Expects:  `moe.combine` over `moe.experts` over `moe.dispatch`.
    Produces: a `moe.experts` over the tokens themselves, with constant offsets.
    Refuses:  a product that is added but reads something else than matmuls,
              vectors and elementwise work on the tokens of the dispatch, with a
              missed remark. What ends in no product is no expert and is left
              without one.

    (example: test/Frontend/raise-shared-experts/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def MoEVerifyRaisedPass : Pass<"moe-verify-raised", "::mlir::ModuleOp"> {
  let summary = "Says whether raising found what it looks for";
  let description = [{
    Expects:  a module after the raising passes.
    Produces: the same module; a warning where it holds no moe op.
    Refuses:  with `require`, a module in which a gather of weight matrices by
              selected experts or an unrecognised sort is left, or that holds
              no moe op at all: an error.

    (example: test/Frontend/verify-raised/doc.mlir)
  }];
  let options = [
    Option<"require", "require", "bool", /*default=*/"false",
           "Make what was not raised an error.">,
  ];
}

#endif // MOE_FRONTEND_PASSES_TD
