// REQUIRES: cuda-driver
// RUN: %python %S/Inputs/layer.py %t
// RUN: %gpu_check -- moe-run %s --backend=nvptx --remarks-filter-missed=none \
// RUN:   --input=%t-x.npy --input=%t-router.npy --input=%t-up.npy \
// RUN:   --input=%t-down.npy --expect=%t-y.npy
// RUN: %gpu_check --may-launch-nothing -- moe-run %s --backend=nvptx --dim=0 \
// RUN:   --remarks-filter-missed=none
// RUN: %gpu_check -- moe-run %s --backend=nvptx --dim=1 \
// RUN:   --remarks-filter-missed=none

// A whole layer: four kernels, one copy in per argument, one out.
func.func @main(%x: tensor<?x72xf32>, %router: tensor<6x72xf32>,
                %up: tensor<6x80x72xf32>, %down: tensor<6x72x40xf32>)
    -> tensor<?x72xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c0 : tensor<?x72xf32>
  %n = arith.muli %t, %c2 : index
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%x, %router : tensor<?x72xf32>, tensor<6x72xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      norm sum -> tensor<?x2xi32>, tensor<?x2xf32>
  %o0 = tensor.empty() : tensor<7xi32>
  %p0 = tensor.empty(%n) : tensor<?xi32>
  %q0 = tensor.empty(%t) : tensor<?x2xi32>
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<7xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<7xi32>, tensor<?xi32>, tensor<?x2xi32>
  %h0 = tensor.empty(%n) : tensor<?x40xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x72xf32>)
      weights(%up : tensor<6x80x72xf32>) offsets(%o : tensor<7xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x40xf32>)
      parts weights [0, 0] offsets [0, 40] strides [1, 1] {
  ^epilogue(%gate: f32, %value: f32):
    %one = arith.constant 1.0 : f32
    %minus = arith.negf %gate : f32
    %exp = math.exp %minus : f32
    %below = arith.addf %one, %exp : f32
    %silu = arith.divf %gate, %below : f32
    %product = arith.mulf %silu, %value : f32
    moe.yield %product : f32
  } -> tensor<?x40xf32>
  %d0 = tensor.empty(%n) : tensor<?x72xf32>
  %d = moe.grouped_matmul ins(%h : tensor<?x40xf32>)
      weights(%down : tensor<6x72x40xf32>) offsets(%o : tensor<7xi32>)
      outs(%d0 : tensor<?x72xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%row: f32):
    moe.yield %row : f32
  } -> tensor<?x72xf32>
  %y0 = tensor.empty(%t) : tensor<?x72xf32>
  %y = moe.gather_sum ins(%d, %q, %w
      : tensor<?x72xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      outs(%y0 : tensor<?x72xf32>) -> tensor<?x72xf32>
  return %y : tensor<?x72xf32>
}
