// RUN: %python %S/Inputs/check.py %s

// All experts of all tokens, weighed by a softmax: none is chosen.
func.func @main(%x: tensor<4x5x8xf32>, %w: tensor<4x8x8xf32>, %logits: tensor<4x5x1xf32>)
    -> tensor<1x5x8xf32> {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %max = tosa.reduce_max %logits {axis = 0 : i32} : (tensor<4x5x1xf32>) -> tensor<1x5x1xf32>
  %below = tosa.sub %logits, %max : (tensor<4x5x1xf32>, tensor<1x5x1xf32>) -> tensor<4x5x1xf32>
  %exp = tosa.exp %below : (tensor<4x5x1xf32>) -> tensor<4x5x1xf32>
  %sum = tosa.reduce_sum %exp {axis = 0 : i32} : (tensor<4x5x1xf32>) -> tensor<1x5x1xf32>
  %inverse = tosa.reciprocal %sum : (tensor<1x5x1xf32>) -> tensor<1x5x1xf32>
  %p = tosa.mul %exp, %inverse, %shift
      : (tensor<4x5x1xf32>, tensor<1x5x1xf32>, tensor<1xi8>) -> tensor<4x5x1xf32>
  %y = tosa.matmul %x, %w, %zero, %zero
      : (tensor<4x5x8xf32>, tensor<4x8x8xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<4x5x8xf32>
  %weighed = tosa.mul %y, %p, %shift
      : (tensor<4x5x8xf32>, tensor<4x5x1xf32>, tensor<1xi8>) -> tensor<4x5x8xf32>
  %all = tosa.reduce_sum %weighed {axis = 0 : i32} : (tensor<4x5x8xf32>) -> tensor<1x5x8xf32>
  return %all : tensor<1x5x8xf32>
}
