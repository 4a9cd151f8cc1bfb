// RUN: %python %S/Inputs/check.py %s --selects=1

// The likeliest token of every row, and its embedding.
func.func @main(%x: tensor<1x5x8xf32>, %w: tensor<1x8x11xf32>, %table: tensor<1x11x8xf32>)
    -> (tensor<1x5xi32>, tensor<1x5x8xf32>) {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %logits = tosa.matmul %x, %w, %zero, %zero
      : (tensor<1x5x8xf32>, tensor<1x8x11xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x11xf32>
  %ids = tosa.argmax %logits {axis = 2 : i32} : (tensor<1x5x11xf32>) -> tensor<1x5xi32>
  %rows = tosa.gather %table, %ids
      : (tensor<1x11x8xf32>, tensor<1x5xi32>) -> tensor<1x5x8xf32>
  return %ids, %rows : tensor<1x5xi32>, tensor<1x5x8xf32>
}
