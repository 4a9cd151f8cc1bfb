// RUN: moe-opt %s --moe-fuse-dispatch --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// Pairs from elsewhere may hold -1 where the matmul reads; the dispatch makes
// zeros of them.
// CHECK-LABEL: func.func @two_plans
// CHECK:         moe.dispatch
// CHECK-NOT:     gather
func.func @two_plans(%x: tensor<?x8xf32>, %p: tensor<?xi32>, %o: tensor<5xi32>,
                     %w: tensor<4x16x8xf32>, %init: tensor<?x16xf32>)
    -> tensor<?x16xf32> {
  %rows = moe.dispatch %x, %p slots 2
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  // expected-remark @below {{are not known to come from one plan}}
  %h = moe.grouped_matmul ins(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%o : tensor<5xi32>)
      outs(%init : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}

// -----

// CHECK-LABEL: func.func @gathers_already
// CHECK:         moe.dispatch
func.func @gathers_already(%x: tensor<?x8xf32>, %p: tensor<?xi32>,
                           %q: tensor<?xi32>, %o: tensor<5xi32>,
                           %w: tensor<4x16x8xf32>, %init: tensor<?x16xf32>)
    -> tensor<?x16xf32> {
  %rows = moe.dispatch %x, %p slots 2
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  // expected-remark @below {{gathers rows of the moe.dispatch already}}
  %h = moe.grouped_matmul ins(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%q : tensor<?xi32>) slots 2 outs(%init : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}

// -----

// A dispatch with another reader stays beside the gather.
// CHECK-LABEL: func.func @other_reader
// CHECK:         %[[ROWS:.+]] = moe.dispatch
// CHECK:         gather
// CHECK:         return %{{.+}}, %[[ROWS]]
func.func @other_reader(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>,
                        %w: tensor<4x16x8xf32>, %init: tensor<?x16xf32>)
    -> (tensor<?x16xf32>, tensor<?x8xf32>) {
  %o, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %h = moe.grouped_matmul ins(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%o : tensor<5xi32>)
      outs(%init : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  return %h, %rows : tensor<?x16xf32>, tensor<?x8xf32>
}

// -----

// The rows of bins are named by the bins.
// CHECK-LABEL: func.func @bins
// CHECK:         moe.dispatch
// CHECK-NOT:     gather
func.func @bins(%x: tensor<?x8xf32>, %t: tensor<4x3xi32>,
                %w: tensor<4x16x8xf32>, %init: tensor<12x16xf32>)
    -> tensor<12x16xf32> {
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  %rows = moe.dispatch %x, %p tokens(%t : tensor<4x3xi32>)
      : tensor<?x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  // expected-remark @below {{the pairs are entries of bins, not slots of tokens}}
  %h = moe.grouped_matmul ins(%rows : tensor<12x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%o : tensor<5xi32>)
      outs(%init : tensor<12x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<12x16xf32>
  return %h : tensor<12x16xf32>
}

// -----

// Weighed rows are rounded before the matmul reads them.
// CHECK-LABEL: func.func @weights
// CHECK:         moe.dispatch {{.+}} weights(
// CHECK-NOT:     gather
func.func @weights(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %v: tensor<?x2xf32>,
                   %w: tensor<4x16x8xf32>, %init: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %o, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 weights(%v : tensor<?x2xf32>)
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  // expected-remark @below {{the moe.dispatch weighs its rows, and the matmul reads what that rounds}}
  %h = moe.grouped_matmul ins(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%o : tensor<5xi32>)
      outs(%init : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}
