// RUN: moe-opt %s --moe-raise-sort-top-k | FileCheck %s

// A descending sort of (keys, column numbers) whose first two columns are read.
// CHECK-LABEL: func.func @top2
// CHECK-SAME:    %[[KEYS:.+]]: tensor<6x4xf32>
// CHECK:         %[[IDS:.+]] = moe.select #moe.top_k<2> %[[KEYS]]
// CHECK:         %[[TOP:.+]] = moe.weigh value %[[KEYS]], %[[IDS]]
// CHECK:         %[[WIDE:.+]] = arith.extsi %[[IDS]] : tensor<6x2xi32> to tensor<6x2xi64>
// CHECK-NOT:     moe.sort
// CHECK:         return %[[TOP]], %[[WIDE]]
func.func @top2(%keys: tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xi64>) {
  %empty = tensor.empty() : tensor<6x4xi64>
  %columns = linalg.generic {
      indexing_maps = [affine_map<(t, e) -> (t, e)>],
      iterator_types = ["parallel", "parallel"]} outs(%empty : tensor<6x4xi64>) {
  ^bb0(%out: i64):
    %e = linalg.index 1 : index
    %i = arith.index_cast %e : index to i64
    linalg.yield %i : i64
  } -> tensor<6x4xi64>
  %sorted:2 = moe.sort %keys, %columns dimension 1 : tensor<6x4xf32>, tensor<6x4xi64> {
  ^compare(%a: f32, %b: f32, %i: i64, %j: i64):
    %before = arith.cmpf oge, %a, %b : f32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted#0[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  %ids = tensor.extract_slice %sorted#1[0, 0] [6, 2] [1, 1] : tensor<6x4xi64> to tensor<6x2xi64>
  return %top, %ids : tensor<6x2xf32>, tensor<6x2xi64>
}
