// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-gate-to-cpu))" \
// RUN:   --split-input-file --remarks-filter-missed=moe --verify-diagnostics

func.func @on_tensors(%x: tensor<?x4xf32>, %e0: tensor<?x2xi32>,
    %w0: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  // expected-remark @below {{is on tensors: bufferize first}}
  %e, %w = moe.gate ins(%x : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @gaps(%x: memref<?x4xf32, strided<[8, 2]>>, %ids: memref<?x2xi32>,
                %weights: memref<?x2xf32>) {
  // expected-error @below {{needs rows without gaps on the CPU}}
  moe.gate ins(%x : memref<?x4xf32, strided<[8, 2]>>)
      outs(%ids, %weights : memref<?x2xi32>, memref<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
  return
}

// -----

func.func @float_type(%x: memref<?x4xf8E5M2>, %ids: memref<?x2xi32>,
                      %weights: memref<?x2xf32>) {
  // expected-error @below {{has no CPU lowering for elements of type 'f8E5M2'}}
  moe.gate ins(%x : memref<?x4xf8E5M2>)
      outs(%ids, %weights : memref<?x2xi32>, memref<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
  return
}
