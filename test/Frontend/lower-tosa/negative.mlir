// RUN: moe-opt %s --moe-lower-tosa | FileCheck %s

// A function without a router keeps its TOSA.
// CHECK-LABEL: func.func @no_router
// CHECK-NOT:     linalg
// CHECK:         tosa.sigmoid
func.func @no_router(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %0 = tosa.sigmoid %x : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return %0 : tensor<6x4xf32>
}
