// RUN: moe-opt %s --moe-fuse-combine --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// Identity columns are rows of the token: the sum takes them, on top of a residual.
// CHECK-LABEL: func.func @residual
// CHECK-SAME:    %[[ROWS:.+]]: tensor<?x8xbf16>, %[[X:.+]]: tensor<?x8xbf16>, %[[E:.+]]: tensor<?x2xi32>, %[[W:.+]]: tensor<?x2xf32>, %[[INIT:.+]]: tensor<?x8xf32>
// CHECK-NOT:     moe.virtual
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into
// CHECK:         moe.gather_sum ins(%[[ROWS]], %[[PLAN]]#2, %[[W]] :
// CHECK-SAME:      identity(%[[X]], %[[E]] : tensor<?x8xbf16>, tensor<?x2xi32>) first 4 count 3 residual(%[[INIT]] :
func.func @residual(%rows: tensor<?x8xbf16>, %x: tensor<?x8xbf16>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %init: tensor<?x8xf32>,
    %o0: tensor<5xi32>, %p0: tensor<?xi32>, %q0: tensor<?x2xi32>) -> tensor<?x8xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %v = moe.virtual %x, %e, %w into %init first 4 identity 3
      : tensor<?x8xbf16>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  %y = moe.combine %rows, %p, %w into %v
      : tensor<?x8xbf16>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// Rows that have their weights are added without; identity columns still have one.
// CHECK-LABEL: func.func @unweighted
// CHECK:         moe.gather_sum {{.+}}) unweighted identity(%{{.+}}, %{{.+}} : tensor<?x8xf32>, tensor<?x2xi32>) first 4 count 1 residual(
func.func @unweighted(%rows: tensor<?x8xf32>, %x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
    %o0: tensor<5xi32>, %p0: tensor<?xi32>, %q0: tensor<?x2xi32>) -> tensor<?x8xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %v = moe.virtual %x, %e, %w into %x first 4 identity 1
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  %y = moe.combine %rows, %p, %w into %v unweighted {sum_type = bf16}
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// CHECK-LABEL: func.func @constant
// CHECK:         %[[V:.+]] = moe.virtual
// CHECK:         moe.gather_sum
// CHECK-NOT:       identity
// CHECK-SAME:      residual(%[[V]] :
func.func @constant(%rows: tensor<?x8xf32>, %x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
    %c: tensor<?x2xf32>, %vectors: tensor<1x8xf32>,
    %o0: tensor<5xi32>, %p0: tensor<?xi32>, %q0: tensor<?x2xi32>) -> tensor<?x8xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  // expected-remark @below {{constant columns are no row of the token: they are added before the sum}}
  %v = moe.virtual %x, %e, %w into %x first 4 constant(%c, %vectors : tensor<?x2xf32>, tensor<1x8xf32>) identity 1
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  %y = moe.combine %rows, %p, %w into %v
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// CHECK-LABEL: func.func @other_weights
// CHECK:         moe.virtual
func.func @other_weights(%rows: tensor<?x8xf32>, %x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
    %u: tensor<?x2xf32>, %o0: tensor<5xi32>, %p0: tensor<?xi32>, %q0: tensor<?x2xi32>) -> tensor<?x8xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  // expected-remark @below {{the weights are others than those of the moe.combine}}
  %v = moe.virtual %x, %e, %u into %x first 4 identity 1
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  %y = moe.combine %rows, %p, %w into %v
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// CHECK-LABEL: func.func @rounded
// CHECK:         moe.virtual
func.func @rounded(%rows: tensor<?x8xbf16>, %x: tensor<?x8xbf16>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
    %o0: tensor<5xi32>, %p0: tensor<?xi32>, %q0: tensor<?x2xi32>) -> tensor<?x8xbf16> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  // expected-remark @below {{its result is rounded: identity columns are added before the sum}}
  %v = moe.virtual %x, %e, %w into %x first 4 identity 1
      : tensor<?x8xbf16>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xbf16>
  %y = moe.combine %rows, %p, %w into %v
      : tensor<?x8xbf16>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xbf16>
  return %y : tensor<?x8xbf16>
}

// -----

// A scatter multiplies.
// CHECK-LABEL: func.func @atomic
// CHECK-NOT:     scatter
// CHECK:         moe.gather_sum {{.+}}) unweighted
func.func @atomic(%x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>, %e: tensor<?x2xi32>,
    %weights: tensor<?x2xf32>, %init: tensor<?x16xf32>, %o0: tensor<5xi32>,
    %p0: tensor<?xi32>, %q0: tensor<?x2xi32>, %h0: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%acc: f32):
    moe.yield %acc : f32
  } -> tensor<?x16xf32>
  // expected-remark @below {{rows are added without weights, and a scatter has some: they are summed in order}}
  %y = moe.combine %h, %p, %weights into %init order atomic unweighted
      : tensor<?x16xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

// CHECK-LABEL: func.func @bins
// CHECK:         %[[V:.+]] = moe.virtual
// CHECK:         moe.gather_sum {{.+}}) residual(%[[V]] : {{.+}}) tokens(
func.func @bins(%rows: tensor<12x8xf32>, %x: tensor<6x8xf32>, %ids: tensor<6x2xi32>, %u: tensor<6x2xf32>,
    %e: tensor<4x3xi32>, %w: tensor<4x3xf32>, %t: tensor<4x3xi32>, %o0: tensor<5xi32>,
    %p0: tensor<12xi32>, %q0: tensor<4x3xi32>) -> tensor<6x8xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<4x3xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<12xi32>, tensor<4x3xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<4x3xi32>
  // expected-remark @below {{the moe.combine sums entries of bins, which are no slots of the token: they are added before the sum}}
  %v = moe.virtual %x, %ids, %u into %x first 4 identity 1
      : tensor<6x8xf32>, tensor<6x2xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  %y = moe.combine %rows, %p, %w into %v tokens(%t : tensor<4x3xi32>)
      : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
