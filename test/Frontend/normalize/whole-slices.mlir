// RUN: moe-opt %s --moe-normalize | FileCheck %s

// As many rows as there are, although nobody knows how many.
// CHECK-LABEL: func.func @all_rows(
// CHECK-SAME:    %[[X:.*]]: tensor<?x4xf32>
// CHECK-NOT:     tensor.extract_slice
// CHECK:         moe.sort %[[X]]
func.func @all_rows(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %all = tensor.extract_slice %x[0, 0] [%t, 4] [1, 1]
      : tensor<?x4xf32> to tensor<?x4xf32>
  %sorted = moe.sort %all dimension 1 : tensor<?x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf oge, %a, %b : f32
    moe.yield %before : i1
  }
  return %sorted : tensor<?x4xf32>
}

// As many rows as another tensor has.
// CHECK-LABEL: func.func @some_rows(
// CHECK:         %[[SOME:.*]] = tensor.extract_slice
// CHECK:         moe.sort %[[SOME]]
func.func @some_rows(%x: tensor<?x4xf32>, %t: index) -> tensor<?x4xf32> {
  %some = tensor.extract_slice %x[0, 0] [%t, 4] [1, 1]
      : tensor<?x4xf32> to tensor<?x4xf32>
  %sorted = moe.sort %some dimension 1 : tensor<?x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf oge, %a, %b : f32
    moe.yield %before : i1
  }
  return %sorted : tensor<?x4xf32>
}
