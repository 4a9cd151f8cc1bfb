// Rewrites of the canonicaliser, and what they must leave alone.

// RUN: moe-opt %s --canonicalize --split-input-file | FileCheck %s

// A softmax over the selected already sums to one.
// CHECK-LABEL: func.func @redundant_norm
// CHECK:         moe.weigh softmax_selected %{{.+}}, %{{.+}} {scale = 2.500000e+00 : f64} : tensor<?x4xf32>
func.func @redundant_norm(%l: tensor<?x4xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
  %w = moe.weigh softmax_selected %l, %e norm sum {scale = 2.5} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

// -----

// With a guard the sum is more than one.
// CHECK-LABEL: func.func @norm_with_eps
// CHECK:         moe.weigh softmax_selected %{{.+}}, %{{.+}} norm sum {eps = 5.000000e-01 : f64}
func.func @norm_with_eps(%l: tensor<?x4xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
  %w = moe.weigh softmax_selected %l, %e norm sum {eps = 0.5} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

// -----

// The selected values of a softmax over all experts sum to less than one, those
// of a sigmoid to anything, and ones to the number of live slots.
// CHECK-LABEL: func.func @needed_norm
// CHECK:         moe.weigh value %{{.+}} norm sum
// CHECK:         moe.weigh sigmoid %{{.+}} norm sum
// CHECK:         moe.weigh one %{{.+}} norm sum
func.func @needed_norm(%s: tensor<?x4xf32>, %e: tensor<?x2xi32>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  %0 = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %1 = moe.weigh sigmoid %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %2 = moe.weigh one %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %0, %1, %2 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// Stage ops have no effects: unused ones go, with an unused body.
// CHECK-LABEL: func.func @dead_block
// CHECK-NEXT:    return
func.func @dead_block(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %init: tensor<?x8xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %o, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %r = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %y = moe.experts rows(%r : tensor<?x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%rows: tensor<?x8xf32>):
    moe.yield %rows : tensor<?x8xf32>
  }
  %z = moe.combine %y, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

// A codegen op on memrefs writes them, so it stays; on tensors it does not.
// CHECK-LABEL: func.func @dead_codegen
// CHECK-NEXT:    moe.plan_into ins(%{{.+}} : memref<6x2xi32>)
// CHECK-NEXT:    return
func.func @dead_codegen(%e: tensor<6x2xi32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %q: tensor<6x2xi32>,
                        %me: memref<6x2xi32>, %mo: memref<5xi32>, %mp: memref<12xi32>, %mq: memref<6x2xi32>) {
  %r:3 = moe.plan_into ins(%e : tensor<6x2xi32>) outs(%o, %p, %q : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
  moe.plan_into ins(%me : memref<6x2xi32>) outs(%mo, %mp, %mq : memref<5xi32>, memref<12xi32>, memref<6x2xi32>)
  return
}

// -----

// Equal stages are one; stages that differ in an attribute are two.
// RUN: moe-opt %s --cse --split-input-file | FileCheck %s --check-prefix=CSE
// CSE-LABEL: func.func @equal_stages
// CSE:         %[[A:.+]] = moe.select #moe.top_k<2>
// CSE-NEXT:    %[[W:.+]] = moe.weigh value %{{.+}}, %[[A]] : tensor
// CSE-NEXT:    %[[N:.+]] = moe.weigh value %{{.+}}, %[[A]] norm sum : tensor
// CSE-NEXT:    return %[[W]], %[[N]]
func.func @equal_stages(%s: tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %a = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %b = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %a : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %n = moe.weigh value %s, %b norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w, %n : tensor<?x2xf32>, tensor<?x2xf32>
}
