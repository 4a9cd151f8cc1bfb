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
    Produces: the same IR without stage ops and primitives.
    Refuses:  a `moe.select` whose rule looks across tokens, a `moe.experts`
              whose result has a dynamic width. Each refusal is a missed
              remark.

    (example: test/Transforms/decompose/doc.mlir)
  }];
  let options = [
    Option<"reportUnfused", "report-unfused", "bool", /*default=*/"false",
           "Give a missed remark for every stage op: it should have been fused.">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::mlir::vector::VectorDialect",
  ];
}

#endif // MOE_TRANSFORMS_PASSES_TD
