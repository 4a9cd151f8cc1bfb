// RUN: moe-opt %s --moe-select-to-gpu | FileCheck %s

// What is on tensors is not bufferized yet and stays.
// CHECK-LABEL: func.func @on_tensors
// CHECK-NOT:     gpu.launch
// CHECK:         moe.select_into
func.func @on_tensors(%k: tensor<?x4xf32>, %t: tensor<4x3xi32>) -> tensor<4x3xi32> {
  %r = moe.select_into 3 ins(%k : tensor<?x4xf32>) outs(%t : tensor<4x3xi32>) -> tensor<4x3xi32>
  return %r : tensor<4x3xi32>
}
