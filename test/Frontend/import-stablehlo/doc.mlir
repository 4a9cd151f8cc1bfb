// RUN: moe-opt %s --moe-import-stablehlo | FileCheck %s

// What JAX writes for a softmax of scores: named operations become linalg, and
// the private function is inlined.
// CHECK-LABEL: func.func @scores
// CHECK-SAME:    %[[LOGITS:.+]]: tensor<6x4xf32>
// CHECK:         %[[MAX:.+]] = linalg.generic {{.*}} ins(%[[LOGITS]] :
// CHECK:           arith.maximumf
// CHECK:         linalg.generic {{.*}} ins(%[[LOGITS]], %{{.+}} :
// CHECK:           arith.subf
// CHECK:         %[[POWERS:.+]] = linalg.generic
// CHECK:           math.exp
// CHECK-NOT:     call
// CHECK:         return %[[POWERS]]
func.func @scores(%logits: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %least = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
  %max = "stablehlo.reduce"(%logits, %least) <{dimensions = array<i64: 1>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %larger = "stablehlo.maximum"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%larger) : (tensor<f32>) -> ()
  }) : (tensor<6x4xf32>, tensor<f32>) -> tensor<6xf32>
  %wide = "stablehlo.broadcast_in_dim"(%max) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xf32>) -> tensor<6x4xf32>
  %powers = func.call @powers(%logits, %wide) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
  return %powers : tensor<6x4xf32>
}
func.func private @powers(%x: tensor<6x4xf32>, %max: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %below = "stablehlo.subtract"(%x, %max) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
  %powers = "stablehlo.exponential"(%below) : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return %powers : tensor<6x4xf32>
}
