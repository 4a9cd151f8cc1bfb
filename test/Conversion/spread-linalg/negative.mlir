// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-spread-linalg))" | FileCheck %s

// Less than a task, and nothing to cut.
// CHECK-LABEL: func.func @small
// CHECK-NOT:     scf.forall
func.func @small(%x: memref<16x64xf32>, %sum: memref<f32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%x : memref<16x64xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> ()>],
                  iterator_types = ["reduction", "reduction"]}
      ins(%x : memref<16x64xf32>) outs(%sum : memref<f32>) {
  ^bb0(%in: f32, %out: f32):
    %next = arith.addf %in, %out : f32
    linalg.yield %next : f32
  }
  return
}

// The loop around it runs on all threads already.
// CHECK-LABEL: func.func @inside
// CHECK:         scf.forall
// CHECK-NOT:     scf.forall
func.func @inside(%x: memref<8x4096x64xf32>) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) in (8) {
    %part = memref.subview %x[%i, 0, 0] [1, 4096, 64] [1, 1, 1]
        : memref<8x4096x64xf32> to memref<4096x64xf32, strided<[64, 1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%part : memref<4096x64xf32, strided<[64, 1], offset: ?>>)
  }
  return
}
