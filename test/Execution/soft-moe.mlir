// Vector V20: Soft MoE. Both softmaxes are scores, over the tokens of a group and
// over the slots; dispatch and combine are dense, so they are plain matmuls. One
// slot per expert. vectors.py has the numbers.
// RUN: %python %S/vectors.py --only v20 %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/vectors.py --only v20 %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#xt = affine_map<(m, n, k) -> (k, m)>
#wt = affine_map<(m, n, k) -> (k, n)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>

func.func @soft(%l: tensor<?x2xf32>, %x: tensor<?x4xf32>, %offsets: tensor<3xi32>, %w: tensor<2x4x4xf32>)
    -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %dispatch = moe.score softmax %l axis tokens : tensor<?x2xf32> -> tensor<?x2xf32>
  %combine = moe.score softmax %l : tensor<?x2xf32> -> tensor<?x2xf32>
  %s_0 = tensor.empty() : tensor<2x4xf32>
  %s_1 = linalg.fill ins(%zero : f32) outs(%s_0 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %slots = linalg.matmul indexing_maps = [#xt, #wt, #y]
      ins(%dispatch, %x : tensor<?x2xf32>, tensor<?x4xf32>) outs(%s_1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %rows = moe.experts rows(%slots : tensor<2x4xf32>) weights(%w : tensor<2x4x4xf32>)
      offsets(%offsets : tensor<3xi32>) -> tensor<2x4xf32> {
  ^expert(%t: tensor<?x4xf32>, %we: tensor<4x4xf32>):
    %start = arith.constant 0 : index
    %nought = arith.constant 0.0 : f32
    %m = tensor.dim %t, %start : tensor<?x4xf32>
    %p_0 = tensor.empty(%m) : tensor<?x4xf32>
    %p_1 = linalg.fill ins(%nought : f32) outs(%p_0 : tensor<?x4xf32>) -> tensor<?x4xf32>
    %p = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %we : tensor<?x4xf32>, tensor<4x4xf32>) outs(%p_1 : tensor<?x4xf32>) -> tensor<?x4xf32>
    %h_0 = tensor.empty(%m) : tensor<?x4xf32>
    %h = linalg.generic {indexing_maps = [#id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%p : tensor<?x4xf32>) outs(%h_0 : tensor<?x4xf32>) {
    ^bb0(%in: f32, %old: f32):
      %rest = arith.maximumf %in, %nought : f32
      linalg.yield %rest : f32
    } -> tensor<?x4xf32>
    moe.yield %h : tensor<?x4xf32>
  }
  %y_0 = tensor.empty(%n) : tensor<?x4xf32>
  %y_1 = linalg.fill ins(%zero : f32) outs(%y_0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = linalg.matmul indexing_maps = [#x, #wt, #y]
      ins(%combine, %rows : tensor<?x2xf32>, tensor<2x4xf32>) outs(%y_1 : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %dispatch, %combine, %y : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x4xf32>
}
