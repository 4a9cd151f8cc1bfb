// RUN: moe-opt %s --moe-raise-scatter | FileCheck %s
// RUN: moe-run %s --entry=ones --backend=cpu --compare=reference --remarks-filter-missed=none

// A mask of ones; one loop over all pairs, and one dimension for all of the mask.
// CHECK-LABEL: func.func @ones
// CHECK-NOT:     scf.for
// CHECK:         linalg.generic {{.+}} ins(%{{.+}} : tensor<5x2xi32>) outs(%{{.+}} : tensor<5x8xf16>)
// CHECK:         tensor.expand_shape {{.+}} : tensor<40xf16> into tensor<1x40xf16>
func.func @ones(%key: tensor<5x8xf16>) -> tensor<1x40xf16> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %c10 = arith.constant 10 : index
  %one = arith.constant 1.0 : f16
  %init = arith.constant dense<0.0> : tensor<1x40xf16>
  %ids = moe.select #moe.top_k<2> %key : tensor<5x8xf16> -> tensor<5x2xi32>
  %m = scf.for %n = %c0 to %c10 step %c1 iter_args(%acc = %init) -> (tensor<1x40xf16>) {
    %t = arith.divsi %n, %c2 : index
    %s = arith.remsi %n, %c2 : index
    %id = tensor.extract %ids[%t, %s] : tensor<5x2xi32>
    %e = arith.index_cast %id : i32 to index
    %row = arith.muli %t, %c8 : index
    %place = arith.addi %row, %e : index
    %next = tensor.insert %one into %acc[%c0, %place] : tensor<1x40xf16>
    scf.yield %next : tensor<1x40xf16>
  }
  return %m : tensor<1x40xf16>
}
