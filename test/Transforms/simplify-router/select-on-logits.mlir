// RUN: moe-opt %s --moe-simplify-router=allow-reassociation --split-input-file | FileCheck %s
// RUN: moe-opt %s --moe-simplify-router=allow-reassociation --split-input-file --remarks-filter=moe 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK

// Raw weights still read all experts, but are made for the selected only once the
// gate is one op.
// CHECK-LABEL: func.func @raw
// CHECK:         %[[S:.+]] = moe.score softmax %[[L:.+]] :
// CHECK:         moe.select #moe.top_k<2> %[[L]]
// CHECK:         moe.weigh value %[[S]]
func.func @raw(%l: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

// Sigmoid and sqrtsoftplus rise, too; the best of a group is the best of its
// logits, and an expert compares tokens by them.
// CHECK-LABEL: func.func @others
// CHECK-SAME:    %[[L:.+]]: tensor<?x8xf32>
// CHECK:         moe.select #moe.top_k<2> %[[L]] groups <n = 4, keep = 2>
// CHECK:         moe.select #moe.top_k<3> %[[L]] by expert
func.func @others(%l: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<8x3xi32>) {
  %s = moe.score sigmoid %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s groups <n = 4, keep = 2> : tensor<?x8xf32> -> tensor<?x2xi32>
  %p = moe.score sqrtsoftplus %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %t = moe.select #moe.top_k<3> %p by expert : tensor<?x8xf32> -> tensor<8x3xi32>
  return %e, %t : tensor<?x2xi32>, tensor<8x3xi32>
}

// -----

// Sigmoids saturate in bf16, so more is lost there.
// REMARK: the choice is made on logits; that they were rounded to bf16 is lost
// CHECK-LABEL: func.func @narrow
// CHECK:         moe.select #moe.top_k<2> %arg0 : tensor<?x8xf32>
func.func @narrow(%l: tensor<?x8xf32>) -> tensor<?x2xi32> {
  %s = moe.score sigmoid %l : tensor<?x8xf32> -> tensor<?x8xbf16>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xbf16> -> tensor<?x2xi32>
  return %e : tensor<?x2xi32>
}

// -----

// A table asks no key.
// RUN: moe-opt %s --moe-simplify-router --split-input-file | FileCheck %s --check-prefix=EXACT
// EXACT-LABEL: func.func @table
// EXACT-NEXT:    moe.select #moe.table<2> %arg0
// EXACT-NEXT:    return
func.func @table(%l: tensor<?x8xf32>, %rows: tensor<9x2xi32>, %ids: tensor<?xi32>) -> tensor<?x2xi32> {
  %s = moe.score relu %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.table<2> %s params(%rows : tensor<9x2xi32>)
      token_params(%ids : tensor<?xi32>) : tensor<?x8xf32> -> tensor<?x2xi32>
  return %e : tensor<?x2xi32>
}

// -----

// Whoever takes experts as they come may still leave out the sum over all.
// RUN: moe-opt %s --moe-simplify-router="allow-reassociation assume-finite" --split-input-file | FileCheck %s --check-prefix=FINITE
// FINITE-LABEL: func.func @given
// FINITE:         moe.weigh softmax_selected %arg0, %arg1 {scale = 2.500000e+00 : f64} :
func.func @given(%l: tensor<?x8xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %w = moe.weigh value %s, %e norm sum {scale = 2.5} : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}
