// RUN: moe-opt %s --moe-raise-scatter | FileCheck %s

// Llama 4 scatters scores into minus infinities.
// CHECK-LABEL: func.func @scores
// CHECK-SAME:    %[[KEY:.+]]: tensor<6x4xf32>, %[[V:.+]]: tensor<6x1xf32>
// CHECK:         %[[E:.+]] = moe.select
// CHECK-NOT:     scf.for
// CHECK:         %[[FILL:.+]] = linalg.fill
// CHECK:         %[[M:.+]] = linalg.generic {{.+}} ins(%[[E]], %[[V]] : tensor<6x1xi32>, tensor<6x1xf32>) outs(%[[FILL]]
// CHECK:           arith.cmpi eq
// CHECK:           arith.select
// CHECK:           arith.maximumf
// CHECK:         return %[[M]]
func.func @scores(%key: tensor<6x4xf32>, %v: tensor<6x1xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %init = arith.constant dense<0xFF800000> : tensor<6x4xf32>
  %ids = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  %m = scf.for %t = %c0 to %c6 step %c1 iter_args(%acc = %init) -> (tensor<6x4xf32>) {
    %id = tensor.extract %ids[%t, %c0] : tensor<6x1xi32>
    %e = arith.index_cast %id : i32 to index
    %s = tensor.extract %v[%t, %c0] : tensor<6x1xf32>
    %next = tensor.insert %s into %acc[%t, %e] : tensor<6x4xf32>
    scf.yield %next : tensor<6x4xf32>
  }
  return %m : tensor<6x4xf32>
}
