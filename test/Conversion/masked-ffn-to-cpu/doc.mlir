// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-masked-ffn-to-cpu))" | FileCheck %s

// First what the tokens of a tile keep, then a task per block of units, then one
// per block of columns. Rows of both matrices are found through the list.
// [doc-begin]
// CHECK-LABEL: func.func @layer
// CHECK-SAME:    %[[W1:[^:]+]]: memref<100x8xf32>, %[[W2:[^:]+]]: memref<100x16xf32>
// CHECK:         scf.forall
// CHECK:           memref.store %{{.+}} : memref<4x100xf32>
// CHECK:           memref.store %{{.+}} : memref<1x100xi32>
// CHECK:         scf.forall
// CHECK:           %[[ID:.+]] = memref.load %{{.+}} : memref<1x100xi32>
// CHECK:           %[[UNIT:.+]] = arith.index_cast %[[ID]] : i32 to index
// CHECK:           vector.load %[[W1]][%[[UNIT]], %{{.+}}] : memref<100x8xf32>, vector<8xf32>
// CHECK:           vector.fma
// CHECK:         scf.forall
// CHECK:           vector.load %[[W2]][%{{.+}}, %{{.+}}] : memref<100x16xf32>, vector<8xf32>
// CHECK:           vector.fma
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
