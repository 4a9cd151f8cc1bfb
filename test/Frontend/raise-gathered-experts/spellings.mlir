// RUN: moe-opt %s --moe-raise-gathered-experts --split-input-file | FileCheck %s

#pair = affine_map<(p, i, j) -> (p)>
#stack = affine_map<(p, i, j) -> (p, i, j)>
#token = affine_map<(t, s, d) -> (t, d)>
#slot = affine_map<(t, s, d) -> (t, s)>
#all = affine_map<(t, s, d) -> (t, s, d)>
#matrix = affine_map<(p, f) -> (p, f)>

// The sum may start from a residual.
// CHECK-LABEL: func.func @residual
// CHECK-SAME:    %[[RESIDUAL:[^:]+]]: tensor<6x8xf32>)
// CHECK:         moe.experts
// CHECK:         moe.combine %{{.+}}, %{{.+}}, %{{.+}} into %[[RESIDUAL]]
func.func @residual(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x16x8xf32>, %w2: tensor<4x8x16xf32>,
    %residual: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %flat = tensor.collapse_shape %ids [[0, 1]] : tensor<6x2xi32> into tensor<12xi32>
  %gather1_room = tensor.empty() : tensor<12x16x8xf32>
  %gather1 = linalg.generic {indexing_maps = [#pair, #stack], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<12xi32>) outs(%gather1_room : tensor<12x16x8xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = tensor.extract %w1[%e, %i, %j] : tensor<4x16x8xf32>
    linalg.yield %v : f32
  } -> tensor<12x16x8xf32>
  %gather2_room = tensor.empty() : tensor<12x8x16xf32>
  %gather2 = linalg.generic {indexing_maps = [#pair, #stack], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<12xi32>) outs(%gather2_room : tensor<12x8x16xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = tensor.extract %w2[%e, %i, %j] : tensor<4x8x16xf32>
    linalg.yield %v : f32
  } -> tensor<12x8x16xf32>
  %x_room = tensor.empty() : tensor<6x2x8xf32>
  %x_pairs = linalg.generic {indexing_maps = [#token, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<6x8xf32>) outs(%x_room : tensor<6x2x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<6x2x8xf32>
  %x_flat = tensor.collapse_shape %x_pairs [[0, 1], [2]] : tensor<6x2x8xf32> into tensor<12x8xf32>
  %x_columns = tensor.expand_shape %x_flat [[0], [1, 2]] output_shape [12, 8, 1] : tensor<12x8xf32> into tensor<12x8x1xf32>
  %h_room = tensor.empty() : tensor<12x16x1xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_room : tensor<12x16x1xf32>) -> tensor<12x16x1xf32>
  %h3 = linalg.batch_matmul ins(%gather1, %x_columns : tensor<12x16x8xf32>, tensor<12x8x1xf32>)
      outs(%h_zero : tensor<12x16x1xf32>) -> tensor<12x16x1xf32>
  %h2 = tensor.collapse_shape %h3 [[0], [1, 2]] : tensor<12x16x1xf32> into tensor<12x16xf32>
  %act_room = tensor.empty() : tensor<12x16xf32>
  %act = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%h2 : tensor<12x16xf32>) outs(%act_room : tensor<12x16xf32>) {
  ^bb0(%h: f32, %out: f32):
    %y = math.tanh %h : f32
    linalg.yield %y : f32
  } -> tensor<12x16xf32>
  %act3 = tensor.expand_shape %act [[0], [1, 2]] output_shape [12, 16, 1] : tensor<12x16xf32> into tensor<12x16x1xf32>
  %y_room = tensor.empty() : tensor<12x8x1xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_room : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %y3 = linalg.batch_matmul ins(%gather2, %act3 : tensor<12x8x16xf32>, tensor<12x16x1xf32>)
      outs(%y_zero : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %y2 = tensor.collapse_shape %y3 [[0], [1, 2]] : tensor<12x8x1xf32> into tensor<12x8xf32>
  %y_pairs = tensor.expand_shape %y2 [[0, 1], [2]] output_shape [6, 2, 8] : tensor<12x8xf32> into tensor<6x2x8xf32>
  %room8 = tensor.empty() : tensor<6x8xf32>
  %zero8 = linalg.fill ins(%zero : f32) outs(%room8 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %y = linalg.generic {indexing_maps = [#all, #slot, #token], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%y_pairs, %weights : tensor<6x2x8xf32>, tensor<6x2xf32>) outs(%residual : tensor<6x8xf32>) {
  ^bb0(%row: f32, %w: f32, %sum: f32):
    %weighted = arith.mulf %row, %w : f32
    %next = arith.addf %sum, %weighted : f32
    linalg.yield %next : f32
  } -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

#pair = affine_map<(p, i, j) -> (p)>
#stack = affine_map<(p, i, j) -> (p, i, j)>
#token = affine_map<(t, s, d) -> (t, d)>
#slot = affine_map<(t, s, d) -> (t, s)>
#all = affine_map<(t, s, d) -> (t, s, d)>
#matrix = affine_map<(p, f) -> (p, f)>

// A bias per expert is an operand of the expert.
// CHECK-LABEL: func.func @bias
// CHECK-SAME:    %[[BIAS:[^:]+]]: tensor<4x16xf32>)
// CHECK:         moe.experts rows(%{{.+}} : tensor<12x8xf32>) weights({{.*}}%[[BIAS]]
// CHECK:           arith.addf
// CHECK:           math.tanh
// CHECK-NOT:     tensor.extract %
// CHECK:         moe.combine
func.func @bias(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x16x8xf32>, %w2: tensor<4x8x16xf32>,
    %bias: tensor<4x16xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %flat = tensor.collapse_shape %ids [[0, 1]] : tensor<6x2xi32> into tensor<12xi32>
  %gather1_room = tensor.empty() : tensor<12x16x8xf32>
  %gather1 = linalg.generic {indexing_maps = [#pair, #stack], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<12xi32>) outs(%gather1_room : tensor<12x16x8xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = tensor.extract %w1[%e, %i, %j] : tensor<4x16x8xf32>
    linalg.yield %v : f32
  } -> tensor<12x16x8xf32>
  %gather2_room = tensor.empty() : tensor<12x8x16xf32>
  %gather2 = linalg.generic {indexing_maps = [#pair, #stack], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<12xi32>) outs(%gather2_room : tensor<12x8x16xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = tensor.extract %w2[%e, %i, %j] : tensor<4x8x16xf32>
    linalg.yield %v : f32
  } -> tensor<12x8x16xf32>
  %x_room = tensor.empty() : tensor<6x2x8xf32>
  %x_pairs = linalg.generic {indexing_maps = [#token, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<6x8xf32>) outs(%x_room : tensor<6x2x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<6x2x8xf32>
  %x_flat = tensor.collapse_shape %x_pairs [[0, 1], [2]] : tensor<6x2x8xf32> into tensor<12x8xf32>
  %x_columns = tensor.expand_shape %x_flat [[0], [1, 2]] output_shape [12, 8, 1] : tensor<12x8xf32> into tensor<12x8x1xf32>
  %h_room = tensor.empty() : tensor<12x16x1xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_room : tensor<12x16x1xf32>) -> tensor<12x16x1xf32>
  %h3 = linalg.batch_matmul ins(%gather1, %x_columns : tensor<12x16x8xf32>, tensor<12x8x1xf32>)
      outs(%h_zero : tensor<12x16x1xf32>) -> tensor<12x16x1xf32>
  %h2 = tensor.collapse_shape %h3 [[0], [1, 2]] : tensor<12x16x1xf32> into tensor<12x16xf32>
  %act_room = tensor.empty() : tensor<12x16xf32>
  %act = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%h2 : tensor<12x16xf32>) outs(%act_room : tensor<12x16xf32>) {
  ^bb0(%h: f32, %out: f32):
    %p = linalg.index 0 : index
    %f = linalg.index 1 : index
    %id = tensor.extract %flat[%p] : tensor<12xi32>
    %e = arith.index_cast %id : i32 to index
    %b = tensor.extract %bias[%e, %f] : tensor<4x16xf32>
    %biased = arith.addf %h, %b : f32
    %y = math.tanh %biased : f32
    linalg.yield %y : f32
  } -> tensor<12x16xf32>
  %act3 = tensor.expand_shape %act [[0], [1, 2]] output_shape [12, 16, 1] : tensor<12x16xf32> into tensor<12x16x1xf32>
  %y_room = tensor.empty() : tensor<12x8x1xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_room : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %y3 = linalg.batch_matmul ins(%gather2, %act3 : tensor<12x8x16xf32>, tensor<12x16x1xf32>)
      outs(%y_zero : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %y2 = tensor.collapse_shape %y3 [[0], [1, 2]] : tensor<12x8x1xf32> into tensor<12x8xf32>
  %y_pairs = tensor.expand_shape %y2 [[0, 1], [2]] output_shape [6, 2, 8] : tensor<12x8xf32> into tensor<6x2x8xf32>
  %room8 = tensor.empty() : tensor<6x8xf32>
  %zero8 = linalg.fill ins(%zero : f32) outs(%room8 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %y = linalg.generic {indexing_maps = [#all, #slot, #token], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%y_pairs, %weights : tensor<6x2x8xf32>, tensor<6x2xf32>) outs(%zero8 : tensor<6x8xf32>) {
  ^bb0(%row: f32, %w: f32, %sum: f32):
    %weighted = arith.mulf %row, %w : f32
    %next = arith.addf %sum, %weighted : f32
    linalg.yield %next : f32
  } -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

#pair = affine_map<(t, s, c, d) -> (t, s)>
#all = affine_map<(t, s, c, d) -> (t, s, c, d)>
#all5 = affine_map<(t, s, c, d, r) -> (t, s, c, d)>
#xz = affine_map<(t, s, c, d, r) -> (t, d, r)>
#out5 = affine_map<(t, s, c, d, r) -> (t, s, c, r)>
#sum3 = affine_map<(t, d, r) -> (t, d)>
#all3 = affine_map<(t, d, r) -> (t, d, r)>
#first = affine_map<(t, s, c) -> (t, s, c, 0)>
#second = affine_map<(t, s, c) -> (t, s, c, 1)>
#row = affine_map<(t, s, c, d) -> (t, d)>
#out = affine_map<(t, s, c, d) -> (t, s, c)>
#rows = affine_map<(t, s, c) -> (t, s, c)>
#weight = affine_map<(t, s, c) -> (t, s)>
#sum = affine_map<(t, s, c) -> (t, c)>

// Each pair multiplies two rows; the sum adds both.
// CHECK-LABEL: func.func @two_rows
// CHECK:         moe.experts
// CHECK:           linalg.matmul
// CHECK:           linalg.matmul
// CHECK:         moe.combine
func.func @two_rows(%x: tensor<6x8xf32>, %z: tensor<6x8xf32>, %key: tensor<6x4xf32>, %w: tensor<4x8x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %all_ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %all_weights = moe.weigh value %key, %all_ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %ids = tensor.cast %all_ids : tensor<6x2xi32> to tensor<6x2xi32>
  %weights = tensor.cast %all_weights : tensor<6x2xf32> to tensor<6x2xf32>
  %g_room = tensor.empty() : tensor<6x2x8x8xf32>
  %g = linalg.generic {indexing_maps = [#pair, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%ids : tensor<6x2xi32>) outs(%g_room : tensor<6x2x8x8xf32>) {
  ^bb0(%id: i32, %o: f32):
    %e = arith.index_cast %id : i32 to index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %v = tensor.extract %w[%e, %c, %d] : tensor<4x8x8xf32>
    linalg.yield %v : f32
  } -> tensor<6x2x8x8xf32>
  %xz_room = tensor.empty() : tensor<6x8x2xf32>
  %xz = linalg.generic {indexing_maps = [#sum3, #sum3, #all3], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %z : tensor<6x8xf32>, tensor<6x8xf32>) outs(%xz_room : tensor<6x8x2xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %r = linalg.index 2 : index
    %i1 = arith.constant 0 : index
    %first = arith.cmpi eq, %r, %i1 : index
    %v = arith.select %first, %a, %b : f32
    linalg.yield %v : f32
  } -> tensor<6x8x2xf32>
  %h_room = tensor.empty() : tensor<6x2x8x2xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_room : tensor<6x2x8x2xf32>) -> tensor<6x2x8x2xf32>
  %h = linalg.generic {indexing_maps = [#all5, #xz, #out5], iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]}
      ins(%g, %xz : tensor<6x2x8x8xf32>, tensor<6x8x2xf32>) outs(%h_zero : tensor<6x2x8x2xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %p = arith.mulf %a, %b : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<6x2x8x2xf32>
  %y_room = tensor.empty() : tensor<6x8xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  %y = linalg.generic {indexing_maps = [#first, #second, #weight, #sum], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%h, %h, %weights : tensor<6x2x8x2xf32>, tensor<6x2x8x2xf32>, tensor<6x2xf32>) outs(%y_zero : tensor<6x8xf32>) {
  ^bb0(%r0: f32, %r1: f32, %wt: f32, %s: f32):
    %neg = arith.negf %r1 : f32
    %r = arith.addf %r0, %neg : f32
    %p = arith.mulf %r, %wt : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
