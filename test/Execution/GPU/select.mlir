// A selection that no gate takes has a thread per token on the device.

// REQUIRES: cuda-driver
// RUN: %gpu_check -- moe-run %s --backend=nvptx --compare=reference --dim=5
// RUN: %gpu_check --may-launch-nothing -- moe-run %s --backend=nvptx --compare=reference --dim=0
func.func @main(%key: tensor<?x4xf32>) -> tensor<?x2xi32> {
  %ids = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  return %ids : tensor<?x2xi32>
}
