// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-gather-sum-to-cpu))" \
// RUN:   --split-input-file --remarks-filter-missed=moe --verify-diagnostics

func.func @on_tensors(%h: tensor<?x8xf32>, %q: tensor<?x2xi32>,
    %w: tensor<?x2xf32>, %y0: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-remark @below {{is on tensors: bufferize first}}
  %y = moe.gather_sum ins(%h, %q, %w
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

func.func @gaps(%h: memref<?x8xf32, strided<[16, 2]>>, %q: memref<?x2xi32>,
                %w: memref<?x2xf32>, %y: memref<?x8xf32>) {
  // expected-error @below {{needs rows without gaps on the CPU}}
  moe.gather_sum ins(%h, %q, %w
      : memref<?x8xf32, strided<[16, 2]>>, memref<?x2xi32>, memref<?x2xf32>)
      outs(%y : memref<?x8xf32>)
  return
}
