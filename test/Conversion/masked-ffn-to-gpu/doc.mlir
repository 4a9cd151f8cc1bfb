// RUN: moe-opt %s --moe-masked-ffn-to-gpu | FileCheck %s

// A block per token, a block per tile, a warp per unit, a lane per column; the
// lists are made with votes.
// [doc-begin]
// CHECK-LABEL: func.func @layer
// CHECK:         gpu.launch
// CHECK-SAME:      function(@layer_unit_factors)
// CHECK:         gpu.launch
// CHECK-SAME:      function(@layer_unit_lists)
// CHECK:           nvvm.vote.sync ballot
// CHECK:         gpu.launch
// CHECK-SAME:      function(@layer_unit_up)
// CHECK:           vector.load %{{.+}} {alignment = 16 : i64} : memref<100x8xf32>, vector<4xf32>
// CHECK:           nvvm.shfl.sync bfly
// CHECK:         gpu.launch
// CHECK-SAME:      function(@layer_unit_down)
// CHECK:           gpu.barrier
// CHECK-NOT:     moe.masked_ffn
func.func @layer(%x: memref<4x8xf32>, %u: memref<8x3xi32>, %c: memref<8x3xf32>,
    %w1: memref<100x8xf32>, %w2: memref<100x16xf32>, %y: memref<4x16xf32>,
    %h: memref<4x100xf32>, %f: memref<4x100xf32>, %k: memref<4x100xi32>,
    %l: memref<1x100xi32>, %n: memref<1x2xi32>) {
  moe.masked_ffn post
      ins(%x, %u, %c : memref<4x8xf32>, memref<8x3xi32>, memref<8x3xf32>)
      samples 2 up(%w1 : memref<100x8xf32>) down(%w2 : memref<100x16xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : memref<4x16xf32>, memref<4x100xf32>,
           memref<4x100xf32>, memref<4x100xi32>, memref<1x100xi32>, memref<1x2xi32>) {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return
}
// [doc-end]
