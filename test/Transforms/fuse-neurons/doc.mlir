// RUN: moe-opt %s --moe-fuse-neurons | FileCheck %s

// Sizes follow from the number of tokens; a tile has four of them.
// [doc-begin]
// CHECK-LABEL: func.func @layer
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[U:.+]]: tensor<?x4xi32>, %[[C:.+]]: tensor<?x4xf32>
// CHECK:         %[[T:.+]] = tensor.dim %[[X]]
// CHECK:         %[[TILES:.+]] = arith.divui
// CHECK:         tensor.empty(%[[T]]) : tensor<?x8xf32>
// CHECK:         tensor.empty(%[[T]]) : tensor<?x100xf32>
// CHECK:         tensor.empty(%[[T]]) : tensor<?x100xf32>
// CHECK:         tensor.empty(%[[T]]) : tensor<?x100xi32>
// CHECK:         tensor.empty(%[[TILES]]) : tensor<?x100xi32>
// CHECK:         tensor.empty(%[[TILES]]) : tensor<?x2xi32>
// CHECK:         %[[Y:.+]]:6 = moe.masked_ffn post ins(%[[X]], %[[U]], %[[C]] :
// CHECK-SAME:      samples 2 count(%{{.+}} : i32) up(
// CHECK-SAME:      tile 4 outs(
// CHECK:         return %[[Y]]#0
func.func @layer(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>,
                 %k: i32, %up: tensor<100x8xf32>, %down: tensor<100x8xf32>)
    -> tensor<?x8xf32> {
  %y = moe.neurons post %x, %u, %c samples 2 count(%k : i32)
      up(%up : tensor<100x8xf32>) down(%down : tensor<100x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}
// [doc-end]

// One token is a tile of one. A mask before the activation keeps the samples
// apart, and needs an activation that maps 0 to 0, here SiLU.
// CHECK-LABEL: func.func @before
// CHECK-DAG:     tensor.empty() : tensor<2x16xf32>
// CHECK-DAG:     tensor.empty() : tensor<1x16xi32>
// CHECK:         moe.masked_ffn pre
// CHECK-SAME:      tile 1 outs(
func.func @before(%x: tensor<1x8xf32>, %u: tensor<2x4xi32>, %c: tensor<2x4xf32>,
                  %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<1x8xf32> {
  %one = arith.constant 1.0 : f32
  %y = moe.neurons pre %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<1x8xf32>, tensor<2x4xi32>, tensor<2x4xf32> -> tensor<1x8xf32> {
  ^unit(%p: f32):
    %n = arith.negf %p : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %a = arith.divf %p, %d : f32
    moe.yield %a : f32
  }
  return %y : tensor<1x8xf32>
}
