// Sums of rows that have their weights already, and sums that start with identity
// columns; columns.py has the cases.
// RUN: %python %S/columns.py --only combine %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/columns.py --only combine %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

// RUN: moe-opt %s --moe-fuse --remarks-filter-missed=none | FileCheck %s
// CHECK-COUNT-2: moe.gather_sum {{.+}}) unweighted residual
// CHECK:         moe.gather_sum {{.+}}) identity(%arg0, %arg1 : tensor<?x45xf32>, tensor<?x10xi32>) first 4 count 2 residual(%arg0
// CHECK-LABEL:   func.func @bins(
// CHECK:         moe.gather_sum {{.+}}) unweighted tokens(

func.func @input(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
    %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %o, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %r = moe.dispatch %x, %p slots 2 weights(%w : tensor<?x2xf32>)
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %y = moe.combine %r, %p, %w into %init unweighted
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @rounded(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
    %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %o, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %r = moe.dispatch %x, %p slots 2 weights(%w : tensor<?x2xf32>)
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %y = moe.combine %r, %p, %w into %init unweighted {sum_type = bf16}
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @identity(%x: tensor<?x45xf32>, %e: tensor<?x10xi32>, %w: tensor<?x10xf32>) -> tensor<?x45xf32> {
  %o, %p = moe.plan %e : tensor<?x10xi32> -> tensor<5xi32>, tensor<?xi32>
  %r = moe.dispatch %x, %p slots 10 : tensor<?x45xf32>, tensor<?xi32> -> tensor<?x45xf32>
  %v = moe.virtual %x, %e, %w into %x first 4 identity 2
      : tensor<?x45xf32>, tensor<?x10xi32>, tensor<?x10xf32> into tensor<?x45xf32>
  %y = moe.combine %r, %p, %w into %v
      : tensor<?x45xf32>, tensor<?xi32>, tensor<?x10xf32> into tensor<?x45xf32>
  return %y : tensor<?x45xf32>
}

func.func @bins(%x: tensor<?x8xf32>, %t: tensor<2x3xi32>, %w: tensor<2x3xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %i0 = tensor.empty(%n) : tensor<?x8xf32>
  %i = linalg.fill ins(%zero : f32) outs(%i0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %o, %p = moe.plan %t by expert : tensor<2x3xi32> -> tensor<3xi32>, tensor<6xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<2x3xi32>) weights(%w : tensor<2x3xf32>)
      : tensor<?x8xf32>, tensor<6xi32> -> tensor<6x8xf32>
  %y = moe.combine %r, %p, %w into %i tokens(%t : tensor<2x3xi32>) unweighted
      : tensor<6x8xf32>, tensor<6xi32>, tensor<2x3xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
