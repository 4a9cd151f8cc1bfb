// RUN: %python %S/Inputs/check.py %s

// Every row is multiplied by the matrix that an argument names: no router.
func.func @main(%x: tensor<5x1x8xf32>, %stack: tensor<1x4x64xf32>, %ids: tensor<1x5xi32>)
    -> tensor<5x1x8xf32> {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shape = tosa.const_shape {values = dense<[5, 8, 8]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %rows = tosa.gather %stack, %ids
      : (tensor<1x4x64xf32>, tensor<1x5xi32>) -> tensor<1x5x64xf32>
  %w = tosa.reshape %rows, %shape : (tensor<1x5x64xf32>, !tosa.shape<3>) -> tensor<5x8x8xf32>
  %y = tosa.matmul %x, %w, %zero, %zero
      : (tensor<5x1x8xf32>, tensor<5x8x8xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<5x1x8xf32>
  return %y : tensor<5x1x8xf32>
}
