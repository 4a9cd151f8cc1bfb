// RUN: moe-opt %s --moe-raise-masked-top-k | FileCheck %s

#all = affine_map<(t, e) -> (t, e)>
#one = affine_map<(t, e) -> (t, 0)>

// The second expert is the first of those that are not masked.
// CHECK-LABEL: func.func @second
// CHECK-SAME:    %[[KEY:.+]]: tensor<6x4xf32>
// CHECK:         %[[E:.+]] = moe.select #moe.top_k<2> %[[KEY]]
// CHECK-DAG:     tensor.extract_slice %[[E]][0, 0] [6, 1] [1, 1]
// CHECK-DAG:     tensor.extract_slice %[[E]][0, 1] [6, 1] [1, 1]
// CHECK-DAG:     %[[V:.+]] = moe.weigh value %[[KEY]], %[[E]]
// CHECK:         tensor.extract_slice %[[V]][0, 1] [6, 1] [1, 1]
func.func @second(%key: tensor<6x4xf32>) -> (tensor<6x1xi32>, tensor<6x1xi32>, tensor<6x1xf32>) {
  %least = arith.constant 0xFF800000 : f32
  %e1 = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  %room = tensor.empty() : tensor<6x4xf32>
  %masked = linalg.generic {indexing_maps = [#all, #one, #all], iterator_types = ["parallel", "parallel"]}
      ins(%key, %e1 : tensor<6x4xf32>, tensor<6x1xi32>) outs(%room : tensor<6x4xf32>) {
  ^bb0(%k: f32, %id: i32, %out: f32):
    %j = linalg.index 1 : index
    %column = arith.index_cast %j : index to i32
    %taken = arith.cmpi eq, %id, %column : i32
    %rest = arith.select %taken, %least, %k : f32
    linalg.yield %rest : f32
  } -> tensor<6x4xf32>
  %e2 = moe.select #moe.top_k<1> %masked : tensor<6x4xf32> -> tensor<6x1xi32>
  %v2 = moe.weigh value %masked, %e2 : tensor<6x4xf32>, tensor<6x1xi32> -> tensor<6x1xf32>
  return %e1, %e2, %v2 : tensor<6x1xi32>, tensor<6x1xi32>, tensor<6x1xf32>
}
