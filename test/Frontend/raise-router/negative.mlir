// RUN: moe-opt %s --moe-raise-router --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moe | FileCheck %s

#matrix = affine_map<(t, e) -> (t, e)>

// exp alone is no score: the selection stays on it, and the pass says why.
// CHECK-LABEL: func.func @exp
// CHECK-NOT:     moe.score
// CHECK:         math.exp
// CHECK:         moe.select
func.func @exp(%logits: tensor<6x4xf32>) -> tensor<6x2xi32> {
  %matrix = tensor.empty() : tensor<6x4xf32>
  %powers = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%logits : tensor<6x4xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%l: f32, %out: f32):
    %power = math.exp %l : f32
    linalg.yield %power : f32
  } -> tensor<6x4xf32>
  // expected-remark @below {{the key is no score of logits that is known}}
  %ids = moe.select #moe.top_k<2> %powers : tensor<6x4xf32> -> tensor<6x2xi32>
  return %ids : tensor<6x2xi32>
}

// -----

// A sum over half of the slots is not what weights are divided by.
#matrix = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (t)>

// CHECK-LABEL: func.func @other_sum
// CHECK:         moe.weigh value %{{.+}}, %{{.+}} :
// CHECK:         arith.divf
func.func @other_sum(%key: tensor<6x4xf32>) -> tensor<6x2xf32> {
  %zero = arith.constant 0.0 : f32
  %row = tensor.empty() : tensor<6xf32>
  %zero6 = linalg.fill ins(%zero : f32) outs(%row : tensor<6xf32>) -> tensor<6xf32>
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %values = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %first = tensor.extract_slice %values[0, 0] [6, 1] [1, 1] : tensor<6x2xf32> to tensor<6x1xf32>
  %total = linalg.generic {indexing_maps = [#matrix, #row], iterator_types = ["parallel", "reduction"]}
      ins(%first : tensor<6x1xf32>) outs(%zero6 : tensor<6xf32>) {
  ^bb0(%v: f32, %s: f32):
    %next = arith.addf %v, %s : f32
    linalg.yield %next : f32
  } -> tensor<6xf32>
  %empty = tensor.empty() : tensor<6x2xf32>
  %weights = linalg.generic {indexing_maps = [#matrix, #row, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%values, %total : tensor<6x2xf32>, tensor<6xf32>) outs(%empty : tensor<6x2xf32>) {
  ^bb0(%v: f32, %s: f32, %out: f32):
    %quotient = arith.divf %v, %s : f32
    linalg.yield %quotient : f32
  } -> tensor<6x2xf32>
  return %weights : tensor<6x2xf32>
}
