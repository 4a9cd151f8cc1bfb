// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_CONVERSION_PASSES_TD
#define MOE_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def MoEMarkEntryPointsPass
    : Pass<"moe-mark-entry-points", "::mlir::ModuleOp"> {
  let summary = "Fixes how public functions are called from outside";
  let description = [{
    Bufferization would write results over arguments that the function does not
    read again; weights must survive a call. And a caller from outside needs the
    C interface of the llvm dialect.

    Expects:  functions on tensors, before bufferization.
    Produces: the same; every public `func.func` with a body carries
              `llvm.emit_c_interface`, and its tensor arguments
              `bufferization.writable = false` unless they say otherwise.
    Refuses:  nothing; private functions and declarations stay as they are.

    (example: test/Conversion/mark-entry-points/doc.mlir)
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

def MoEAttachCPUTargetPass
    : Pass<"moe-attach-cpu-target", "::mlir::ModuleOp"> {
  let summary = "Records the CPU to compile for on every function";
  let description = [{
    Later passes choose vector widths by it, and the LLVM back end takes it from
    there, so that `mlir-translate --mlir-to-llvmir` loses nothing.

    Expects:  any module.
    Produces: the same; every function with a body carries `target_cpu` and
              `target_features`. `cpu=native` is resolved to this machine's
              name and features.
    Refuses:  a CPU or a feature that LLVM does not know: an error on the
              module. A function that already has a target keeps it.

    (example: test/Conversion/attach-cpu-target/doc.mlir)
  }];
  let options = [
    Option<"cpu", "cpu", "std::string", /*default=*/"\"x86-64-v3\"",
           "CPU to compile for, or native.">,
    Option<"features", "features", "std::string", /*default=*/"\"\"",
           "LLVM target features to add, as in +avx512f,-fma.">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def MoEOutlineParallelLoopsPass
    : Pass<"moe-outline-parallel-loops", "::mlir::ModuleOp"> {
  let summary = "Makes parallel loops calls into the runtime";
  let description = [{
    An outermost `scf.forall` becomes a function of the loop index and a call of
    `moe_parallel_for`, which hands the indices out in ascending order. What the
    body captures travels in a struct on the caller's stack; constants are
    cloned instead. Loops of several dimensions run over the product of their
    trip counts. Parallel loops inside become plain ones: the outer loop already
    keeps all threads busy.

    Expects:  bufferized `func.func`s.
    Produces: no `scf.forall`, but private functions named
              `<function>_parallel_<n>`.
    Refuses:  a loop with results (not bufferized), and one that captures a
              value without a form in the llvm dialect. Each refusal is a
              missed remark.

    (example: test/Conversion/outline-parallel-loops/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect"];
}

def MoELowerStridedCopiesPass
    : InterfacePass<"moe-lower-strided-copies", "::mlir::FunctionOpInterface"> {
  let summary = "Makes copies between strided buffers loops";
  let description = [{
    Upstream lowers a `memref.copy` that is not contiguous to a call of a helper
    from MLIR's own runner libraries, which compiled models do not ship with.

    Expects:  bufferized functions.
    Produces: `linalg.copy` for every `memref.copy` of which one side is not
              contiguous.
    Refuses:  contiguous copies, which become a memcpy; unranked ones.

    (example: test/Conversion/lower-strided-copies/doc.mlir)
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

#endif // MOE_CONVERSION_PASSES_TD
