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

def MoESelectToCPUPass : MoE_ToCPUPass<"moe-select-to-cpu"> {
  let summary = "Lowers moe.select_into to loops over vectors of keys";
  let description = [{
    One task per expert and group of tokens. It copies the expert's keys, as
    integers of the same order, finds the smallest one that is in by one pass
    of vectors over them per bit, collects what reaches it and ranks that: the
    number of picks matters for their order only.

    Expects:  moe.select_into on memrefs.
    Produces: an scf.forall over experts and groups.
    Refuses:  an op still on tensors (missed remark); memrefs with gaps between
              elements (error).

    (example: test/Conversion/select-to-cpu/doc.mlir)
  }];
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
    Of weights stored as [in, out] it accumulates vectors of columns instead, and
    tells interleaved parts apart in the accumulators.
    An expert with many rows copies a few columns at a time into a panel, depth
    first and as f32, over which all its rows pass; so does any where weights of
    both layouts meet. In all, every number of left-over rows has a body of its
    own. The epilogue runs on vectors where
    all its ops allow that, and on scalars otherwise; what it reads of an
    expert's vectors is loaded once for all rows. Where rows are added to tokens
    (`scatter`), a unit takes its columns of all experts, and needs no atomics.

    `#moe.schedule<dot, tile = [rows, columns, lanes]>` asks for the first way
    alone, `fma` for the second: columns per part (with `fma` a multiple of the
    lanes), and lanes of f32 per accumulator.

    Expects:  moe.grouped_matmul on memrefs.
    Produces: scf.forall over experts and blocks of columns; over the blocks
              alone with `scatter`.
    Refuses:  a matmul still on tensors (missed remark); rows with gaps, float
              types other than f16, bf16, f32 and f64, schedules for other
              devices or of strategy dot for weights of both layouts, tiles of
              more than 64 accumulators (errors).

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

def MoEMaskedFfnToCPUPass : MoE_ToCPUPass<"moe-masked-ffn-to-cpu"> {
  let summary = "Lowers moe.masked_ffn to loops and vectors";
  let description = [{
    Three parallel loops. Over tiles of tokens: which units the tile keeps, and
    what each token's samples say of them. Over blocks of 64 units and runs of
    16 tiles: dot products of a tile's tokens with the rows of `up` that its list
    names, several at a time, then the activation. Over blocks of columns and
    runs of tiles: the sum over the list of hidden values times rows of `down`,
    a few blocks of units at a time for all tiles. Rows that no token of a tile
    keeps are not read.

    Expects:  moe.masked_ffn on memrefs.
    Produces: scf.forall; arith, math, vector and memref in its body.
    Refuses:  an op still on tensors (missed remark); rows with gaps and float
              types other than f16, bf16, f32 and f64 (errors).

    (example: test/Conversion/masked-ffn-to-cpu/doc.mlir)
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
    C interface of the llvm dialect, shapes that the llvm dialect no longer
    knows, and names of its own: exporters call every graph `main`.

    Expects:  functions on tensors, before bufferization.
    Produces: the same; every public `func.func` with a body carries
              `llvm.emit_c_interface` and its type as `moe.signature`, its tensor
              arguments `bufferization.writable = false` unless they say
              otherwise, and its name starts with `prefix`.
    Refuses:  a prefix that is not the start of a name in C, or that makes a name
              which is taken: an error. Private functions and declarations stay
              as they are, and so does a function that was an entry before.

    (example: test/Conversion/mark-entry-points/doc.mlir)
  }];
  let options = [
    Option<"prefix", "prefix", "std::string", /*default=*/"\"\"",
           "Put before the name of every entry.">,
  ];
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

def MoESpreadLinalgPass
    : InterfacePass<"moe-spread-linalg", "::mlir::FunctionOpInterface"> {
  let summary = "Cuts linalg ops into tasks for the threads of a CPU";
  let description = [{
    What no fusion took is a linalg op on buffers, which upstream lowers to
    loops of one thread. The first parallel dimension of every larger one is
    cut into tasks of some 8192 elements instead.

    Expects:  bufferized functions.
    Produces: an `scf.forall` around every linalg op that is worth it.
    Refuses:  ops without a parallel dimension, small ones, and what is in a
              parallel loop already: they stay as they are.

    (example: test/Conversion/spread-linalg/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
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

def MoEKeepRoundingsPass
    : InterfacePass<"moe-keep-roundings", "::mlir::FunctionOpInterface"> {
  let summary = "Keeps upstream from dropping casts between floats";
  let description = [{
    `arith-emulate-unsupported-floats` marks the casts that it inserts as ones to
    contract, and folding then drops the rounding between two operations in bf16.
    A graph in bf16 means these roundings: they may decide which expert a token
    gets.

    Expects:  any function.
    Produces: casts between floats without fast-math flags.
    Refuses:  nothing; flags of other operations stay.

    (example: test/Conversion/keep-roundings/doc.mlir)
  }];
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

def MoEGateToGPUPass : Pass<"moe-gate-to-gpu", "::mlir::func::FuncOp"> {
  let summary = "Turns gates on buffers into GPU kernels";
  let description = [{
    One kernel per `moe.gate`: a block takes four tokens, its warps share the
    experts of the router matmul (f32 accumulation, rounded to the logits type,
    lanes along the width), then each warp scores, selects and weighs for one
    token. The warp ranks the keys: with a round per slot or, for more than 64
    slots, by searching the smallest key that is in, bit by bit. It scores
    groups a lane each, and goes on from there for every rule of this dialect
    with its lanes along experts or slots. A rule of another dialect runs its
    own code on one lane, on ranked ids if it chooses among those.

    Expects:  bufferized IR whose buffers are on the device.
    Produces: one `gpu.launch` per gate, with as many blocks as tokens need.
    Refuses:  a gate with more than 1024 experts, with an error.

    (example: test/Conversion/gate-to-gpu/doc.mlir)
  }];
  let options = [
    Option<"useBuildRow", "use-build-row", "bool", /*default=*/"false",
           "Select by the rule's own code even where a faster way is known.">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def MoESelectToGPUPass : Pass<"moe-select-to-gpu", "::mlir::func::FuncOp"> {
  let summary = "Turns expert choice on buffers into GPU kernels";
  let description = [{
    One kernel per `moe.select_into`, with a block of 256 threads per expert and
    group of tokens. Its threads count digits of the keys, eight bits at a time
    from the top, until the smallest key that is in is known; then warps put
    aside what reaches it, in the order of tokens, and every thread ranks its
    share. What was put aside stays in shared memory where it fits.

    Expects:  bufferized IR whose buffers are on the device.
    Produces: one `gpu.launch` per op, with E blocks per group.
    Refuses:  nothing; ops on tensors are left alone.

    (example: test/Conversion/select-to-gpu/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect"];
}

def MoEPlanToGPUPass : Pass<"moe-plan-to-gpu", "::mlir::func::FuncOp"> {
  let summary = "Turns plans on buffers into GPU kernels";
  let description = [{
    One kernel per `moe.plan_into`, with a block per expert and one for the
    empty slots. Each block counts the pairs that go before its own and then
    places its own in order, so blocks need neither atomics nor one another.

    Expects:  bufferized IR whose buffers are on the device.
    Produces: one `gpu.launch` per plan, with a block more than buckets.
    Refuses:  nothing; ops on tensors are left alone.

    (example: test/Conversion/plan-to-gpu/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect"];
}

def MoEGroupedMatmulToGPUPass
    : Pass<"moe-grouped-matmul-to-gpu", "::mlir::func::FuncOp"> {
  let summary = "Turns grouped matmuls into kernel launches";
  let description = [{
    Every bufferized `moe.grouped_matmul` becomes a `gpu.launch` in its place. A
    block computes one tile of one expert: it finds the expert and the rows by
    a prefix sum over `offsets` on the device, so nothing is read back, the grid
    is bounded from the shapes alone, and an expert without rows costs nothing.
    The epilogue runs on the accumulators in registers, where a thread also
    keeps what its columns need of an expert's vectors. With `scatter` every
    element is an atomic addition whose result nobody reads; with `zero_rest` a
    second launch zeroes the rows of no expert.

    Strategies, named by the `schedule` attribute:
    - `fma`: tiles of f32 in shared memory, any float operands, any sizes, any
      layouts.
    - `mma_sync`: tensor cores of sm_80 and later for bf16 and f16 operands of
      identity layout and a depth that is a multiple of 8; copies are
      asynchronous and need 16-byte aligned buffers. The columns of a tile are
      shared out among the parts. Weights stored as [in, out] are copied as they
      lie and transposed on the way to the registers; all must be stored so, with
      widths and first columns that are multiples of 8, and parts side by side or
      two by two interleaved. Chosen without a schedule where it is possible.

    Expects:  `moe.grouped_matmul` on memrefs; operands that the device can
              reach.
    Produces: `gpu.launch` with `scf`, `memref`, `vector`, `nvvm` and `llvm` ops
              in it. Without rows its grid is empty, and the runtime skips it.
    Refuses:  the tensor form; elements other than f16, bf16, f32 and f64; a
              tile that no block has the shared memory for. A schedule that
              does not fit the operands is replaced, with a missed remark.

    (example: test/Conversion/grouped-matmul-to-gpu/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect",
  ];
}

def MoEGatherSumToGPUPass
    : Pass<"moe-gather-sum-to-gpu", "::mlir::func::FuncOp"> {
  let summary = "Turns gather sums on buffers into GPU kernels";
  let description = [{
    One kernel per `moe.gather_sum`: a block per token and piece of its width, a
    thread per 16 bytes of a row where the layout proves them aligned, else per
    element. Sums in f32, in slot order.

    Expects:  bufferized IR whose buffers are on the device.
    Produces: one `gpu.launch` per op.
    Refuses:  nothing; ops on tensors are left alone.

    (example: test/Conversion/gather-sum-to-gpu/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def MoEMaskedFfnToGPUPass
    : Pass<"moe-masked-ffn-to-gpu", "::mlir::func::FuncOp"> {
  let summary = "Turns masked feed-forward layers on buffers into GPU kernels";
  let description = [{
    Four kernels per `moe.masked_ffn`: a block per row of factors adds up the
    coefficients, each thread those of its own units, in order; a block per tile
    lists the units that its tokens keep; a warp per listed unit multiplies its
    row of `up` with the tile's tokens and applies the activation; a block per
    tile and 32 columns adds rows of `down`, each warp those of a fixed run of
    blocks of units.

    Expects:  bufferized IR whose buffers are on the device.
    Produces: four `gpu.launch` per op.
    Refuses:  nothing; ops on tensors are left alone.

    (example: test/Conversion/masked-ffn-to-gpu/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def MoELoopsToGPUPass : Pass<"moe-loops-to-gpu", "::mlir::func::FuncOp"> {
  let summary = "Turns linalg ops and loops into plain GPU kernels";
  let description = [{
    What no fusion took still has to run on the device: every linalg op,
    parallel loop and strided copy becomes a kernel with a thread per iteration
    of its parallel dimensions; a loop over scalar code, and a store, becomes a
    kernel of one thread. Right, but not tuned: a missed remark says so.

    Expects:  bufferized IR whose buffers are on the device.
    Produces: `gpu.launch` ops; no op on the host looks into a buffer.
    Refuses:  tensors, scalar host code that reads device memory, a parallel
              loop that returns a value, memory of dynamic size inside a kernel;
              each is an error that names the op.

    (example: test/Conversion/loops-to-gpu/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

def MoEPlaceOnDevicePass
    : Pass<"moe-place-on-device", "::mlir::func::FuncOp"> {
  let summary = "Moves the buffers of an entry function to the device";
  let description = [{
    Buffer arguments and constants are copied to the device once, at the start;
    every allocation becomes one on the device, freed after its last use;
    results are copied into fresh host buffers before the return, and arguments
    that the function writes are copied back. Views stay as they are. Host
    allocations come first, so that nothing in between waits for the device.

    Expects:  bufferized IR with identity layouts at function boundaries.
    Produces: `gpu.alloc`, `gpu.memcpy` and `gpu.dealloc` ops; every other op
              sees device buffers only. Private functions are left alone.
    Refuses:  calls that pass buffers, unstructured control flow, strided
              arguments or results, globals that may change; each is an error.

    (example: test/Conversion/place-on-device/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::gpu::GPUDialect", "::mlir::memref::MemRefDialect"];
}

def MoEHoistHostCodePass : Pass<"moe-hoist-host-code", "::mlir::func::FuncOp"> {
  let summary = "Puts what the host does before what the device does";
  let description = [{
    Work of the host between two launches makes it wait for the device. Sizes,
    checks of sizes and host buffers need nothing from the device, so they go
    in front of the first operation of the device; the rest is one stream.

    Expects:  buffers placed on the device, before launches are threaded on a
              stream.
    Produces: the same function, with scalar code, assertions and host
              allocations first.
    Refuses:  what reads or writes memory of the host or calls something, and
              what comes after it. Each refusal is a missed remark.

    (example: test/Conversion/hoist-host-code/doc.mlir)
  }];
}

def MoEMergeGPUModulesPass
    : Pass<"moe-merge-gpu-modules", "::mlir::ModuleOp"> {
  let summary = "Puts all kernels into one gpu.module";
  let description = [{
    Outlining makes a `gpu.module` per kernel, and each would become a PTX file
    of its own. Moves all of them into `@moe_kernels`; where two kernels have
    the same name, the later one gets a number. Shared memory is aligned to 16
    bytes, which LLVM takes for granted when it joins loads.

    Expects:  outlined kernels (`gpu-kernel-outlining`).
    Produces: one `gpu.module`, and launches that name its kernels.
    Refuses:  a `gpu.module` that holds something without a name, with an error.

    (example: test/Conversion/merge-gpu-modules/doc.mlir)
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
}

def MoEExpandDeviceMathPass
    : Pass<"moe-expand-device-math", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Writes math functions in what the GPU has";
  let description = [{
    Kernels must compile without CUDA's device library. `math.exp` becomes a
    range reduction around the hardware's 2^x, right to about 1e-6 relative;
    logarithms, tanh, erf and the like become polynomials.

    Expects:  math ops on f32 (`math-extend-to-supported-types` before it).
    Produces: arith ops, and LLVM intrinsics that the NVPTX back end selects.
    Refuses:  math functions of other types, with an error that names the op.

    (example: test/Conversion/expand-device-math/doc.mlir)
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def MoECheckNVPTXOptionsPass
    : Pass<"moe-check-nvptx-options", "::mlir::ModuleOp"> {
  let summary = "Checks the options of moe-to-nvptx";
  let description = [{
    Runs first, so that a wrong option is one clear error and not a failure
    deep inside the back end.

    Expects:  any IR.
    Produces: the same IR.
    Refuses:  an unknown chip or format, and a format whose tools are missing,
              with an error on the module.

    (example: test/Conversion/check-nvptx-options/doc.mlir)
  }];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_90a\"",
           "GPU architecture.">,
    Option<"format", "format", "std::string", /*default=*/"\"isa\"",
           "isa, bin or fatbin.">,
  ];
}

def MoESerializeKernelsPass
    : Pass<"moe-serialize-kernels", "::mlir::ModuleOp"> {
  let summary = "Compiles the kernels to PTX or to an object";
  let description = [{
    Runs the NVPTX back end on every `gpu.module`, for the PTX version that the
    chip needs. PTX needs LLVM alone; objects need `ptxas`, named by `MOE_PTXAS`
    or found through `CUDA_HOME` or `PATH`.

    Expects:  gpu modules in the llvm and nvvm dialects.
    Produces: one `gpu.binary` per `gpu.module`.
    Refuses:  unknown chips and formats, with an error on the module.

    (example: test/Conversion/serialize-kernels/doc.mlir)
  }];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_90a\"",
           "GPU architecture.">,
    Option<"format", "format", "std::string", /*default=*/"\"isa\"",
           "isa, bin or fatbin.">,
  ];
  let dependentDialects = [
    "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::NVVM::NVVMDialect"];
}

def MoELowerDynamicExpansionsPass
    : InterfacePass<"moe-lower-dynamic-expansions", "::mlir::FunctionOpInterface"> {
  let summary = "Gives expansions into several dynamic sizes their strides";
  let description = [{
    A graph with a batch and a sequence of unknown size splits its tokens into
    both. Upstream's expansion of strided metadata finds one unknown size of a group by
    division and ends the process at a second, although `output_shape` names both.

    Expects:  bufferized functions.
    Produces: `memref.reinterpret_cast` for every `memref.expand_shape` with a
              group of two dynamic sizes or more.
    Refuses:  others, which upstream takes.

    (example: test/Conversion/lower-dynamic-expansions/doc.mlir)
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

#endif // MOE_CONVERSION_PASSES_TD
