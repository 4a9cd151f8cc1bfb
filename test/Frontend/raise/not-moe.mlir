// Graphs that look like parts of a MoE block and are none: nothing is raised.

// RUN: moe-opt %s --split-input-file --moe-raise | FileCheck %s --implicit-check-not=moe.

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Softmax over keys, which are as many as the tokens.
// CHECK-LABEL: func.func @attention
func.func @attention(%q: tensor<6x8xf32>, %k: tensor<6x8xf32>, %v: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<8x6xf32>
  %1 = linalg.transpose ins(%k : tensor<6x8xf32>) outs(%0 : tensor<8x6xf32>) permutation = [1, 0]
  %2 = arith.constant 0.0 : f32
  %3 = tensor.empty() : tensor<6x6xf32>
  %4 = linalg.fill ins(%2 : f32) outs(%3 : tensor<6x6xf32>) -> tensor<6x6xf32>
  %5 = linalg.matmul ins(%q, %1 : tensor<6x8xf32>, tensor<8x6xf32>) outs(%4 : tensor<6x6xf32>) -> tensor<6x6xf32>
  %6 = arith.constant 0xFF800000 : f32
  %7 = tensor.empty() : tensor<6xf32>
  %8 = linalg.fill ins(%6 : f32) outs(%7 : tensor<6xf32>) -> tensor<6xf32>
  %9 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%5 : tensor<6x6xf32>) outs(%8 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.maximumf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %10 = tensor.empty() : tensor<6x6xf32>
  %11 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%5, %9 : tensor<6x6xf32>, tensor<6xf32>) outs(%10 : tensor<6x6xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.subf %a0, %a1 : f32
    %p_ = math.exp %d_ : f32
    linalg.yield %p_ : f32
  } -> tensor<6x6xf32>
  %12 = tensor.empty() : tensor<6xf32>
  %13 = linalg.fill ins(%2 : f32) outs(%12 : tensor<6xf32>) -> tensor<6xf32>
  %14 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%11 : tensor<6x6xf32>) outs(%13 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %15 = tensor.empty() : tensor<6x6xf32>
  %16 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%11, %14 : tensor<6x6xf32>, tensor<6xf32>) outs(%15 : tensor<6x6xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.divf %a0, %a1 : f32
    linalg.yield %d_ : f32
  } -> tensor<6x6xf32>
  %17 = tensor.empty() : tensor<6x8xf32>
  %18 = linalg.fill ins(%2 : f32) outs(%17 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %19 = linalg.matmul ins(%16, %v : tensor<6x6xf32>, tensor<6x8xf32>) outs(%18 : tensor<6x8xf32>) -> tensor<6x8xf32>
  return %19 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Four keys could be four experts, but all of them count.
// CHECK-LABEL: func.func @cross_attention
func.func @cross_attention(%q: tensor<6x8xf32>, %k: tensor<4x8xf32>, %v: tensor<4x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<8x4xf32>
  %1 = linalg.transpose ins(%k : tensor<4x8xf32>) outs(%0 : tensor<8x4xf32>) permutation = [1, 0]
  %2 = arith.constant 0.0 : f32
  %3 = tensor.empty() : tensor<6x4xf32>
  %4 = linalg.fill ins(%2 : f32) outs(%3 : tensor<6x4xf32>) -> tensor<6x4xf32>
  %5 = linalg.matmul ins(%q, %1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%4 : tensor<6x4xf32>) -> tensor<6x4xf32>
  %6 = arith.constant 0xFF800000 : f32
  %7 = tensor.empty() : tensor<6xf32>
  %8 = linalg.fill ins(%6 : f32) outs(%7 : tensor<6xf32>) -> tensor<6xf32>
  %9 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%5 : tensor<6x4xf32>) outs(%8 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.maximumf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %10 = tensor.empty() : tensor<6x4xf32>
  %11 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%5, %9 : tensor<6x4xf32>, tensor<6xf32>) outs(%10 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.subf %a0, %a1 : f32
    %p_ = math.exp %d_ : f32
    linalg.yield %p_ : f32
  } -> tensor<6x4xf32>
  %12 = tensor.empty() : tensor<6xf32>
  %13 = linalg.fill ins(%2 : f32) outs(%12 : tensor<6xf32>) -> tensor<6xf32>
  %14 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%11 : tensor<6x4xf32>) outs(%13 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %15 = tensor.empty() : tensor<6x4xf32>
  %16 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%11, %14 : tensor<6x4xf32>, tensor<6xf32>) outs(%15 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.divf %a0, %a1 : f32
    linalg.yield %d_ : f32
  } -> tensor<6x4xf32>
  %17 = tensor.empty() : tensor<6x8xf32>
  %18 = linalg.fill ins(%2 : f32) outs(%17 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %19 = linalg.matmul ins(%16, %v : tensor<6x4xf32>, tensor<4x8xf32>) outs(%18 : tensor<6x8xf32>) -> tensor<6x8xf32>
  return %19 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Masked scores, no selection.
// CHECK-LABEL: func.func @causal_attention
func.func @causal_attention(%q: tensor<6x8xf32>, %k: tensor<6x8xf32>, %v: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<8x6xf32>
  %1 = linalg.transpose ins(%k : tensor<6x8xf32>) outs(%0 : tensor<8x6xf32>) permutation = [1, 0]
  %2 = arith.constant 0.0 : f32
  %3 = tensor.empty() : tensor<6x6xf32>
  %4 = linalg.fill ins(%2 : f32) outs(%3 : tensor<6x6xf32>) -> tensor<6x6xf32>
  %5 = linalg.matmul ins(%q, %1 : tensor<6x8xf32>, tensor<8x6xf32>) outs(%4 : tensor<6x6xf32>) -> tensor<6x6xf32>
  %6 = arith.constant 0xFF800000 : f32
  %7 = tensor.empty() : tensor<6x6xf32>
  %8 = linalg.generic {indexing_maps = [#t, #t], iterator_types = ["parallel", "parallel"]}
      ins(%5 : tensor<6x6xf32>) outs(%7 : tensor<6x6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %i_ = linalg.index 0 : index
    %j_ = linalg.index 1 : index
    %m_ = arith.cmpi sgt, %j_, %i_ : index
    %v_ = arith.select %m_, %6, %a0 : f32
    linalg.yield %v_ : f32
  } -> tensor<6x6xf32>
  %9 = tensor.empty() : tensor<6xf32>
  %10 = linalg.fill ins(%6 : f32) outs(%9 : tensor<6xf32>) -> tensor<6xf32>
  %11 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%8 : tensor<6x6xf32>) outs(%10 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.maximumf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %12 = tensor.empty() : tensor<6x6xf32>
  %13 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%8, %11 : tensor<6x6xf32>, tensor<6xf32>) outs(%12 : tensor<6x6xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.subf %a0, %a1 : f32
    %p_ = math.exp %d_ : f32
    linalg.yield %p_ : f32
  } -> tensor<6x6xf32>
  %14 = tensor.empty() : tensor<6xf32>
  %15 = linalg.fill ins(%2 : f32) outs(%14 : tensor<6xf32>) -> tensor<6xf32>
  %16 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%13 : tensor<6x6xf32>) outs(%15 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %17 = tensor.empty() : tensor<6x6xf32>
  %18 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%13, %16 : tensor<6x6xf32>, tensor<6xf32>) outs(%17 : tensor<6x6xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.divf %a0, %a1 : f32
    linalg.yield %d_ : f32
  } -> tensor<6x6xf32>
  %19 = tensor.empty() : tensor<6x8xf32>
  %20 = linalg.fill ins(%2 : f32) outs(%19 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %21 = linalg.matmul ins(%18, %v : tensor<6x6xf32>, tensor<6x8xf32>) outs(%20 : tensor<6x8xf32>) -> tensor<6x8xf32>
  return %21 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>
#ij = affine_map<(i, j, k) -> (i, j)>
#jk = affine_map<(i, j, k) -> (j, k)>
#ijk = affine_map<(i, j, k) -> (i, j, k)>

// Every expert works on every token, weighted by a softmax: nothing is left out.
// CHECK-LABEL: func.func @dense_mixture
func.func @dense_mixture(%x: tensor<6x8xf32>, %r: tensor<8x4xf32>, %w: tensor<4x8x8xf32>) -> tensor<6x8xf32> {
  %0 = arith.constant 0.0 : f32
  %1 = tensor.empty() : tensor<6x4xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<6x4xf32>) -> tensor<6x4xf32>
  %3 = linalg.matmul ins(%x, %r : tensor<6x8xf32>, tensor<8x4xf32>) outs(%2 : tensor<6x4xf32>) -> tensor<6x4xf32>
  %4 = arith.constant 0xFF800000 : f32
  %5 = tensor.empty() : tensor<6xf32>
  %6 = linalg.fill ins(%4 : f32) outs(%5 : tensor<6xf32>) -> tensor<6xf32>
  %7 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%3 : tensor<6x4xf32>) outs(%6 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.maximumf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %8 = tensor.empty() : tensor<6x4xf32>
  %9 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%3, %7 : tensor<6x4xf32>, tensor<6xf32>) outs(%8 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.subf %a0, %a1 : f32
    %p_ = math.exp %d_ : f32
    linalg.yield %p_ : f32
  } -> tensor<6x4xf32>
  %10 = tensor.empty() : tensor<6xf32>
  %11 = linalg.fill ins(%0 : f32) outs(%10 : tensor<6xf32>) -> tensor<6xf32>
  %12 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%9 : tensor<6x4xf32>) outs(%11 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %13 = tensor.empty() : tensor<6x4xf32>
  %14 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%9, %12 : tensor<6x4xf32>, tensor<6xf32>) outs(%13 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.divf %a0, %a1 : f32
    linalg.yield %d_ : f32
  } -> tensor<6x4xf32>
  %15 = tensor.empty() : tensor<4x6x8xf32>
  %16 = linalg.fill ins(%0 : f32) outs(%15 : tensor<4x6x8xf32>) -> tensor<4x6x8xf32>
  %17 = tensor.empty() : tensor<4x6x8xf32>
  %18 = linalg.generic {indexing_maps = [#jk, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<6x8xf32>) outs(%17 : tensor<4x6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    linalg.yield %a0 : f32
  } -> tensor<4x6x8xf32>
  %19 = tensor.empty() : tensor<4x6x8xf32>
  %20 = linalg.fill ins(%0 : f32) outs(%19 : tensor<4x6x8xf32>) -> tensor<4x6x8xf32>
  %21 = linalg.batch_matmul ins(%18, %w : tensor<4x6x8xf32>, tensor<4x8x8xf32>) outs(%20 : tensor<4x6x8xf32>) -> tensor<4x6x8xf32>
  %22 = tensor.empty() : tensor<4x6xf32>
  %23 = linalg.transpose ins(%14 : tensor<6x4xf32>) outs(%22 : tensor<4x6xf32>) permutation = [1, 0]
  %24 = tensor.empty() : tensor<4x6x8xf32>
  %25 = linalg.generic {indexing_maps = [#ijk, #ij, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%21, %23 : tensor<4x6x8xf32>, tensor<4x6xf32>) outs(%24 : tensor<4x6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %v_ = arith.mulf %a0, %a1 : f32
    linalg.yield %v_ : f32
  } -> tensor<4x6x8xf32>
  %26 = tensor.empty() : tensor<6x8xf32>
  %27 = linalg.fill ins(%0 : f32) outs(%26 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %28 = linalg.generic {indexing_maps = [#ijk, #jk], iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%25 : tensor<4x6x8xf32>) outs(%27 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v_ = arith.addf %a0, %o : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %28 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Slots are mixtures of all tokens: no routing.
// CHECK-LABEL: func.func @soft_moe
func.func @soft_moe(%x: tensor<6x8xf32>, %phi: tensor<8x4xf32>, %w: tensor<4x8x8xf32>) -> tensor<6x8xf32> {
  %0 = arith.constant 0.0 : f32
  %1 = tensor.empty() : tensor<6x4xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<6x4xf32>) -> tensor<6x4xf32>
  %3 = linalg.matmul ins(%x, %phi : tensor<6x8xf32>, tensor<8x4xf32>) outs(%2 : tensor<6x4xf32>) -> tensor<6x4xf32>
  %4 = tensor.empty() : tensor<4x6xf32>
  %5 = linalg.transpose ins(%3 : tensor<6x4xf32>) outs(%4 : tensor<4x6xf32>) permutation = [1, 0]
  %6 = arith.constant 0xFF800000 : f32
  %7 = tensor.empty() : tensor<4xf32>
  %8 = linalg.fill ins(%6 : f32) outs(%7 : tensor<4xf32>) -> tensor<4xf32>
  %9 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%5 : tensor<4x6xf32>) outs(%8 : tensor<4xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.maximumf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<4xf32>
  %10 = tensor.empty() : tensor<4x6xf32>
  %11 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%5, %9 : tensor<4x6xf32>, tensor<4xf32>) outs(%10 : tensor<4x6xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.subf %a0, %a1 : f32
    %p_ = math.exp %d_ : f32
    linalg.yield %p_ : f32
  } -> tensor<4x6xf32>
  %12 = tensor.empty() : tensor<4xf32>
  %13 = linalg.fill ins(%0 : f32) outs(%12 : tensor<4xf32>) -> tensor<4xf32>
  %14 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%11 : tensor<4x6xf32>) outs(%13 : tensor<4xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<4xf32>
  %15 = tensor.empty() : tensor<4x6xf32>
  %16 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%11, %14 : tensor<4x6xf32>, tensor<4xf32>) outs(%15 : tensor<4x6xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.divf %a0, %a1 : f32
    linalg.yield %d_ : f32
  } -> tensor<4x6xf32>
  %17 = tensor.empty() : tensor<6xf32>
  %18 = linalg.fill ins(%6 : f32) outs(%17 : tensor<6xf32>) -> tensor<6xf32>
  %19 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%3 : tensor<6x4xf32>) outs(%18 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.maximumf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %20 = tensor.empty() : tensor<6x4xf32>
  %21 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%3, %19 : tensor<6x4xf32>, tensor<6xf32>) outs(%20 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.subf %a0, %a1 : f32
    %p_ = math.exp %d_ : f32
    linalg.yield %p_ : f32
  } -> tensor<6x4xf32>
  %22 = tensor.empty() : tensor<6xf32>
  %23 = linalg.fill ins(%0 : f32) outs(%22 : tensor<6xf32>) -> tensor<6xf32>
  %24 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%21 : tensor<6x4xf32>) outs(%23 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %25 = tensor.empty() : tensor<6x4xf32>
  %26 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%21, %24 : tensor<6x4xf32>, tensor<6xf32>) outs(%25 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.divf %a0, %a1 : f32
    linalg.yield %d_ : f32
  } -> tensor<6x4xf32>
  %27 = tensor.empty() : tensor<4x8xf32>
  %28 = linalg.fill ins(%0 : f32) outs(%27 : tensor<4x8xf32>) -> tensor<4x8xf32>
  %29 = linalg.matmul ins(%16, %x : tensor<4x6xf32>, tensor<6x8xf32>) outs(%28 : tensor<4x8xf32>) -> tensor<4x8xf32>
  %30 = tensor.expand_shape %29 [[0, 1], [2]] output_shape [4, 1, 8] : tensor<4x8xf32> into tensor<4x1x8xf32>
  %31 = tensor.empty() : tensor<4x1x8xf32>
  %32 = linalg.fill ins(%0 : f32) outs(%31 : tensor<4x1x8xf32>) -> tensor<4x1x8xf32>
  %33 = linalg.batch_matmul ins(%30, %w : tensor<4x1x8xf32>, tensor<4x8x8xf32>) outs(%32 : tensor<4x1x8xf32>) -> tensor<4x1x8xf32>
  %34 = tensor.collapse_shape %33 [[0, 1], [2]] : tensor<4x1x8xf32> into tensor<4x8xf32>
  %35 = tensor.empty() : tensor<6x8xf32>
  %36 = linalg.fill ins(%0 : f32) outs(%35 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %37 = linalg.matmul ins(%26, %34 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%36 : tensor<6x8xf32>) -> tensor<6x8xf32>
  return %37 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Rows are gathered by token ids.
// CHECK-LABEL: func.func @embedding
func.func @embedding(%ids: tensor<6xi64>, %table: tensor<10x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<6x8xf32>
  %1 = linalg.generic {indexing_maps = [#row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6xi64>) outs(%0 : tensor<6x8xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %e_ = arith.index_cast %a0 : i64 to index
    %d_ = linalg.index 1 : index
    %v_ = tensor.extract %table[%e_, %d_] : tensor<10x8xf32>
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %1 : tensor<6x8xf32>
}

// -----

#i = affine_map<(i, j, k) -> (i)>
#ijk = affine_map<(i, j, k) -> (i, j, k)>

// A matrix per request, chosen by the caller and no router.
// CHECK-LABEL: func.func @adapters
func.func @adapters(%x: tensor<6x8xf32>, %w: tensor<4x8x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<6x8x8xf32>
  %1 = linalg.generic {indexing_maps = [#i, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%ids : tensor<6xi64>) outs(%0 : tensor<6x8x8xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %e_ = arith.index_cast %a0 : i64 to index
    %c_ = linalg.index 1 : index
    %d_ = linalg.index 2 : index
    %v_ = tensor.extract %w[%e_, %c_, %d_] : tensor<4x8x8xf32>
    linalg.yield %v_ : f32
  } -> tensor<6x8x8xf32>
  %2 = tensor.expand_shape %x [[0], [1, 2]] output_shape [6, 8, 1] : tensor<6x8xf32> into tensor<6x8x1xf32>
  %3 = arith.constant 0.0 : f32
  %4 = tensor.empty() : tensor<6x8x1xf32>
  %5 = linalg.fill ins(%3 : f32) outs(%4 : tensor<6x8x1xf32>) -> tensor<6x8x1xf32>
  %6 = linalg.batch_matmul ins(%1, %2 : tensor<6x8x8xf32>, tensor<6x8x1xf32>) outs(%5 : tensor<6x8x1xf32>) -> tensor<6x8x1xf32>
  %7 = tensor.collapse_shape %6 [[0], [1, 2]] : tensor<6x8x1xf32> into tensor<6x8xf32>
  return %7 : tensor<6x8xf32>
}

// -----

#i = affine_map<(i, j, k) -> (i)>
#ij = affine_map<(i, j, k) -> (i, j)>
#ik = affine_map<(i, j, k) -> (i, k)>
#ijk = affine_map<(i, j, k) -> (i, j, k)>

// The whole second half of a block, but its ids come from outside.
// CHECK-LABEL: func.func @given_pairs
func.func @given_pairs(%x: tensor<6x8xf32>, %w: tensor<4x8x8xf32>, %ids: tensor<6x2xi64>, %p: tensor<6x2xf32>) -> tensor<6x8xf32> {
  %0 = tensor.collapse_shape %ids [[0, 1]] : tensor<6x2xi64> into tensor<12xi64>
  %1 = tensor.empty() : tensor<12x8x8xf32>
  %2 = linalg.generic {indexing_maps = [#i, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%0 : tensor<12xi64>) outs(%1 : tensor<12x8x8xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %e_ = arith.index_cast %a0 : i64 to index
    %c_ = linalg.index 1 : index
    %d_ = linalg.index 2 : index
    %v_ = tensor.extract %w[%e_, %c_, %d_] : tensor<4x8x8xf32>
    linalg.yield %v_ : f32
  } -> tensor<12x8x8xf32>
  %3 = tensor.empty() : tensor<6x2x8xf32>
  %4 = linalg.generic {indexing_maps = [#ik, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<6x8xf32>) outs(%3 : tensor<6x2x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    linalg.yield %a0 : f32
  } -> tensor<6x2x8xf32>
  %5 = tensor.collapse_shape %4 [[0, 1], [2]] : tensor<6x2x8xf32> into tensor<12x8xf32>
  %6 = tensor.expand_shape %5 [[0], [1, 2]] output_shape [12, 8, 1] : tensor<12x8xf32> into tensor<12x8x1xf32>
  %7 = arith.constant 0.0 : f32
  %8 = tensor.empty() : tensor<12x8x1xf32>
  %9 = linalg.fill ins(%7 : f32) outs(%8 : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %10 = linalg.batch_matmul ins(%2, %6 : tensor<12x8x8xf32>, tensor<12x8x1xf32>) outs(%9 : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %11 = tensor.collapse_shape %10 [[0], [1, 2]] : tensor<12x8x1xf32> into tensor<12x8xf32>
  %12 = tensor.expand_shape %11 [[0, 1], [2]] output_shape [6, 2, 8] : tensor<12x8xf32> into tensor<6x2x8xf32>
  %13 = tensor.empty() : tensor<6x8xf32>
  %14 = linalg.fill ins(%7 : f32) outs(%13 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %15 = linalg.generic {indexing_maps = [#ijk, #ij, #ik], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%12, %p : tensor<6x2x8xf32>, tensor<6x2xf32>) outs(%14 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m_ = arith.mulf %a0, %a1 : f32
    %v_ = arith.addf %m_, %o : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %15 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// The class with the largest logit.
// CHECK-LABEL: func.func @classify
func.func @classify(%x: tensor<6x4xf32>) -> tensor<6xi64> {
  %0 = arith.constant 0xFF800000 : f32
  %1 = tensor.empty() : tensor<6xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<6xf32>) -> tensor<6xf32>
  %3 = arith.constant 0 : i64
  %4 = tensor.empty() : tensor<6xi64>
  %5 = linalg.fill ins(%3 : i64) outs(%4 : tensor<6xi64>) -> tensor<6xi64>
  %6:2 = linalg.generic {indexing_maps = [#t, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<6x4xf32>) outs(%2, %5 : tensor<6xf32>, tensor<6xi64>) {
  ^bb0(%a: f32, %m: f32, %i: i64):
    %n = linalg.index 1 : index
    %k = arith.index_cast %n : index to i64
    %v = arith.maximumf %a, %m : f32
    %g = arith.cmpf ogt, %a, %m : f32
    %w = arith.select %g, %k, %i : i64
    linalg.yield %v, %w : f32, i64
  } -> (tensor<6xf32>, tensor<6xi64>)
  return %6#1 : tensor<6xi64>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Ones where the ids are.
// CHECK-LABEL: func.func @one_hot
func.func @one_hot(%ids: tensor<6xi64>) -> tensor<6x4xf32> {
  %0 = tensor.empty() : tensor<6x4xf32>
  %1 = linalg.generic {indexing_maps = [#row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6xi64>) outs(%0 : tensor<6x4xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %j_ = linalg.index 1 : index
    %k_ = arith.index_cast %j_ : index to i64
    %e_ = arith.cmpi eq, %k_, %a0 : i64
    %v_ = arith.uitofp %e_ : i1 to f32
    linalg.yield %v_ : f32
  } -> tensor<6x4xf32>
  return %1 : tensor<6x4xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// The nearest codebook entry of each row, read back: a selection without top-k.
// CHECK-LABEL: func.func @quantise
func.func @quantise(%x: tensor<6x4xf32>, %book: tensor<4x8xf32>) -> tensor<6x8xf32> {
  %0 = arith.constant 0xFF800000 : f32
  %1 = tensor.empty() : tensor<6xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<6xf32>) -> tensor<6xf32>
  %3 = arith.constant 0 : i64
  %4 = tensor.empty() : tensor<6xi64>
  %5 = linalg.fill ins(%3 : i64) outs(%4 : tensor<6xi64>) -> tensor<6xi64>
  %6:2 = linalg.generic {indexing_maps = [#t, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<6x4xf32>) outs(%2, %5 : tensor<6xf32>, tensor<6xi64>) {
  ^bb0(%a: f32, %m: f32, %i: i64):
    %n = linalg.index 1 : index
    %k = arith.index_cast %n : index to i64
    %v = arith.maximumf %a, %m : f32
    %g = arith.cmpf ogt, %a, %m : f32
    %w = arith.select %g, %k, %i : i64
    linalg.yield %v, %w : f32, i64
  } -> (tensor<6xf32>, tensor<6xi64>)
  %7 = tensor.empty() : tensor<6x8xf32>
  %8 = linalg.generic {indexing_maps = [#row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%6#1 : tensor<6xi64>) outs(%7 : tensor<6x8xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %e_ = arith.index_cast %a0 : i64 to index
    %d_ = linalg.index 1 : index
    %v_ = tensor.extract %book[%e_, %d_] : tensor<4x8xf32>
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %8 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>

// Matmuls over tokens, then over channels.
// CHECK-LABEL: func.func @mlp_mixer
func.func @mlp_mixer(%x: tensor<6x8xf32>, %a: tensor<6x6xf32>, %b: tensor<8x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<8x6xf32>
  %1 = linalg.transpose ins(%x : tensor<6x8xf32>) outs(%0 : tensor<8x6xf32>) permutation = [1, 0]
  %2 = arith.constant 0.0 : f32
  %3 = tensor.empty() : tensor<8x6xf32>
  %4 = linalg.fill ins(%2 : f32) outs(%3 : tensor<8x6xf32>) -> tensor<8x6xf32>
  %5 = linalg.matmul ins(%1, %a : tensor<8x6xf32>, tensor<6x6xf32>) outs(%4 : tensor<8x6xf32>) -> tensor<8x6xf32>
  %6 = tensor.empty() : tensor<6x8xf32>
  %7 = linalg.transpose ins(%5 : tensor<8x6xf32>) outs(%6 : tensor<6x8xf32>) permutation = [1, 0]
  %8 = tensor.empty() : tensor<6x8xf32>
  %9 = linalg.generic {indexing_maps = [#t, #t], iterator_types = ["parallel", "parallel"]}
      ins(%7 : tensor<6x8xf32>) outs(%8 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v_ = math.tanh %a0 : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  %10 = tensor.empty() : tensor<6x8xf32>
  %11 = linalg.fill ins(%2 : f32) outs(%10 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %12 = linalg.matmul ins(%9, %b : tensor<6x8xf32>, tensor<8x8xf32>) outs(%11 : tensor<6x8xf32>) -> tensor<6x8xf32>
  return %12 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>

// A dense gated layer.
// CHECK-LABEL: func.func @swiglu
func.func @swiglu(%x: tensor<6x8xf32>, %g: tensor<8x16xf32>, %u: tensor<8x16xf32>, %d: tensor<16x8xf32>) -> tensor<6x8xf32> {
  %0 = arith.constant 1.0 : f32
  %1 = arith.constant 0.0 : f32
  %2 = tensor.empty() : tensor<6x16xf32>
  %3 = linalg.fill ins(%1 : f32) outs(%2 : tensor<6x16xf32>) -> tensor<6x16xf32>
  %4 = linalg.matmul ins(%x, %g : tensor<6x8xf32>, tensor<8x16xf32>) outs(%3 : tensor<6x16xf32>) -> tensor<6x16xf32>
  %5 = tensor.empty() : tensor<6x16xf32>
  %6 = linalg.fill ins(%1 : f32) outs(%5 : tensor<6x16xf32>) -> tensor<6x16xf32>
  %7 = linalg.matmul ins(%x, %u : tensor<6x8xf32>, tensor<8x16xf32>) outs(%6 : tensor<6x16xf32>) -> tensor<6x16xf32>
  %8 = tensor.empty() : tensor<6x16xf32>
  %9 = linalg.generic {indexing_maps = [#t, #t, #t], iterator_types = ["parallel", "parallel"]}
      ins(%4, %7 : tensor<6x16xf32>, tensor<6x16xf32>) outs(%8 : tensor<6x16xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %n_ = arith.negf %a0 : f32
    %p_ = math.exp %n_ : f32
    %s_ = arith.addf %p_, %0 : f32
    %v_ = arith.divf %a0, %s_ : f32
    %m_ = arith.mulf %v_, %a1 : f32
    linalg.yield %m_ : f32
  } -> tensor<6x16xf32>
  %10 = tensor.empty() : tensor<6x8xf32>
  %11 = linalg.fill ins(%1 : f32) outs(%10 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %12 = linalg.matmul ins(%9, %d : tensor<6x16xf32>, tensor<16x8xf32>) outs(%11 : tensor<6x8xf32>) -> tensor<6x8xf32>
  return %12 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>

// Four gates, none of them a router.
// CHECK-LABEL: func.func @lstm_step
func.func @lstm_step(%x: tensor<6x8xf32>, %w: tensor<8x32xf32>, %c: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = arith.constant 0.0 : f32
  %1 = tensor.empty() : tensor<6x32xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<6x32xf32>) -> tensor<6x32xf32>
  %3 = linalg.matmul ins(%x, %w : tensor<6x8xf32>, tensor<8x32xf32>) outs(%2 : tensor<6x32xf32>) -> tensor<6x32xf32>
  %4 = tensor.extract_slice %3[0, 0] [6, 8] [1, 1] : tensor<6x32xf32> to tensor<6x8xf32>
  %5 = tensor.extract_slice %3[0, 8] [6, 8] [1, 1] : tensor<6x32xf32> to tensor<6x8xf32>
  %6 = tensor.extract_slice %3[0, 16] [6, 8] [1, 1] : tensor<6x32xf32> to tensor<6x8xf32>
  %7 = tensor.extract_slice %3[0, 24] [6, 8] [1, 1] : tensor<6x32xf32> to tensor<6x8xf32>
  %8 = arith.constant 1.0 : f32
  %9 = tensor.empty() : tensor<6x8xf32>
  %10 = linalg.generic {indexing_maps = [#t, #t, #t, #t, #t], iterator_types = ["parallel", "parallel"]}
      ins(%4, %5, %6, %c : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6x8xf32>, tensor<6x8xf32>) outs(%9 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %a2: f32, %a3: f32, %o: f32):
    %n0_ = arith.negf %a0 : f32
    %p0_ = math.exp %n0_ : f32
    %s0_ = arith.addf %p0_, %8 : f32
    %g0_ = arith.divf %8, %s0_ : f32
    %n1_ = arith.negf %a1 : f32
    %p1_ = math.exp %n1_ : f32
    %s1_ = arith.addf %p1_, %8 : f32
    %g1_ = arith.divf %8, %s1_ : f32
    %h_ = math.tanh %a2 : f32
    %k_ = arith.mulf %g0_, %h_ : f32
    %f_ = arith.mulf %g1_, %a3 : f32
    %v_ = arith.addf %k_, %f_ : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  %11 = tensor.empty() : tensor<6x8xf32>
  %12 = linalg.generic {indexing_maps = [#t, #t, #t], iterator_types = ["parallel", "parallel"]}
      ins(%7, %10 : tensor<6x8xf32>, tensor<6x8xf32>) outs(%11 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %n0_ = arith.negf %a0 : f32
    %p0_ = math.exp %n0_ : f32
    %s0_ = arith.addf %p0_, %8 : f32
    %g0_ = arith.divf %8, %s0_ : f32
    %h_ = math.tanh %a1 : f32
    %v_ = arith.mulf %g0_, %h_ : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %12 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Division by a root of a sum.
// CHECK-LABEL: func.func @rms_norm
func.func @rms_norm(%x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = arith.constant 8.0 : f32
  %1 = arith.constant 1.0e-5 : f32
  %2 = tensor.empty() : tensor<6x8xf32>
  %3 = linalg.generic {indexing_maps = [#t, #t], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<6x8xf32>) outs(%2 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v_ = arith.mulf %a0, %a0 : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  %4 = arith.constant 0.0 : f32
  %5 = tensor.empty() : tensor<6xf32>
  %6 = linalg.fill ins(%4 : f32) outs(%5 : tensor<6xf32>) -> tensor<6xf32>
  %7 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%3 : tensor<6x8xf32>) outs(%6 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %8 = tensor.empty() : tensor<6x8xf32>
  %9 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%x, %7 : tensor<6x8xf32>, tensor<6xf32>) outs(%8 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m_ = arith.divf %a1, %0 : f32
    %e_ = arith.addf %m_, %1 : f32
    %r_ = math.rsqrt %e_ : f32
    %v_ = arith.mulf %a0, %r_ : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %9 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Division by the sum, as of routing weights, of nothing that was selected.
// CHECK-LABEL: func.func @sum_norm
func.func @sum_norm(%x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = arith.constant 0.0 : f32
  %1 = tensor.empty() : tensor<6xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<6xf32>) -> tensor<6xf32>
  %3 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<6x8xf32>) outs(%2 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %4 = tensor.empty() : tensor<6x8xf32>
  %5 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%x, %3 : tensor<6x8xf32>, tensor<6xf32>) outs(%4 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %v_ = arith.divf %a0, %a1 : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %5 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Mean and variance.
// CHECK-LABEL: func.func @layer_norm
func.func @layer_norm(%x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = arith.constant 8.0 : f32
  %1 = arith.constant 0.0 : f32
  %2 = tensor.empty() : tensor<6xf32>
  %3 = linalg.fill ins(%1 : f32) outs(%2 : tensor<6xf32>) -> tensor<6xf32>
  %4 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<6x8xf32>) outs(%3 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %5 = tensor.empty() : tensor<6x8xf32>
  %6 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%x, %4 : tensor<6x8xf32>, tensor<6xf32>) outs(%5 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m_ = arith.divf %a1, %0 : f32
    %v_ = arith.subf %a0, %m_ : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  %7 = tensor.empty() : tensor<6x8xf32>
  %8 = linalg.generic {indexing_maps = [#t, #t], iterator_types = ["parallel", "parallel"]}
      ins(%6 : tensor<6x8xf32>) outs(%7 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v_ = arith.mulf %a0, %a0 : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  %9 = tensor.empty() : tensor<6xf32>
  %10 = linalg.fill ins(%1 : f32) outs(%9 : tensor<6xf32>) -> tensor<6xf32>
  %11 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%8 : tensor<6x8xf32>) outs(%10 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %12 = tensor.empty() : tensor<6x8xf32>
  %13 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%6, %11 : tensor<6x8xf32>, tensor<6xf32>) outs(%12 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %m_ = arith.divf %a1, %0 : f32
    %r_ = math.sqrt %m_ : f32
    %v_ = arith.divf %a0, %r_ : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %13 : tensor<6x8xf32>
}

// -----

// Several reduction loops and windows.
// CHECK-LABEL: func.func @conv
func.func @conv(%x: tensor<1x6x6x2xf32>, %w: tensor<3x3x2x3xf32>) -> tensor<1x4x4x3xf32> {
  %0 = arith.constant 0.0 : f32
  %1 = tensor.empty() : tensor<1x4x4x3xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %3 = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x6x6x2xf32>, tensor<3x3x2x3xf32>) outs(%2 : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  return %3 : tensor<1x4x4x3xf32>
}

// -----

// A maximum over windows.
// CHECK-LABEL: func.func @max_pool
func.func @max_pool(%x: tensor<1x6x6x2xf32>) -> tensor<1x4x4x2xf32> {
  %0 = arith.constant 0xFF800000 : f32
  %1 = tensor.empty() : tensor<1x4x4x2xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %3 = tensor.empty() : tensor<3x3xf32>
  %4 = linalg.pooling_nhwc_max ins(%x, %3 : tensor<1x6x6x2xf32>, tensor<3x3xf32>) outs(%2 : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return %4 : tensor<1x4x4x2xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// Softmax, then the value at the label.
// CHECK-LABEL: func.func @cross_entropy
func.func @cross_entropy(%x: tensor<6x4xf32>, %y: tensor<6xi64>) -> tensor<6xf32> {
  %0 = arith.constant 0xFF800000 : f32
  %1 = tensor.empty() : tensor<6xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<6xf32>) -> tensor<6xf32>
  %3 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<6x4xf32>) outs(%2 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.maximumf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %4 = tensor.empty() : tensor<6x4xf32>
  %5 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%x, %3 : tensor<6x4xf32>, tensor<6xf32>) outs(%4 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.subf %a0, %a1 : f32
    %p_ = math.exp %d_ : f32
    linalg.yield %p_ : f32
  } -> tensor<6x4xf32>
  %6 = arith.constant 0.0 : f32
  %7 = tensor.empty() : tensor<6xf32>
  %8 = linalg.fill ins(%6 : f32) outs(%7 : tensor<6xf32>) -> tensor<6xf32>
  %9 = linalg.generic {indexing_maps = [#t, #row], iterator_types = ["parallel", "reduction"]}
      ins(%5 : tensor<6x4xf32>) outs(%8 : tensor<6xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %r_ = arith.addf %a0, %o : f32
    linalg.yield %r_ : f32
  } -> tensor<6xf32>
  %10 = tensor.empty() : tensor<6x4xf32>
  %11 = linalg.generic {indexing_maps = [#t, #row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%5, %9 : tensor<6x4xf32>, tensor<6xf32>) outs(%10 : tensor<6x4xf32>) {
  ^bb0(%a0: f32, %a1: f32, %o: f32):
    %d_ = arith.divf %a0, %a1 : f32
    linalg.yield %d_ : f32
  } -> tensor<6x4xf32>
  %12 = tensor.empty() : tensor<6xf32>
  %13 = linalg.generic {indexing_maps = [affine_map<(t) -> (t)>, affine_map<(t) -> (t)>], iterator_types = ["parallel"]}
      ins(%y : tensor<6xi64>) outs(%12 : tensor<6xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %i_ = linalg.index 0 : index
    %e_ = arith.index_cast %a0 : i64 to index
    %v_ = tensor.extract %11[%i_, %e_] : tensor<6x4xf32>
    %l_ = math.log %v_ : f32
    linalg.yield %l_ : f32
  } -> tensor<6xf32>
  return %13 : tensor<6xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>

// Two branches by a sigmoid of the token.
// CHECK-LABEL: func.func @gated_sum
func.func @gated_sum(%x: tensor<6x8xf32>, %a: tensor<6x8xf32>, %g: tensor<8x8xf32>) -> tensor<6x8xf32> {
  %0 = arith.constant 0.0 : f32
  %1 = tensor.empty() : tensor<6x8xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %3 = linalg.matmul ins(%x, %g : tensor<6x8xf32>, tensor<8x8xf32>) outs(%2 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %4 = arith.constant 1.0 : f32
  %5 = tensor.empty() : tensor<6x8xf32>
  %6 = linalg.generic {indexing_maps = [#t, #t, #t, #t], iterator_types = ["parallel", "parallel"]}
      ins(%3, %x, %a : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6x8xf32>) outs(%5 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %a2: f32, %o: f32):
    %n_ = arith.negf %a0 : f32
    %p_ = math.exp %n_ : f32
    %s_ = arith.addf %p_, %4 : f32
    %g_ = arith.divf %4, %s_ : f32
    %u_ = arith.mulf %g_, %a1 : f32
    %v_ = arith.addf %u_, %a2 : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %6 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>

// Rows by position: interleaved halves and a sign.
// CHECK-LABEL: func.func @rotate
func.func @rotate(%x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<6x8xf32>
  %1 = linalg.generic {indexing_maps = [#t, #t], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<6x8xf32>) outs(%0 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %i_ = linalg.index 0 : index
    %p_ = arith.index_cast %i_ : index to i64
    %f_ = arith.sitofp %p_ : i64 to f32
    %c_ = math.cos %f_ : f32
    %v_ = arith.mulf %a0, %c_ : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %1 : tensor<6x8xf32>
}

// -----

#t = affine_map<(t, d) -> (t, d)>
#row = affine_map<(t, d) -> (t)>

// A one-hot matmul that sums tokens by a given label.
// CHECK-LABEL: func.func @segment_mean
func.func @segment_mean(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<4x8xf32> {
  %0 = tensor.empty() : tensor<6x4xf32>
  %1 = linalg.generic {indexing_maps = [#row, #t], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6xi64>) outs(%0 : tensor<6x4xf32>) {
  ^bb0(%a0: i64, %o: f32):
    %j_ = linalg.index 1 : index
    %k_ = arith.index_cast %j_ : index to i64
    %e_ = arith.cmpi eq, %k_, %a0 : i64
    %v_ = arith.uitofp %e_ : i1 to f32
    linalg.yield %v_ : f32
  } -> tensor<6x4xf32>
  %2 = tensor.empty() : tensor<4x6xf32>
  %3 = linalg.transpose ins(%1 : tensor<6x4xf32>) outs(%2 : tensor<4x6xf32>) permutation = [1, 0]
  %4 = arith.constant 0.0 : f32
  %5 = tensor.empty() : tensor<4x8xf32>
  %6 = linalg.fill ins(%4 : f32) outs(%5 : tensor<4x8xf32>) -> tensor<4x8xf32>
  %7 = linalg.matmul ins(%3, %x : tensor<4x6xf32>, tensor<6x8xf32>) outs(%6 : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %7 : tensor<4x8xf32>
}

// -----

#jk = affine_map<(i, j, k) -> (j, k)>
#ijk = affine_map<(i, j, k) -> (i, j, k)>

// A stack of matrices, all used.
// CHECK-LABEL: func.func @bilinear
func.func @bilinear(%x: tensor<6x8xf32>, %w: tensor<4x8x8xf32>) -> tensor<6x8xf32> {
  %0 = tensor.empty() : tensor<4x6x8xf32>
  %1 = linalg.generic {indexing_maps = [#jk, #ijk], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<6x8xf32>) outs(%0 : tensor<4x6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    linalg.yield %a0 : f32
  } -> tensor<4x6x8xf32>
  %2 = arith.constant 0.0 : f32
  %3 = tensor.empty() : tensor<4x6x8xf32>
  %4 = linalg.fill ins(%2 : f32) outs(%3 : tensor<4x6x8xf32>) -> tensor<4x6x8xf32>
  %5 = linalg.batch_matmul ins(%1, %w : tensor<4x6x8xf32>, tensor<4x8x8xf32>) outs(%4 : tensor<4x6x8xf32>) -> tensor<4x6x8xf32>
  %6 = tensor.empty() : tensor<6x8xf32>
  %7 = linalg.fill ins(%2 : f32) outs(%6 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %8 = linalg.generic {indexing_maps = [#ijk, #jk], iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%5 : tensor<4x6x8xf32>) outs(%7 : tensor<6x8xf32>) {
  ^bb0(%a0: f32, %o: f32):
    %v_ = arith.addf %a0, %o : f32
    linalg.yield %v_ : f32
  } -> tensor<6x8xf32>
  return %8 : tensor<6x8xf32>
}

// -----

// A loop that carries a state.
// CHECK-LABEL: func.func @state_space
func.func @state_space(%x: tensor<6x8xf32>, %a: tensor<8xf32>) -> tensor<8xf32> {
  %1 = arith.constant 0 : index
  %2 = arith.constant 1 : index
  %3 = arith.constant 6 : index
  %4 = arith.constant 0.0 : f32
  %5 = tensor.empty() : tensor<8xf32>
  %6 = linalg.fill ins(%4 : f32) outs(%5 : tensor<8xf32>) -> tensor<8xf32>
  %0 = scf.for %t = %1 to %3 step %2 iter_args(%s = %6) -> (tensor<8xf32>) {
    %u = tensor.extract_slice %x[%t, 0] [1, 8] [1, 1] : tensor<6x8xf32> to tensor<8xf32>
    %d = arith.mulf %s, %a : tensor<8xf32>
    %n = arith.addf %d, %u : tensor<8xf32>
    scf.yield %n : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}
