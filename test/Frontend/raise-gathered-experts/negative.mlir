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
