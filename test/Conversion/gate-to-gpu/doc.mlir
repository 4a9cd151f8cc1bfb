// RUN: moe-opt %s --moe-gate-to-gpu | FileCheck %s

// A block of four warps takes four tokens; two shared rows per token.
// CHECK-LABEL: func.func @route
// CHECK:         %[[T:.+]] = memref.dim
// CHECK:         %[[MORE:.+]] = arith.addi %[[T]]
// CHECK:         %[[BLOCKS:.+]] = arith.divui %[[MORE]]
// CHECK:         gpu.launch
// CHECK-SAME:      = %[[BLOCKS]]
// CHECK-SAME:      function(@route_gate)
// CHECK-SAME:      workgroup(%{{.+}} : memref<4x8xf32, #gpu.address_space<workgroup>>, %{{.+}} : memref<4x2xi32, #gpu.address_space<workgroup>>)
// CHECK:           vector.load %{{.+}} {alignment = 16 : i64} : memref<?x64xf32>
// CHECK:           math.fma
// CHECK:           nvvm.shfl.sync bfly
// CHECK:           gpu.barrier
// CHECK:           nvvm.redux.sync umax
// CHECK:           nvvm.redux.sync umin
// CHECK-NOT:     moe.gate
func.func @route(%x: memref<?x64xf32>, %router: memref<8x64xf32>,
                 %e: memref<?x2xi32>, %w: memref<?x2xf32>) {
  moe.gate ins(%x, %router : memref<?x64xf32>, memref<8x64xf32>)
      outs(%e, %w : memref<?x2xi32>, memref<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      norm sum
  return
}
