// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-gather-sum-to-cpu,canonicalize))" | FileCheck %s

// 40 columns are 32 in four registers and 8 in one; a slot that is empty is
// skipped.
// CHECK-LABEL: func.func @sum
// CHECK-SAME:    %[[ROWS:.+]]: memref<?x40xf32>, %[[POSITIONS:.+]]: memref<?x2xi32>
// CHECK:         scf.forall
// CHECK:           scf.for
// CHECK:             %[[SUMS:.+]]:4 = scf.for
// CHECK:               %[[AT:.+]] = memref.load %[[POSITIONS]]
// CHECK:               %[[LIVE:.+]] = arith.cmpi sge, %[[AT]]
// CHECK:               scf.if %[[LIVE]]
// CHECK-COUNT-4:         vector.load %[[ROWS]]
// CHECK-COUNT-4:     vector.store
// CHECK:             scf.for
// CHECK:               vector.load %[[ROWS]]
// CHECK:             vector.store
func.func @sum(%rows: memref<?x40xf32>, %positions: memref<?x2xi32>,
               %weights: memref<?x2xf32>, %out: memref<?x40xf32>) {
  moe.gather_sum ins(%rows, %positions, %weights
      : memref<?x40xf32>, memref<?x2xi32>, memref<?x2xf32>)
      outs(%out : memref<?x40xf32>)
  return
}
