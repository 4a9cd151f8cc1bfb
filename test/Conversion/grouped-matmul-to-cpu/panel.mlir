// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-grouped-matmul-to-cpu,canonicalize))" | FileCheck %s

// An expert with many rows copies columns into a panel first; one with few does
// without.
// CHECK-LABEL: func.func @both
// CHECK-SAME:    %[[X:.+]]: memref<?x16xf32>, %[[W:.+]]: memref<4x32x16xf32>
// CHECK:         scf.forall
// CHECK:           %[[MANY:.+]] = arith.cmpi sge, %{{.+}}, %c24
// CHECK:           scf.if %[[MANY]] {
// CHECK:             %[[PANEL:.+]] = memref.alloc() {alignment = 64 : i64} : memref<16x16xf32>
// CHECK:             vector.load %[[W]]
// CHECK:             vector.shuffle
// CHECK:             vector.store %{{.+}}, %[[PANEL]]
// CHECK:             memref.load %[[X]]
// CHECK:             vector.broadcast
// CHECK:             vector.fma
// CHECK:             memref.dealloc %[[PANEL]]
// CHECK:           %[[FEW:.+]] = arith.cmpi slt, %{{.+}}, %c24
// CHECK:           scf.if
// CHECK-NOT:         memref.alloc
// CHECK:             vector.load %[[X]]
func.func @both(%x: memref<?x16xf32>, %w: memref<4x32x16xf32>,
                %offsets: memref<5xi32>, %h: memref<?x32xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>)
      weights(%w : memref<4x32x16xf32>) offsets(%offsets : memref<5xi32>)
      outs(%h : memref<?x32xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// A schedule asks for panels alone, here of 8 columns of each part.
// CHECK-LABEL: func.func @panels
// CHECK:         memref.alloc() {{.*}} : memref<16x16xf32>
// CHECK:         vector.fma
// CHECK:         memref.dealloc
// CHECK-NOT:     vector.fma
func.func @panels(%x: memref<?x16xf32>, %w: memref<4x32x16xf32>,
                  %offsets: memref<5xi32>, %h: memref<?x16xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>)
      weights(%w : memref<4x32x16xf32>) offsets(%offsets : memref<5xi32>)
      outs(%h : memref<?x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1]
      attributes {schedule = #moe.schedule<fma, tile = [1, 8, 8]>} {
  ^epilogue(%a: f32, %b: f32):
    %r = arith.addf %a, %b : f32
    moe.yield %r : f32
  }
  return
}

// Rows of a view keep its offset and its distance from row to row.
// CHECK-LABEL: func.func @view
// CHECK:         vector.load %{{.+}} : memref<?x8xf32, strided<[64, 1], offset: 8>>, vector<8xf32>
func.func @view(%x: memref<?x8xf32, strided<[64, 1], offset: 8>>,
                %w: memref<4x4x8xf32>, %offsets: memref<5xi32>,
                %h: memref<?x2xf32>) {
  moe.grouped_matmul ins(%x : memref<?x8xf32, strided<[64, 1], offset: 8>>)
      weights(%w : memref<4x4x8xf32>) offsets(%offsets : memref<5xi32>)
      outs(%h : memref<?x2xf32>)
      parts weights [0] offsets [0] strides [2] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}
