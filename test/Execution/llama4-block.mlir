// Llama 4: the weight multiplies what the expert reads; blocks.py has the cases.
// RUN: %python %S/blocks.py --only llama4 %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/blocks.py --only llama4 %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

// RUN: moe-opt %s --moe-fuse --remarks-filter-missed=none | FileCheck %s
// CHECK-LABEL: func.func @llama4_f32(
// CHECK:         moe.dispatch {{.+}} weights(
// CHECK:         moe.gather_sum
// CHECK-SAME:    unweighted

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>

func.func @llama4_f32(%x: tensor<?x8xf32>, %r: tensor<4x8xf32>, %w1: tensor<4x12x8xf32>, %w2: tensor<4x8x6xf32>,
    %s1: tensor<1x12x8xf32>, %s2: tensor<1x8x6xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %l_0 = tensor.empty(%n) : tensor<?x4xf32>
  %l_1 = linalg.fill ins(%zero : f32) outs(%l_0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %l = linalg.matmul indexing_maps = [#x, #w, #y]
      ins(%x, %r : tensor<?x8xf32>, tensor<4x8xf32>) outs(%l_1 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<1> %l : tensor<?x4xf32> -> tensor<?x1xi32>
  %w = moe.weigh sigmoid %l, %e : tensor<?x4xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x1xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 1 weights(%w : tensor<?x1xf32>)
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w1, %w2 : tensor<4x12x8xf32>, tensor<4x8x6xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%t: tensor<?x8xf32>, %a1: tensor<12x8xf32>, %a2: tensor<8x6xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x8xf32>
    %up_0 = tensor.empty(%m) : tensor<?x12xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %a1 : tensor<?x8xf32>, tensor<12x8xf32>) outs(%up_1 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %gate = tensor.extract_slice %up[0, 0] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %other = tensor.extract_slice %up[0, 6] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %h_0 = tensor.empty(%m) : tensor<?x6xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %other : tensor<?x6xf32>, tensor<?x6xf32>) outs(%h_0 : tensor<?x6xf32>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f32):
      %minus = arith.negf %g_in : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %g_in, %below : f32
      %product = arith.mulf %silu, %u_in : f32
      linalg.yield %product : f32
    } -> tensor<?x6xf32>
    %down_0 = tensor.empty(%m) : tensor<?x8xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %a2 : tensor<?x6xf32>, tensor<8x6xf32>) outs(%down_1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %down : tensor<?x8xf32>
  }
  %none = arith.constant 0 : i32
  %all = arith.index_cast %n : index to i32
  %everyone = tensor.from_elements %none, %all : tensor<2xi32>
  %shared = moe.experts rows(%x : tensor<?x8xf32>)
      weights(%s1, %s2 : tensor<1x12x8xf32>, tensor<1x8x6xf32>)
      offsets(%everyone : tensor<2xi32>) -> tensor<?x8xf32> {
  ^expert(%t: tensor<?x8xf32>, %a1: tensor<12x8xf32>, %a2: tensor<8x6xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x8xf32>
    %up_0 = tensor.empty(%m) : tensor<?x12xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %a1 : tensor<?x8xf32>, tensor<12x8xf32>) outs(%up_1 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %gate = tensor.extract_slice %up[0, 0] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %other = tensor.extract_slice %up[0, 6] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %h_0 = tensor.empty(%m) : tensor<?x6xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %other : tensor<?x6xf32>, tensor<?x6xf32>) outs(%h_0 : tensor<?x6xf32>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f32):
      %minus = arith.negf %g_in : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %g_in, %below : f32
      %product = arith.mulf %silu, %u_in : f32
      linalg.yield %product : f32
    } -> tensor<?x6xf32>
    %down_0 = tensor.empty(%m) : tensor<?x8xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %a2 : tensor<?x6xf32>, tensor<8x6xf32>) outs(%down_1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %down : tensor<?x8xf32>
  }
  %y = moe.combine %out, %pairs, %w into %shared unweighted
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x1xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @llama4_bf16(%x: tensor<?x8xbf16>, %r: tensor<4x8xf32>, %w1: tensor<4x12x8xbf16>, %w2: tensor<4x8x6xbf16>,
    %s1: tensor<1x12x8xbf16>, %s2: tensor<1x8x6xbf16>) -> tensor<?x8xbf16> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x8xbf16>
  %wide_0 = tensor.empty(%n) : tensor<?x8xf32>
  %wide = linalg.generic {indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x8xbf16>) outs(%wide_0 : tensor<?x8xf32>) {
  ^bb0(%in: bf16, %old: f32):
    %value = arith.extf %in : bf16 to f32
    linalg.yield %value : f32
  } -> tensor<?x8xf32>
  %l_0 = tensor.empty(%n) : tensor<?x4xf32>
  %l_1 = linalg.fill ins(%zero : f32) outs(%l_0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %l = linalg.matmul indexing_maps = [#x, #w, #y]
      ins(%wide, %r : tensor<?x8xf32>, tensor<4x8xf32>) outs(%l_1 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<1> %l : tensor<?x4xf32> -> tensor<?x1xi32>
  %w = moe.weigh sigmoid %l, %e : tensor<?x4xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x1xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 1 weights(%w : tensor<?x1xf32>)
      : tensor<?x8xbf16>, tensor<?xi32> -> tensor<?x8xbf16>
  %out = moe.experts rows(%rows : tensor<?x8xbf16>)
      weights(%w1, %w2 : tensor<4x12x8xbf16>, tensor<4x8x6xbf16>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xbf16> {
  ^expert(%t: tensor<?x8xbf16>, %a1: tensor<12x8xbf16>, %a2: tensor<8x6xbf16>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x8xbf16>
    %up_0 = tensor.empty(%m) : tensor<?x12xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %a1 : tensor<?x8xbf16>, tensor<12x8xbf16>) outs(%up_1 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %gate = tensor.extract_slice %up[0, 0] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %other = tensor.extract_slice %up[0, 6] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %h_0 = tensor.empty(%m) : tensor<?x6xbf16>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %other : tensor<?x6xf32>, tensor<?x6xf32>) outs(%h_0 : tensor<?x6xbf16>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: bf16):
      %gn = arith.truncf %g_in : f32 to bf16
      %gw = arith.extf %gn : bf16 to f32
      %un = arith.truncf %u_in : f32 to bf16
      %uw = arith.extf %un : bf16 to f32
      %minus = arith.negf %gw : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %gw, %below : f32
      %product = arith.mulf %silu, %uw : f32
      %narrow = arith.truncf %product : f32 to bf16
      linalg.yield %narrow : bf16
    } -> tensor<?x6xbf16>
    %down_0 = tensor.empty(%m) : tensor<?x8xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %a2 : tensor<?x6xbf16>, tensor<8x6xbf16>) outs(%down_1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d_0 = tensor.empty(%m) : tensor<?x8xbf16>
    %d = linalg.generic {indexing_maps = [#id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%down : tensor<?x8xf32>) outs(%d_0 : tensor<?x8xbf16>) {
    ^bb0(%in: f32, %old: bf16):
      %narrow = arith.truncf %in : f32 to bf16
      linalg.yield %narrow : bf16
    } -> tensor<?x8xbf16>
    moe.yield %d : tensor<?x8xbf16>
  }
  %none = arith.constant 0 : i32
  %all = arith.index_cast %n : index to i32
  %everyone = tensor.from_elements %none, %all : tensor<2xi32>
  %shared = moe.experts rows(%x : tensor<?x8xbf16>)
      weights(%s1, %s2 : tensor<1x12x8xbf16>, tensor<1x8x6xbf16>)
      offsets(%everyone : tensor<2xi32>) -> tensor<?x8xbf16> {
  ^expert(%t: tensor<?x8xbf16>, %a1: tensor<12x8xbf16>, %a2: tensor<8x6xbf16>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x8xbf16>
    %up_0 = tensor.empty(%m) : tensor<?x12xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %a1 : tensor<?x8xbf16>, tensor<12x8xbf16>) outs(%up_1 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %gate = tensor.extract_slice %up[0, 0] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %other = tensor.extract_slice %up[0, 6] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %h_0 = tensor.empty(%m) : tensor<?x6xbf16>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %other : tensor<?x6xf32>, tensor<?x6xf32>) outs(%h_0 : tensor<?x6xbf16>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: bf16):
      %gn = arith.truncf %g_in : f32 to bf16
      %gw = arith.extf %gn : bf16 to f32
      %un = arith.truncf %u_in : f32 to bf16
      %uw = arith.extf %un : bf16 to f32
      %minus = arith.negf %gw : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %gw, %below : f32
      %product = arith.mulf %silu, %uw : f32
      %narrow = arith.truncf %product : f32 to bf16
      linalg.yield %narrow : bf16
    } -> tensor<?x6xbf16>
    %down_0 = tensor.empty(%m) : tensor<?x8xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %a2 : tensor<?x6xbf16>, tensor<8x6xbf16>) outs(%down_1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d_0 = tensor.empty(%m) : tensor<?x8xbf16>
    %d = linalg.generic {indexing_maps = [#id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%down : tensor<?x8xf32>) outs(%d_0 : tensor<?x8xbf16>) {
    ^bb0(%in: f32, %old: bf16):
      %narrow = arith.truncf %in : f32 to bf16
      linalg.yield %narrow : bf16
    } -> tensor<?x8xbf16>
    moe.yield %d : tensor<?x8xbf16>
  }
  %y = moe.combine %out, %pairs, %w into %shared unweighted
      : tensor<?x8xbf16>, tensor<?xi32>, tensor<?x1xf32> into tensor<?x8xbf16>
  return %y : tensor<?x8xbf16>
}

func.func @llama4_f16(%x: tensor<?x8xf16>, %r: tensor<4x8xf32>, %w1: tensor<4x12x8xf16>, %w2: tensor<4x8x6xf16>,
    %s1: tensor<1x12x8xf16>, %s2: tensor<1x8x6xf16>) -> tensor<?x8xf16> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x8xf16>
  %wide_0 = tensor.empty(%n) : tensor<?x8xf32>
  %wide = linalg.generic {indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x8xf16>) outs(%wide_0 : tensor<?x8xf32>) {
  ^bb0(%in: f16, %old: f32):
    %value = arith.extf %in : f16 to f32
    linalg.yield %value : f32
  } -> tensor<?x8xf32>
  %l_0 = tensor.empty(%n) : tensor<?x4xf32>
  %l_1 = linalg.fill ins(%zero : f32) outs(%l_0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %l = linalg.matmul indexing_maps = [#x, #w, #y]
      ins(%wide, %r : tensor<?x8xf32>, tensor<4x8xf32>) outs(%l_1 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<1> %l : tensor<?x4xf32> -> tensor<?x1xi32>
  %w = moe.weigh sigmoid %l, %e : tensor<?x4xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x1xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 1 weights(%w : tensor<?x1xf32>)
      : tensor<?x8xf16>, tensor<?xi32> -> tensor<?x8xf16>
  %out = moe.experts rows(%rows : tensor<?x8xf16>)
      weights(%w1, %w2 : tensor<4x12x8xf16>, tensor<4x8x6xf16>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf16> {
  ^expert(%t: tensor<?x8xf16>, %a1: tensor<12x8xf16>, %a2: tensor<8x6xf16>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x8xf16>
    %up_0 = tensor.empty(%m) : tensor<?x12xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %a1 : tensor<?x8xf16>, tensor<12x8xf16>) outs(%up_1 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %gate = tensor.extract_slice %up[0, 0] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %other = tensor.extract_slice %up[0, 6] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %h_0 = tensor.empty(%m) : tensor<?x6xf16>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %other : tensor<?x6xf32>, tensor<?x6xf32>) outs(%h_0 : tensor<?x6xf16>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f16):
      %gn = arith.truncf %g_in : f32 to f16
      %gw = arith.extf %gn : f16 to f32
      %un = arith.truncf %u_in : f32 to f16
      %uw = arith.extf %un : f16 to f32
      %minus = arith.negf %gw : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %gw, %below : f32
      %product = arith.mulf %silu, %uw : f32
      %narrow = arith.truncf %product : f32 to f16
      linalg.yield %narrow : f16
    } -> tensor<?x6xf16>
    %down_0 = tensor.empty(%m) : tensor<?x8xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %a2 : tensor<?x6xf16>, tensor<8x6xf16>) outs(%down_1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d_0 = tensor.empty(%m) : tensor<?x8xf16>
    %d = linalg.generic {indexing_maps = [#id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%down : tensor<?x8xf32>) outs(%d_0 : tensor<?x8xf16>) {
    ^bb0(%in: f32, %old: f16):
      %narrow = arith.truncf %in : f32 to f16
      linalg.yield %narrow : f16
    } -> tensor<?x8xf16>
    moe.yield %d : tensor<?x8xf16>
  }
  %none = arith.constant 0 : i32
  %all = arith.index_cast %n : index to i32
  %everyone = tensor.from_elements %none, %all : tensor<2xi32>
  %shared = moe.experts rows(%x : tensor<?x8xf16>)
      weights(%s1, %s2 : tensor<1x12x8xf16>, tensor<1x8x6xf16>)
      offsets(%everyone : tensor<2xi32>) -> tensor<?x8xf16> {
  ^expert(%t: tensor<?x8xf16>, %a1: tensor<12x8xf16>, %a2: tensor<8x6xf16>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x8xf16>
    %up_0 = tensor.empty(%m) : tensor<?x12xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %a1 : tensor<?x8xf16>, tensor<12x8xf16>) outs(%up_1 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %gate = tensor.extract_slice %up[0, 0] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %other = tensor.extract_slice %up[0, 6] [%m, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %h_0 = tensor.empty(%m) : tensor<?x6xf16>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %other : tensor<?x6xf32>, tensor<?x6xf32>) outs(%h_0 : tensor<?x6xf16>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f16):
      %gn = arith.truncf %g_in : f32 to f16
      %gw = arith.extf %gn : f16 to f32
      %un = arith.truncf %u_in : f32 to f16
      %uw = arith.extf %un : f16 to f32
      %minus = arith.negf %gw : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %gw, %below : f32
      %product = arith.mulf %silu, %uw : f32
      %narrow = arith.truncf %product : f32 to f16
      linalg.yield %narrow : f16
    } -> tensor<?x6xf16>
    %down_0 = tensor.empty(%m) : tensor<?x8xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %a2 : tensor<?x6xf16>, tensor<8x6xf16>) outs(%down_1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d_0 = tensor.empty(%m) : tensor<?x8xf16>
    %d = linalg.generic {indexing_maps = [#id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%down : tensor<?x8xf32>) outs(%d_0 : tensor<?x8xf16>) {
    ^bb0(%in: f32, %old: f16):
      %narrow = arith.truncf %in : f32 to f16
      linalg.yield %narrow : f16
    } -> tensor<?x8xf16>
    moe.yield %d : tensor<?x8xf16>
  }
  %y = moe.combine %out, %pairs, %w into %shared unweighted
      : tensor<?x8xf16>, tensor<?xi32>, tensor<?x1xf32> into tensor<?x8xf16>
  return %y : tensor<?x8xf16>
}
