// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_CONVERSION_PASSES_TD
#define MOE_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def MoEGroupedMatmulToGPUPass : Pass<"moe-grouped-matmul-to-gpu"> {
  let summary = "Turns grouped matmuls into kernel launches";
  let description = [{
    Every bufferized `moe.grouped_matmul` becomes one `gpu.launch` in its place.
    A block computes one tile of one expert: it finds the expert and the rows by
    a prefix sum over `offsets` on the device, so nothing is read back, the grid
    is bounded from the shapes alone, and an expert without rows costs nothing.
    The epilogue runs on the accumulators in registers.

    Strategies, named by the `schedule` attribute:
    - `fma`: tiles of f32 in shared memory, any float operands, any sizes.
    - `mma_sync`: tensor cores of sm_80 and later for bf16 and f16 operands of
      identity layout and a depth that is a multiple of 8; copies are
      asynchronous and need 16-byte aligned buffers. The columns of a tile are
      shared out among the parts. Chosen without a schedule where it is possible.

    Expects:  `moe.grouped_matmul` on memrefs; operands that the device can
              reach.
    Produces: `gpu.launch` with `scf`, `memref`, `vector`, `nvvm` and `llvm` ops
              in it, skipped on the host where there are no rows.
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

#endif // MOE_CONVERSION_PASSES_TD
