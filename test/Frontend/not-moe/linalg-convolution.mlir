// RUN: %python %S/Inputs/check.py %s

// A two-dimensional convolution and a maximum over windows.
func.func @main(%x: tensor<1x8x8x3xf32>, %w: tensor<3x3x3x4xf32>) -> tensor<1x3x3x4xf32> {
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<1x6x6x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
  %y = linalg.conv_2d_nhwc_hwcf
      ins(%x, %w : tensor<1x8x8x3xf32>, tensor<3x3x3x4xf32>)
      outs(%init : tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
  %window = tensor.empty() : tensor<2x2xf32>
  %p = tensor.empty() : tensor<1x3x3x4xf32>
  %least = linalg.fill ins(%lowest : f32) outs(%p : tensor<1x3x3x4xf32>) -> tensor<1x3x3x4xf32>
  %pooled = linalg.pooling_nhwc_max {strides = dense<2> : vector<2xi64>}
      ins(%y, %window : tensor<1x6x6x4xf32>, tensor<2x2xf32>)
      outs(%least : tensor<1x3x3x4xf32>) -> tensor<1x3x3x4xf32>
  return %pooled : tensor<1x3x3x4xf32>
}
