// RUN: moe-opt %s --moe-raise-shared-experts --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// A residual is no expert, and nothing is said of it.
// CHECK-LABEL: func.func @residual
// CHECK:         moe.experts
// CHECK-NOT:     moe.experts
// CHECK:         return
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @residual(%x: tensor<6x8xf32>, %ids: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w: tensor<4x8x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x8xf32>
  %offsets, %pairs = moe.plan %ids : tensor<6x2xi32> -> tensor<5xi32>, tensor<12xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  %ys = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x8x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  %c = moe.combine %ys, %pairs, %g into %zero
      : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  %y = arith.addf %c, %x : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// The product reads other tokens.
// CHECK-LABEL: func.func @other_tokens
// CHECK:         moe.experts
// CHECK-NOT:     moe.experts
// CHECK:         return
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @other_tokens(%x: tensor<6x8xf32>, %ids: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w: tensor<4x8x8xf32>,
    %z: tensor<6x8xf32>, %m: tensor<8x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x8xf32>
  // expected-remark @below {{reads something else of a token than the routed experts}}
  %s = linalg.matmul indexing_maps = [#a, #b, #c] ins(%z, %m : tensor<6x8xf32>, tensor<8x8xf32>) outs(%zero : tensor<6x8xf32>) -> tensor<6x8xf32>
  %offsets, %pairs = moe.plan %ids : tensor<6x2xi32> -> tensor<5xi32>, tensor<12xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  %ys = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x8x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  %c = moe.combine %ys, %pairs, %g into %zero
      : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  %y = arith.addf %c, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// The sum over all tokens is nothing an expert can make row by row.
// CHECK-LABEL: func.func @mixed_tokens
// CHECK:         moe.experts
// CHECK-NOT:     moe.experts
// CHECK:         return
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @mixed_tokens(%x: tensor<6x8xf32>, %ids: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w: tensor<4x8x8xf32>,
    %m: tensor<6x6xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x8xf32>
  // expected-remark @below {{reads something else of a token than the routed experts}}
  %s = linalg.matmul ins(%m, %x : tensor<6x6xf32>, tensor<6x8xf32>) outs(%zero : tensor<6x8xf32>) -> tensor<6x8xf32>
  %offsets, %pairs = moe.plan %ids : tensor<6x2xi32> -> tensor<5xi32>, tensor<12xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  %ys = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x8x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  %c = moe.combine %ys, %pairs, %g into %zero
      : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  %y = arith.addf %c, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// moe ops compute in f32.
// CHECK-LABEL: func.func @wide
// CHECK:         moe.experts
// CHECK-NOT:     moe.experts
// CHECK:         return
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @wide(%x: tensor<6x8xf32>, %ids: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w: tensor<4x8x8xf32>,
    %m: tensor<8x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x8xf32>
  %zero64 = arith.constant dense<0.0> : tensor<6x8xf64>
  // expected-remark @below {{the result is not a tensor [..., width] of at most f32}}
  %s64 = linalg.matmul indexing_maps = [#a, #b, #c] ins(%x, %m : tensor<6x8xf32>, tensor<8x8xf32>) outs(%zero64 : tensor<6x8xf64>) -> tensor<6x8xf64>
  %offsets, %pairs = moe.plan %ids : tensor<6x2xi32> -> tensor<5xi32>, tensor<12xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  %ys = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x8x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  %c = moe.combine %ys, %pairs, %g into %zero
      : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  %c64 = arith.extf %c : tensor<6x8xf32> to tensor<6x8xf64>
  %y64 = arith.addf %c64, %s64 : tensor<6x8xf64>
  %y = arith.truncf %y64 : tensor<6x8xf64> to tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
