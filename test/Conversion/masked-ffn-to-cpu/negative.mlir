// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-masked-ffn-to-cpu))" \
// RUN:   --split-input-file --remarks-filter-missed=moe --verify-diagnostics

func.func @on_tensors(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>,
    %w1: tensor<100x8xf32>, %w2: tensor<100x16xf32>, %y: tensor<4x16xf32>,
    %h: tensor<4x100xf32>, %f: tensor<4x100xf32>, %k: tensor<4x100xi32>,
    %l: tensor<1x100xi32>, %n: tensor<1x2xi32>) -> tensor<4x16xf32> {
  // expected-remark @below {{is on tensors: bufferize first}}
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

// -----

func.func @gaps(%x: memref<4x8xf32, strided<[16, 2]>>, %u: memref<8x3xi32>, %c: memref<8x3xf32>,
    %w1: memref<100x8xf32>, %w2: memref<100x16xf32>, %y: memref<4x16xf32>,
    %h: memref<4x100xf32>, %f: memref<4x100xf32>, %k: memref<4x100xi32>,
    %l: memref<1x100xi32>, %n: memref<1x2xi32>) {
  // expected-error @below {{needs rows without gaps on the CPU}}
  moe.masked_ffn post
      ins(%x, %u, %c : memref<4x8xf32, strided<[16, 2]>>, memref<8x3xi32>, memref<8x3xf32>)
      samples 2 up(%w1 : memref<100x8xf32>) down(%w2 : memref<100x16xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : memref<4x16xf32>, memref<4x100xf32>,
           memref<4x100xf32>, memref<4x100xi32>, memref<1x100xi32>, memref<1x2xi32>) {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return
}
