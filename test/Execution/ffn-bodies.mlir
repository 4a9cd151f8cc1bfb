// Vector V18: the bodies of published experts on scalars, each between two
// matmuls with a one in the right place. vectors.py has the numbers.
// RUN: %python %S/vectors.py --only v18 %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/vectors.py --only v18 %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

// RUN: moe-opt %s --moe-fuse | FileCheck %s
// CHECK-COUNT-10: moe.grouped_matmul
// CHECK-NOT:      moe.experts

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>

func.func @silu(%x: tensor<?x2xf32>, %offsets: tensor<3xi32>, %wg: tensor<2x1x2xf32>,
    %wu: tensor<2x1x2xf32>, %wd: tensor<2x1x1xf32>) -> tensor<?x1xf32> {
  %y = moe.experts rows(%x : tensor<?x2xf32>)
      weights(%wg, %wu, %wd : tensor<2x1x2xf32>, tensor<2x1x2xf32>, tensor<2x1x1xf32>)
      offsets(%offsets : tensor<3xi32>) -> tensor<?x1xf32> {
  ^expert(%t: tensor<?x2xf32>, %g1: tensor<1x2xf32>, %u1: tensor<1x2xf32>, %d1: tensor<1x1xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %m = tensor.dim %t, %start : tensor<?x2xf32>
    %gate_0 = tensor.empty(%m) : tensor<?x1xf32>
    %gate_1 = linalg.fill ins(%nought : f32) outs(%gate_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %gate = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %g1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%gate_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up_0 = tensor.empty(%m) : tensor<?x1xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %u1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%up_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
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
  return %y : tensor<?x1xf32>
}

func.func @gpt_oss(%x: tensor<?x2xf32>, %offsets: tensor<3xi32>, %wg: tensor<2x1x2xf32>,
    %wu: tensor<2x1x2xf32>, %wd: tensor<2x1x1xf32>) -> tensor<?x1xf32> {
  %y = moe.experts rows(%x : tensor<?x2xf32>)
      weights(%wg, %wu, %wd : tensor<2x1x2xf32>, tensor<2x1x2xf32>, tensor<2x1x1xf32>)
      offsets(%offsets : tensor<3xi32>) -> tensor<?x1xf32> {
  ^expert(%t: tensor<?x2xf32>, %g1: tensor<1x2xf32>, %u1: tensor<1x2xf32>, %d1: tensor<1x1xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %alpha = arith.constant 1.702 : f32
    %high = arith.constant 7.0 : f32
    %low = arith.constant -7.0 : f32
    %m = tensor.dim %t, %start : tensor<?x2xf32>
    %gate_0 = tensor.empty(%m) : tensor<?x1xf32>
    %gate_1 = linalg.fill ins(%nought : f32) outs(%gate_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %gate = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %g1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%gate_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up_0 = tensor.empty(%m) : tensor<?x1xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %u1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%up_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %h_0 = tensor.empty(%m) : tensor<?x1xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x1xf32>, tensor<?x1xf32>) outs(%h_0 : tensor<?x1xf32>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f32):
      %gc = arith.minimumf %g_in, %high : f32
      %uh = arith.minimumf %u_in, %high : f32
      %uc = arith.maximumf %uh, %low : f32
      %scaled = arith.mulf %gc, %alpha : f32
      %minus = arith.negf %scaled : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %glu = arith.divf %gc, %below : f32
      %more = arith.addf %uc, %unit : f32
      %product = arith.mulf %more, %glu : f32
      linalg.yield %product : f32
    } -> tensor<?x1xf32>
    %down_0 = tensor.empty(%m) : tensor<?x1xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %d1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%down_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    moe.yield %down : tensor<?x1xf32>
  }
  return %y : tensor<?x1xf32>
}

func.func @clamp_before(%x: tensor<?x2xf32>, %offsets: tensor<3xi32>, %wg: tensor<2x1x2xf32>,
    %wu: tensor<2x1x2xf32>, %wd: tensor<2x1x1xf32>) -> tensor<?x1xf32> {
  %y = moe.experts rows(%x : tensor<?x2xf32>)
      weights(%wg, %wu, %wd : tensor<2x1x2xf32>, tensor<2x1x2xf32>, tensor<2x1x1xf32>)
      offsets(%offsets : tensor<3xi32>) -> tensor<?x1xf32> {
  ^expert(%t: tensor<?x2xf32>, %g1: tensor<1x2xf32>, %u1: tensor<1x2xf32>, %d1: tensor<1x1xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %high = arith.constant 7.0 : f32
    %low = arith.constant -7.0 : f32
    %m = tensor.dim %t, %start : tensor<?x2xf32>
    %gate_0 = tensor.empty(%m) : tensor<?x1xf32>
    %gate_1 = linalg.fill ins(%nought : f32) outs(%gate_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %gate = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %g1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%gate_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up_0 = tensor.empty(%m) : tensor<?x1xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %u1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%up_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %h_0 = tensor.empty(%m) : tensor<?x1xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x1xf32>, tensor<?x1xf32>) outs(%h_0 : tensor<?x1xf32>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f32):
      %gc = arith.minimumf %g_in, %high : f32
      %uh = arith.minimumf %u_in, %high : f32
      %uc = arith.maximumf %uh, %low : f32
      %minus = arith.negf %gc : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %gc, %below : f32
      %product = arith.mulf %silu, %uc : f32
      linalg.yield %product : f32
    } -> tensor<?x1xf32>
    %down_0 = tensor.empty(%m) : tensor<?x1xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %d1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%down_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    moe.yield %down : tensor<?x1xf32>
  }
  return %y : tensor<?x1xf32>
}

func.func @clamp_after(%x: tensor<?x2xf32>, %offsets: tensor<3xi32>, %wg: tensor<2x1x2xf32>,
    %wu: tensor<2x1x2xf32>, %wd: tensor<2x1x1xf32>) -> tensor<?x1xf32> {
  %y = moe.experts rows(%x : tensor<?x2xf32>)
      weights(%wg, %wu, %wd : tensor<2x1x2xf32>, tensor<2x1x2xf32>, tensor<2x1x1xf32>)
      offsets(%offsets : tensor<3xi32>) -> tensor<?x1xf32> {
  ^expert(%t: tensor<?x2xf32>, %g1: tensor<1x2xf32>, %u1: tensor<1x2xf32>, %d1: tensor<1x1xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %unit = arith.constant 1.0 : f32
    %high = arith.constant 7.0 : f32
    %low = arith.constant -7.0 : f32
    %m = tensor.dim %t, %start : tensor<?x2xf32>
    %gate_0 = tensor.empty(%m) : tensor<?x1xf32>
    %gate_1 = linalg.fill ins(%nought : f32) outs(%gate_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %gate = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %g1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%gate_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up_0 = tensor.empty(%m) : tensor<?x1xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %u1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%up_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %h_0 = tensor.empty(%m) : tensor<?x1xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x1xf32>, tensor<?x1xf32>) outs(%h_0 : tensor<?x1xf32>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f32):
      %uh = arith.minimumf %u_in, %high : f32
      %uc = arith.maximumf %uh, %low : f32
      %minus = arith.negf %g_in : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %unit : f32
      %silu = arith.divf %g_in, %below : f32
      %sc = arith.minimumf %silu, %high : f32
      %product = arith.mulf %sc, %uc : f32
      linalg.yield %product : f32
    } -> tensor<?x1xf32>
    %down_0 = tensor.empty(%m) : tensor<?x1xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %d1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%down_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    moe.yield %down : tensor<?x1xf32>
  }
  return %y : tensor<?x1xf32>
}

func.func @relu2(%x: tensor<?x2xf32>, %offsets: tensor<3xi32>, %wg: tensor<2x1x2xf32>,
    %wu: tensor<2x1x2xf32>, %wd: tensor<2x1x1xf32>) -> tensor<?x1xf32> {
  %y = moe.experts rows(%x : tensor<?x2xf32>)
      weights(%wg, %wu, %wd : tensor<2x1x2xf32>, tensor<2x1x2xf32>, tensor<2x1x1xf32>)
      offsets(%offsets : tensor<3xi32>) -> tensor<?x1xf32> {
  ^expert(%t: tensor<?x2xf32>, %g1: tensor<1x2xf32>, %u1: tensor<1x2xf32>, %d1: tensor<1x1xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %m = tensor.dim %t, %start : tensor<?x2xf32>
    %gate_0 = tensor.empty(%m) : tensor<?x1xf32>
    %gate_1 = linalg.fill ins(%nought : f32) outs(%gate_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %gate = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %g1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%gate_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up_0 = tensor.empty(%m) : tensor<?x1xf32>
    %up_1 = linalg.fill ins(%nought : f32) outs(%up_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %up = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %u1 : tensor<?x2xf32>, tensor<1x2xf32>) outs(%up_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %h_0 = tensor.empty(%m) : tensor<?x1xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x1xf32>, tensor<?x1xf32>) outs(%h_0 : tensor<?x1xf32>) {
    ^bb0(%g_in: f32, %u_in: f32, %old: f32):
      %positive = arith.maximumf %g_in, %nought : f32
      %product = arith.mulf %positive, %positive : f32
      linalg.yield %product : f32
    } -> tensor<?x1xf32>
    %down_0 = tensor.empty(%m) : tensor<?x1xf32>
    %down_1 = linalg.fill ins(%nought : f32) outs(%down_0 : tensor<?x1xf32>) -> tensor<?x1xf32>
    %down = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %d1 : tensor<?x1xf32>, tensor<1x1xf32>) outs(%down_1 : tensor<?x1xf32>) -> tensor<?x1xf32>
    moe.yield %down : tensor<?x1xf32>
  }
  return %y : tensor<?x1xf32>
}
