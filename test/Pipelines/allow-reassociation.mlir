// The choice moves to the logits only where that is allowed.
// RUN: moe-opt %s --moe-optimize --remarks-filter-missed=none | FileCheck %s --check-prefix=EXACT
// RUN: moe-opt %s --moe-optimize=allow-reassociation --remarks-filter-missed=none | FileCheck %s --check-prefix=ALLOWED
// RUN: moe-run %s --backend=cpu --entry=router --compare=reference --dim=33
// EXACT:   moe.gate
// EXACT-SAME: score softmax select #moe.top_k<2> on scores weigh value on scores norm sum
// ALLOWED: moe.gate
// ALLOWED-SAME: score identity select #moe.top_k<2> on logits weigh softmax_selected on logits

// RUN: moe-opt %s --moe-to-cpu=allow-reassociation | mlir-translate --mlir-to-llvmir -o /dev/null
// RUN: moe-opt %s --moe-to-nvptx="chip=sm_90a allow-reassociation" -o /dev/null

func.func @router(%l: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum
      : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}
