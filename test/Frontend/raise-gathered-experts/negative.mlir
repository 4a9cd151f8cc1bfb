// RUN: moe-opt %s --moe-raise-gathered-experts --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

#pair = affine_map<(p, i, j) -> (p)>
#stack = affine_map<(p, i, j) -> (p, i, j)>
#token = affine_map<(t, s, d) -> (t, d)>
#slot = affine_map<(t, s, d) -> (t, s)>
#all = affine_map<(t, s, d) -> (t, s, d)>
#matrix = affine_map<(p, f) -> (p, f)>

// A row reads a second tensor of its pair, which is neither token nor expert.
// CHECK-LABEL: func.func @pair_operand
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @pair_operand(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x16x8xf32>, %w2: tensor<4x8x16xf32>,
    %noise: tensor<12x16xf32>) -> tensor<6x8xf32> {
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
  %act = linalg.generic {indexing_maps = [#matrix, #matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%h2, %noise : tensor<12x16xf32>, tensor<12x16xf32>) outs(%act_room : tensor<12x16xf32>) {
  ^bb0(%h: f32, %n: f32, %out: f32):
    %y = arith.addf %h, %n : f32
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
  // expected-remark @below {{a row reads more than its token and its expert: a block argument}}
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

#pair = affine_map<(p, i, j) -> (p)>
#stack = affine_map<(p, i, j) -> (p, i, j)>
#token = affine_map<(t, s, d) -> (t, d)>
#slot = affine_map<(t, s, d) -> (t, s)>
#all = affine_map<(t, s, d) -> (t, s, d)>
#matrix = affine_map<(p, f) -> (p, f)>

// Activation columns are reversed: no strided slice of the first matmul.
// CHECK-LABEL: func.func @reversed
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @reversed(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x16x8xf32>, %w2: tensor<4x8x16xf32>) -> tensor<6x8xf32> {
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
  %act = linalg.generic {indexing_maps = [affine_map<(p, f) -> (p, 15 - f)>, #matrix], iterator_types = ["parallel", "parallel"]}
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
  // expected-remark @below {{columns of an expert matmul are not read in order}}
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
#row = affine_map<(t, s, c, d) -> (t, d)>
#out = affine_map<(t, s, c, d) -> (t, s, c)>
#rows = affine_map<(t, s, c) -> (t, s, c)>
#weight = affine_map<(t, s, c) -> (t, s)>
#sum = affine_map<(t, s, c) -> (t, c)>

// Both sides of the matmul are cut: four products of eight.
// CHECK-LABEL: func.func @half_depth
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @half_depth(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>, %w: tensor<4x8x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %all_ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %all_weights = moe.weigh value %key, %all_ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %ids = tensor.cast %all_ids : tensor<6x2xi32> to tensor<6x2xi32>
  %weights = tensor.cast %all_weights : tensor<6x2xf32> to tensor<6x2xf32>
  %half = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %g_room = tensor.empty() : tensor<6x2x8x4xf32>
  %g = linalg.generic {indexing_maps = [#pair, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%ids : tensor<6x2xi32>) outs(%g_room : tensor<6x2x8x4xf32>) {
  ^bb0(%id: i32, %o: f32):
    %e = arith.index_cast %id : i32 to index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %v = tensor.extract %w[%e, %c, %d] : tensor<4x8x8xf32>
    linalg.yield %v : f32
  } -> tensor<6x2x8x4xf32>
  %h_room = tensor.empty() : tensor<6x2x8xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_room : tensor<6x2x8xf32>) -> tensor<6x2x8xf32>
  %h = linalg.generic {indexing_maps = [#all, #row, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%g, %half : tensor<6x2x8x4xf32>, tensor<6x4xf32>) outs(%h_zero : tensor<6x2x8xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %p = arith.mulf %a, %b : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<6x2x8xf32>
  %y_room = tensor.empty() : tensor<6x8xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  // expected-remark @below {{a row reads more than its token and its expert}}
  %y = linalg.generic {indexing_maps = [#rows, #weight, #sum], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%h, %weights : tensor<6x2x8xf32>, tensor<6x2xf32>) outs(%y_zero : tensor<6x8xf32>) {
  ^bb0(%r: f32, %wt: f32, %s: f32):
    %p = arith.mulf %r, %wt : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

#pair = affine_map<(t, s, c, d) -> (t, s)>
#all = affine_map<(t, s, c, d) -> (t, s, c, d)>
#row = affine_map<(t, s, c, d) -> (t, d)>
#out = affine_map<(t, s, c, d) -> (t, s, c)>
#rows = affine_map<(t, s, c) -> (t, s, c)>
#weight = affine_map<(t, s, c) -> (t, s)>
#sum = affine_map<(t, s, c) -> (t, c)>

// One expert more than the router knows.
// CHECK-LABEL: func.func @other_stack
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @other_stack(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>, %w: tensor<5x8x8xf32>) -> tensor<6x8xf32> {
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
    %v = tensor.extract %w[%e, %c, %d] : tensor<5x8x8xf32>
    linalg.yield %v : f32
  } -> tensor<6x2x8x8xf32>
  %h_room = tensor.empty() : tensor<6x2x8xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_room : tensor<6x2x8xf32>) -> tensor<6x2x8xf32>
  %h = linalg.generic {indexing_maps = [#all, #row, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%g, %x : tensor<6x2x8x8xf32>, tensor<6x8xf32>) outs(%h_zero : tensor<6x2x8xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %p = arith.mulf %a, %b : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<6x2x8xf32>
  %y_room = tensor.empty() : tensor<6x8xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  // expected-remark @below {{a row reads more than its token and its expert}}
  %y = linalg.generic {indexing_maps = [#rows, #weight, #sum], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%h, %weights : tensor<6x2x8xf32>, tensor<6x2xf32>) outs(%y_zero : tensor<6x8xf32>) {
  ^bb0(%r: f32, %wt: f32, %s: f32):
    %p = arith.mulf %r, %wt : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

#pair = affine_map<(t, s, c, d) -> (t, s)>
#all = affine_map<(t, s, c, d) -> (t, s, c, d)>
#row = affine_map<(t, s, c, d) -> (t, d)>
#out = affine_map<(t, s, c, d) -> (t, s, c)>
#rows = affine_map<(t, s, c) -> (t, s, c)>
#weight = affine_map<(t, s, c) -> (t, s)>
#sum = affine_map<(t, s, c) -> (t, c)>

// Only the first of two slots is summed.
// CHECK-LABEL: func.func @first_slot
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @first_slot(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>, %w: tensor<4x8x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %all_ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %all_weights = moe.weigh value %key, %all_ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %ids = tensor.extract_slice %all_ids[0, 0] [6, 1] [1, 1] : tensor<6x2xi32> to tensor<6x1xi32>
  %weights = tensor.extract_slice %all_weights[0, 0] [6, 1] [1, 1] : tensor<6x2xf32> to tensor<6x1xf32>
  %g_room = tensor.empty() : tensor<6x1x8x8xf32>
  %g = linalg.generic {indexing_maps = [#pair, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%ids : tensor<6x1xi32>) outs(%g_room : tensor<6x1x8x8xf32>) {
  ^bb0(%id: i32, %o: f32):
    %e = arith.index_cast %id : i32 to index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %v = tensor.extract %w[%e, %c, %d] : tensor<4x8x8xf32>
    linalg.yield %v : f32
  } -> tensor<6x1x8x8xf32>
  %h_room = tensor.empty() : tensor<6x1x8xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_room : tensor<6x1x8xf32>) -> tensor<6x1x8xf32>
  %h = linalg.generic {indexing_maps = [#all, #row, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%g, %x : tensor<6x1x8x8xf32>, tensor<6x8xf32>) outs(%h_zero : tensor<6x1x8xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %p = arith.mulf %a, %b : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<6x1x8xf32>
  %y_room = tensor.empty() : tensor<6x8xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  // expected-remark @below {{does not sum over all slots of all tokens of the selection}}
  %y = linalg.generic {indexing_maps = [#rows, #weight, #sum], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%h, %weights : tensor<6x1x8xf32>, tensor<6x1xf32>) outs(%y_zero : tensor<6x8xf32>) {
  ^bb0(%r: f32, %wt: f32, %s: f32):
    %p = arith.mulf %r, %wt : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

#pair = affine_map<(t, s, c, d) -> (t, s)>
#all = affine_map<(t, s, c, d) -> (t, s, c, d)>
#row = affine_map<(t, s, c, d) -> (t, d)>
#out = affine_map<(t, s, c, d) -> (t, s, c)>
#rows = affine_map<(t, s, c) -> (t, s, c)>
#weight = affine_map<(t, s, c) -> (t, s)>
#sum = affine_map<(t, s, c) -> (t, c)>

// The first tokens of a longer selection.
// CHECK-LABEL: func.func @fewer_tokens
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @fewer_tokens(%x: tensor<?x8xf32>, %key: tensor<?x4xf32>, %w: tensor<4x8x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0.0 : f32
  %all_ids = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  %all_weights = moe.weigh value %key, %all_ids : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %i0 = arith.constant 0 : index
  %n = tensor.dim %x, %i0 : tensor<?x8xf32>
  %ids = tensor.extract_slice %all_ids[0, 0] [%n, 2] [1, 1] : tensor<?x2xi32> to tensor<?x2xi32>
  %weights = tensor.extract_slice %all_weights[0, 0] [%n, 2] [1, 1] : tensor<?x2xf32> to tensor<?x2xf32>
  %g_room = tensor.empty(%n) : tensor<?x2x8x8xf32>
  %g = linalg.generic {indexing_maps = [#pair, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%ids : tensor<?x2xi32>) outs(%g_room : tensor<?x2x8x8xf32>) {
  ^bb0(%id: i32, %o: f32):
    %e = arith.index_cast %id : i32 to index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %v = tensor.extract %w[%e, %c, %d] : tensor<4x8x8xf32>
    linalg.yield %v : f32
  } -> tensor<?x2x8x8xf32>
  %h_room = tensor.empty(%n) : tensor<?x2x8xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_room : tensor<?x2x8xf32>) -> tensor<?x2x8xf32>
  %h = linalg.generic {indexing_maps = [#all, #row, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%g, %x : tensor<?x2x8x8xf32>, tensor<?x8xf32>) outs(%h_zero : tensor<?x2x8xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %p = arith.mulf %a, %b : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<?x2x8xf32>
  %y_room = tensor.empty(%n) : tensor<?x8xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_room : tensor<?x8xf32>) -> tensor<?x8xf32>
  // expected-remark @below {{does not sum over all slots of all tokens of the selection}}
  %y = linalg.generic {indexing_maps = [#rows, #weight, #sum], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%h, %weights : tensor<?x2x8xf32>, tensor<?x2xf32>) outs(%y_zero : tensor<?x8xf32>) {
  ^bb0(%r: f32, %wt: f32, %s: f32):
    %p = arith.mulf %r, %wt : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

#pair = affine_map<(t, s, c, d) -> (t, s)>
#all = affine_map<(t, s, c, d) -> (t, s, c, d)>
#row = affine_map<(t, s, c, d) -> (t, d)>
#out = affine_map<(t, s, c, d) -> (t, s, c)>
#rows = affine_map<(t, s, c) -> (t, s, c)>
#weight = affine_map<(t, s, c) -> (t, s)>
#sum = affine_map<(t, s, c) -> (t, c)>

// A sign that was extended before the number is read as unsigned.
// CHECK-LABEL: func.func @unsigned
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @unsigned(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>, %w: tensor<4x8x8xf32>, %scale: tensor<4x8xi8>) -> tensor<6x8xf32> {
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
  %h_room = tensor.empty() : tensor<6x2x8xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_room : tensor<6x2x8xf32>) -> tensor<6x2x8xf32>
  %h = linalg.generic {indexing_maps = [#all, #row, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%g, %x : tensor<6x2x8x8xf32>, tensor<6x8xf32>) outs(%h_zero : tensor<6x2x8xf32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %p = arith.mulf %a, %b : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
  } -> tensor<6x2x8xf32>
  %y_room = tensor.empty() : tensor<6x8xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  // expected-remark @below {{a row computes with integers of several widths}}
  %y = linalg.generic {indexing_maps = [#rows, #weight, #sum], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%h, %weights : tensor<6x2x8xf32>, tensor<6x2xf32>) outs(%y_zero : tensor<6x8xf32>) {
  ^bb0(%r: f32, %wt: f32, %s: f32):
    %t = linalg.index 0 : index
    %k = linalg.index 1 : index
    %c = linalg.index 2 : index
    %id = tensor.extract %ids[%t, %k] : tensor<6x2xi32>
    %e = arith.index_cast %id : i32 to index
    %b = tensor.extract %scale[%e, %c] : tensor<4x8xi8>
    %wide = arith.extsi %b : i8 to i32
    %f = arith.uitofp %wide : i32 to f32
    %q = arith.mulf %r, %f : f32
    %p = arith.mulf %q, %wt : f32
    %n1 = arith.addf %s, %p : f32
    linalg.yield %n1 : f32
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

// The sum would be made in f32.
// CHECK-LABEL: func.func @double
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @double(%x: tensor<6x8xf64>, %key: tensor<6x4xf64>,
    %w1: tensor<4x16x8xf64>, %w2: tensor<4x8x16xf64>) -> tensor<6x8xf64> {
  %zero = arith.constant 0.0 : f64
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf64> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf64>, tensor<6x2xi32> -> tensor<6x2xf64>
  %flat = tensor.collapse_shape %ids [[0, 1]] : tensor<6x2xi32> into tensor<12xi32>
  %gather1_room = tensor.empty() : tensor<12x16x8xf64>
  %gather1 = linalg.generic {indexing_maps = [#pair, #stack], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<12xi32>) outs(%gather1_room : tensor<12x16x8xf64>) {
  ^bb0(%id: i32, %out: f64):
    %e = arith.index_cast %id : i32 to index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = tensor.extract %w1[%e, %i, %j] : tensor<4x16x8xf64>
    linalg.yield %v : f64
  } -> tensor<12x16x8xf64>
  %gather2_room = tensor.empty() : tensor<12x8x16xf64>
  %gather2 = linalg.generic {indexing_maps = [#pair, #stack], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<12xi32>) outs(%gather2_room : tensor<12x8x16xf64>) {
  ^bb0(%id: i32, %out: f64):
    %e = arith.index_cast %id : i32 to index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = tensor.extract %w2[%e, %i, %j] : tensor<4x8x16xf64>
    linalg.yield %v : f64
  } -> tensor<12x8x16xf64>
  %x_room = tensor.empty() : tensor<6x2x8xf64>
  %x_pairs = linalg.generic {indexing_maps = [#token, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<6x8xf64>) outs(%x_room : tensor<6x2x8xf64>) {
  ^bb0(%in: f64, %out: f64):
    linalg.yield %in : f64
  } -> tensor<6x2x8xf64>
  %x_flat = tensor.collapse_shape %x_pairs [[0, 1], [2]] : tensor<6x2x8xf64> into tensor<12x8xf64>
  %x_columns = tensor.expand_shape %x_flat [[0], [1, 2]] output_shape [12, 8, 1] : tensor<12x8xf64> into tensor<12x8x1xf64>
  %h_room = tensor.empty() : tensor<12x16x1xf64>
  %h_zero = linalg.fill ins(%zero : f64) outs(%h_room : tensor<12x16x1xf64>) -> tensor<12x16x1xf64>
  %h3 = linalg.batch_matmul ins(%gather1, %x_columns : tensor<12x16x8xf64>, tensor<12x8x1xf64>)
      outs(%h_zero : tensor<12x16x1xf64>) -> tensor<12x16x1xf64>
  %h2 = tensor.collapse_shape %h3 [[0], [1, 2]] : tensor<12x16x1xf64> into tensor<12x16xf64>
  %act_room = tensor.empty() : tensor<12x16xf64>
  %act = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%h2 : tensor<12x16xf64>) outs(%act_room : tensor<12x16xf64>) {
  ^bb0(%h: f64, %out: f64):
    %y = math.tanh %h : f64
    linalg.yield %y : f64
  } -> tensor<12x16xf64>
  %act3 = tensor.expand_shape %act [[0], [1, 2]] output_shape [12, 16, 1] : tensor<12x16xf64> into tensor<12x16x1xf64>
  %y_room = tensor.empty() : tensor<12x8x1xf64>
  %y_zero = linalg.fill ins(%zero : f64) outs(%y_room : tensor<12x8x1xf64>) -> tensor<12x8x1xf64>
  %y3 = linalg.batch_matmul ins(%gather2, %act3 : tensor<12x8x16xf64>, tensor<12x16x1xf64>)
      outs(%y_zero : tensor<12x8x1xf64>) -> tensor<12x8x1xf64>
  %y2 = tensor.collapse_shape %y3 [[0], [1, 2]] : tensor<12x8x1xf64> into tensor<12x8xf64>
  %y_pairs = tensor.expand_shape %y2 [[0, 1], [2]] output_shape [6, 2, 8] : tensor<12x8xf64> into tensor<6x2x8xf64>
  %room8 = tensor.empty() : tensor<6x8xf64>
  %zero8 = linalg.fill ins(%zero : f64) outs(%room8 : tensor<6x8xf64>) -> tensor<6x8xf64>
  // expected-remark @below {{the sum is wider than f32}}
  %y = linalg.generic {indexing_maps = [#all, #slot, #token], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%y_pairs, %weights : tensor<6x2x8xf64>, tensor<6x2xf64>) outs(%zero8 : tensor<6x8xf64>) {
  ^bb0(%row: f64, %w: f64, %sum: f64):
    %weighted = arith.mulf %row, %w : f64
    %next = arith.addf %sum, %weighted : f64
    linalg.yield %next : f64
  } -> tensor<6x8xf64>
  return %y : tensor<6x8xf64>
}

// -----

// Ids that an argument gives: adapters, and no router.
// CHECK-LABEL: func.func @by_argument
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @by_argument(%x: tensor<6x8xf32>, %ids: tensor<6xi32>, %w: tensor<4x8x8xf32>,
    %zero: tensor<6x8xf32>) -> tensor<6x8xf32> {
  // expected-remark @below {{matrices are gathered, but not by selected experts}}
  %y = linalg.generic {indexing_maps = [
        affine_map<(t, d, j) -> (t, j)>, affine_map<(t, d, j) -> (t)>,
        affine_map<(t, d, j) -> (t, d)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %ids : tensor<6x8xf32>, tensor<6xi32>) outs(%zero : tensor<6x8xf32>) {
  ^bb0(%a: f32, %id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %d = linalg.index 1 : index
    %j = linalg.index 2 : index
    %b = tensor.extract %w[%e, %d, %j] : tensor<4x8x8xf32>
    %p = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
