// RUN: moe-opt %s --moe-raise-argmax --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moe | FileCheck %s

#row = affine_map<(t, e) -> (t)>
#all = affine_map<(t, e) -> (t, e)>
#token = affine_map<(t) -> (t)>

// A maximum whose column nobody reads: that of a softmax.
// CHECK-LABEL: func.func @dead_column
// CHECK-NOT:     moe.
// CHECK:         return
func.func @dead_column(%key: tensor<6x4xf32>, %v_init: tensor<6xf32>, %i_init: tensor<6xi32>) -> tensor<6xf32> {
  %v, %i = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%key : tensor<6x4xf32>) outs(%v_init, %i_init : tensor<6xf32>, tensor<6xi32>) {
  ^bb0(%in: f32, %best: f32, %at: i32):
    %column = linalg.index 1 : index
    %here = arith.index_cast %column : index to i32
    %larger = arith.cmpf ogt, %in, %best : f32
    %max = arith.select %larger, %in, %best : f32
    %next = arith.select %larger, %here, %at : i32
    linalg.yield %max, %next : f32, i32
  } -> (tensor<6xf32>, tensor<6xi32>)
  return %v : tensor<6xf32>
}

// -----

#row = affine_map<(t, e) -> (t)>
#all = affine_map<(t, e) -> (t, e)>
#token = affine_map<(t) -> (t)>

// The last of the largest keys is another choice.
// CHECK-LABEL: func.func @last
// CHECK-NOT:     moe.
// CHECK:         return
func.func @last(%key: tensor<6x4xf32>, %v_init: tensor<6xf32>, %i_init: tensor<6xi32>, %weights: tensor<4x7x3xf32>) -> tensor<6xf32> {
  %c0 = arith.constant 0 : index
  %room = tensor.empty() : tensor<6xf32>
  %v, %i = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%key : tensor<6x4xf32>) outs(%v_init, %i_init : tensor<6xf32>, tensor<6xi32>) {
  ^bb0(%in: f32, %best: f32, %at: i32):
    %column = linalg.index 1 : index
    %here = arith.index_cast %column : index to i32
    %larger = arith.cmpf oge, %in, %best : f32
    %max = arith.select %larger, %in, %best : f32
    %next = arith.select %larger, %here, %at : i32
    linalg.yield %max, %next : f32, i32
  } -> (tensor<6xf32>, tensor<6xi32>)
  %y = linalg.generic {indexing_maps = [#token, #token], iterator_types = ["parallel"]}
      ins(%i : tensor<6xi32>) outs(%room : tensor<6xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %u = tensor.extract %weights[%e, %c0, %c0] : tensor<4x7x3xf32>
    linalg.yield %u : f32
  } -> tensor<6xf32>
  return %y : tensor<6xf32>
}

// -----

#row = affine_map<(t, e) -> (t)>
#all = affine_map<(t, e) -> (t, e)>
#token = affine_map<(t) -> (t)>

// What is kept comes from a table, as in a search for names.
// CHECK-LABEL: func.func @names
// CHECK-NOT:     moe.
// CHECK:         return
func.func @names(%key: tensor<6x4xf32>, %name: tensor<6x4xi32>, %v_init: tensor<6xf32>, %i_init: tensor<6xi32>, %weights: tensor<4x7x3xf32>) -> tensor<6xf32> {
  %c0 = arith.constant 0 : index
  %room = tensor.empty() : tensor<6xf32>
  // expected-remark @below {{what is kept beside the largest key is not its column}}
  %v, %i = linalg.generic {indexing_maps = [#all, #all, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%key, %name : tensor<6x4xf32>, tensor<6x4xi32>) outs(%v_init, %i_init : tensor<6xf32>, tensor<6xi32>) {
  ^bb0(%in: f32, %here: i32, %best: f32, %at: i32):
    %larger = arith.cmpf ogt, %in, %best : f32
    %max = arith.select %larger, %in, %best : f32
    %next = arith.select %larger, %here, %at : i32
    linalg.yield %max, %next : f32, i32
  } -> (tensor<6xf32>, tensor<6xi32>)
  %y = linalg.generic {indexing_maps = [#token, #token], iterator_types = ["parallel"]}
      ins(%i : tensor<6xi32>) outs(%room : tensor<6xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %u = tensor.extract %weights[%e, %c0, %c0] : tensor<4x7x3xf32>
    linalg.yield %u : f32
  } -> tensor<6xf32>
  return %y : tensor<6xf32>
}

// -----

#row = affine_map<(t, e) -> (t)>
#all = affine_map<(t, e) -> (t, e)>
#token = affine_map<(t) -> (t)>

// CHECK-LABEL: func.func @wide
// CHECK-NOT:     moe.
// CHECK:         return
func.func @wide(%key: tensor<6x4xf64>, %v_init: tensor<6xf64>, %i_init: tensor<6xi32>, %weights: tensor<4x7x3xf32>) -> tensor<6xf32> {
  %c0 = arith.constant 0 : index
  %room = tensor.empty() : tensor<6xf32>
  // expected-remark @below {{the keys are of an unknown number of columns, or wider than f32}}
  %v, %i = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%key : tensor<6x4xf64>) outs(%v_init, %i_init : tensor<6xf64>, tensor<6xi32>) {
  ^bb0(%in: f64, %best: f64, %at: i32):
    %column = linalg.index 1 : index
    %here = arith.index_cast %column : index to i32
    %larger = arith.cmpf ogt, %in, %best : f64
    %max = arith.select %larger, %in, %best : f64
    %next = arith.select %larger, %here, %at : i32
    linalg.yield %max, %next : f64, i32
  } -> (tensor<6xf64>, tensor<6xi32>)
  %y = linalg.generic {indexing_maps = [#token, #token], iterator_types = ["parallel"]}
      ins(%i : tensor<6xi32>) outs(%room : tensor<6xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %u = tensor.extract %weights[%e, %c0, %c0] : tensor<4x7x3xf32>
    linalg.yield %u : f32
  } -> tensor<6xf32>
  return %y : tensor<6xf32>
}
