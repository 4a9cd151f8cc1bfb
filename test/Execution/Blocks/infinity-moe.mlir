// The block of dialects/moe/docs/InfinityMoE.md.
// RUN: moe-run %s --backend=cpu --compare=reference --dim=37 --dim=37 --dim=37 --int-max=4 --remarks-filter-missed=none
// RUN: moe-run %s --backend=cpu --compare=reference --dim=1 --dim=1 --dim=1 --int-max=4 --remarks-filter-missed=none

// [doc-begin]
#left = affine_map<(i, j, k) -> (i, k)>
#right = affine_map<(i, j, k) -> (j, k)>
#out = affine_map<(i, j, k) -> (i, j)>

func.func @main(%x: tensor<?x8xf32>, %mean: tensor<?x3xf32>, %deviation: tensor<?x3xf32>,
                %seed: i64, %position: i64, %kept: i32, %mask: tensor<64x3xf32>,
                %w1: tensor<64x8xf32>, %b1: tensor<64xf32>, %w2: tensor<64x8xf32>, %b2: tensor<8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %z = moe.sample gaussian counter %mean deviation(%deviation : tensor<?x3xf32>)
      seed(%seed) position(%position) samples 2 : tensor<?x3xf32> -> tensor<?x3xf32>
  %n = tensor.dim %z, %c0 : tensor<?x3xf32>
  %s0 = tensor.empty(%n) : tensor<?x64xf32>
  %s1 = linalg.fill ins(%zero : f32) outs(%s0 : tensor<?x64xf32>) -> tensor<?x64xf32>
  %scores = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%z, %mask : tensor<?x3xf32>, tensor<64x3xf32>) outs(%s1 : tensor<?x64xf32>) -> tensor<?x64xf32>
  %units = moe.select #moe.top_k<16> %scores count(%kept : i32) : tensor<?x64xf32> -> tensor<?x16xi32>
  %m = moe.weigh one %scores, %units {scale = 0.5} : tensor<?x64xf32>, tensor<?x16xi32> -> tensor<?x16xf32>
  %y = moe.neurons post %x, %units, %m samples 2
      up(%w1, %b1 : tensor<64x8xf32>, tensor<64xf32>) down(%w2, %b2 : tensor<64x8xf32>, tensor<8xf32>)
      : tensor<?x8xf32>, tensor<?x16xi32>, tensor<?x16xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %none = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %none : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}
// [doc-end]
