// Top-k of something is moe.select, but nothing behind it is made an expert.

// RUN: moe-opt %s --split-input-file --moe-raise | FileCheck %s \
// RUN:   --implicit-check-not=moe.plan --implicit-check-not=moe.dispatch \
// RUN:   --implicit-check-not=moe.experts --implicit-check-not=moe.combine

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Top-k sampling: a softmax over the logits that were kept.
// CHECK-LABEL: func.func @sample_top_k
// CHECK:         moe.select
func.func @sample_top_k(%x: tensor<6x32xf32>) -> tensor<6x4xf32> {
  %0 = tensor.empty() : tensor<6x32xi64>
  %1 = linalg.generic {indexing_maps = [#t], iterator_types = ["parallel", "parallel"]}
      outs(%0 : tensor<6x32xi64>) {
  ^bb0(%o: i64):
    %i_ = linalg.index 1 : index
    %n_ = arith.index_cast %i_ : index to i64
    linalg.yield %n_ : i64
  } -> tensor<6x32xi64>
  %2:2 = "tm_tensor.sort"(%x, %1) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%x0: f32, %y0: f32, %x1: i64, %y1: i64):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x32xf32>, tensor<6x32xi64>) -> (tensor<6x32xf32>, tensor<6x32xi64>)
  %3 = tensor.extract_slice %2#0[0, 0] [6, 4] [1, 1] : tensor<6x32xf32> to tensor<6x4xf32>
  %4 = tensor.extract_slice %2#1[0, 0] [6, 4] [1, 1] : tensor<6x32xi64> to tensor<6x4xi64>
  %5 = arith.constant 0xFF800000 : f32
  %6 = tensor.empty() : tensor<6xf32>
  %7 = linalg.fill ins(%5 : f32) outs(%6 : tensor<6xf32>) -> tensor<6xf32>
  %8 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%3 : tensor<6x4xf32>) outs(%7 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.maximumf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %9 = tensor.empty() : tensor<6x4xf32>
  %10 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%3, %8 : tensor<6x4xf32>, tensor<6xf32>) outs(%9 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.subf %a0, %a1 : f32
    %p_ = math.exp %d_ : f32
    linalg.yield %p_ : f32
  } -> tensor<6x4xf32>
  %11 = arith.constant 0.0 : f32
  %12 = tensor.empty() : tensor<6xf32>
  %13 = linalg.fill ins(%11 : f32) outs(%12 : tensor<6xf32>) -> tensor<6xf32>
  %14 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%10 : tensor<6x4xf32>) outs(%13 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %15 = tensor.empty() : tensor<6x4xf32>
  %16 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%10, %14 : tensor<6x4xf32>, tensor<6xf32>) outs(%15 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.divf %a0, %a1 : f32
    linalg.yield %d_ : f32
  } -> tensor<6x4xf32>
  return %16 : tensor<6x4xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// The best continuations of all beams.
// CHECK-LABEL: func.func @beam_step
// CHECK:         moe.select
func.func @beam_step(%x: tensor<3x8xf32>, %s: tensor<3xf32>) -> tensor<1x3xi64> {
  %0 = tensor.empty() : tensor<3x8xf32>
  %1 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%x, %s : tensor<3x8xf32>, tensor<3xf32>) outs(%0 : tensor<3x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %v_ = arith.addf %a0, %a1 : f32
    linalg.yield %v_ : f32
  } -> tensor<3x8xf32>
  %2 = tensor.collapse_shape %1 [[0, 1]] : tensor<3x8xf32> into tensor<24xf32>
  %3 = tensor.expand_shape %2 [[0, 1]] output_shape [1, 24] : tensor<24xf32> into tensor<1x24xf32>
  %4 = tensor.empty() : tensor<1x24xi64>
  %5 = linalg.generic {indexing_maps = [#t], iterator_types = ["parallel", "parallel"]}
      outs(%4 : tensor<1x24xi64>) {
  ^bb0(%o: i64):
    %i_ = linalg.index 1 : index
    %n_ = arith.index_cast %i_ : index to i64
    linalg.yield %n_ : i64
  } -> tensor<1x24xi64>
  %6:2 = "tm_tensor.sort"(%3, %5) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%x0: f32, %y0: f32, %x1: i64, %y1: i64):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<1x24xf32>, tensor<1x24xi64>) -> (tensor<1x24xf32>, tensor<1x24xi64>)
  %7 = tensor.extract_slice %6#0[0, 0] [1, 3] [1, 1] : tensor<1x24xf32> to tensor<1x3xf32>
  %8 = tensor.extract_slice %6#1[0, 0] [1, 3] [1, 1] : tensor<1x24xi64> to tensor<1x3xi64>
  return %8 : tensor<1x3xi64>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>
#ij = affine_map<(i, j, k) -> (i, j)>
#ik = affine_map<(i, j, k) -> (i, k)>
#ijk = affine_map<(i, j, k) -> (i, j, k)>

// Product keys and memories: the k best rows of a table, weighted. A selection without matmuls.
// CHECK-LABEL: func.func @memory_read
// CHECK:         moe.select
func.func @memory_read(%x: tensor<6x10xf32>, %table: tensor<10x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<6x10xi64>
  %1 = linalg.generic {indexing_maps = [#t], iterator_types = ["parallel", "parallel"]}
      outs(%0 : tensor<6x10xi64>) {
  ^bb0(%o: i64):
    %i_ = linalg.index 1 : index
    %n_ = arith.index_cast %i_ : index to i64
    linalg.yield %n_ : i64
  } -> tensor<6x10xi64>
  %2:2 = "tm_tensor.sort"(%x, %1) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%x0: f32, %y0: f32, %x1: i64, %y1: i64):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x10xf32>, tensor<6x10xi64>) -> (tensor<6x10xf32>, tensor<6x10xi64>)
  %3 = tensor.extract_slice %2#0[0, 0] [6, 2] [1, 1] : tensor<6x10xf32> to tensor<6x2xf32>
  %4 = tensor.extract_slice %2#1[0, 0] [6, 2] [1, 1] : tensor<6x10xi64> to tensor<6x2xi64>
  %5 = tensor.collapse_shape %4 [[0, 1]] : tensor<6x2xi64> into tensor<12xi64>
  %6 = tensor.empty() : tensor<12x8xf32>
  %7 = linalg.generic {indexing_maps = [#row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%5 : tensor<12xi64>) outs(%6 : tensor<12x8xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %e_ = arith.index_cast %a0 : i64 to index
    %d_ = linalg.index 1 : index
    %v_ = tensor.extract %table[%e_, %d_] : tensor<10x8xf32>
    linalg.yield %v_ : f32
  } -> tensor<12x8xf32>
  %8 = tensor.expand_shape %7 [[0, 1], [2]] output_shape [6, 2, 8] : tensor<12x8xf32> into tensor<6x2x8xf32>
  %9 = arith.constant 0.0 : f32
  %10 = tensor.empty() : tensor<6x8xf32>
  %11 = linalg.fill ins(%9 : f32) outs(%10 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %12 = linalg.generic {indexing_maps = [#ijk, #ij, #ik], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%8, %3 : tensor<6x2x8xf32>, tensor<6x2xf32>) outs(%11 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m_ = arith.mulf %a0, %a1 : f32
    %v_ = arith.addf %m_, %o : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %12 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>

// Tokens by score: the whole order is read.
// CHECK-LABEL: func.func @sort_tokens
// CHECK:         moe.sort
func.func @sort_tokens(%x: tensor<6x8xf32>) -> tensor<6x8xi64> {
  %0 = tensor.empty() : tensor<6x8xi64>
  %1 = linalg.generic {indexing_maps = [#t], iterator_types = ["parallel", "parallel"]}
      outs(%0 : tensor<6x8xi64>) {
  ^bb0(%o: i64):
    %i_ = linalg.index 1 : index
    %n_ = arith.index_cast %i_ : index to i64
    linalg.yield %n_ : i64
  } -> tensor<6x8xi64>
  %2:2 = "tm_tensor.sort"(%x, %1) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%x0: f32, %y0: f32, %x1: i64, %y1: i64):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x8xf32>, tensor<6x8xi64>) -> (tensor<6x8xf32>, tensor<6x8xi64>)
  return %2#1 : tensor<6x8xi64>
}

// -----

// Sorted over the tokens.
// CHECK-LABEL: func.func @sort_rows
// CHECK:         moe.sort
func.func @sort_rows(%x: tensor<6x8xf32>) -> tensor<2x8xf32> {
  %0:1 = "tm_tensor.sort"(%x) <{dimension = 0 : i64, operandSegmentSizes = array<i32: 0, 1>}> ({
  ^bb0(%x0: f32, %y0: f32):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x8xf32>) -> (tensor<6x8xf32>)
  %1 = tensor.extract_slice %0#0[0, 0] [2, 8] [1, 1] : tensor<6x8xf32> to tensor<2x8xf32>
  return %1 : tensor<2x8xf32>
}

// -----

// The k nearest: smallest first.
// CHECK-LABEL: func.func @smallest
// CHECK:         moe.sort
func.func @smallest(%x: tensor<6x8xf32>) -> tensor<6x2xf32> {
  %0:1 = "tm_tensor.sort"(%x) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 1>}> ({
  ^bb0(%x0: f32, %y0: f32):
    %before = arith.cmpf olt, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x8xf32>) -> (tensor<6x8xf32>)
  %1 = tensor.extract_slice %0#0[0, 0] [6, 2] [1, 1] : tensor<6x8xf32> to tensor<6x2xf32>
  return %1 : tensor<6x2xf32>
}

// -----

// The column in the middle.
// CHECK-LABEL: func.func @median
// CHECK:         moe.sort
func.func @median(%x: tensor<6x8xf32>) -> tensor<6x1xf32> {
  %0:1 = "tm_tensor.sort"(%x) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 1>}> ({
  ^bb0(%x0: f32, %y0: f32):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x8xf32>) -> (tensor<6x8xf32>)
  %1 = tensor.extract_slice %0#0[0, 4] [6, 1] [1, 1] : tensor<6x8xf32> to tensor<6x1xf32>
  return %1 : tensor<6x1xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>

// Sorted along are token numbers, not columns.
// CHECK-LABEL: func.func @token_numbers
// CHECK:         moe.sort
func.func @token_numbers(%x: tensor<6x8xf32>) -> tensor<6x2xi64> {
  %0 = tensor.empty() : tensor<6x8xi64>
  %1 = linalg.generic {indexing_maps = [#t], iterator_types = ["parallel", "parallel"]}
      outs(%0 : tensor<6x8xi64>) {
  ^bb0(%o: i64):
    %i_ = linalg.index 0 : index
    %n_ = arith.index_cast %i_ : index to i64
    linalg.yield %n_ : i64
  } -> tensor<6x8xi64>
  %2:2 = "tm_tensor.sort"(%x, %1) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%x0: f32, %y0: f32, %x1: i64, %y1: i64):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x8xf32>, tensor<6x8xi64>) -> (tensor<6x8xf32>, tensor<6x8xi64>)
  %3 = tensor.extract_slice %2#1[0, 0] [6, 2] [1, 1] : tensor<6x8xi64> to tensor<6x2xi64>
  return %3 : tensor<6x2xi64>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#i = affine_map<(i, j, k) -> (i)>
#ik = affine_map<(i, j, k) -> (i, k)>
#ijk = affine_map<(i, j, k) -> (i, j, k)>

// Every pair multiplies a row of its own, not its token.
// CHECK-LABEL: func.func @own_rows
// CHECK:         moe.select
func.func @own_rows(%x: tensor<6x4xf32>, %w: tensor<4x8x8xf32>, %z: tensor<12x8x1xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<6x4xi64>
  %1 = linalg.generic {indexing_maps = [#t], iterator_types = ["parallel", "parallel"]}
      outs(%0 : tensor<6x4xi64>) {
  ^bb0(%o: i64):
    %i_ = linalg.index 1 : index
    %n_ = arith.index_cast %i_ : index to i64
    linalg.yield %n_ : i64
  } -> tensor<6x4xi64>
  %2:2 = "tm_tensor.sort"(%x, %1) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%x0: f32, %y0: f32, %x1: i64, %y1: i64):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x4xf32>, tensor<6x4xi64>) -> (tensor<6x4xf32>, tensor<6x4xi64>)
  %3 = tensor.extract_slice %2#0[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  %4 = tensor.extract_slice %2#1[0, 0] [6, 2] [1, 1] : tensor<6x4xi64> to tensor<6x2xi64>
  %5 = tensor.collapse_shape %4 [[0, 1]] : tensor<6x2xi64> into tensor<12xi64>
  %6 = tensor.empty() : tensor<12x8x8xf32>
  %7 = linalg.generic {indexing_maps = [#i, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%5 : tensor<12xi64>) outs(%6 : tensor<12x8x8xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %e_ = arith.index_cast %a0 : i64 to index
    %c_ = linalg.index 1 : index
    %d_ = linalg.index 2 : index
    %v_ = tensor.extract %w[%e_, %c_, %d_] : tensor<4x8x8xf32>
    linalg.yield %v_ : f32
  } -> tensor<12x8x8xf32>
  %8 = arith.constant 0.0 : f32
  %9 = tensor.empty() : tensor<12x8x1xf32>
  %10 = linalg.fill ins(%8 : f32) outs(%9 : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %11 = linalg.batch_matmul ins(%7, %z : tensor<12x8x8xf32>, tensor<12x8x1xf32>) outs(%10 : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %12 = tensor.collapse_shape %11 [[0], [1, 2]] : tensor<12x8x1xf32> into tensor<12x8xf32>
  %13 = tensor.expand_shape %12 [[0, 1], [2]] output_shape [6, 2, 8] : tensor<12x8xf32> into tensor<6x2x8xf32>
  %14 = tensor.empty() : tensor<6x8xf32>
  %15 = linalg.fill ins(%8 : f32) outs(%14 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %16 = linalg.generic {indexing_maps = [#ijk, #ik], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%13 : tensor<6x2x8xf32>) outs(%15 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v_ = arith.addf %a0, %o : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %16 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#i = affine_map<(i, j, k) -> (i)>
#ik = affine_map<(i, j, k) -> (i, k)>
#ijk = affine_map<(i, j, k) -> (i, j, k)>

// The largest of the experts' answers, not their sum.
// CHECK-LABEL: func.func @best_expert
// CHECK:         moe.select
func.func @best_expert(%x: tensor<6x4xf32>, %z: tensor<6x8xf32>, %w: tensor<4x8x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<6x4xi64>
  %1 = linalg.generic {indexing_maps = [#t], iterator_types = ["parallel", "parallel"]}
      outs(%0 : tensor<6x4xi64>) {
  ^bb0(%o: i64):
    %i_ = linalg.index 1 : index
    %n_ = arith.index_cast %i_ : index to i64
    linalg.yield %n_ : i64
  } -> tensor<6x4xi64>
  %2:2 = "tm_tensor.sort"(%x, %1) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%x0: f32, %y0: f32, %x1: i64, %y1: i64):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x4xf32>, tensor<6x4xi64>) -> (tensor<6x4xf32>, tensor<6x4xi64>)
  %3 = tensor.extract_slice %2#0[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  %4 = tensor.extract_slice %2#1[0, 0] [6, 2] [1, 1] : tensor<6x4xi64> to tensor<6x2xi64>
  %5 = tensor.collapse_shape %4 [[0, 1]] : tensor<6x2xi64> into tensor<12xi64>
  %6 = tensor.empty() : tensor<12x8x8xf32>
  %7 = linalg.generic {indexing_maps = [#i, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%5 : tensor<12xi64>) outs(%6 : tensor<12x8x8xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %e_ = arith.index_cast %a0 : i64 to index
    %c_ = linalg.index 1 : index
    %d_ = linalg.index 2 : index
    %v_ = tensor.extract %w[%e_, %c_, %d_] : tensor<4x8x8xf32>
    linalg.yield %v_ : f32
  } -> tensor<12x8x8xf32>
  %8 = tensor.empty() : tensor<6x2x8xf32>
  %9 = linalg.generic {indexing_maps = [#ik, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%z : tensor<6x8xf32>) outs(%8 : tensor<6x2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    linalg.yield %a0 : f32
  } -> tensor<6x2x8xf32>
  %10 = tensor.collapse_shape %9 [[0, 1], [2]] : tensor<6x2x8xf32> into tensor<12x8xf32>
  %11 = tensor.expand_shape %10 [[0], [1, 2]] output_shape [12, 8, 1] : tensor<12x8xf32> into tensor<12x8x1xf32>
  %12 = arith.constant 0.0 : f32
  %13 = tensor.empty() : tensor<12x8x1xf32>
  %14 = linalg.fill ins(%12 : f32) outs(%13 : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %15 = linalg.batch_matmul ins(%7, %11 : tensor<12x8x8xf32>, tensor<12x8x1xf32>) outs(%14 : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %16 = tensor.collapse_shape %15 [[0], [1, 2]] : tensor<12x8x1xf32> into tensor<12x8xf32>
  %17 = tensor.expand_shape %16 [[0, 1], [2]] output_shape [6, 2, 8] : tensor<12x8xf32> into tensor<6x2x8xf32>
  %18 = arith.constant 0xFF800000 : f32
  %19 = tensor.empty() : tensor<6x8xf32>
  %20 = linalg.fill ins(%18 : f32) outs(%19 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %21 = linalg.generic {indexing_maps = [#ijk, #ik], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%17 : tensor<6x2x8xf32>) outs(%20 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v_ = arith.maximumf %a0, %o : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %21 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#i = affine_map<(i, j, k) -> (i)>
#ijk = affine_map<(i, j, k) -> (i, j, k)>

// Weights of the chosen experts are added before the matmul (SMEAR).
// CHECK-LABEL: func.func @merged_weights
// CHECK:         moe.select
func.func @merged_weights(%x: tensor<6x4xf32>, %z: tensor<6x8xf32>, %w: tensor<4x8x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<6x4xi64>
  %1 = linalg.generic {indexing_maps = [#t], iterator_types = ["parallel", "parallel"]}
      outs(%0 : tensor<6x4xi64>) {
  ^bb0(%o: i64):
    %i_ = linalg.index 1 : index
    %n_ = arith.index_cast %i_ : index to i64
    linalg.yield %n_ : i64
  } -> tensor<6x4xi64>
  %2:2 = "tm_tensor.sort"(%x, %1) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 0, 2>}> ({
  ^bb0(%x0: f32, %y0: f32, %x1: i64, %y1: i64):
    %before = arith.cmpf oge, %x0, %y0 : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<6x4xf32>, tensor<6x4xi64>) -> (tensor<6x4xf32>, tensor<6x4xi64>)
  %3 = tensor.extract_slice %2#0[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  %4 = tensor.extract_slice %2#1[0, 0] [6, 2] [1, 1] : tensor<6x4xi64> to tensor<6x2xi64>
  %5 = tensor.collapse_shape %4 [[0, 1]] : tensor<6x2xi64> into tensor<12xi64>
  %6 = tensor.empty() : tensor<12x8x8xf32>
  %7 = linalg.generic {indexing_maps = [#i, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%5 : tensor<12xi64>) outs(%6 : tensor<12x8x8xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %e_ = arith.index_cast %a0 : i64 to index
    %c_ = linalg.index 1 : index
    %d_ = linalg.index 2 : index
    %v_ = tensor.extract %w[%e_, %c_, %d_] : tensor<4x8x8xf32>
    linalg.yield %v_ : f32
  } -> tensor<12x8x8xf32>
  %8 = tensor.expand_shape %7 [[0, 1], [2], [3]] output_shape [6, 2, 8, 8] : tensor<12x8x8xf32> into tensor<6x2x8x8xf32>
  %9 = arith.constant 0.0 : f32
  %10 = tensor.empty() : tensor<6x8x8xf32>
  %11 = linalg.fill ins(%9 : f32) outs(%10 : tensor<6x8x8xf32>) -> tensor<6x8x8xf32>
  %12 = linalg.generic {indexing_maps = [affine_map<(t, s, c, d) -> (t, s, c, d)>, affine_map<(t, s, c, d) -> (t, c, d)>], iterator_types = ["parallel", "reduction", "parallel", "parallel"]}
      ins(%8 : tensor<6x2x8x8xf32>) outs(%11 : tensor<6x8x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v_ = arith.addf %a0, %o : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8x8xf32>
  %13 = tensor.expand_shape %z [[0], [1, 2]] output_shape [6, 8, 1] : tensor<6x8xf32> into tensor<6x8x1xf32>
  %14 = tensor.empty() : tensor<6x8x1xf32>
  %15 = linalg.fill ins(%9 : f32) outs(%14 : tensor<6x8x1xf32>) -> tensor<6x8x1xf32>
  %16 = linalg.batch_matmul ins(%12, %13 : tensor<6x8x8xf32>, tensor<6x8x1xf32>) outs(%15 : tensor<6x8x1xf32>) -> tensor<6x8x1xf32>
  %17 = tensor.collapse_shape %16 [[0], [1, 2]] : tensor<6x8x1xf32> into tensor<6x8xf32>
  return %17 : tensor<6x8xf32>
}
