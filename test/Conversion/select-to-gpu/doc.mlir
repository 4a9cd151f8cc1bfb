// RUN: moe-opt %s --moe-select-to-gpu | FileCheck %s

// A block of 256 threads per expert and group; four passes count digits, then
// ballots give what is in its place.
// CHECK-LABEL: func.func @choice
// CHECK:         %[[EXPERTS:.+]] = arith.constant 4 : index
// CHECK:         gpu.launch blocks(%{{.+}}, %{{.+}}, %{{.+}}) in (%{{.+}} = %[[EXPERTS]]
// CHECK-SAME:      function(@choice_select)
// CHECK-COUNT-4:   memref.atomic_rmw addi
// CHECK-NOT:       memref.atomic_rmw
// CHECK:           nvvm.vote.sync ballot
// CHECK:           math.ctpop
func.func @choice(%key: memref<?x4xf32>, %tokens: memref<4x?xi32>) {
  moe.select_into 3 scope 5 ins(%key : memref<?x4xf32>) outs(%tokens : memref<4x?xi32>)
  return
}

// What does not fit shared memory is put aside in memory of its own.
// CHECK-LABEL: func.func @many
// CHECK:         gpu.alloc
// CHECK:         gpu.alloc
// CHECK:         gpu.launch
// CHECK:         gpu.dealloc
func.func @many(%key: memref<?x4xf32>, %tokens: memref<4x5000xi32>) {
  moe.select_into 5000 ins(%key : memref<?x4xf32>) outs(%tokens : memref<4x5000xi32>)
  return
}
