// RUN: moe-opt %s --moe-raise-shared-experts | FileCheck %s

// Two matmuls over all tokens, added to what the routed experts make, are an
// expert that has all rows. The weights are seen as stacks of one.
// [doc-begin]
// CHECK-LABEL: func.func @tanh
// CHECK-SAME:    %[[X:.+]]: tensor<6x8xf32>,
// CHECK-SAME:    %[[UP:[a-z0-9]+]]: tensor<16x8xf32>, %[[DOWN:[a-z0-9]+]]: tensor<8x16xf32>)
// CHECK:         %[[ALL:.+]] = arith.constant dense<[0, 6]> : tensor<2xi32>
// CHECK-DAG:     %[[W1:.+]] = tensor.expand_shape %[[UP]] {{.+}} into tensor<1x16x8xf32>
// CHECK-DAG:     %[[W2:.+]] = tensor.expand_shape %[[DOWN]] {{.+}} into tensor<1x8x16xf32>
// CHECK:         %[[SHARED:.+]] = moe.experts rows(%[[X]] : tensor<6x8xf32>)
// CHECK-SAME:      weights(%[[W1]], %[[W2]] : {{.+}}) offsets(%[[ALL]] : tensor<2xi32>)
// CHECK:           linalg.matmul
// CHECK:           math.tanh
// CHECK:           linalg.matmul
// CHECK:           moe.yield
// CHECK-NOT:     linalg.matmul
// CHECK:         %[[ROUTED:.+]] = moe.combine
// CHECK:         arith.addf %[[ROUTED]], %[[SHARED]]
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @tanh(%x: tensor<6x8xf32>, %ids: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w: tensor<4x8x8xf32>, %up: tensor<16x8xf32>, %down: tensor<8x16xf32>)
    -> tensor<6x8xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x8xf32>
  %zero_hidden = arith.constant dense<0.0> : tensor<6x16xf32>
  %u = linalg.matmul indexing_maps = [#a, #b, #c] ins(%x, %up : tensor<6x8xf32>, tensor<16x8xf32>) outs(%zero_hidden : tensor<6x16xf32>) -> tensor<6x16xf32>
  %h = math.tanh %u : tensor<6x16xf32>
  %s = linalg.matmul indexing_maps = [#a, #b, #c] ins(%h, %down : tensor<6x16xf32>, tensor<8x16xf32>) outs(%zero : tensor<6x8xf32>) -> tensor<6x8xf32>
  %offsets, %pairs = moe.plan %ids : tensor<6x2xi32> -> tensor<5xi32>, tensor<12xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  %ys = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x8x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  %c = moe.combine %ys, %pairs, %g into %zero
      : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  %y = arith.addf %c, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
// [doc-end]
