// RUN: moe-opt %s --moe-raise-argmax --split-input-file | FileCheck %s

#row = affine_map<(b, s, e) -> (b, s)>
#all = affine_map<(b, s, e) -> (b, s, e)>
#column = affine_map<(b, s, e) -> (e)>
#token = affine_map<(b, s) -> (b, s)>

// As jaxlib writes it: batches, columns as an input, NaN first, and a comparison
// the other way around. The largest key is not read.
// CHECK-LABEL: func.func @pairs
// CHECK-SAME:    %[[KEY:.+]]: tensor<2x3x5xf32>
// CHECK:         %[[ROWS:.+]] = tensor.collapse_shape %[[KEY]] {{\[\[}}0, 1], [2]]
// CHECK:         %[[E:.+]] = moe.select #moe.top_k<1> %[[ROWS]]
// CHECK-NOT:     moe.weigh
// CHECK:         tensor.expand_shape {{.+}} output_shape [2, 3]
func.func @pairs(%key: tensor<2x3x5xf32>, %weights: tensor<5x7x3xf32>) -> tensor<2x3xf32> {
  %c0 = arith.constant 0 : index
  %least = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0 : i32
  %room = tensor.empty() : tensor<2x3xf32>
  %v_init = linalg.fill ins(%least : f32) outs(%room : tensor<2x3xf32>) -> tensor<2x3xf32>
  %i_room = tensor.empty() : tensor<2x3xi32>
  %i_init = linalg.fill ins(%zero : i32) outs(%i_room : tensor<2x3xi32>) -> tensor<2x3xi32>
  %columns = arith.constant dense<[0, 1, 2, 3, 4]> : tensor<5xi32>
  %v, %i = linalg.generic {indexing_maps = [#all, #column, #row, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%key, %columns : tensor<2x3x5xf32>, tensor<5xi32>) outs(%v_init, %i_init : tensor<2x3xf32>, tensor<2x3xi32>) {
  ^bb0(%in: f32, %here: i32, %best: f32, %at: i32):
    %larger = arith.cmpf ogt, %best, %in : f32
    %nan = arith.cmpf une, %best, %best : f32
    %keep = arith.ori %larger, %nan : i1
    %equal = arith.cmpf oeq, %best, %in : f32
    %before = arith.cmpi slt, %at, %here : i32
    %first = arith.andi %equal, %before : i1
    %keep_at = arith.ori %keep, %first : i1
    %next = arith.select %keep, %best, %in : f32
    %next_at = arith.select %keep_at, %at, %here : i32
    linalg.yield %next, %next_at : f32, i32
  } -> (tensor<2x3xf32>, tensor<2x3xi32>)
  %y = linalg.generic {indexing_maps = [#token, #token], iterator_types = ["parallel", "parallel"]}
      ins(%i : tensor<2x3xi32>) outs(%room : tensor<2x3xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %u = tensor.extract %weights[%e, %c0, %c0] : tensor<5x7x3xf32>
    linalg.yield %u : f32
  } -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

#row = affine_map<(t, e) -> (t)>
#token = affine_map<(t) -> (t)>

// A number of tokens known at run time.
// CHECK-LABEL: func.func @dynamic
// CHECK:         moe.select #moe.top_k<1> %{{.+}} : tensor<?x4xf16> -> tensor<?x1xi32>
func.func @dynamic(%key: tensor<?x4xf16>, %v_init: tensor<?xf16>, %i_init: tensor<?xi32>, %weights: tensor<4x7x3xf16>) -> tensor<?xf16> {
  %c0 = arith.constant 0 : index
  %v, %i = linalg.generic {indexing_maps = [affine_map<(t, e) -> (t, e)>, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%key : tensor<?x4xf16>) outs(%v_init, %i_init : tensor<?xf16>, tensor<?xi32>) {
  ^bb0(%in: f16, %best: f16, %at: i32):
    %column = linalg.index 1 : index
    %here = arith.index_cast %column : index to i32
    %larger = arith.cmpf ugt, %in, %best : f16
    %max = arith.select %larger, %in, %best : f16
    %next = arith.select %larger, %here, %at : i32
    linalg.yield %max, %next : f16, i32
  } -> (tensor<?xf16>, tensor<?xi32>)
  %y = linalg.generic {indexing_maps = [#token, #token], iterator_types = ["parallel"]}
      ins(%i : tensor<?xi32>) outs(%v_init : tensor<?xf16>) {
  ^bb0(%id: i32, %out: f16):
    %e = arith.index_cast %id : i32 to index
    %u = tensor.extract %weights[%e, %c0, %c0] : tensor<4x7x3xf16>
    linalg.yield %u : f16
  } -> tensor<?xf16>
  return %y : tensor<?xf16>
}
