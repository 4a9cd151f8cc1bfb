// RUN: moe-opt %s --moe-raise-gathered-values --split-input-file | FileCheck %s

#row = affine_map<(t, e) -> (t)>
#all = affine_map<(t, e) -> (t, e)>

// Switch: the score times a one-hot factor, summed; columns as wide integers.
// CHECK-LABEL: func.func @one_hot
// CHECK-SAME:    %[[S:.+]]: tensor<6x5xf32>
// CHECK:         %[[E:.+]] = moe.select
// CHECK:         %[[W:.+]] = moe.weigh value %[[S]], %[[E]]
// CHECK:         %[[FLAT:.+]] = tensor.collapse_shape %[[W]]
// CHECK:         return %[[FLAT]]
func.func @one_hot(%s: tensor<6x5xf32>) -> tensor<6xf32> {
  %zero = arith.constant 0.0 : f32
  %e = moe.select #moe.top_k<1> %s : tensor<6x5xf32> -> tensor<6x1xi32>
  %flat = tensor.collapse_shape %e [[0, 1]] : tensor<6x1xi32> into tensor<6xi32>
  %room = tensor.empty() : tensor<6xf32>
  %init = linalg.fill ins(%zero : f32) outs(%room : tensor<6xf32>) -> tensor<6xf32>
  %w = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%s, %flat : tensor<6x5xf32>, tensor<6xi32>) outs(%init : tensor<6xf32>) {
  ^bb0(%v: f32, %id: i32, %sum: f32):
    %j = linalg.index 1 : index
    %column = arith.index_cast %j : index to i64
    %wide = arith.extsi %id : i32 to i64
    %here = arith.cmpi eq, %column, %wide : i64
    %one = arith.uitofp %here : i1 to f32
    %masked = arith.mulf %one, %v : f32
    %next = arith.addf %sum, %masked : f32
    linalg.yield %next : f32
  } -> tensor<6xf32>
  return %w : tensor<6xf32>
}

// -----

#all = affine_map<(t, s) -> (t, s)>

// Tokens known at run time, in bf16.
// CHECK-LABEL: func.func @dynamic
// CHECK:         moe.weigh value %{{.+}}, %{{.+}} : tensor<?x4xbf16>, tensor<?x3xi32> -> tensor<?x3xbf16>
// CHECK-NOT:     linalg.generic
func.func @dynamic(%key: tensor<?x4xbf16>, %s: tensor<?x4xbf16>, %room: tensor<?x3xbf16>) -> tensor<?x3xbf16> {
  %e = moe.select #moe.top_k<3> %key : tensor<?x4xbf16> -> tensor<?x3xi32>
  %w = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%e : tensor<?x3xi32>) outs(%room : tensor<?x3xbf16>) {
  ^bb0(%id: i32, %out: bf16):
    %t = linalg.index 0 : index
    %j = arith.index_cast %id : i32 to index
    %v = tensor.extract %key[%t, %j] : tensor<?x4xbf16>
    linalg.yield %v : bf16
  } -> tensor<?x3xbf16>
  return %w : tensor<?x3xbf16>
}
