// RUN: moe-opt %s --moe-raise-scatter --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moe | FileCheck %s

// CHECK-LABEL: func.func @halves
// CHECK:         scf.for
func.func @halves(%key: tensor<6x4xf32>, %v: tensor<6x1xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %init = arith.constant dense<0.5> : tensor<6x4xf32>
  %ids = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  // expected-remark @below {{scatters into something else than zeros or minus infinities}}
  %m = scf.for %t = %c0 to %c6 step %c1 iter_args(%acc = %init) -> (tensor<6x4xf32>) {
    %id = tensor.extract %ids[%t, %c0] : tensor<6x1xi32>
    %e = arith.index_cast %id : i32 to index
    %s = tensor.extract %v[%t, %c0] : tensor<6x1xf32>
    %next = tensor.insert %s into %acc[%t, %e] : tensor<6x4xf32>
    scf.yield %next : tensor<6x4xf32>
  }
  return %m : tensor<6x4xf32>
}

// -----

// To the row of another token: no mask of a selection.
// CHECK-LABEL: func.func @other_rows
// CHECK:         scf.for
func.func @other_rows(%key: tensor<6x4xf32>, %v: tensor<6x1xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %init = arith.constant dense<0xFF800000> : tensor<6x4xf32>
  %ids = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  %m = scf.for %t = %c0 to %c6 step %c1 iter_args(%acc = %init) -> (tensor<6x4xf32>) {
    %id = tensor.extract %ids[%t, %c0] : tensor<6x1xi32>
    %e = arith.index_cast %id : i32 to index
    %s = tensor.extract %v[%t, %c0] : tensor<6x1xf32>
    %last = arith.subi %c6, %t : index
    %other = arith.subi %last, %c1 : index
    %next = tensor.insert %s into %acc[%other, %e] : tensor<6x4xf32>
    scf.yield %next : tensor<6x4xf32>
  }
  return %m : tensor<6x4xf32>
}

// -----

// Not all tokens.
// CHECK-LABEL: func.func @some
// CHECK:         scf.for
func.func @some(%key: tensor<6x4xf32>, %v: tensor<6x1xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 5 : index
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

// -----

// A sum of what is there: one more loop.
// CHECK-LABEL: func.func @sum
// CHECK:         scf.for
func.func @sum(%key: tensor<6x4xf32>, %v: tensor<6x1xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %init = arith.constant dense<0xFF800000> : tensor<6x4xf32>
  %ids = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  // expected-remark @below {{what is scattered depends on the expert}}
  %m = scf.for %t = %c0 to %c6 step %c1 iter_args(%acc = %init) -> (tensor<6x4xf32>) {
    %id = tensor.extract %ids[%t, %c0] : tensor<6x1xi32>
    %e = arith.index_cast %id : i32 to index
    %s = tensor.extract %v[%t, %c0] : tensor<6x1xf32>
    %old = tensor.extract %acc[%t, %e] : tensor<6x4xf32>
    %new = arith.addf %s, %old : f32
    %next = tensor.insert %new into %acc[%t, %e] : tensor<6x4xf32>
    scf.yield %next : tensor<6x4xf32>
  }
  return %m : tensor<6x4xf32>
}
