// REQUIRES: ptxas
// RUN: moe-opt %s --moe-to-nvptx="chip=sm_80" -o %t.80
// RUN: %python %S/Inputs/extract_ptx.py %t.80 > %t.80.ptx
// RUN: FileCheck %s --check-prefix=PTX --input-file=%t.80.ptx
// RUN: %ptxas -v -arch=sm_80 %t.80.ptx -o %t.cubin 2>&1 | FileCheck %s
// RUN: moe-opt %s --moe-to-nvptx="chip=sm_90a" -o %t.90
// RUN: %python %S/Inputs/extract_ptx.py %t.90 > %t.90.ptx
// RUN: %ptxas -v -arch=sm_90a %t.90.ptx -o %t.cubin 2>&1 | FileCheck %s

// Weights stored as [in, out] in the tiles with the most accumulators, of ragged
// depth and columns: everything stays in registers.
// PTX:           ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16
// CHECK-NOT:     error
// CHECK-COUNT-3: 0 bytes spill stores, 0 bytes spill loads

// Halves.
func.func @halves(%x: tensor<?x1000xbf16>, %w: tensor<8x1000x3008xbf16>,
              %o: tensor<9xi32>, %p: tensor<?xi32>, %h: tensor<?x1501xbf16>)
    -> tensor<?x1501xbf16> {
  %r = moe.grouped_matmul ins(%x : tensor<?x1000xbf16>)
      weights(%w : tensor<8x1000x3008xbf16>) layouts [in_out] offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h : tensor<?x1501xbf16>)
      parts weights [0, 0] offsets [0, 1504] strides [1, 1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [128, 128, 32]>} {
  ^epilogue(%gate: bf16, %up: bf16):
    %product = arith.mulf %gate, %up : bf16
    moe.yield %product : bf16
  } -> tensor<?x1501xbf16>
  return %r : tensor<?x1501xbf16>
}

// Interleaved, with biases.
func.func @inter(%x: tensor<?x1000xbf16>, %w: tensor<8x1000x3008xbf16>,
              %o: tensor<9xi32>, %p: tensor<?xi32>, %h: tensor<?x1501xbf16>, %bias: tensor<8x3008xbf16>)
    -> tensor<?x1501xbf16> {
  %r = moe.grouped_matmul ins(%x : tensor<?x1000xbf16>)
      weights(%w : tensor<8x1000x3008xbf16>) layouts [in_out] vectors(%bias : tensor<8x3008xbf16>) offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h : tensor<?x1501xbf16>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2] vector_parts vectors [0, 0] offsets [0, 1] strides [2, 2]
      attributes {schedule = #moe.schedule<mma_sync, tile = [128, 128, 32]>} {
  ^epilogue(%gate: bf16, %up: bf16, %bg: bf16, %bu: bf16):
    %g1 = arith.addf %gate, %bg : bf16
    %u1 = arith.addf %up, %bu : bf16
    %product = arith.mulf %g1, %u1 : bf16
    moe.yield %product : bf16
  } -> tensor<?x1501xbf16>
  return %r : tensor<?x1501xbf16>
}

// The most accumulators of one part.
func.func @plain128(%x: tensor<?x1000xbf16>, %w: tensor<8x1000x3008xbf16>,
              %o: tensor<9xi32>, %h: tensor<?x3008xbf16>)
    -> tensor<?x3008xbf16> {
  %r = moe.grouped_matmul ins(%x : tensor<?x1000xbf16>)
      weights(%w : tensor<8x1000x3008xbf16>) layouts [in_out] offsets(%o : tensor<9xi32>)
      outs(%h : tensor<?x3008xbf16>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [128, 128, 32]>} {
  ^epilogue(%gate: bf16):
    moe.yield %gate : bf16
  } -> tensor<?x3008xbf16>
  return %r : tensor<?x3008xbf16>
}
