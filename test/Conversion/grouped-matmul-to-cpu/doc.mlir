// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-grouped-matmul-to-cpu,canonicalize))" | FileCheck %s

// Units are experts: 8 columns are too few to divide. Tiles have three rows and
// two columns of two parts; one and two left-over rows have their own bodies.
// CHECK-LABEL: func.func @up
// CHECK-SAME:    %[[X:.+]]: memref<?x16xf32>, %[[W:.+]]: memref<4x16x16xf32>, %[[OFFSETS:.+]]: memref<5xi32>, %[[PAIRS:.+]]: memref<?xi32>, %[[H:.+]]: memref<?x8xf32>
// CHECK:         scf.forall (%[[EXPERT:.+]]) in (4)
// CHECK:           %[[BEGIN:.+]] = arith.index_cast
// CHECK:           %[[END:.+]] = arith.index_cast
// CHECK:           %[[ANY:.+]] = arith.cmpi slt, %[[BEGIN]], %[[END]]
// CHECK:           scf.if %[[ANY]]
// CHECK:             scf.for
// CHECK:               scf.for %[[ROW:.+]] =
// CHECK-COUNT-3:         memref.load %[[PAIRS]]
// CHECK:                 %{{.+}}:12 = scf.for
// CHECK-COUNT-3:           vector.load %[[X]]
// CHECK:                   vector.load %[[W]]
// CHECK:                   vector.fma
// CHECK:                 arith.mulf %{{.+}} : vector<6xf32>
// CHECK-COUNT-3:         vector.store %{{.+}}, %[[H]]{{.+}} vector<2xf32>
// CHECK:               scf.index_switch
// CHECK:               case 1
// CHECK:               case 2
func.func @up(%x: memref<?x16xf32>, %w: memref<4x16x16xf32>,
              %offsets: memref<5xi32>, %pairs: memref<?xi32>,
              %h: memref<?x8xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>)
      weights(%w : memref<4x16x16xf32>) offsets(%offsets : memref<5xi32>)
      gather(%pairs : memref<?xi32>) slots 2 outs(%h : memref<?x8xf32>)
      parts weights [0, 0] offsets [0, 8] strides [1, 1] {
  ^epilogue(%gate: f32, %up: f32):
    %r = arith.mulf %gate, %up : f32
    moe.yield %r : f32
  }
  return
}
