// The block of dialects/moe/docs/AdaptiveGating.md.
// RUN: moe-run %s --backend=cpu --compare=reference --dim=37 --dim=37 --dim=37 --remarks-filter-missed=none
// RUN: moe-run %s --backend=cpu --compare=reference --dim=1 --dim=1 --dim=1 --remarks-filter-missed=none

// [doc-begin]
#left = affine_map<(i, j, k) -> (i, k)>
#right = affine_map<(i, j, k) -> (j, k)>
#out = affine_map<(i, j, k) -> (i, j)>

func.func @main(%x: tensor<?x8xf32>, %logits: tensor<?x16xf32>, %threshold: f32,
                %w0: tensor<16x24x8xf32>, %w1: tensor<16x8x24xf32>,
                %residual: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<17xi32>) {
  %p = moe.score softmax %logits : tensor<?x16xf32> -> tensor<?x16xf32>
  %e = moe.select #moe.gap<2> %p params(%threshold : f32) : tensor<?x16xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %p, %e : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x2xi32> -> tensor<17xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%w0, %w1 : tensor<16x24x8xf32>, tensor<16x8x24xf32>)
      offsets(%offsets : tensor<17xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<24x8xf32>, %down: tensor<8x24xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %h0 = tensor.empty(%n) : tensor<?x24xf32>
    %h1 = linalg.fill ins(%zero : f32) outs(%h0 : tensor<?x24xf32>) -> tensor<?x24xf32>
    %h = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%r, %up : tensor<?x8xf32>, tensor<24x8xf32>) outs(%h1 : tensor<?x24xf32>) -> tensor<?x24xf32>
    %a = arith.maximumf %h, %h1 : tensor<?x24xf32>
    %y0 = tensor.empty(%n) : tensor<?x8xf32>
    %y1 = linalg.fill ins(%zero : f32) outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%a, %down : tensor<?x24xf32>, tensor<8x24xf32>) outs(%y1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %pairs, %w into %residual
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y, %offsets : tensor<?x8xf32>, tensor<17xi32>
}
// [doc-end]
