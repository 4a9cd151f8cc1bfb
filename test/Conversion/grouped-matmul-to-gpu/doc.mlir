// RUN: moe-opt %s --moe-grouped-matmul-to-gpu | FileCheck %s

// The up projection with its gather and its SwiGLU becomes one launch, of
// no blocks where there are no rows.

// CHECK-LABEL: func.func @up
// CHECK-SAME:    %[[X:[^:]+]]: memref<?x64xbf16>, %[[W:[^:]+]]: memref<8x256x64xbf16>
// CHECK-SAME:    %[[OFFSETS:[^:]+]]: memref<9xi32>, %[[PAIRS:[^:]+]]: memref<?xi32>
// CHECK-SAME:    %[[H:[^:]+]]: memref<?x128xbf16>
// CHECK:         %[[ROWS:.+]] = memref.dim %[[H]]
// CHECK:           gpu.launch
// CHECK:             memref.load %[[OFFSETS]]
// CHECK:             gpu.shuffle up
// CHECK:             nvvm.vote.sync ballot
// CHECK:             memref.load %[[PAIRS]]
// CHECK:             nvvm.cp.async.shared.global
// CHECK:             nvvm.mma.sync
// CHECK:             math.exp
// CHECK:             vector.store %{{.+}}, %[[H]]
// CHECK-NOT:     moe.grouped_matmul
func.func @up(%x: memref<?x64xbf16>, %w: memref<8x256x64xbf16>,
              %offsets: memref<9xi32>, %pairs: memref<?xi32>,
              %h: memref<?x128xbf16>) {
  moe.grouped_matmul ins(%x : memref<?x64xbf16>)
      weights(%w : memref<8x256x64xbf16>) offsets(%offsets : memref<9xi32>)
      gather(%pairs : memref<?xi32>) slots 2 outs(%h : memref<?x128xbf16>)
      parts weights [0, 0] offsets [0, 128] strides [1, 1] {
  ^epilogue(%gate: bf16, %up: bf16):
    %one = arith.constant 1.0 : bf16
    %minus = arith.negf %gate : bf16
    %exp = math.exp %minus : bf16
    %sum = arith.addf %exp, %one : bf16
    %silu = arith.divf %gate, %sum : bf16
    %product = arith.mulf %silu, %up : bf16
    moe.yield %product : bf16
  }
  return
}
