// RUN: moe-opt %s --moe-normalize | FileCheck %s

// A function in which nothing is chosen stays as it is.
// CHECK-LABEL: func.func @no_choice
// CHECK:         arith.extf
// CHECK:         arith.truncf
func.func @no_choice(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %wide = arith.extf %x : tensor<6x4xf32> to tensor<6x4xf64>
  %back = arith.truncf %wide : tensor<6x4xf64> to tensor<6x4xf32>
  return %back : tensor<6x4xf32>
}

// Through a narrower type numbers are rounded.
// CHECK-LABEL: func.func @rounded
// CHECK:         arith.truncf
// CHECK:         arith.extf
func.func @rounded(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %narrow = arith.truncf %x : tensor<6x4xf32> to tensor<6x4xbf16>
  %back = arith.extf %narrow : tensor<6x4xbf16> to tensor<6x4xf32>
  %sorted = moe.sort %back dimension 1 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf oge, %a, %b : f32
    moe.yield %before : i1
  }
  return %sorted : tensor<6x4xf32>
}

// Columns come back in another order than they were taken in.
// CHECK-LABEL: func.func @swapped
// CHECK-COUNT-2: linalg.matmul
func.func @swapped(%x: tensor<6x8xf32>, %w: tensor<8x4xf32>,
                   %init: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %w0 = tensor.extract_slice %w[0, 0] [8, 2] [1, 1]
      : tensor<8x4xf32> to tensor<8x2xf32>
  %i0 = tensor.extract_slice %init[0, 2] [6, 2] [1, 1]
      : tensor<6x4xf32> to tensor<6x2xf32>
  %l0 = linalg.matmul ins(%x, %w0 : tensor<6x8xf32>, tensor<8x2xf32>)
      outs(%i0 : tensor<6x2xf32>) -> tensor<6x2xf32>
  %y0 = tensor.insert_slice %l0 into %init[0, 2] [6, 2] [1, 1]
      : tensor<6x2xf32> into tensor<6x4xf32>
  %w1 = tensor.extract_slice %w[0, 2] [8, 2] [1, 1]
      : tensor<8x4xf32> to tensor<8x2xf32>
  %i1 = tensor.extract_slice %init[0, 0] [6, 2] [1, 1]
      : tensor<6x4xf32> to tensor<6x2xf32>
  %l1 = linalg.matmul ins(%x, %w1 : tensor<6x8xf32>, tensor<8x2xf32>)
      outs(%i1 : tensor<6x2xf32>) -> tensor<6x2xf32>
  %y1 = tensor.insert_slice %l1 into %y0[0, 0] [6, 2] [1, 1]
      : tensor<6x2xf32> into tensor<6x4xf32>
  %sorted = moe.sort %y1 dimension 1 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf oge, %a, %b : f32
    moe.yield %before : i1
  }
  return %sorted : tensor<6x4xf32>
}

// What was raised stays as it was printed.
// CHECK-LABEL: func.func @raised
// CHECK:         arith.extf
// CHECK:         arith.truncf
func.func @raised(%x: tensor<6x4xf32>, %y: tensor<6x4xf32>)
    -> (tensor<6x2xi32>, tensor<6x4xf32>) {
  %wide = arith.extf %x : tensor<6x4xf32> to tensor<6x4xf64>
  %back = arith.truncf %wide : tensor<6x4xf64> to tensor<6x4xf32>
  %ids = moe.select #moe.top_k<2> %back : tensor<6x4xf32> -> tensor<6x2xi32>
  %sorted = moe.sort %y dimension 1 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf oge, %a, %b : f32
    moe.yield %before : i1
  }
  return %ids, %sorted : tensor<6x2xi32>, tensor<6x4xf32>
}
