// RUN: moe-opt %s --moe-fuse-shared-experts \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// An epilogue that takes more of a row: the routed rows are not those of tokens.
// CHECK-LABEL: func.func @rows
// CHECK-NOT:     always_on
// CHECK:         return
func.func @rows(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>,
    %row: tensor<12x1xf32>) -> tensor<6x8xf32> {
  %all = arith.constant dense<[0, 6]> : tensor<2xi32>
  %o0 = tensor.empty() : tensor<5xi32>
  %p0 = tensor.empty() : tensor<12xi32>
  %q0 = tensor.empty() : tensor<6x2xi32>
  %h0 = tensor.empty() : tensor<12x16xf32>
  %r0 = tensor.empty() : tensor<12x8xf32>
  %y0 = tensor.empty() : tensor<6x8xf32>
  %sh0 = tensor.empty() : tensor<6x16xf32>
  %o, %p, %q = moe.plan_into ins(%e : tensor<6x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w1 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>) gather(%p : tensor<12xi32>) slots 2
      outs(%h0 : tensor<12x16xf32>) parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%a: f32, %b: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %t, %b : f32
    moe.yield %prod : f32
  } -> tensor<12x16xf32>
  %r = moe.grouped_matmul ins(%h : tensor<12x16xf32>) weights(%w2 : tensor<4x8x16xf32>)
      rows(%row : tensor<12x1xf32>) offsets(%o : tensor<5xi32>)
      outs(%r0 : tensor<12x8xf32>) parts weights [0] offsets [0] strides [1]
      row_parts rows [0] offsets [0] strides [0] {
  ^epilogue(%a: f32, %b: f32):
    %prod = arith.mulf %a, %b : f32
    moe.yield %prod : f32
  } -> tensor<12x8xf32>
  %sum = moe.gather_sum ins(%r, %q, %g : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>)
      outs(%y0 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %up = tensor.expand_shape %su [[0, 1], [2]] output_shape [1, 16, 8] : tensor<16x8xf32> into tensor<1x16x8xf32>
  %gate = tensor.expand_shape %sg [[0, 1], [2]] output_shape [1, 16, 8] : tensor<16x8xf32> into tensor<1x16x8xf32>
  %down = tensor.expand_shape %sd [[0, 1], [2]] output_shape [1, 8, 16] : tensor<8x16xf32> into tensor<1x8x16xf32>
  %sh = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%up, %gate : tensor<1x16x8xf32>, tensor<1x16x8xf32>) offsets(%all : tensor<2xi32>)
      outs(%sh0 : tensor<6x16xf32>) parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%b: f32, %a: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %b, %t : f32
    moe.yield %prod : f32
  } -> tensor<6x16xf32>
  %s = moe.grouped_matmul ins(%sh : tensor<6x16xf32>) weights(%down : tensor<1x8x16xf32>) offsets(%all : tensor<2xi32>)
      outs(%y0 : tensor<6x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<6x8xf32>
  // expected-remark @below {{the shared expert stays a matmul of its own: an epilogue reads more of a row than its products}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
