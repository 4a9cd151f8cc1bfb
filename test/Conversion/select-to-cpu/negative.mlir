// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-select-to-cpu))" \
// RUN:   --split-input-file --remarks-filter-missed=moe --verify-diagnostics

func.func @on_tensors(%k: tensor<?x4xf32>, %t: tensor<4x3xi32>) -> tensor<4x3xi32> {
  // expected-remark @below {{is on tensors: bufferize first}}
  %r = moe.select_into 3 ins(%k : tensor<?x4xf32>) outs(%t : tensor<4x3xi32>) -> tensor<4x3xi32>
  return %r : tensor<4x3xi32>
}

// -----

func.func @gaps(%k: memref<?x4xf32, strided<[8, 2]>>, %t: memref<4x3xi32>) {
  // expected-error @below {{needs rows without gaps on the CPU, found 'memref<?x4xf32, strided<[8, 2]>>'}}
  moe.select_into 3 ins(%k : memref<?x4xf32, strided<[8, 2]>>) outs(%t : memref<4x3xi32>)
  return
}
