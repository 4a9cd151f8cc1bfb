// REQUIRES: ptxas
// RUN: moe-opt %s --moe-to-nvptx="chip=sm_80" -o %t.80
// RUN: %python %S/Inputs/extract_ptx.py %t.80 > %t.80.ptx
// RUN: %ptxas -v -arch=sm_80 %t.80.ptx -o %t.cubin 2>&1 | FileCheck %s
// RUN: moe-opt %s --moe-to-nvptx="chip=sm_90a" -o %t.90
// RUN: %python %S/Inputs/extract_ptx.py %t.90 > %t.90.ptx
// RUN: %ptxas -v -arch=sm_90a %t.90.ptx -o %t.cubin 2>&1 | FileCheck %s

// The tile with the most accumulators, of ragged depth and columns: everything
// stays in registers.
// CHECK-NOT: error
// CHECK:     Compiling entry function 'up_grouped_matmul'
// CHECK:     0 bytes spill stores, 0 bytes spill loads
// CHECK:     Used {{[0-9]+}} registers
func.func @up(%x: tensor<?x1000xbf16>, %w: tensor<8x3002x1000xbf16>,
              %o: tensor<9xi32>, %p: tensor<?xi32>, %h: tensor<?x1501xbf16>)
    -> tensor<?x1501xbf16> {
  %r = moe.grouped_matmul ins(%x : tensor<?x1000xbf16>)
      weights(%w : tensor<8x3002x1000xbf16>) offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h : tensor<?x1501xbf16>)
      parts weights [0, 0] offsets [0, 1501] strides [1, 1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [128, 128, 32]>} {
  ^epilogue(%gate: bf16, %up: bf16):
    %product = arith.mulf %gate, %up : bf16
    moe.yield %product : bf16
  } -> tensor<?x1501xbf16>
  return %r : tensor<?x1501xbf16>
}
