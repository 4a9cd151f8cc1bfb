// Constants become part of the weights; no bit changes in the first.
// RUN: moe-opt %s --moe-simplify-router --remarks-filter-missed=none | FileCheck %s
// RUN: moe-opt %s --moe-simplify-router=allow-reassociation | FileCheck %s --check-prefixes=CHECK,ALLOWED

#all = affine_map<(i, j) -> (i, j)>

// CHECK-LABEL: func.func @weights
// CHECK-NEXT:    %[[W:.+]] = moe.weigh value %arg0, %arg1 norm sum {scale = 2.500000e+00 : f64}
// CHECK-NEXT:    return %[[W]]
func.func @weights(%s: tensor<?x8xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
  %factor = arith.constant 2.5 : f32
  %w = moe.weigh value %s, %e norm sum : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %v = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<?x2xf32>) outs(%w : tensor<?x2xf32>) {
  ^bb0(%x: f32, %o: f32):
    %y = arith.mulf %factor, %x : f32
    linalg.yield %y : f32
  } -> tensor<?x2xf32>
  return %v : tensor<?x2xf32>
}

// A factor behind a factor, and one behind a rounding.
// CHECK-LABEL: func.func @more
// ALLOWED:       moe.weigh value %arg0, %arg1 {scale = 6.000000e+00 : f64} {{.*}} -> tensor<6x2xf32>
// ALLOWED:       moe.weigh value %arg0, %arg1 {scale = 2.000000e+00 : f64} {{.*}} -> tensor<6x2xbf16>
// ALLOWED-NEXT:  return
func.func @more(%s: tensor<6x8xf32>, %e: tensor<6x2xi32>) -> (tensor<6x2xf32>, tensor<6x2xbf16>) {
  %three = arith.constant dense<3.0> : tensor<6x2xf32>
  %two = arith.constant dense<2.0> : tensor<6x2xbf16>
  %w = moe.weigh value %s, %e {scale = 2.0} : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %v = arith.mulf %w, %three : tensor<6x2xf32>
  %n = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xbf16>
  %m = arith.mulf %n, %two : tensor<6x2xbf16>
  return %v, %m : tensor<6x2xf32>, tensor<6x2xbf16>
}

// A factor of the sum (scale behind the combine).
// CHECK-LABEL: func.func @sum
// ALLOWED:       %[[W:.+]] = moe.weigh value %{{.+}} {scale = 2.500000e+00 : f64}
// ALLOWED:       %[[Y:.+]] = moe.combine %{{.+}}, %{{.+}}, %[[W]] into
// ALLOWED-NEXT:  return %[[Y]]
func.func @sum(%s: tensor<6x8xf32>, %e: tensor<6x2xi32>, %rows: tensor<12x4xf32>, %p: tensor<12xi32>) -> tensor<6x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %factor = arith.constant dense<2.5> : tensor<6x4xf32>
  %w = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %y = moe.combine %rows, %p, %w into %zero : tensor<12x4xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x4xf32>
  %z = arith.mulf %y, %factor : tensor<6x4xf32>
  return %z : tensor<6x4xf32>
}
