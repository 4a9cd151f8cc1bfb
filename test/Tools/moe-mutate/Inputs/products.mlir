// CHECK-COUNT-1: linalg.matmul
// CHECK-NOT:     linalg.matmul
func.func @main(%x: tensor<3x4xf32>, %up: tensor<4x6xf32>, %gate: tensor<4x6xf32>)
    -> (tensor<3x6xf32>, tensor<3x6xf32>) {
  %zero = arith.constant dense<0.0> : tensor<3x6xf32>
  %a = linalg.matmul ins(%x, %up : tensor<3x4xf32>, tensor<4x6xf32>)
      outs(%zero : tensor<3x6xf32>) -> tensor<3x6xf32>
  %b = linalg.matmul ins(%x, %gate : tensor<3x4xf32>, tensor<4x6xf32>)
      outs(%zero : tensor<3x6xf32>) -> tensor<3x6xf32>
  return %a, %b : tensor<3x6xf32>, tensor<3x6xf32>
}
