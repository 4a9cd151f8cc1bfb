// RUN: moe-opt %s --moe-lower-tosa | FileCheck %s

// TOSA in a function with a router becomes linalg.
// CHECK-LABEL: func.func @router
// CHECK-NOT:     tosa
// CHECK:         linalg.generic
// CHECK:         moe.select
func.func @router(%logits: tensor<6x4xf32>) -> tensor<6x2xi32> {
  %scores = tosa.sigmoid %logits : (tensor<6x4xf32>) -> tensor<6x4xf32>
  %ids = moe.select #moe.top_k<2> %scores : tensor<6x4xf32> -> tensor<6x2xi32>
  return %ids : tensor<6x2xi32>
}
