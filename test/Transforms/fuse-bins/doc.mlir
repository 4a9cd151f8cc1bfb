// RUN: moe-opt %s --moe-fuse-bins | FileCheck %s

// The values of what an expert picked are its weights.
// [doc-begin]
// CHECK-LABEL: func.func @choice
// CHECK-SAME:    %[[S:.+]]: tensor<?x4xf32>
// CHECK:         %[[T0:.+]] = tensor.empty() : tensor<4x3xi32>
// CHECK:         %[[W0:.+]] = tensor.empty() : tensor<4x3xf32>
// CHECK:         %[[BINS:.+]]:2 = moe.select_into 3 ins(%[[S]] : tensor<?x4xf32>)
// CHECK-SAME:      weigh(%[[S]] : tensor<?x4xf32>) outs(%[[T0]], %[[W0]] :
// CHECK:         return %[[BINS]]#0, %[[BINS]]#1
func.func @choice(%s: tensor<?x4xf32>) -> (tensor<4x3xi32>, tensor<4x3xf32>) {
  %t = moe.select #moe.top_k<3> %s by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  %w = moe.weigh value %s, %t by expert
      : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %t, %w : tensor<4x3xi32>, tensor<4x3xf32>
}
// [doc-end]

// A bin holds the entries of all groups; nothing else of the select changes.
// CHECK-LABEL: func.func @groups
// CHECK-SAME:    %[[K:.+]]: tensor<?x4xf32>, %[[N:.+]]: i64
// CHECK:         %[[TOKENS:.+]] = tensor.dim %[[K]]
// CHECK:         %[[GROUPS:.+]] = arith.ceildivui %[[TOKENS]]
// CHECK:         %[[WIDTH:.+]] = arith.muli %[[GROUPS]]
// CHECK:         tensor.empty(%[[WIDTH]]) : tensor<4x?xi32>
// CHECK:         moe.select_into 3 scope 8 ins(%[[K]] : tensor<?x4xf32>) count(%[[N]] : i64)
// CHECK-SAME:      nan first order by_index outs(
func.func @groups(%k: tensor<?x4xf32>, %n: i64) -> tensor<4x?xi32> {
  %t = moe.select #moe.top_k<3> %k by expert scope 8 count(%n : i64) nan first order by_index
      : tensor<?x4xf32> -> tensor<4x?xi32>
  return %t : tensor<4x?xi32>
}

// What tokens select is left alone.
// CHECK-LABEL: func.func @by_token
// CHECK:         moe.select #moe.top_k<2>
func.func @by_token(%k: tensor<?x4xf32>) -> tensor<?x2xi32> {
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  return %e : tensor<?x2xi32>
}
