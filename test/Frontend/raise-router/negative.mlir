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

// -----

#matrix = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (t)>
#first = affine_map<(t, e) -> (t, 0)>

// Half of x times half of the router is no product of the whole.
// CHECK-LABEL: func.func @half_logits
// CHECK-DAG:     %[[X:.+]] = tensor.extract_slice %{{.+}} : tensor<6x8xf32>
// CHECK-DAG:     %[[R:.+]] = tensor.extract_slice %{{.+}} : tensor<4x8xf32>
// CHECK:         linalg.matmul {{.*}}ins(%[[X]], %[[R]] :
// CHECK:         return
func.func @half_logits(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>) -> tensor<6x2xi32> {
  %zero = arith.constant 0.0 : f32
  %room = tensor.empty() : tensor<6xf32>
  %matrix = tensor.empty() : tensor<6x4xf32>
  %zero6 = linalg.fill ins(%zero : f32) outs(%room : tensor<6xf32>) -> tensor<6xf32>
  %x4 = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %r4 = tensor.extract_slice %r[0, 0] [4, 4] [1, 1] : tensor<4x8xf32> to tensor<4x4xf32>
  %zero64 = linalg.fill ins(%zero : f32) outs(%matrix : tensor<6x4xf32>) -> tensor<6x4xf32>
  %turned_room = tensor.empty() : tensor<4x4xf32>
  %turned = linalg.transpose ins(%r4 : tensor<4x4xf32>) outs(%turned_room : tensor<4x4xf32>) permutation = [1, 0]
  %key = linalg.matmul ins(%x4, %turned : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero64 : tensor<6x4xf32>) -> tensor<6x4xf32>
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  return %ids : tensor<6x2xi32>
}

// -----

#matrix = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (t)>
#first = affine_map<(t, e) -> (t, 0)>

// The sum stands in the first column only; the others divide by one.
// CHECK-LABEL: func.func @other_column
// CHECK-NOT:     moe.score
// CHECK:         return
func.func @other_column(%l: tensor<6x4xf32>) -> tensor<6x2xi32> {
  %zero = arith.constant 0.0 : f32
  %room = tensor.empty() : tensor<6xf32>
  %matrix = tensor.empty() : tensor<6x4xf32>
  %zero6 = linalg.fill ins(%zero : f32) outs(%room : tensor<6xf32>) -> tensor<6xf32>
  %one = arith.constant 1.0 : f32
  %powers = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%l : tensor<6x4xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %p = math.exp %a : f32
    linalg.yield %p : f32
  } -> tensor<6x4xf32>
  %zero64 = linalg.fill ins(%zero : f32) outs(%matrix : tensor<6x4xf32>) -> tensor<6x4xf32>
  %sum = linalg.generic {indexing_maps = [#matrix, #first], iterator_types = ["parallel", "reduction"]}
      ins(%powers : tensor<6x4xf32>) outs(%zero64 : tensor<6x4xf32>) {
  ^bb0(%a: f32, %s: f32):
    %n = arith.addf %s, %a : f32
    linalg.yield %n : f32
  } -> tensor<6x4xf32>
  %key = linalg.generic {indexing_maps = [#matrix, #matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%powers, %sum : tensor<6x4xf32>, tensor<6x4xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %q = arith.divf %a, %b : f32
    linalg.yield %q : f32
  } -> tensor<6x4xf32>
  // expected-remark @below {{the key is no score of logits that is known}}
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  return %ids : tensor<6x2xi32>
}

// -----

#matrix = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (t)>
#first = affine_map<(t, e) -> (t, 0)>

// A sine above, a cosine below.
// CHECK-LABEL: func.func @two_results
// CHECK-NOT:     moe.score
// CHECK:         return
func.func @two_results(%l: tensor<6x4xf32>, %angle: f32) -> tensor<6x2xi32> {
  %zero = arith.constant 0.0 : f32
  %room = tensor.empty() : tensor<6xf32>
  %matrix = tensor.empty() : tensor<6x4xf32>
  %zero6 = linalg.fill ins(%zero : f32) outs(%room : tensor<6xf32>) -> tensor<6xf32>
  %sin, %cos = math.sincos %angle : f32
  %scaled = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%l : tensor<6x4xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %d = arith.mulf %a, %sin : f32
    linalg.yield %d : f32
  } -> tensor<6x4xf32>
  %powers = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%scaled : tensor<6x4xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %p = math.exp %a : f32
    linalg.yield %p : f32
  } -> tensor<6x4xf32>
  %others = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%l : tensor<6x4xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %d = arith.mulf %a, %cos : f32
    %p = math.exp %d : f32
    linalg.yield %p : f32
  } -> tensor<6x4xf32>
  %sum = linalg.generic {indexing_maps = [#matrix, #row], iterator_types = ["parallel", "reduction"]}
      ins(%others : tensor<6x4xf32>) outs(%zero6 : tensor<6xf32>) {
  ^bb0(%a: f32, %s: f32):
    %n = arith.addf %s, %a : f32
    linalg.yield %n : f32
  } -> tensor<6xf32>
  %key = linalg.generic {indexing_maps = [#matrix, #row, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%powers, %sum : tensor<6x4xf32>, tensor<6xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %q = arith.divf %a, %b : f32
    linalg.yield %q : f32
  } -> tensor<6x4xf32>
  // expected-remark @below {{the key is no score of logits that is known}}
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  return %ids : tensor<6x2xi32>
}

// -----

#matrix = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (t)>
#first = affine_map<(t, e) -> (t, 0)>

// Each term subtracts the largest so far, which is another result.
// CHECK-LABEL: func.func @two_sums
// CHECK-NOT:     moe.score
// CHECK:         return
func.func @two_sums(%l: tensor<6x4xf32>) -> tensor<6x2xi32> {
  %zero = arith.constant 0.0 : f32
  %room = tensor.empty() : tensor<6xf32>
  %matrix = tensor.empty() : tensor<6x4xf32>
  %zero6 = linalg.fill ins(%zero : f32) outs(%room : tensor<6xf32>) -> tensor<6xf32>
  %shifted = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%l : tensor<6x4xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %d = arith.subf %a, %zero : f32
    linalg.yield %d : f32
  } -> tensor<6x4xf32>
  %powers = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%shifted : tensor<6x4xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %p = math.exp %a : f32
    linalg.yield %p : f32
  } -> tensor<6x4xf32>
  %max, %sum = linalg.generic {indexing_maps = [#matrix, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%l : tensor<6x4xf32>) outs(%zero6, %zero6 : tensor<6xf32>, tensor<6xf32>) {
  ^bb0(%a: f32, %m: f32, %s: f32):
    %larger = arith.maximumf %a, %m : f32
    %d = arith.subf %a, %m : f32
    %p = math.exp %d : f32
    %n = arith.addf %s, %p : f32
    linalg.yield %larger, %n : f32, f32
  } -> (tensor<6xf32>, tensor<6xf32>)
  %key = linalg.generic {indexing_maps = [#matrix, #row, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%powers, %sum : tensor<6x4xf32>, tensor<6xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %q = arith.divf %a, %b : f32
    linalg.yield %q : f32
  } -> tensor<6x4xf32>
  // expected-remark @below {{the key is no score of logits that is known}}
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  return %ids : tensor<6x2xi32>
}

// -----

#matrix = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (t)>
#first = affine_map<(t, e) -> (t, 0)>

// The scores are of the four logits that are cut out, not of all eight.
// CHECK-LABEL: func.func @wide_logits
// CHECK:         %[[FOUR:.+]] = tensor.extract_slice
// CHECK:         moe.score softmax %[[FOUR]]
// CHECK:         return
func.func @wide_logits(%l: tensor<6x8xf32>) -> tensor<6x2xi32> {
  %zero = arith.constant 0.0 : f32
  %room = tensor.empty() : tensor<6xf32>
  %matrix = tensor.empty() : tensor<6x4xf32>
  %zero6 = linalg.fill ins(%zero : f32) outs(%room : tensor<6xf32>) -> tensor<6xf32>
  %four = tensor.extract_slice %l[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %powers = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%four : tensor<6x4xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %p = math.exp %a : f32
    linalg.yield %p : f32
  } -> tensor<6x4xf32>
  %sum = linalg.generic {indexing_maps = [#matrix, #row], iterator_types = ["parallel", "reduction"]}
      ins(%powers : tensor<6x4xf32>) outs(%zero6 : tensor<6xf32>) {
  ^bb0(%a: f32, %s: f32):
    %n = arith.addf %s, %a : f32
    linalg.yield %n : f32
  } -> tensor<6xf32>
  %key = linalg.generic {indexing_maps = [#matrix, #row, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%powers, %sum : tensor<6x4xf32>, tensor<6xf32>) outs(%matrix : tensor<6x4xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %q = arith.divf %a, %b : f32
    linalg.yield %q : f32
  } -> tensor<6x4xf32>
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  return %ids : tensor<6x2xi32>
}

// -----

// CHECK-LABEL: func.func @double
// CHECK-NOT:     moe.score
// CHECK:         moe.select
func.func @double(%key: tensor<6x4xf64>) -> tensor<6x2xi32> {
  // expected-remark @below {{the key is wider than f32}}
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf64> -> tensor<6x2xi32>
  return %ids : tensor<6x2xi32>
}
