// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-grouped-matmul-to-cpu,canonicalize))" | FileCheck %s

// Rows are added to their tokens by tasks that have columns of their own and take
// one expert after the other; what belongs to a row is loaded for each.
// CHECK-LABEL: func.func @scatter
// CHECK-SAME:    %[[S:[^:]+]]: memref<?x1xf32>, %[[P:[^:]+]]: memref<?xi32>, %[[W:[^:]+]]: memref<?x2xf32>, %[[Y:[^:]+]]: memref<?x4xf32>)
// CHECK-NOT:     scf.forall
// CHECK:         scf.for %{{.+}} = %c0 to %c4
// CHECK:           vector.load %[[S]][%[[ROW:.+]], %c0] : memref<?x1xf32>, vector<1xf32>
// CHECK:           %[[PAIR:.+]] = memref.load %[[P]][%[[ROW]]]
// CHECK:           %[[AT:.+]] = arith.index_cast %[[PAIR]]
// CHECK:           %[[TOKEN:.+]] = arith.divui %[[AT]], %c2
// CHECK:           memref.load %[[W]][%[[TOKEN]], %{{.+}}]
// CHECK:           %[[OLD:.+]] = vector.load %[[Y]][%[[TOKEN]], %{{.+}}] : memref<?x4xf32>, vector<4xf32>
// CHECK:           %[[NEW:.+]] = vector.fma %{{.+}}, %{{.+}}, %[[OLD]]
// CHECK:           vector.store %[[NEW]], %[[Y]][%[[TOKEN]], %{{.+}}]
func.func @scatter(%x: memref<?x16xf32>, %w: memref<4x4x16xf32>, %o: memref<5xi32>,
    %s: memref<?x1xf32>, %p: memref<?xi32>, %weights: memref<?x2xf32>, %y: memref<?x4xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>) weights(%w : memref<4x4x16xf32>)
      rows(%s : memref<?x1xf32>) offsets(%o : memref<5xi32>)
      scatter(%p, %weights : memref<?xi32>, memref<?x2xf32>) outs(%y : memref<?x4xf32>)
      parts weights [0] offsets [0] strides [1]
      row_parts rows [0] offsets [0] strides [0]
      attributes {schedule = #moe.schedule<dot, tile = [1, 4, 8]>} {
  ^epilogue(%a: f32, %f: f32):
    %b = arith.mulf %a, %f : f32
    moe.yield %b : f32
  }
  return
}

// Rows from the last offset on are zeroed.
// CHECK-LABEL: func.func @zero_rest
// CHECK-SAME:    %[[O:[^:]+]]: memref<5xi32>, %[[Y:[^:]+]]: memref<?x4xf32>)
// CHECK:         %[[LAST:.+]] = memref.load %[[O]][%c4]
// CHECK:         %[[LIVE:.+]] = arith.index_cast %[[LAST]]
// CHECK:         scf.for %[[ROW:.+]] = %[[LIVE]] to
// CHECK:           memref.store %cst{{.*}}, %[[Y]][%[[ROW]], %{{.+}}]
// CHECK:         scf.forall
func.func @zero_rest(%x: memref<?x16xf32>, %w: memref<4x4x16xf32>, %o: memref<5xi32>, %y: memref<?x4xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>) weights(%w : memref<4x4x16xf32>)
      offsets(%o : memref<5xi32>) outs(%y : memref<?x4xf32>) zero_rest
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}
