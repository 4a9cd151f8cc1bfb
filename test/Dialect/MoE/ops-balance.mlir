// Capacity and statistics, as text and as bytecode.

// RUN: moe-opt %s | moe-opt --emit-bytecode | moe-opt | FileCheck %s
// RUN: moe-opt %s --mlir-print-op-generic | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @limit
func.func @limit(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %p: tensor<?xbf16>) {
  // CHECK: moe.limit %{{.+}}, %{{.+}} of 4 factor 1.250000e+00 round floor {cap_at_scope, min = 4 : i64} : tensor<?x2xi32>, tensor<?x2xf32>
  %f, %v = moe.limit %e, %w of 4 factor 1.25 round floor {cap_at_scope, min = 4}
      : tensor<?x2xi32>, tensor<?x2xf32>
  // CHECK: moe.limit %{{.+}}, %{{.+}} of 4 :
  %0:2 = moe.limit %e, %w of 4 : tensor<?x2xi32>, tensor<?x2xf32>
  // CHECK: moe.limit %{{.+}}, %{{.+}} of 4 capacity 0 scope 64 order token_major priority(%{{.+}} : tensor<?xbf16>) renormalize {clamp = 1.000000e-01 : f64} :
  %1:2 = moe.limit %e, %w of 4 capacity 0 scope 64 order token_major
      priority(%p : tensor<?xbf16>) renormalize {clamp = 0.1}
      : tensor<?x2xi32>, tensor<?x2xf32>
  // CHECK: moe.limit %{{.+}}, %{{.+}} of 4 factor 2.000000e+00 order by_weight {multiple_of = 8 : i64, times_k} :
  %2:2 = moe.limit %e, %w of 4 factor 2.0 round ceil order by_weight {times_k, multiple_of = 8}
      : tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// CHECK-LABEL: func.func @stats
func.func @stats(%e: tensor<?x2xi32>, %s: tensor<?x4xf32>, %t: tensor<4x?xi32>) {
  // CHECK: moe.stats %{{.+}}, %{{.+}} : tensor<?x2xi32>, tensor<?x4xf32> -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  %slots, %live, %mean = moe.stats %e, %s : tensor<?x2xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  // CHECK: moe.stats %{{.+}}, %{{.+}} by expert : tensor<4x?xi32>, tensor<?x4xf32> -> tensor<4xi32>, tensor<?xi32>, tensor<4xbf16>
  %0:3 = moe.stats %t, %s by expert : tensor<4x?xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xbf16>
  return
}
