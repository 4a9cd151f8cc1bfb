// RUN: moe-opt %s --moe-fuse-dispatch | FileCheck %s

// [doc-begin]
// CHECK-LABEL: func.func @gather
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>
// CHECK:         %[[O:.+]], %[[P:.+]] = moe.plan
// CHECK-NOT:     moe.dispatch
// CHECK:         moe.grouped_matmul ins(%[[X]] : tensor<?x8xf32>)
// CHECK-SAME:      offsets(%[[O]] : tensor<5xi32>) gather(%[[P]] : tensor<?xi32>) slots 2
func.func @gather(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>,
                  %w: tensor<4x16x8xf32>, %init: tensor<?x16xf32>)
    -> tensor<?x16xf32> {
  %o, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %h = moe.grouped_matmul ins(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%o : tensor<5xi32>)
      outs(%init : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}
// [doc-end]
