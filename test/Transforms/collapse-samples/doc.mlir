// RUN: moe-opt %s --moe-collapse-samples | FileCheck %s
// RUN: moe-opt %s --moe-collapse-samples=allow-reassociation \
// RUN:   | FileCheck %s --check-prefixes=CHECK,ALLOWED

// Both samples keep units by a mask of zeros and ones.
// [doc-begin]
// CHECK-LABEL: func.func @relu
// CHECK:         moe.neurons post
func.func @relu(%x: tensor<?x8xf32>, %scores: tensor<?x16xf32>,
                %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %units = moe.select #moe.top_k<4> %scores : tensor<?x16xf32> -> tensor<?x4xi32>
  %ones = moe.weigh one %scores, %units
      : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %y = moe.neurons pre %x, %units, %ones samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}
// [doc-end]

// SiLU is zero at zero; three equal terms are three times one but for rounding.
// CHECK-LABEL: func.func @silu_of_three
// ALLOWED:       moe.neurons post
func.func @silu_of_three(%x: tensor<?x8xf32>, %scores: tensor<?x16xf32>,
                         %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %units = moe.select #moe.top_k<4> %scores : tensor<?x16xf32> -> tensor<?x4xi32>
  %ones = moe.weigh one %scores, %units
      : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %y = moe.neurons pre %x, %units, %ones samples 3
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %one = arith.constant 1.0 : f32
    %minus = arith.negf %p : f32
    %exp = math.exp %minus : f32
    %sum = arith.addf %exp, %one : f32
    %a = arith.divf %p, %sum : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}
