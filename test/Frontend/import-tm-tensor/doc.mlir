// RUN: moe-opt %s --moe-import-tm-tensor | FileCheck %s

// What torch-mlir writes for torch.sort becomes a moe.sort of the same tensors.
// CHECK-LABEL: func.func @sort
// CHECK-SAME:    %[[KEYS:.+]]: tensor<6x4xf32>, %[[COLUMNS:.+]]: tensor<6x4xi64>
// CHECK:         %[[SORTED:.+]]:2 = moe.sort %[[KEYS]], %[[COLUMNS]] dimension 1
// CHECK:           %[[BEFORE:.+]] = arith.cmpf oge
// CHECK:           moe.yield %[[BEFORE]] : i1
// CHECK:         return %[[SORTED]]#0, %[[SORTED]]#1
func.func @sort(%keys: tensor<6x4xf32>, %columns: tensor<6x4xi64>) -> (tensor<6x4xf32>, tensor<6x4xi64>) {
  %0:2 = "tm_tensor.sort"(%keys, %columns) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%a: f32, %b: f32, %i: i64, %j: i64):
    %before = arith.cmpf oge, %a, %b : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x4xf32>, tensor<6x4xi64>) -> (tensor<6x4xf32>, tensor<6x4xi64>)
  return %0#0, %0#1 : tensor<6x4xf32>, tensor<6x4xi64>
}
