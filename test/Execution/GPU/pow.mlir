// REQUIRES: cuda-driver
// RUN: %gpu_check -- moe-run %s --backend=nvptx --compare=reference \
// RUN:   --remarks-filter-missed=none

// Powers of negative numbers, zero and infinity, with whole, odd, halved and
// negative exponents: every base meets every exponent.
func.func @main() -> tensor<8x8xf32> {
  %bases = arith.constant dense<[-2.5, -1.0, -0.0, 0.0, 0.75, 1.0, 3.0, 0x7F800000]> : tensor<8xf32>
  %exponents = arith.constant dense<[-3.0, -2.0, -0.5, 0.0, 0.5, 1.0, 2.0, 5.0]> : tensor<8xf32>
  %empty = tensor.empty() : tensor<8x8xf32>
  %powers = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>,
                       affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%bases, %exponents : tensor<8xf32>, tensor<8xf32>) outs(%empty : tensor<8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %out: f32):
    %power = math.powf %x, %y : f32
    linalg.yield %power : f32
  } -> tensor<8x8xf32>
  return %powers : tensor<8x8xf32>
}
