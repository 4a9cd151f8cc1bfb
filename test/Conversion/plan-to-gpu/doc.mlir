// RUN: moe-opt %s --moe-plan-to-gpu | FileCheck %s

// A block per expert and one for the empty slots; counts meet in shared memory
// once, and no memory is touched atomically.
// CHECK-LABEL: func.func @plan
// CHECK:         %[[BLOCKS:.+]] = arith.constant 9 : index
// CHECK:         gpu.launch
// CHECK-SAME:      = %[[BLOCKS]]
// CHECK-SAME:      function(@plan_plan)
// CHECK:           nvvm.redux.sync add
// CHECK:           gpu.barrier
// CHECK:           nvvm.vote.sync ballot
// CHECK:           math.ctpop
// CHECK-NOT:     atomic
func.func @plan(%e: memref<?x2xi32>, %offsets: memref<9xi32>,
                %pairs: memref<?xi32>, %positions: memref<?x2xi32>) {
  moe.plan_into ins(%e : memref<?x2xi32>) outs(%offsets, %pairs, %positions
      : memref<9xi32>, memref<?xi32>, memref<?x2xi32>)
  return
}
