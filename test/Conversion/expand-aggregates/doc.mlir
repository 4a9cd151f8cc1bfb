// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-expand-aggregates))' | FileCheck %s

// [doc-begin]
// CHECK-LABEL: func.func @softmax
// CHECK-NOT:     linalg.softmax
// CHECK:         arith.maxnumf
// CHECK:         math.exp
// CHECK:         arith.addf
// CHECK:         arith.divf
func.func @softmax(%x: tensor<?x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %r = linalg.softmax dimension(1) ins(%x : tensor<?x8xf32>) outs(%init : tensor<?x8xf32>)
    -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}
// [doc-end]

// CHECK-LABEL: func.func @pack
// CHECK-NOT:     linalg.pack
// CHECK:         linalg.transpose
func.func @pack(%x: tensor<8x8xf32>, %init: tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32> {
  %r = linalg.pack %x inner_dims_pos = [0, 1] inner_tiles = [4, 2] into %init
    : tensor<8x8xf32> -> tensor<2x4x4x2xf32>
  return %r : tensor<2x4x4x2xf32>
}
