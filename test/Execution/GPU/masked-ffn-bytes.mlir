// At one token and at four, rows of the matrices that are read are those that some
// token keeps: by what the interpreter counts, and by the NaN in all others.
// REQUIRES: cuda-driver
// RUN: %python %S/masked_ffn_bytes.py %t 1 -- moe-run %s --backend=nvptx --remarks-filter-missed=none
// RUN: %python %S/masked_ffn_bytes.py %t 4 -- moe-run %s --backend=nvptx --remarks-filter-missed=none

func.func @tokens1(%x: tensor<1x256xf32>, %u: tensor<2x32xi32>, %c: tensor<2x32xf32>,
                   %up: tensor<512x256xf32>, %down: tensor<512x256xf32>) -> tensor<1x256xf32> {
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<512x256xf32>) down(%down : tensor<512x256xf32>)
      : tensor<1x256xf32>, tensor<2x32xi32>, tensor<2x32xf32> -> tensor<1x256xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<1x256xf32>
}

func.func @tokens4(%x: tensor<4x256xf32>, %u: tensor<8x32xi32>, %c: tensor<8x32xf32>,
                   %up: tensor<512x256xf32>, %down: tensor<512x256xf32>) -> tensor<4x256xf32> {
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<512x256xf32>) down(%down : tensor<512x256xf32>)
      : tensor<4x256xf32>, tensor<8x32xi32>, tensor<8x32xf32> -> tensor<4x256xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<4x256xf32>
}
