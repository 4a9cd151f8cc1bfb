// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-lower-strided-copies))' | FileCheck %s

// One side has gaps between its rows.
// [doc-begin]
// CHECK-LABEL: func.func @columns
// CHECK-SAME:    %[[FROM:[^:]+]]: memref<4x8xf32, strided<[16, 1]>>, %[[TO:[^:]+]]: memref<4x8xf32>
// CHECK-NOT:     memref.copy
// CHECK:         linalg.copy ins(%[[FROM]] : {{.+}}) outs(%[[TO]] : {{.+}})
func.func @columns(%from: memref<4x8xf32, strided<[16, 1]>>, %to: memref<4x8xf32>) {
  memref.copy %from, %to : memref<4x8xf32, strided<[16, 1]>> to memref<4x8xf32>
  return
}
// [doc-end]
