// RUN: %python %S/Inputs/check.py %s

// down(silu(gate(x)) * up(x)).
func.func @main(%x: tensor<1x5x8xf32>, %gate: tensor<1x8x12xf32>, %up: tensor<1x8x12xf32>,
                %down: tensor<1x12x8xf32>) -> tensor<1x5x8xf32> {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shift = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %g = tosa.matmul %x, %gate, %zero, %zero
      : (tensor<1x5x8xf32>, tensor<1x8x12xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x12xf32>
  %u = tosa.matmul %x, %up, %zero, %zero
      : (tensor<1x5x8xf32>, tensor<1x8x12xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x12xf32>
  %s = tosa.sigmoid %g : (tensor<1x5x12xf32>) -> tensor<1x5x12xf32>
  %silu = tosa.mul %g, %s, %shift
      : (tensor<1x5x12xf32>, tensor<1x5x12xf32>, tensor<1xi8>) -> tensor<1x5x12xf32>
  %h = tosa.mul %silu, %u, %shift
      : (tensor<1x5x12xf32>, tensor<1x5x12xf32>, tensor<1xi8>) -> tensor<1x5x12xf32>
  %y = tosa.matmul %h, %down, %zero, %zero
      : (tensor<1x5x12xf32>, tensor<1x12x8xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x5x8xf32>
  return %y : tensor<1x5x8xf32>
}
