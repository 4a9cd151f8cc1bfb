// RUN: moe-opt %s --moe-schedule="target=cpu" | FileCheck %s --check-prefixes=CHECK,CPU
// RUN: moe-opt %s --moe-schedule="target=cpu lanes=16" | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: moe-opt %s --moe-schedule="target=nvptx chip=sm_80" | FileCheck %s --check-prefixes=CHECK,GPU

// Two parts share the columns of a tile. On a GPU, the expected rows of an
// expert are not known here; bf16 goes to the tensor cores.
// [doc-begin]
// CHECK-LABEL: func.func @up_projection
// CHECK:         moe.grouped_matmul
// CPU-SAME:        schedule = #moe.schedule<dot, tile = [3, 2, 8]>
// WIDE-SAME:       schedule = #moe.schedule<dot, tile = [6, 2, 16]>
// GPU-SAME:        schedule = #moe.schedule<mma_sync, tile = [64, 128, 32]>
func.func @up_projection(%rows: tensor<?x64xbf16>, %w: tensor<4x256x64xbf16>,
                         %o: tensor<5xi32>, %init: tensor<?x128xbf16>)
    -> tensor<?x128xbf16> {
  %h = moe.grouped_matmul ins(%rows : tensor<?x64xbf16>)
      weights(%w : tensor<4x256x64xbf16>) offsets(%o : tensor<5xi32>)
      outs(%init : tensor<?x128xbf16>)
      parts weights [0, 0] offsets [0, 128] strides [1, 1] {
  ^epilogue(%gate: bf16, %up: bf16):
    %p = arith.mulf %gate, %up : bf16
    moe.yield %p : bf16
  } -> tensor<?x128xbf16>
  return %h : tensor<?x128xbf16>
}
// [doc-end]

// CHECK-LABEL: func.func @gate_and_sum
// CHECK:         moe.gate
// CPU-SAME:        schedule = #moe.schedule<dot, tile = [4, 4, 8]>
// GPU-SAME:        schedule = #moe.schedule<fma, tile = [4, 4, 32]>
// CHECK:         moe.gather_sum
// CPU-SAME:        schedule = #moe.schedule<dot, tile = [1, 32, 2]>
// GPU-SAME:        schedule = #moe.schedule<fma, tile = [1, 256, 2]>
func.func @gate_and_sum(%l: tensor<?x4xf32>, %e0: tensor<?x2xi32>,
                        %w0: tensor<?x2xf32>, %rows: tensor<?x8xf32>,
                        %q: tensor<?x2xi32>, %y0: tensor<?x8xf32>)
    -> (tensor<?x2xi32>, tensor<?x8xf32>) {
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<?x2xi32>, tensor<?x2xf32>
  %y = moe.gather_sum ins(%rows, %q, %w
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %e, %y : tensor<?x2xi32>, tensor<?x8xf32>
}
