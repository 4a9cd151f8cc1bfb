// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-grouped-matmul-to-cpu,canonicalize))" | FileCheck %s

// Interleaved columns of [in, out] weights are loaded and multiplied as they
// lie; only behind the loop over the depth are they told apart.
// CHECK-LABEL: func.func @interleaved
// CHECK-SAME:    %[[X:.+]]: memref<?x16xf32>, %[[W:.+]]: memref<4x16x32xf32>
// CHECK:         scf.for %[[K:.+]] = %c0{{.*}} to %c16{{.*}} step %c1{{.*}} iter_args
// CHECK-NOT:       vector.shuffle
// CHECK:           memref.load %[[X]][%{{.+}}, %[[K]]]
// CHECK:           vector.broadcast
// CHECK:           vector.load %[[W]][%{{.+}}, %[[K]], %{{.+}}] : memref<4x16x32xf32>, vector<8xf32>
// CHECK-NOT:       vector.shuffle
// CHECK:           vector.fma
// CHECK-NOT:       vector.shuffle
// CHECK:           scf.yield
// CHECK:         vector.shuffle {{.+}} [0, 2, 4, 6, 8, 10, 12, 14]
// CHECK:         vector.shuffle {{.+}} [1, 3, 5, 7, 9, 11, 13, 15]
func.func @interleaved(%x: memref<?x16xf32>, %w: memref<4x16x32xf32>,
                       %offsets: memref<5xi32>, %h: memref<?x16xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>)
      weights(%w : memref<4x16x32xf32>) layouts [in_out] offsets(%offsets : memref<5xi32>)
      outs(%h : memref<?x16xf32>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      attributes {schedule = #moe.schedule<dot, tile = [1, 8, 8]>} {
  ^epilogue(%a: f32, %b: f32):
    %r = arith.subf %a, %b : f32
    moe.yield %r : f32
  }
  return
}

// Weights of both layouts: a panel takes either, from the first row on.
// CHECK-LABEL: func.func @mixed
// CHECK-SAME:    %[[X:.+]]: memref<?x16xf32>, %[[W:.+]]: memref<4x16x16xf32>, %[[V:.+]]: memref<4x16x16xf32>
// CHECK:         arith.cmpi sge, %{{.+}}, %c1{{.*}}
// CHECK:         %[[PANEL:.+]] = memref.alloc()
// CHECK:         vector.load %[[W]]
// CHECK:         vector.shuffle
// CHECK:         vector.store %{{.+}}, %[[PANEL]]
// CHECK:         %[[ROW:.+]] = vector.load %[[V]]
// CHECK-NEXT:    vector.store %[[ROW]], %[[PANEL]]
// CHECK:         memref.dealloc
// CHECK-NOT:     vector.fma
func.func @mixed(%x: memref<?x16xf32>, %w: memref<4x16x16xf32>, %v: memref<4x16x16xf32>,
                 %offsets: memref<5xi32>, %h: memref<?x16xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>)
      weights(%w, %v : memref<4x16x16xf32>, memref<4x16x16xf32>) layouts [out_in, in_out]
      offsets(%offsets : memref<5xi32>) outs(%h : memref<?x16xf32>)
      parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%a: f32, %b: f32):
    %r = arith.subf %a, %b : f32
    moe.yield %r : f32
  }
  return
}
