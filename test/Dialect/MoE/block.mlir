// A whole block in stage ops, as the README of the dialect shows it.

// RUN: moe-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @block
// CHECK:         moe.combine
// [doc-begin]
func.func @block(%x: tensor<?x8xf32>, %logits: tensor<?x4xf32>,
                 %w: tensor<4x8x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %scores = moe.score softmax %logits : tensor<?x4xf32> -> tensor<?x4xf32>
  %ids = moe.select #moe.top_k<2> %scores : tensor<?x4xf32> -> tensor<?x2xi32>
  %weights = moe.weigh value %scores, %ids norm sum
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%w : tensor<4x8x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %we: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul ins(%r, %we : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%f : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %m : tensor<?x8xf32>
  }
  %y = moe.combine %out, %pairs, %weights into %init
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
// [doc-end]
