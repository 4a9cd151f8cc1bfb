// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-plan-to-cpu))" | FileCheck %s

// Counts, prefix sum and stable fill, in the memory of the destinations alone;
// an id counts if it is below the number of experts as an unsigned integer.
// CHECK-LABEL: func.func @plan
// CHECK-SAME:    %[[EXPERTS:.+]]: memref<?x2xi32>, %[[OFFSETS:.+]]: memref<3xi32>, %[[PAIRS:.+]]: memref<?xi32>, %[[POSITIONS:.+]]: memref<?x2xi32>
// CHECK-NOT:     memref.alloc
// CHECK:         %[[ID:.+]] = memref.load %[[EXPERTS]]
// CHECK:         arith.cmpi ult, %[[ID]]
// CHECK:         memref.store %{{.+}}, %[[OFFSETS]]
// CHECK:         memref.store %{{.+}}, %[[PAIRS]]
// CHECK:         memref.store %{{.+}}, %[[POSITIONS]]
// CHECK-NOT:     moe.plan_into
func.func @plan(%experts: memref<?x2xi32>, %offsets: memref<3xi32>,
                %pairs: memref<?xi32>, %positions: memref<?x2xi32>) {
  moe.plan_into ins(%experts : memref<?x2xi32>)
      outs(%offsets, %pairs, %positions
        : memref<3xi32>, memref<?xi32>, memref<?x2xi32>)
  return
}
