// RUN: moe-opt %s --moe-raise-gathered-experts | FileCheck %s

// Ids of slots are ids of experts: an assertion that they are holds, and keeps no
// gather alive.
// CHECK-LABEL: func.func @proven
// CHECK:         moe.select
// CHECK-NOT:     cf.assert
// CHECK:         return
func.func @proven(%key: tensor<6x4xf32>, %w: tensor<4x8x8xf32>)
    -> tensor<6x2xi32> {
  %c4 = arith.constant 4 : index
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %flat = tensor.collapse_shape %ids [[0, 1]]
      : tensor<6x2xi32> into tensor<12xi32>
  %empty = tensor.empty() : tensor<12x8x8xf32>
  %gathered = linalg.generic {
      indexing_maps = [affine_map<(p, i, j) -> (p)>,
                       affine_map<(p, i, j) -> (p, i, j)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<12xi32>) outs(%empty : tensor<12x8x8xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %holds = arith.cmpi slt, %e, %c4 : index
    cf.assert %holds, "index out of range"
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %element = tensor.extract %w[%e, %i, %j] : tensor<4x8x8xf32>
    linalg.yield %element : f32
  } -> tensor<12x8x8xf32>
  return %ids : tensor<6x2xi32>
}

// Nothing is known of an argument.
// CHECK-LABEL: func.func @unknown
// CHECK:         cf.assert
func.func @unknown(%key: tensor<6x4xf32>, %codes: tensor<12xi32>)
    -> tensor<6x2xi32> {
  %c4 = arith.constant 4 : i32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %checked = linalg.generic {
      indexing_maps = [affine_map<(p) -> (p)>, affine_map<(p) -> (p)>],
      iterator_types = ["parallel"]}
      ins(%codes : tensor<12xi32>) outs(%codes : tensor<12xi32>) {
  ^bb0(%code: i32, %out: i32):
    %holds = arith.cmpi slt, %code, %c4 : i32
    cf.assert %holds, "index out of range"
    linalg.yield %code : i32
  } -> tensor<12xi32>
  return %ids : tensor<6x2xi32>
}

// Here it may fail: there are more experts than the assertion allows.
// CHECK-LABEL: func.func @too_tight
// CHECK:         cf.assert
func.func @too_tight(%key: tensor<6x4xf32>) -> tensor<6x2xi32> {
  %c3 = arith.constant 3 : i32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %checked = linalg.generic {
      indexing_maps = [affine_map<(t, s) -> (t, s)>,
                       affine_map<(t, s) -> (t, s)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6x2xi32>) outs(%ids : tensor<6x2xi32>) {
  ^bb0(%id: i32, %out: i32):
    %holds = arith.cmpi slt, %id, %c3 : i32
    cf.assert %holds, "index out of range"
    linalg.yield %id : i32
  } -> tensor<6x2xi32>
  return %ids : tensor<6x2xi32>
}
