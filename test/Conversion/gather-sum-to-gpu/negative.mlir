// RUN: moe-opt %s --moe-gather-sum-to-gpu | FileCheck %s

// CHECK-LABEL: func.func @on_tensors
// CHECK-NOT:     gpu.launch
// CHECK:         moe.gather_sum
func.func @on_tensors(%rows: tensor<?x8xf32>, %q: tensor<?x2xi32>,
                      %w: tensor<?x2xf32>, %y0: tensor<?x8xf32>)
    -> tensor<?x8xf32> {
  %y = moe.gather_sum ins(%rows, %q, %w
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
