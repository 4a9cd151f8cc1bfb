// REQUIRES: cuda-driver
// RUN: %gpu_check -- moe-run %s --backend=nvptx --compare=reference --dim=13 \
// RUN:   --remarks-filter-missed=none

// Ops that are not moe run as plain kernels: a matmul, a reduction, math
// functions, a constant, a scalar tensor, a transpose and a slice.
func.func @main(%x: tensor<?x24xf32>, %w: tensor<24x10xf32>)
    -> (tensor<?x10xf32>, tensor<10x?xf32>, tensor<f32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %t = tensor.dim %x, %c0 : tensor<?x24xf32>
  %empty = tensor.empty(%t) : tensor<?x10xf32>
  %filled = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x10xf32>)
      -> tensor<?x10xf32>
  %m = linalg.matmul ins(%x, %w : tensor<?x24xf32>, tensor<24x10xf32>)
      outs(%filled : tensor<?x10xf32>) -> tensor<?x10xf32>
  %bias = arith.constant dense<[0.5, -1.0, 2.0, 0.0, 1.5, -2.5, 3.0, 0.25, -0.75, 1.0]> : tensor<10xf32>
  %a = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
                       affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%m, %bias : tensor<?x10xf32>, tensor<10xf32>)
      outs(%empty : tensor<?x10xf32>) {
  ^bb0(%v: f32, %b: f32, %old: f32):
    %sum = arith.addf %v, %b : f32
    %exp = math.exp %sum : f32
    %log = math.log1p %exp : f32
    %tanh = math.tanh %log : f32
    %root = math.sqrt %exp : f32
    %inverse = math.rsqrt %exp : f32
    %erf = math.erf %v : f32
    %s0 = arith.addf %tanh, %root : f32
    %s1 = arith.addf %inverse, %erf : f32
    %s2 = arith.addf %s0, %s1 : f32
    linalg.yield %s2 : f32
  } -> tensor<?x10xf32>
  %emptyT = tensor.empty(%t) : tensor<10x?xf32>
  %transposed = linalg.transpose ins(%a : tensor<?x10xf32>)
      outs(%emptyT : tensor<10x?xf32>) permutation = [1, 0]
  %emptyS = tensor.empty() : tensor<f32>
  %zeroS = linalg.fill ins(%zero : f32) outs(%emptyS : tensor<f32>) -> tensor<f32>
  %total = linalg.reduce ins(%a : tensor<?x10xf32>) outs(%zeroS : tensor<f32>)
      dimensions = [0, 1]
      (%v: f32, %sum: f32) {
        %next = arith.addf %v, %sum : f32
        linalg.yield %next : f32
      }
  %slice = tensor.extract_slice %a[0, 3] [%t, 4] [1, 1]
      : tensor<?x10xf32> to tensor<?x4xf32>
  return %a, %transposed, %total, %slice
      : tensor<?x10xf32>, tensor<10x?xf32>, tensor<f32>, tensor<?x4xf32>
}
