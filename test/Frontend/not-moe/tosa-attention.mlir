// RUN: %python %S/Inputs/check.py %s

// softmax(q k) v of two heads.
func.func @main(%q: tensor<2x5x4xf32>, %k: tensor<2x4x7xf32>, %v: tensor<2x7x4xf32>)
    -> tensor<2x5x4xf32> {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %scores = tosa.matmul %q, %k, %zero, %zero
      : (tensor<2x5x4xf32>, tensor<2x4x7xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x5x7xf32>
  %max = tosa.reduce_max %scores {axis = 2 : i32} : (tensor<2x5x7xf32>) -> tensor<2x5x1xf32>
  %below = tosa.sub %scores, %max : (tensor<2x5x7xf32>, tensor<2x5x1xf32>) -> tensor<2x5x7xf32>
  %exp = tosa.exp %below : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %sum = tosa.reduce_sum %exp {axis = 2 : i32} : (tensor<2x5x7xf32>) -> tensor<2x5x1xf32>
  %inverse = tosa.reciprocal %sum : (tensor<2x5x1xf32>) -> tensor<2x5x1xf32>
  %p = tosa.mul %exp, %inverse, %shift
      : (tensor<2x5x7xf32>, tensor<2x5x1xf32>, tensor<1xi8>) -> tensor<2x5x7xf32>
  %y = tosa.matmul %p, %v, %zero, %zero
      : (tensor<2x5x7xf32>, tensor<2x7x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x5x4xf32>
  return %y : tensor<2x5x4xf32>
}
