// RUN: moe-opt %s --moe-raise-router | FileCheck %s

#matrix = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (t)>
#column0 = affine_map<(t, e) -> (t, 0)>

// A softmax before the selection and a division by the sum after it.
// CHECK-LABEL: func.func @mixtral
// CHECK-SAME:    %[[LOGITS:.+]]: tensor<6x4xf32>
// CHECK:         %[[SCORES:.+]] = moe.score softmax %[[LOGITS]]
// CHECK:         %[[IDS:.+]] = moe.select #moe.top_k<2> %[[SCORES]]
// CHECK:         %[[WEIGHTS:.+]] = moe.weigh value %[[SCORES]], %[[IDS]] norm sum
// CHECK-NOT:     linalg.generic
// CHECK:         return %[[IDS]], %[[WEIGHTS]]
func.func @mixtral(%logits: tensor<6x4xf32>) -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zero = arith.constant 0.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %row = tensor.empty() : tensor<6xf32>
  %matrix = tensor.empty() : tensor<6x4xf32>
  %least6 = linalg.fill ins(%least : f32) outs(%row : tensor<6xf32>) -> tensor<6xf32>
  %zero6 = linalg.fill ins(%zero : f32) outs(%row : tensor<6xf32>) -> tensor<6xf32>
  %max = linalg.generic {indexing_maps = [#matrix, #row], iterator_types = ["parallel", "reduction"]}
      ins(%logits : tensor<6x4xf32>) outs(%least6 : tensor<6xf32>) {
  ^bb0(%l: f32, %m: f32):
    %larger = arith.maximumf %l, %m : f32
    linalg.yield %larger : f32
  } -> tensor<6xf32>
  %powers = linalg.generic {indexing_maps = [#matrix, #row, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%logits, %max : tensor<6x4xf32>, tensor<6xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%l: f32, %m: f32, %out: f32):
    %difference = arith.subf %l, %m : f32
    %power = math.exp %difference : f32
    linalg.yield %power : f32
  } -> tensor<6x4xf32>
  %sum = linalg.generic {indexing_maps = [#matrix, #row], iterator_types = ["parallel", "reduction"]}
      ins(%powers : tensor<6x4xf32>) outs(%zero6 : tensor<6xf32>) {
  ^bb0(%p: f32, %s: f32):
    %next = arith.addf %s, %p : f32
    linalg.yield %next : f32
  } -> tensor<6xf32>
  %softmax = linalg.generic {indexing_maps = [#matrix, #row, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%powers, %sum : tensor<6x4xf32>, tensor<6xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%p: f32, %s: f32, %out: f32):
    %quotient = arith.divf %p, %s : f32
    linalg.yield %quotient : f32
  } -> tensor<6x4xf32>
  %ids = moe.select #moe.top_k<2> %softmax : tensor<6x4xf32> -> tensor<6x2xi32>
  %values = moe.weigh value %softmax, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %empty = tensor.empty() : tensor<6x2xf32>
  %total = linalg.generic {indexing_maps = [#matrix, #row], iterator_types = ["parallel", "reduction"]}
      ins(%values : tensor<6x2xf32>) outs(%zero6 : tensor<6xf32>) {
  ^bb0(%v: f32, %s: f32):
    %next = arith.addf %v, %s : f32
    linalg.yield %next : f32
  } -> tensor<6xf32>
  %weights = linalg.generic {indexing_maps = [#matrix, #row, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%values, %total : tensor<6x2xf32>, tensor<6xf32>) outs(%empty : tensor<6x2xf32>) {
  ^bb0(%v: f32, %s: f32, %out: f32):
    %quotient = arith.divf %v, %s : f32
    linalg.yield %quotient : f32
  } -> tensor<6x2xf32>
  return %ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>
}
