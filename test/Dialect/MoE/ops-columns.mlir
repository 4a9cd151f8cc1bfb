// Virtual columns, columns that are always on, weights before the output and the
// scope of a softmax over tokens, as text and as bytecode.

// RUN: moe-opt %s | moe-opt --emit-bytecode | moe-opt | FileCheck %s
// RUN: moe-opt %s --mlir-print-op-generic | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @scores
func.func @scores(%l: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: moe.score softmax %{{.+}} axis tokens scope 3 : tensor<?x4xf32>
  %s = moe.score softmax %l axis tokens scope 3 : tensor<?x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @weights
func.func @weights(%s: tensor<?x6xf32>, %e: tensor<?x2xi32>, %p: tensor<6xf32>, %f: f32) {
  // CHECK: moe.weigh value %{{.+}}, %{{.+}} columns 5 norm sum :
  %0 = moe.weigh value %s, %e columns 5 norm sum
      : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  // CHECK: %{{.+}}, %{{.+}} = moe.weigh sigmoid %{{.+}}, %{{.+}} always_on 2 per_expert(%{{.+}} : tensor<6xf32>) factor(%{{.+}} : f32) norm sum : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x2xbf16>
  %1, %a = moe.weigh sigmoid %s, %e always_on 2 per_expert(%p : tensor<6xf32>) factor(%f : f32) norm sum
      : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x2xbf16>
  // CHECK: moe.weigh softmax_selected %{{.+}}, %{{.+}} columns 2 always_on 3 :
  %2, %b = moe.weigh softmax_selected %s, %e columns 2 always_on 3
      : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x3xf32>
  return
}

// CHECK-LABEL: func.func @input
func.func @input(%x: tensor<?x8xbf16>, %w: tensor<?x2xf32>, %p: tensor<?xi32>,
    %t: tensor<4x3xi32>, %v: tensor<4x3xf32>, %q: tensor<12xi32>, %i: tensor<?x8xbf16>) {
  // CHECK: moe.dispatch %{{.+}}, %{{.+}} slots 2 weights(%{{.+}} : tensor<?x2xf32>) :
  %0 = moe.dispatch %x, %p slots 2 weights(%w : tensor<?x2xf32>)
      : tensor<?x8xbf16>, tensor<?xi32> -> tensor<?x8xbf16>
  // CHECK: moe.dispatch %{{.+}}, %{{.+}} tokens(%{{.+}} : tensor<4x3xi32>) weights(%{{.+}} : tensor<4x3xf32>) :
  %1 = moe.dispatch %x, %q tokens(%t : tensor<4x3xi32>) weights(%v : tensor<4x3xf32>)
      : tensor<?x8xbf16>, tensor<12xi32> -> tensor<12x8xbf16>
  // CHECK: moe.combine %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} unweighted :
  %2 = moe.combine %0, %p, %w into %i unweighted
      : tensor<?x8xbf16>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xbf16>
  // CHECK: moe.combine %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} tokens(%{{.+}} : tensor<4x3xi32>) order atomic unweighted {sum_type = bf16} :
  %3 = moe.combine %1, %q, %v into %i tokens(%t : tensor<4x3xi32>) order atomic unweighted {sum_type = bf16}
      : tensor<12x8xbf16>, tensor<12xi32>, tensor<4x3xf32> into tensor<?x8xbf16>
  return
}

// CHECK-LABEL: func.func @columns
func.func @columns(%x: tensor<?x8xbf16>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
    %c: tensor<?x4xf32>, %v: tensor<2x8xbf16>, %i: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: moe.virtual %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} first 4 identity 2 : tensor<?x8xbf16>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  %0 = moe.virtual %x, %e, %w into %i first 4 identity 2
      : tensor<?x8xbf16>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  // CHECK: moe.virtual %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} first 4 constant(%{{.+}}, %{{.+}} : tensor<?x4xf32>, tensor<2x8xbf16>) identity 1 :
  %1 = moe.virtual %x, %e, %w into %0 first 4 constant(%c, %v : tensor<?x4xf32>, tensor<2x8xbf16>) identity 1
      : tensor<?x8xbf16>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  // CHECK: moe.virtual %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} first 0 constant(%{{.+}}, %{{.+}} : tensor<?x4xf32>, tensor<2x8xbf16>) :
  %2 = moe.virtual %x, %e, %w into %1 first 0 constant(%c, %v : tensor<?x4xf32>, tensor<2x8xbf16>)
      : tensor<?x8xbf16>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %2 : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @example
func.func @example(%x: tensor<?x16xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
    %init: tensor<?x16xf32>) -> tensor<?x16xf32> {
  // CHECK: moe.virtual
  %y = moe.virtual %x, %e, %w into %init first 8 identity 4
      : tensor<?x16xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// CHECK-LABEL: func.func @codegen
func.func @codegen(%x: tensor<?x8xf32>, %r: tensor<6x8xf32>, %b: tensor<4xf32>, %e0: tensor<?x2xi32>,
    %w0: tensor<?x2xf32>, %a0: tensor<?x2xf32>, %rows: tensor<?x8xf32>, %q: tensor<?x2xi32>) -> tensor<?x8xf32> {
  // CHECK: %[[G:.+]]:3 = moe.gate
  // CHECK-SAME: outs(%{{.+}}, %{{.+}}, %{{.+}} : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>)
  // CHECK-SAME: weigh value on scores columns 3 always_on 2 norm sum -> tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>
  %e, %w, %a = moe.gate ins(%x, %r : tensor<?x8xf32>, tensor<6x8xf32>) key_bias(%b : tensor<4xf32>)
      outs(%e0, %w0, %a0 : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>)
      score sigmoid select #moe.top_k<2> on scores weigh value on scores columns 3 always_on 2
      norm sum -> tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>
  // CHECK: moe.gather_sum ins(%{{.+}}, %{{.+}}, %[[G]]#1 : {{.+}}) unweighted identity(%{{.+}}, %[[G]]#0 : tensor<?x8xf32>, tensor<?x2xi32>) first 4 count 2 residual(
  %y = moe.gather_sum ins(%rows, %q, %w : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      unweighted identity(%x, %e : tensor<?x8xf32>, tensor<?x2xi32>) first 4 count 2
      residual(%x : tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
