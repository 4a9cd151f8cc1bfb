// RUN: moe-opt %s --moe-raise-gathered-values --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

#all = affine_map<(t, s) -> (t, s)>

// An embedding: what is read does not depend on the token otherwise.
// CHECK-LABEL: func.func @embedding
// CHECK-NOT:     moe.weigh
// CHECK:         return
func.func @embedding(%key: tensor<6x4xf32>, %table: tensor<4xf32>) -> tensor<6x2xf32> {
  %e = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %room = tensor.empty() : tensor<6x2xf32>
  %w = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%e : tensor<6x2xi32>) outs(%room : tensor<6x2xf32>) {
  ^bb0(%id: i32, %out: f32):
    %j = arith.index_cast %id : i32 to index
    %v = tensor.extract %table[%j] : tensor<4xf32>
    linalg.yield %v : f32
  } -> tensor<6x2xf32>
  return %w : tensor<6x2xf32>
}

// -----

#all = affine_map<(t, s) -> (t, s)>

// Another token's score.
// CHECK-LABEL: func.func @other_token
// CHECK-NOT:     moe.weigh
// CHECK:         return
func.func @other_token(%key: tensor<6x4xf32>) -> tensor<6x2xf32> {
  %five = arith.constant 5 : index
  %e = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %room = tensor.empty() : tensor<6x2xf32>
  %w = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%e : tensor<6x2xi32>) outs(%room : tensor<6x2xf32>) {
  ^bb0(%id: i32, %out: f32):
    %t = linalg.index 0 : index
    %other = arith.subi %five, %t : index
    %j = arith.index_cast %id : i32 to index
    %v = tensor.extract %key[%other, %j] : tensor<6x4xf32>
    linalg.yield %v : f32
  } -> tensor<6x2xf32>
  return %w : tensor<6x2xf32>
}

// -----

#all = affine_map<(t, s) -> (t, s)>

// CHECK-LABEL: func.func @wide
// CHECK-NOT:     moe.weigh
// CHECK:         return
func.func @wide(%key: tensor<6x4xf32>, %s: tensor<6x4xf64>) -> tensor<6x2xf64> {
  %e = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %room = tensor.empty() : tensor<6x2xf64>
  // expected-remark @below {{the values are wider than f32}}
  %w = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%e : tensor<6x2xi32>) outs(%room : tensor<6x2xf64>) {
  ^bb0(%id: i32, %out: f64):
    %t = linalg.index 0 : index
    %j = arith.index_cast %id : i32 to index
    %v = tensor.extract %s[%t, %j] : tensor<6x4xf64>
    linalg.yield %v : f64
  } -> tensor<6x2xf64>
  return %w : tensor<6x2xf64>
}
