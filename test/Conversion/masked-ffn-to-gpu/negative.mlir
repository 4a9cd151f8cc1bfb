// RUN: moe-opt %s --moe-masked-ffn-to-gpu | FileCheck %s

// CHECK-LABEL: func.func @on_tensors
// CHECK-NOT:     gpu.launch
// CHECK:         moe.masked_ffn
func.func @on_tensors(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>,
    %w1: tensor<100x8xf32>, %w2: tensor<100x16xf32>, %y: tensor<4x16xf32>,
    %h: tensor<4x100xf32>, %f: tensor<4x100xf32>, %k: tensor<4x100xi32>,
    %l: tensor<1x100xi32>, %n: tensor<1x2xi32>) -> tensor<4x16xf32> {
  %r:6 = moe.masked_ffn post
      ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<100x8xf32>) down(%w2 : tensor<100x16xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x16xf32>, tensor<4x100xf32>,
           tensor<4x100xf32>, tensor<4x100xi32>, tensor<1x100xi32>, tensor<1x2xi32>) {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  } -> tensor<4x16xf32>, tensor<4x100xf32>,
           tensor<4x100xf32>, tensor<4x100xi32>, tensor<1x100xi32>, tensor<1x2xi32>
  return %r#0 : tensor<4x16xf32>
}
