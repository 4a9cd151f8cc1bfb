// RUN: moe-opt %s --moe-raise-gathered-values | FileCheck %s

#all = affine_map<(t, s) -> (t, s)>
#row = affine_map<(t, e) -> (e)>

// DeepSeek-V3: the bias counts for the choice, but not for the weights.
// CHECK-LABEL: func.func @unbiased
// CHECK-SAME:    %[[S:.+]]: tensor<6x4xf32>, %{{.+}}: tensor<4xf32>
// CHECK:         %[[E:.+]] = moe.select #moe.top_k<2>
// CHECK:         %[[W:.+]] = moe.weigh value %[[S]], %[[E]]
// CHECK:         return %[[W]]
func.func @unbiased(%scores: tensor<6x4xf32>, %bias: tensor<4xf32>) -> tensor<6x2xf32> {
  %room = tensor.empty() : tensor<6x4xf32>
  %key = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%scores, %bias : tensor<6x4xf32>, tensor<4xf32>) outs(%room : tensor<6x4xf32>) {
  ^bb0(%s: f32, %b: f32, %out: f32):
    %sum = arith.addf %s, %b : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %w_room = tensor.empty() : tensor<6x2xf32>
  %w = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%e : tensor<6x2xi32>) outs(%w_room : tensor<6x2xf32>) {
  ^bb0(%id: i32, %out: f32):
    %t = linalg.index 0 : index
    %j = arith.index_cast %id : i32 to index
    %v = tensor.extract %scores[%t, %j] : tensor<6x4xf32>
    linalg.yield %v : f32
  } -> tensor<6x2xf32>
  return %w : tensor<6x2xf32>
}
