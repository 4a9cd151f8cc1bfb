// REQUIRES: cuda-driver
// DEFINE: %{run} = %gpu_check -- moe-run %s --backend=nvptx \
// DEFINE:   --compare=reference --remarks-filter-missed=none
// RUN: %{run} --entry=softmax_128 --dim=9
// RUN: %{run} --entry=softmax_128 --dim=1
// RUN: %{run} --entry=sigmoid_100 --dim=5
// RUN: %{run} --entry=all_experts --dim=6
// RUN: %{run} --entry=softplus_bf16 --dim=7
// RUN: %gpu_check --may-launch-nothing -- moe-run %s --backend=nvptx \
// RUN:   --compare=reference --remarks-filter-missed=none \
// RUN:   --entry=softmax_128 --dim=0

// Many experts, odd width.
func.func @softmax_128(%l: tensor<?x128xf32>) -> (tensor<?x8xi32>, tensor<?x8xf32>) {
  %s = moe.score softmax %l : tensor<?x128xf32> -> tensor<?x128xf32>
  %e = moe.select #moe.top_k<8> %s : tensor<?x128xf32> -> tensor<?x8xi32>
  %w = moe.weigh value %s, %e norm sum
      : tensor<?x128xf32>, tensor<?x8xi32> -> tensor<?x8xf32>
  return %e, %w : tensor<?x8xi32>, tensor<?x8xf32>
}

// Experts that do not fill the warps, an epsilon and a scale.
func.func @sigmoid_100(%l: tensor<?x100xf32>) -> (tensor<?x6xi32>, tensor<?x6xf32>) {
  %s = moe.score sigmoid %l : tensor<?x100xf32> -> tensor<?x100xf32>
  %e = moe.select #moe.top_k<6> %s : tensor<?x100xf32> -> tensor<?x6xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-6 : f64, scale = 2.5 : f64}
      : tensor<?x100xf32>, tensor<?x6xi32> -> tensor<?x6xf32>
  return %e, %w : tensor<?x6xi32>, tensor<?x6xf32>
}

// K = E, more slots than a warp has lanes.
func.func @all_experts(%l: tensor<?x40xf32>) -> (tensor<?x40xi32>, tensor<?x40xf32>) {
  %e = moe.select #moe.top_k<40> %l : tensor<?x40xf32> -> tensor<?x40xi32>
  %w = moe.weigh softmax_selected %l, %e
      : tensor<?x40xf32>, tensor<?x40xi32> -> tensor<?x40xf32>
  return %e, %w : tensor<?x40xi32>, tensor<?x40xf32>
}

// bf16 logits tie often.
func.func @softplus_bf16(%l: tensor<?x64xbf16>) -> (tensor<?x4xi32>, tensor<?x4xbf16>) {
  %s = moe.score sqrtsoftplus %l : tensor<?x64xbf16> -> tensor<?x64xf32>
  %e = moe.select #moe.top_k<4> %s : tensor<?x64xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e norm sum
      : tensor<?x64xf32>, tensor<?x4xi32> -> tensor<?x4xbf16>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xbf16>
}
