// The block of dialects/moe/docs/RMoE.md.
// RUN: moe-run %s --backend=cpu --compare=reference --dim=37 --dim=37 --dim=37 --dim=37 --remarks-filter-missed=none
// RUN: moe-run %s --backend=cpu --compare=reference --dim=1 --dim=1 --dim=1 --dim=1 --remarks-filter-missed=none

// [doc-begin]
#left = affine_map<(i, j, k) -> (i, k)>
#right = affine_map<(i, j, k) -> (j, k)>
#out = affine_map<(i, j, k) -> (i, j)>

func.func @main(%x: tensor<?x8xf32>, %projected: tensor<?x4xf32>, %h: tensor<?x4xf32>,
                %w: tensor<12x4xf32>, %u: tensor<12x4xf32>, %b: tensor<12xf32>, %c: tensor<12xf32>,
                %embed: tensor<16x4xf32>, %w1: tensor<16x24x8xf32>, %w3: tensor<16x24x8xf32>,
                %w2: tensor<16x8x24xf32>, %residual: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %x, %c0 : tensor<?x8xf32>
  %next = moe.router_cell gru %projected, %h weights(%w, %u : tensor<12x4xf32>, tensor<12x4xf32>)
      biases(%b, %c : tensor<12xf32>, tensor<12xf32>) : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %l0 = tensor.empty(%tokens) : tensor<?x16xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x16xf32>) -> tensor<?x16xf32>
  %l = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%next, %embed : tensor<?x4xf32>, tensor<16x4xf32>) outs(%l1 : tensor<?x16xf32>) -> tensor<?x16xf32>
  %s = moe.score softmax %l : tensor<?x16xf32> -> tensor<?x16xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x16xf32> -> tensor<?x2xi32>
  %g = moe.weigh value %s, %e norm sum : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x2xi32> -> tensor<17xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w1, %w3, %w2 : tensor<16x24x8xf32>, tensor<16x24x8xf32>, tensor<16x8x24xf32>)
      offsets(%offsets : tensor<17xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %gate: tensor<24x8xf32>, %up: tensor<24x8xf32>, %down: tensor<8x24xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %n = tensor.dim %r, %first : tensor<?x8xf32>
    %e0 = tensor.empty(%n) : tensor<?x24xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%e0 : tensor<?x24xf32>) -> tensor<?x24xf32>
    %ones = linalg.fill ins(%one : f32) outs(%e0 : tensor<?x24xf32>) -> tensor<?x24xf32>
    %a = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%r, %gate : tensor<?x8xf32>, tensor<24x8xf32>) outs(%zeros : tensor<?x24xf32>) -> tensor<?x24xf32>
    %m = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%r, %up : tensor<?x8xf32>, tensor<24x8xf32>) outs(%zeros : tensor<?x24xf32>) -> tensor<?x24xf32>
    %minus = arith.negf %a : tensor<?x24xf32>
    %exp = math.exp %minus : tensor<?x24xf32>
    %sum = arith.addf %ones, %exp : tensor<?x24xf32>
    %silu = arith.divf %a, %sum : tensor<?x24xf32>
    %product = arith.mulf %silu, %m : tensor<?x24xf32>
    %y0 = tensor.empty(%n) : tensor<?x8xf32>
    %y1 = linalg.fill ins(%none : f32) outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%product, %down : tensor<?x24xf32>, tensor<8x24xf32>) outs(%y1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %pairs, %g into %residual
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y, %next : tensor<?x8xf32>, tensor<?x4xf32>
}
// [doc-end]
