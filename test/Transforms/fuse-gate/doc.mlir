// RUN: moe-opt %s --moe-fuse-gate | FileCheck %s

// The router of Mixtral becomes one op; its weights lie as torch stores them.
// [doc-begin]
// CHECK-LABEL: func.func @mixtral
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[ROUTER:.+]]: tensor<4x8xf32>
// CHECK-NOT:     linalg
// CHECK:         %[[GATE:.+]]:2 = moe.gate ins(%[[X]], %[[ROUTER]] : tensor<?x8xf32>, tensor<4x8xf32>)
// CHECK-SAME:      score softmax select #moe.top_k<2> on scores weigh value on scores norm sum
// CHECK-NEXT:    return %[[GATE]]#0, %[[GATE]]#1
func.func @mixtral(%x: tensor<?x8xf32>, %router: tensor<4x8xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %t = tensor.dim %x, %c0 : tensor<?x8xf32>
  %rt0 = tensor.empty() : tensor<8x4xf32>
  %rt = linalg.transpose ins(%router : tensor<4x8xf32>)
      outs(%rt0 : tensor<8x4xf32>) permutation = [1, 0]
  %l0 = tensor.empty(%t) : tensor<?x4xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %l = linalg.matmul ins(%x, %rt : tensor<?x8xf32>, tensor<8x4xf32>)
      outs(%l1 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}
// [doc-end]
