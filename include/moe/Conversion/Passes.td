// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_CONVERSION_PASSES_TD
#define MOE_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

class MoE_ToCPUPass<string flag>
    : InterfacePass<flag, "mlir::FunctionOpInterface"> {
  let dependentDialects = [
    "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect",
  ];
}

def MoE_LanesOption
    : Option<"lanes", "lanes", "int64_t", /*default=*/"0",
             "Elements of a vector of f32. 0: 16 if the function's target_cpu "
             "and target_features have AVX-512, else 8.">;

def MoEGateToCPUPass : MoE_ToCPUPass<"moe-gate-to-cpu"> {
  let summary = "Lowers moe.gate to loops and vectors";
  let description = [{
    The router matmul runs over blocks of tokens in parallel, as dot products
    of several tokens with several experts at once; score, select and weigh
    follow on the token's logits as one vector.

    Expects:  moe.gate on memrefs.
    Produces: scf.forall over blocks of tokens; arith, math, vector and memref
              in its body.
    Refuses:  a gate still on tensors (missed remark); rows with gaps, float
              types other than f16, bf16, f32 and f64, and a router of dynamic
              width (errors).

    (example: test/Conversion/gate-to-cpu/doc.mlir)
  }];
  let options = [MoE_LanesOption];
  let dependentDialects = [
    "::mlir::arith::ArithDialect",
    "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect",
  ];
}

def MoEPlanToCPUPass : MoE_ToCPUPass<"moe-plan-to-cpu"> {
  let summary = "Lowers moe.plan_into to loops";
  let description = [{
    A stable counting sort in O(T * K + E) with the offsets as its counters, so
    that it needs no memory of its own. Ids of experts that do not exist count
    as empty slots.

    Expects:  moe.plan_into on memrefs.
    Produces: sequential scf loops.
    Refuses:  a plan still on tensors (missed remark); memrefs with gaps
              between elements (error).

    (example: test/Conversion/plan-to-cpu/doc.mlir)
  }];
}

def MoEGroupedMatmulToCPUPass : MoE_ToCPUPass<"moe-grouped-matmul-to-cpu"> {
  let summary = "Lowers moe.grouped_matmul to loops and vectors";
  let description = [{
    One unit of parallel work is a block of columns of one expert. An expert with
    few rows takes its weights as they lie: a tile of rows times columns runs
    over the depth as dot products, and every weight is read from memory once.
    An expert with many rows copies a few columns at a time into a panel,
    transposed and as f32, over which all its rows pass. In both, every number
    of left-over rows has a body of its own. The epilogue runs on vectors where
    all its ops allow that, and on scalars otherwise.

    `#moe.schedule<dot, tile = [rows, columns, lanes]>` asks for the first way
    alone, `fma` for the second: columns per part (with `fma` a multiple of the
    lanes), and lanes of f32 per accumulator.

    Expects:  moe.grouped_matmul on memrefs.
    Produces: scf.forall over experts and blocks of columns.
    Refuses:  a matmul still on tensors (missed remark); rows with gaps, float
              types other than f16, bf16, f32 and f64, schedules for other
              devices, tiles of more than 64 accumulators (errors).

    (example: test/Conversion/grouped-matmul-to-cpu/doc.mlir)
  }];
  let options = [MoE_LanesOption];
}

def MoEGatherSumToCPUPass : MoE_ToCPUPass<"moe-gather-sum-to-cpu"> {
  let summary = "Lowers moe.gather_sum to loops and vectors";
  let description = [{
    Blocks of tokens in parallel; a few vectors of a token's columns stay in
    registers while its slots are added to them in order.

    Expects:  moe.gather_sum on memrefs.
    Produces: scf.forall over blocks of tokens.
    Refuses:  a sum still on tensors (missed remark); rows with gaps, float
              types other than f16, bf16, f32 and f64, and a dynamic width
              (errors).

    (example: test/Conversion/gather-sum-to-cpu/doc.mlir)
  }];
  let options = [MoE_LanesOption];
}

def MoEVectorMathToCPUPass
    : InterfacePass<"moe-vector-math-to-cpu", "mlir::FunctionOpInterface"> {
  let summary = "Expands math functions of vectors into polynomials";
  let description = [{
    A math library takes one number at a time; a polynomial takes a vector. Run
    it once all loops are vectorised. Covers exp, expm1, erf, log1p and tanh of
    f32, and of f16 and bf16 by way of f32. Results are within 5 ulp in f32 (exp
    within 1), but for those of exp below the smallest normal number, which may
    come out as zero.

    Expects:  math on vectors.
    Produces: arith and vector; math on scalars stays as it is.
    Refuses:  nothing; functions and types not listed are left to the math
              library.

    (example: test/Conversion/vector-math-to-cpu/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect",
    "::mlir::math::MathDialect",
    "::mlir::vector::VectorDialect",
  ];
}

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

def MoEExpandAggregatesPass
    : InterfacePass<"moe-expand-aggregates", "::mlir::FunctionOpInterface"> {
  let summary = "Takes operations apart that have no loops of their own";
  let description = [{
    Some linalg operations stand for several loops over the same data;
    bufferization and the lowering to loops know only their parts.

    Expects:  functions on tensors, before bufferization.
    Produces: elementwise and reduction operations for `linalg.softmax`; pads,
              reshapes and transposes for `linalg.pack` and `linalg.unpack`.
    Refuses:  what upstream cannot take apart, such as packing with dynamic
              inner tiles. Each refusal is a missed remark.

    (example: test/Conversion/expand-aggregates/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::tensor::TensorDialect"];
}

def MoESplitTruncationsPass
    : InterfacePass<"moe-split-truncations", "::mlir::FunctionOpInterface"> {
  let summary = "Goes from f64 to bf16 by way of f32";
  let description = [{
    Upstream expands the step from f32 only, and LLVM calls a helper for the
    whole way that most C runtimes lack. Rounding twice is what PyTorch does.

    Expects:  any function.
    Produces: two `arith.truncf` for one from f64 to bf16, scalar or vector.
    Refuses:  nothing; other types and a named rounding mode stay as they are.

    (example: test/Conversion/split-truncations/doc.mlir)
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

#endif // MOE_CONVERSION_PASSES_TD
