// RUN: %python %S/Inputs/check.py %s

// Rows of a table by ids.
func.func @main(%table: tensor<1x9x8xf32>, %ids: tensor<1x5xi32>) -> tensor<1x5x8xf32> {
  %0 = tosa.gather %table, %ids
      : (tensor<1x9x8xf32>, tensor<1x5xi32>) -> tensor<1x5x8xf32>
  return %0 : tensor<1x5x8xf32>
}
