// RUN: moe-opt %s --moe-normalize | FileCheck %s

// Logits whose columns are computed in two parts, and a cast there and back.
// [doc-begin]
// CHECK-LABEL: func.func @router(
// CHECK-SAME:    %[[X:.*]]: tensor<?x8xf32>, %[[W:.*]]: tensor<8x4xf32>,
// CHECK-SAME:    %[[INIT:.*]]: tensor<?x4xf32>
// CHECK:         %[[L:.*]] = linalg.matmul ins(%[[X]], %[[W]]
// CHECK-SAME:      outs(%[[INIT]]
// CHECK-NEXT:    moe.sort %[[L]]
func.func @router(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>,
                  %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %init, %c0 : tensor<?x4xf32>
  %w0 = tensor.extract_slice %w[0, 0] [8, 1] [1, 1]
      : tensor<8x4xf32> to tensor<8x1xf32>
  %i0 = tensor.extract_slice %init[0, 0] [%t, 1] [1, 1]
      : tensor<?x4xf32> to tensor<?x1xf32>
  %l0 = linalg.matmul ins(%x, %w0 : tensor<?x8xf32>, tensor<8x1xf32>)
      outs(%i0 : tensor<?x1xf32>) -> tensor<?x1xf32>
  %y0 = tensor.insert_slice %l0 into %init[0, 0] [%t, 1] [1, 1]
      : tensor<?x1xf32> into tensor<?x4xf32>
  %w1 = tensor.extract_slice %w[0, 1] [8, 3] [1, 1]
      : tensor<8x4xf32> to tensor<8x3xf32>
  %i1 = tensor.extract_slice %init[0, 1] [%t, 3] [1, 1]
      : tensor<?x4xf32> to tensor<?x3xf32>
  %l1 = linalg.matmul ins(%x, %w1 : tensor<?x8xf32>, tensor<8x3xf32>)
      outs(%i1 : tensor<?x3xf32>) -> tensor<?x3xf32>
  %y1 = tensor.insert_slice %l1 into %y0[0, 1] [%t, 3] [1, 1]
      : tensor<?x3xf32> into tensor<?x4xf32>
  %wide = arith.extf %y1 : tensor<?x4xf32> to tensor<?x4xf64>
  %logits = arith.truncf %wide : tensor<?x4xf64> to tensor<?x4xf32>
  %sorted = moe.sort %logits dimension 1 : tensor<?x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf oge, %a, %b : f32
    moe.yield %before : i1
  }
  return %sorted : tensor<?x4xf32>
}
// [doc-end]
