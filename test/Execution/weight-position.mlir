// Vector V19: a weight on the output, on the hidden rows and on the input of
// E(v) = silu(v) 2 v. Only the last is another function. vectors.py has the numbers.
// RUN: %python %S/vectors.py --only v19 %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/vectors.py --only v19 %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>

func.func @output(%x: tensor<?x1xf32>, %e: tensor<?x1xi32>, %w: tensor<?x1xf32>, %wg: tensor<2x1x1xf32>,
    %wu: tensor<2x1x1xf32>, %wd: tensor<2x1x1xf32>) -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x1xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x1xi32> -> tensor<3xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 1 : tensor<?x1xf32>, tensor<?xi32> -> tensor<?x1xf32>
  %out = moe.experts rows(%rows : tensor<?x1xf32>)
      weights(%wg, %wu, %wd : tensor<2x1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>)
      offsets(%offsets : tensor<3xi32>) -> tensor<?x1xf32> {
  ^expert(%t: tensor<?x1xf32>, %g1: tensor<1x1xf32>, %u1: tensor<1x1xf32>, %d1: tensor<1x1xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x1xf32>
    %gate_0 = tensor.empty(%m) : tensor<?x1xf32>
    %gate_1 = linalg.fill ins(%nought : f32) outs(%gate_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %gate = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %g1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%gate_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up_0 = tensor.empty(%m) : tensor<?x1xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %u1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%up_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %h_0 = tensor.empty(%m) : tensor<?x1xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x1xf32>, tensor<?x1xf32>) outs(%h_0 : tensor<?x1xf32>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f32):
      %minus = arith.negf %g_in : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %g_in, %below : f32
      %product = arith.mulf %silu, %u_in : f32
      linalg.yield %product : f32
    } -> tensor<?x1xf32>
    %down_0 = tensor.empty(%m) : tensor<?x1xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %d1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%down_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    moe.yield %down : tensor<?x1xf32>
  }
  %i_0 = tensor.empty(%n) : tensor<?x1xf32>
  %i = linalg.fill ins(%zero : f32) outs(%i_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
  %y = moe.combine %out, %pairs, %w into %i
      : tensor<?x1xf32>, tensor<?xi32>, tensor<?x1xf32> into tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @hidden(%x: tensor<?x1xf32>, %e: tensor<?x1xi32>, %w: tensor<?x1xf32>, %wg: tensor<2x1x1xf32>,
    %wu: tensor<2x1x1xf32>, %wd: tensor<2x1x1xf32>) -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x1xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x1xi32> -> tensor<3xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 1 : tensor<?x1xf32>, tensor<?xi32> -> tensor<?x1xf32>
  %weights = moe.dispatch %w, %pairs slots 1 : tensor<?x1xf32>, tensor<?xi32> -> tensor<?x1xf32>
  %out = moe.experts rows(%rows, %weights : tensor<?x1xf32>, tensor<?x1xf32>)
      weights(%wg, %wu, %wd : tensor<2x1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>)
      offsets(%offsets : tensor<3xi32>) -> tensor<?x1xf32> {
  ^expert(%t: tensor<?x1xf32>, %shares: tensor<?x1xf32>, %g1: tensor<1x1xf32>, %u1: tensor<1x1xf32>, %d1: tensor<1x1xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x1xf32>
    %gate_0 = tensor.empty(%m) : tensor<?x1xf32>
    %gate_1 = linalg.fill ins(%nought : f32) outs(%gate_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %gate = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %g1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%gate_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up_0 = tensor.empty(%m) : tensor<?x1xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %u1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%up_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %h_0 = tensor.empty(%m) : tensor<?x1xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up, %shares : tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>) outs(%h_0 : tensor<?x1xf32>) {
    ^bb0(%g_in: f32, %u_in: f32, %share: f32, %old: f32):
      %minus = arith.negf %g_in : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %g_in, %below : f32
      %product = arith.mulf %silu, %u_in : f32
      %weighed = arith.mulf %product, %share : f32
      linalg.yield %weighed : f32
    } -> tensor<?x1xf32>
    %down_0 = tensor.empty(%m) : tensor<?x1xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %d1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%down_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    moe.yield %down : tensor<?x1xf32>
  }
  %i_0 = tensor.empty(%n) : tensor<?x1xf32>
  %i = linalg.fill ins(%zero : f32) outs(%i_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
  %y = moe.combine %out, %pairs, %w into %i unweighted
      : tensor<?x1xf32>, tensor<?xi32>, tensor<?x1xf32> into tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @input(%x: tensor<?x1xf32>, %e: tensor<?x1xi32>, %w: tensor<?x1xf32>, %wg: tensor<2x1x1xf32>,
    %wu: tensor<2x1x1xf32>, %wd: tensor<2x1x1xf32>) -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x1xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x1xi32> -> tensor<3xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 1 weights(%w : tensor<?x1xf32>) : tensor<?x1xf32>, tensor<?xi32> -> tensor<?x1xf32>
  %out = moe.experts rows(%rows : tensor<?x1xf32>)
      weights(%wg, %wu, %wd : tensor<2x1x1xf32>, tensor<2x1x1xf32>, tensor<2x1x1xf32>)
      offsets(%offsets : tensor<3xi32>) -> tensor<?x1xf32> {
  ^expert(%t: tensor<?x1xf32>, %g1: tensor<1x1xf32>, %u1: tensor<1x1xf32>, %d1: tensor<1x1xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x1xf32>
    %gate_0 = tensor.empty(%m) : tensor<?x1xf32>
    %gate_1 = linalg.fill ins(%nought : f32) outs(%gate_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %gate = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %g1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%gate_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up_0 = tensor.empty(%m) : tensor<?x1xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %u1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%up_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %h_0 = tensor.empty(%m) : tensor<?x1xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x1xf32>, tensor<?x1xf32>) outs(%h_0 : tensor<?x1xf32>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f32):
      %minus = arith.negf %g_in : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %g_in, %below : f32
      %product = arith.mulf %silu, %u_in : f32
      linalg.yield %product : f32
    } -> tensor<?x1xf32>
    %down_0 = tensor.empty(%m) : tensor<?x1xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %d1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%down_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    moe.yield %down : tensor<?x1xf32>
  }
  %i_0 = tensor.empty(%n) : tensor<?x1xf32>
  %i = linalg.fill ins(%zero : f32) outs(%i_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
  %y = moe.combine %out, %pairs, %w into %i unweighted
      : tensor<?x1xf32>, tensor<?xi32>, tensor<?x1xf32> into tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
