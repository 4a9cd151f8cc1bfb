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
    Produces: `moe.sort` for `tm_tensor.sort`; a loop over slices for
              `tm_tensor.scan`.
    Refuses:  every other tm_tensor op, with a missed remark; a malformed one,
              with an error.

    (example: test/Frontend/import-tm-tensor/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::moe::MoEDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
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
              numbers, a rank other than 2, keys wider than f32, results that
              are not sliced at the front. Each refusal is a missed remark.

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

def MoELowerTosaPass : Pass<"moe-lower-tosa"> {
  let summary = "Lowers TOSA around a router to linalg";
  let description = [{
    Recognition works on linalg. Runs upstream's TOSA lowerings over functions
    in which a router was found, and leaves every other function alone.

    Expects:  top-k raised to `moe.select`.
    Produces: linalg, tensor, arith and scf in place of TOSA.
    Refuses:  functions without `moe.select`: they stay TOSA.

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
              matrices for the logits; norm, eps and scale folded into
              `moe.weigh`.
    Refuses:  a key that is no known score, or wider than f32: it stays as it
              is, and a missed remark says so.

    (example: test/Frontend/raise-router/doc.mlir)
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
              gathered weight matrix is left.
    Refuses:  rows that read something else, tokens that are not a matrix,
              sums wider than f32.
              Each refusal is a missed remark that names the failed condition.

    (example: test/Frontend/raise-gathered-experts/doc.mlir)
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
