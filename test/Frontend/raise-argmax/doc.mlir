// RUN: moe-opt %s --moe-raise-argmax | FileCheck %s

#row = affine_map<(t, e) -> (t)>
#all = affine_map<(t, e) -> (t, e)>
#token = affine_map<(t) -> (t)>

// The column of the largest key, as torch-mlir writes it, and something that an
// expert has.
// CHECK-LABEL: func.func @argmax
// CHECK-SAME:    %[[KEY:.+]]: tensor<6x4xf32>
// CHECK:         %[[E:.+]] = moe.select #moe.top_k<1> %[[KEY]]
// CHECK:         %[[V:.+]] = moe.weigh value %[[KEY]], %[[E]]
// CHECK-DAG:     %[[FLATV:.+]] = tensor.collapse_shape %[[V]]
// CHECK-DAG:     %[[WIDE:.+]] = arith.extsi %[[E]]
// CHECK-DAG:     %[[FLATE:.+]] = tensor.collapse_shape %[[WIDE]]
// CHECK:         linalg.generic {{.+}} ins(%[[FLATV]], %[[FLATE]]
func.func @argmax(%key: tensor<6x4xf32>, %weights: tensor<4x8x8xf32>) -> tensor<6xf32> {
  %c0 = arith.constant 0 : index
  %least = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0 : i64
  %room = tensor.empty() : tensor<6xf32>
  %v_init = linalg.fill ins(%least : f32) outs(%room : tensor<6xf32>) -> tensor<6xf32>
  %i_room = tensor.empty() : tensor<6xi64>
  %i_init = linalg.fill ins(%zero : i64) outs(%i_room : tensor<6xi64>) -> tensor<6xi64>
  %v, %i = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%key : tensor<6x4xf32>) outs(%v_init, %i_init : tensor<6xf32>, tensor<6xi64>) {
  ^bb0(%in: f32, %best: f32, %at: i64):
    %column = linalg.index 1 : index
    %here = arith.index_cast %column : index to i64
    %max = arith.maximumf %in, %best : f32
    %larger = arith.cmpf ogt, %in, %best : f32
    %next = arith.select %larger, %here, %at : i64
    linalg.yield %max, %next : f32, i64
  } -> (tensor<6xf32>, tensor<6xi64>)
  %y = linalg.generic {indexing_maps = [#token, #token, #token], iterator_types = ["parallel"]}
      ins(%v, %i : tensor<6xf32>, tensor<6xi64>) outs(%room : tensor<6xf32>) {
  ^bb0(%w: f32, %id: i64, %out: f32):
    %e = arith.index_cast %id : i64 to index
    %u = tensor.extract %weights[%e, %c0, %c0] : tensor<4x8x8xf32>
    %wu = arith.mulf %w, %u : f32
    linalg.yield %wu : f32
  } -> tensor<6xf32>
  return %y : tensor<6xf32>
}
