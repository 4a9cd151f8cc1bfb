// RUN: moe-opt %s --moe-fuse-shared-experts | FileCheck %s

// A shared expert twice as wide as a routed one is two experts that are always
// on. Its parts come in another order, and its weights are matrices of their own.
// [doc-begin]
// CHECK-LABEL: func.func @twice_as_wide
// CHECK-SAME:    %[[W1:[a-z0-9]+]]: tensor<4x32x8xf32>, %[[W2:[a-z0-9]+]]: tensor<4x8x16xf32>, %[[GATE:[a-z0-9]+]]: tensor<32x8xf32>
// CHECK-SAME:    %[[UP:[a-z0-9]+]]: tensor<32x8xf32>, %[[DOWN:[a-z0-9]+]]: tensor<8x32xf32>
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into ins({{.+}}) always_on 2
// CHECK-SAME:      -> tensor<7xi32>, tensor<24xi32>, tensor<6x4xi32>
// CHECK:         %[[H:.+]] = moe.grouped_matmul {{.+}} weights(%[[W1]] :
// CHECK-SAME:      always_on 2 always_weights(%[[UP]], %[[GATE]] : tensor<32x8xf32>, tensor<32x8xf32>)
// CHECK-SAME:      slots 4
// CHECK-SAME:      parts weights [0, 0, 1, 0] offsets [0, 16, 0, 0] strides [1, 1, 1, 1]
// CHECK:         %[[R:.+]] = moe.grouped_matmul ins(%[[H]] : tensor<24x16xf32>) weights(%[[W2]] :
// CHECK-SAME:      always_on 2 always_weights(%[[DOWN]] : tensor<8x32xf32>)
// CHECK:         %[[Y:.+]] = moe.gather_sum ins(%[[R]], %[[PLAN]]#2, {{.+}} : tensor<24x8xf32>, tensor<6x4xi32>, tensor<6x2xf32>)
// CHECK-NOT:     arith.addf
// CHECK:         return %[[Y]]
func.func @twice_as_wide(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<32x8xf32>,
    %su: tensor<32x8xf32>, %sd: tensor<8x32xf32>) -> tensor<6x8xf32> {
  %all = arith.constant dense<[0, 6]> : tensor<2xi32>
  %o0 = tensor.empty() : tensor<5xi32>
  %p0 = tensor.empty() : tensor<12xi32>
  %q0 = tensor.empty() : tensor<6x2xi32>
  %h0 = tensor.empty() : tensor<12x16xf32>
  %r0 = tensor.empty() : tensor<12x8xf32>
  %y0 = tensor.empty() : tensor<6x8xf32>
  %sh0 = tensor.empty() : tensor<6x32xf32>
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
  %r = moe.grouped_matmul ins(%h : tensor<12x16xf32>) weights(%w2 : tensor<4x8x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%r0 : tensor<12x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<12x8xf32>
  %sum = moe.gather_sum ins(%r, %q, %g : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>)
      outs(%y0 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %up = tensor.expand_shape %su [[0, 1], [2]] output_shape [1, 32, 8] : tensor<32x8xf32> into tensor<1x32x8xf32>
  %gate = tensor.expand_shape %sg [[0, 1], [2]] output_shape [1, 32, 8] : tensor<32x8xf32> into tensor<1x32x8xf32>
  %down = tensor.expand_shape %sd [[0, 1], [2]] output_shape [1, 8, 32] : tensor<8x32xf32> into tensor<1x8x32xf32>
  %sh = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%up, %gate : tensor<1x32x8xf32>, tensor<1x32x8xf32>) offsets(%all : tensor<2xi32>)
      outs(%sh0 : tensor<6x32xf32>) parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%b: f32, %a: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %b, %t : f32
    moe.yield %prod : f32
  } -> tensor<6x32xf32>
  %s = moe.grouped_matmul ins(%sh : tensor<6x32xf32>) weights(%down : tensor<1x8x32xf32>) offsets(%all : tensor<2xi32>)
      outs(%y0 : tensor<6x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<6x8xf32>
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
// [doc-end]
