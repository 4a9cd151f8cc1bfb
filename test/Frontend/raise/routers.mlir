// Routers as exporters spell them, and that what becomes of them computes the same.

// RUN: moe-opt %s --moe-raise | FileCheck %s
// RUN: moe-run %s --entry=deepseek_v3 --backend=cpu --compare=reference --remarks-filter-missed=none
// RUN: moe-run %s --entry=deepseek_v3 --backend=cpu --compare=reference --seed=7 --remarks-filter-missed=none
// RUN: moe-run %s --entry=ernie --backend=cpu --compare=reference --remarks-filter-missed=none
// RUN: moe-run %s --entry=gemma --backend=cpu --compare=reference --remarks-filter-missed=none

#m = affine_map<(t, e) -> (t, e)>
#b = affine_map<(t, e) -> (e)>
#r = affine_map<(t, e) -> (t)>
#k = affine_map<(t, g, j) -> (t, g, j)>
#g = affine_map<(t, g, j) -> (t, g)>

// Sigmoid scores; a bias for the choice; two of four groups by the sum of their two
// largest keys; a mask by scatter; weights without the bias, normalised and scaled.
// CHECK-LABEL: func.func @deepseek_v3
// CHECK-SAME:    %[[L:.+]]: tensor<6x16xf32>
// CHECK:         %[[S:.+]] = moe.score sigmoid %[[L]]
// CHECK:         %[[KEY:.+]] = linalg.generic
// CHECK:         %[[E:.+]] = moe.select #moe.top_k<3> %[[KEY]] groups <n = 4, keep = 2, top = 2>
// CHECK-NOT:     moe.select
// CHECK:         moe.weigh value %[[S]], %[[E]] norm sum {eps = {{[^,]+}}, scale = 2.5{{.*}}}
// CHECK-NOT:     scf.for
func.func @deepseek_v3(%l: tensor<6x16xf32>, %bias: tensor<16xf32>) -> (tensor<6x3xi64>, tensor<6x3xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c12 = arith.constant 12 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %eps = arith.constant 1.0e-20 : f32
  %factor = arith.constant 2.5 : f32
  %least = arith.constant 0xFF800000 : f32
  %room = tensor.empty() : tensor<6x16xf32>
  %s = linalg.generic {indexing_maps = [#m, #m], iterator_types = ["parallel", "parallel"]}
      ins(%l : tensor<6x16xf32>) outs(%room : tensor<6x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    %x = math.exp %n : f32
    %d = arith.addf %x, %one : f32
    %y = arith.divf %one, %d : f32
    linalg.yield %y : f32
  } -> tensor<6x16xf32>
  %key = linalg.generic {indexing_maps = [#m, #b, #m], iterator_types = ["parallel", "parallel"]}
      ins(%s, %bias : tensor<6x16xf32>, tensor<16xf32>) outs(%room : tensor<6x16xf32>) {
  ^bb0(%in: f32, %v: f32, %out: f32):
    %y = arith.addf %in, %v : f32
    linalg.yield %y : f32
  } -> tensor<6x16xf32>
  %split = tensor.expand_shape %key [[0], [1, 2]] output_shape [6, 4, 4] : tensor<6x16xf32> into tensor<6x4x4xf32>
  %sorted = moe.sort %split dimension 2 : tensor<6x4x4xf32> {
  ^bb0(%x: f32, %y: f32):
    %before = arith.cmpf oge, %x, %y : f32
    moe.yield %before : i1
  }
  %two = tensor.extract_slice %sorted[0, 0, 0] [6, 4, 2] [1, 1, 1] : tensor<6x4x4xf32> to tensor<6x4x2xf32>
  %g_room = tensor.empty() : tensor<6x4xf32>
  %g_init = linalg.fill ins(%zero : f32) outs(%g_room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %scores = linalg.generic {indexing_maps = [#k, #g], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%two : tensor<6x4x2xf32>) outs(%g_init : tensor<6x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %y = arith.addf %in, %out : f32
    linalg.yield %y : f32
  } -> tensor<6x4xf32>
  %gi_room = tensor.empty() : tensor<6x4xi64>
  %g_columns = linalg.generic {indexing_maps = [#m], iterator_types = ["parallel", "parallel"]} outs(%gi_room : tensor<6x4xi64>) {
  ^bb0(%out: i64):
    %j = linalg.index 1 : index
    %i = arith.index_cast %j : index to i64
    linalg.yield %i : i64
  } -> tensor<6x4xi64>
  %g_sorted, %g_ids = moe.sort %scores, %g_columns dimension 1 : tensor<6x4xf32>, tensor<6x4xi64> {
  ^bb0(%x: f32, %y: f32, %i: i64, %j: i64):
    %before = arith.cmpf oge, %x, %y : f32
    moe.yield %before : i1
  }
  %groups = tensor.extract_slice %g_ids[0, 0] [6, 2] [1, 1] : tensor<6x4xi64> to tensor<6x2xi64>
  %mask = scf.for %n = %c0 to %c12 step %c1 iter_args(%acc = %g_init) -> (tensor<6x4xf32>) {
    %t = arith.divsi %n, %c2 : index
    %slot = arith.remsi %n, %c2 : index
    %id = tensor.extract %groups[%t, %slot] : tensor<6x2xi64>
    %j = arith.index_cast %id : i64 to index
    %next = tensor.insert %one into %acc[%t, %j] : tensor<6x4xf32>
    scf.yield %next : tensor<6x4xf32>
  }
  %room3 = tensor.empty() : tensor<6x4x4xf32>
  %masked3 = linalg.generic {indexing_maps = [#k, #g, #k], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%split, %mask : tensor<6x4x4xf32>, tensor<6x4xf32>) outs(%room3 : tensor<6x4x4xf32>) {
  ^bb0(%in: f32, %in_group: f32, %out: f32):
    %out_of_group = arith.cmpf oeq, %in_group, %zero : f32
    %y = arith.select %out_of_group, %least, %in : f32
    linalg.yield %y : f32
  } -> tensor<6x4x4xf32>
  %masked = tensor.collapse_shape %masked3 [[0], [1, 2]] : tensor<6x4x4xf32> into tensor<6x16xf32>
  %i_room = tensor.empty() : tensor<6x16xi64>
  %columns = linalg.generic {indexing_maps = [#m], iterator_types = ["parallel", "parallel"]} outs(%i_room : tensor<6x16xi64>) {
  ^bb0(%out: i64):
    %j = linalg.index 1 : index
    %i = arith.index_cast %j : index to i64
    linalg.yield %i : i64
  } -> tensor<6x16xi64>
  %e_sorted, %e_ids = moe.sort %masked, %columns dimension 1 : tensor<6x16xf32>, tensor<6x16xi64> {
  ^bb0(%x: f32, %y: f32, %i: i64, %j: i64):
    %before = arith.cmpf oge, %x, %y : f32
    moe.yield %before : i1
  }
  %e = tensor.extract_slice %e_ids[0, 0] [6, 3] [1, 1] : tensor<6x16xi64> to tensor<6x3xi64>
  %w_room = tensor.empty() : tensor<6x3xf32>
  %v = linalg.generic {indexing_maps = [#m, #m], iterator_types = ["parallel", "parallel"]}
      ins(%e : tensor<6x3xi64>) outs(%w_room : tensor<6x3xf32>) {
  ^bb0(%id: i64, %out: f32):
    %t = linalg.index 0 : index
    %j = arith.index_cast %id : i64 to index
    %y = tensor.extract %s[%t, %j] : tensor<6x16xf32>
    linalg.yield %y : f32
  } -> tensor<6x3xf32>
  %t_room = tensor.empty() : tensor<6xf32>
  %t_init = linalg.fill ins(%zero : f32) outs(%t_room : tensor<6xf32>) -> tensor<6xf32>
  %sum = linalg.generic {indexing_maps = [#m, #r], iterator_types = ["parallel", "reduction"]}
      ins(%v : tensor<6x3xf32>) outs(%t_init : tensor<6xf32>) {
  ^bb0(%in: f32, %out: f32):
    %y = arith.addf %in, %out : f32
    linalg.yield %y : f32
  } -> tensor<6xf32>
  %w = linalg.generic {indexing_maps = [#m, #r, #m], iterator_types = ["parallel", "parallel"]}
      ins(%v, %sum : tensor<6x3xf32>, tensor<6xf32>) outs(%w_room : tensor<6x3xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %d = arith.addf %total, %eps : f32
    %q = arith.divf %in, %d : f32
    %y = arith.mulf %q, %factor : f32
    linalg.yield %y : f32
  } -> tensor<6x3xf32>
  return %e, %w : tensor<6x3xi64>, tensor<6x3xf32>
}

// Softmax scores, a bias for the choice, weights divided by at least a number.
// CHECK-LABEL: func.func @ernie
// CHECK:         %[[E:.+]] = moe.select #moe.top_k<2>
// CHECK:         moe.weigh value %{{.+}}, %[[E]] norm sum {clamp = 9.9{{.+}}}
func.func @ernie(%s: tensor<6x5xf32>, %bias: tensor<5xf32>) -> tensor<6x2xf32> {
  %zero = arith.constant 0.0 : f32
  %clamp = arith.constant 1.0e-12 : f32
  %room = tensor.empty() : tensor<6x5xf32>
  %key = linalg.generic {indexing_maps = [#m, #b, #m], iterator_types = ["parallel", "parallel"]}
      ins(%s, %bias : tensor<6x5xf32>, tensor<5xf32>) outs(%room : tensor<6x5xf32>) {
  ^bb0(%in: f32, %v: f32, %out: f32):
    %y = arith.addf %v, %in : f32
    linalg.yield %y : f32
  } -> tensor<6x5xf32>
  %e = moe.select #moe.top_k<2> %key : tensor<6x5xf32> -> tensor<6x2xi32>
  %w_room = tensor.empty() : tensor<6x2xf32>
  %v = linalg.generic {indexing_maps = [#m, #m], iterator_types = ["parallel", "parallel"]}
      ins(%e : tensor<6x2xi32>) outs(%w_room : tensor<6x2xf32>) {
  ^bb0(%id: i32, %out: f32):
    %t = linalg.index 0 : index
    %j = arith.index_cast %id : i32 to index
    %y = tensor.extract %s[%t, %j] : tensor<6x5xf32>
    linalg.yield %y : f32
  } -> tensor<6x2xf32>
  %t_room = tensor.empty() : tensor<6xf32>
  %t_init = linalg.fill ins(%zero : f32) outs(%t_room : tensor<6xf32>) -> tensor<6xf32>
  %sum = linalg.generic {indexing_maps = [#m, #r], iterator_types = ["parallel", "reduction"]}
      ins(%v : tensor<6x2xf32>) outs(%t_init : tensor<6xf32>) {
  ^bb0(%in: f32, %out: f32):
    %y = arith.addf %in, %out : f32
    linalg.yield %y : f32
  } -> tensor<6xf32>
  %w = linalg.generic {indexing_maps = [#m, #r, #m], iterator_types = ["parallel", "parallel"]}
      ins(%v, %sum : tensor<6x2xf32>, tensor<6xf32>) outs(%w_room : tensor<6x2xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %d = arith.maximumf %total, %clamp : f32
    %y = arith.divf %in, %d : f32
    linalg.yield %y : f32
  } -> tensor<6x2xf32>
  return %w : tensor<6x2xf32>
}

// Gemma 4: a number per expert on the weight.
// CHECK-LABEL: func.func @gemma
// CHECK-SAME:    %[[S:.+]]: tensor<6x5xf32>, %[[N:.+]]: tensor<5xf32>
// CHECK:         %[[E:.+]] = moe.select #moe.top_k<2>
// CHECK:         moe.weigh value %[[S]], %[[E]] per_expert(%[[N]] : tensor<5xf32>)
func.func @gemma(%s: tensor<6x5xf32>, %numbers: tensor<5xf32>) -> tensor<6x2xf32> {
  %e = moe.select #moe.top_k<2> %s : tensor<6x5xf32> -> tensor<6x2xi32>
  %v = moe.weigh value %s, %e : tensor<6x5xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %w_room = tensor.empty() : tensor<6x2xf32>
  %w = linalg.generic {indexing_maps = [#m, #m, #m], iterator_types = ["parallel", "parallel"]}
      ins(%v, %e : tensor<6x2xf32>, tensor<6x2xi32>) outs(%w_room : tensor<6x2xf32>) {
  ^bb0(%in: f32, %id: i32, %out: f32):
    %j = arith.index_cast %id : i32 to index
    %n = tensor.extract %numbers[%j] : tensor<5xf32>
    %y = arith.mulf %n, %in : f32
    linalg.yield %y : f32
  } -> tensor<6x2xf32>
  return %w : tensor<6x2xf32>
}
