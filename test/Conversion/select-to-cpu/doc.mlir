// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-select-to-cpu))" | FileCheck %s

// A task per expert and group: 8 of them for 4 experts and 10 tokens in groups
// of 5. The smallest key that is in takes a pass per bit, and the order of what
// is in a pass per entry.
// CHECK-LABEL: func.func @choice
// CHECK-SAME:    %[[KEY:.+]]: memref<10x4xf32>, %[[TOKENS:.+]]: memref<4x6xi32>, %[[WEIGHTS:.+]]: memref<4x6xbf16>
// CHECK:         scf.forall
// CHECK:           memref.load %[[KEY]]
// CHECK:           %[[BITS:.+]] = arith.constant 32 : index
// CHECK:           scf.for %{{.+}} = %{{.+}} to %[[BITS]]
// CHECK:             scf.for
// CHECK:               vector.load %{{.+}} : memref<?xi32>, vector<16xi32>
// CHECK:           memref.store %{{.+}}, %[[TOKENS]]
// CHECK:           memref.store %{{.+}}, %[[WEIGHTS]]
// CHECK-NOT:     moe.select_into
func.func @choice(%key: memref<10x4xf32>, %tokens: memref<4x6xi32>,
                  %weights: memref<4x6xbf16>) {
  moe.select_into 3 scope 5 ins(%key : memref<10x4xf32>) weigh(%key : memref<10x4xf32>)
      outs(%tokens, %weights : memref<4x6xi32>, memref<4x6xbf16>)
  return
}
