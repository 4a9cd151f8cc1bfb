// RUN: %python %S/Inputs/check.py %s --selects=1

// The code with the largest product stands for a row.
func.func @main(%x: tensor<1x5x8xf32>, %codes: tensor<1x8x4xf32>) -> tensor<1x5x8xf32> {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %scores = tosa.matmul %x, %codes, %zero, %zero
      : (tensor<1x5x8xf32>, tensor<1x8x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x4xf32>
  %ids = tosa.argmax %scores {axis = 2 : i32} : (tensor<1x5x4xf32>) -> tensor<1x5xi32>
  %rows = tosa.transpose %codes {perms = array<i32: 0, 2, 1>}
      : (tensor<1x8x4xf32>) -> tensor<1x4x8xf32>
  %y = tosa.gather %rows, %ids
      : (tensor<1x4x8xf32>, tensor<1x5xi32>) -> tensor<1x5x8xf32>
  return %y : tensor<1x5x8xf32>
}
