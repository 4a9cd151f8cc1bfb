// RUN: moe-opt %s --moe-fuse-combine --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// CHECK-NOT: scatter

// Somebody else needs the rows.
// CHECK-LABEL: func.func @read_twice
// CHECK:         moe.gather_sum
func.func @read_twice(%x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>, %e: tensor<?x2xi32>,
    %weights: tensor<?x2xf32>, %init: tensor<?x16xf32>, %o0: tensor<5xi32>,
    %p0: tensor<?xi32>, %q0: tensor<?x2xi32>, %h0: tensor<?x16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>) {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) outs(%h0 : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  // expected-remark @below {{no moe.grouped_matmul makes the rows for this combine alone}}
  %y = moe.combine %h, %p, %weights into %init order atomic
      : tensor<?x16xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x16xf32>
  return %y, %h : tensor<?x16xf32>, tensor<?x16xf32>
}

// -----

// Rows from the last offset on might belong to pairs.
// CHECK-LABEL: func.func @other_offsets
// CHECK:         moe.gather_sum
func.func @other_offsets(%x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>, %e: tensor<?x2xi32>,
    %weights: tensor<?x2xf32>, %init: tensor<?x16xf32>, %o0: tensor<5xi32>,
    %p0: tensor<?xi32>, %q0: tensor<?x2xi32>, %h0: tensor<?x16xf32>, %other: tensor<5xi32>) -> (tensor<?x16xf32>) {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%other : tensor<5xi32>) outs(%h0 : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  // expected-remark @below {{the offsets of the matmul and the pairs are not known to come from one plan}}
  %y = moe.combine %h, %p, %weights into %init order atomic
      : tensor<?x16xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

// Every partial sum is rounded: there is an order.
// CHECK-LABEL: func.func @rounded
// CHECK:         moe.gather_sum
func.func @rounded(%x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>, %e: tensor<?x2xi32>,
    %weights: tensor<?x2xf32>, %init: tensor<?x16xf32>, %o0: tensor<5xi32>,
    %p0: tensor<?xi32>, %q0: tensor<?x2xi32>, %h0: tensor<?x16xf32>) -> (tensor<?x16xf32>) {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) outs(%h0 : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  // expected-remark @below {{products or partial sums are rounded}}
  %y = moe.combine %h, %p, %weights into %init order atomic {sum_type = bf16}
      : tensor<?x16xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

// The rows come from elsewhere.
// CHECK-LABEL: func.func @no_matmul
// CHECK:         moe.gather_sum ins(%{{.+}}
func.func @no_matmul(%x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>, %e: tensor<?x2xi32>,
    %weights: tensor<?x2xf32>, %init: tensor<?x16xf32>, %o0: tensor<5xi32>,
    %p0: tensor<?xi32>, %q0: tensor<?x2xi32>, %h0: tensor<?x16xf32>) -> (tensor<?x16xf32>) {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) outs(%h0 : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  // expected-remark @below {{no moe.grouped_matmul makes the rows for this combine alone}}
  %y = moe.combine %h0, %p, %weights into %init order atomic
      : tensor<?x16xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

// Rows of experts that are always on have no weight in a scatter.
// CHECK-LABEL: func.func @always_on
// CHECK:         moe.gather_sum ins(%{{.+}}
func.func @always_on(%x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>, %a: tensor<16x8xf32>, %e: tensor<?x2xi32>,
    %weights: tensor<?x3xf32>, %init: tensor<?x16xf32>, %o0: tensor<6xi32>,
    %p0: tensor<?xi32>, %q0: tensor<?x3xi32>, %h0: tensor<?x16xf32>) -> (tensor<?x16xf32>) {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>) always_on 1
      outs(%o0, %p0, %q0 : tensor<6xi32>, tensor<?xi32>, tensor<?x3xi32>)
      -> tensor<6xi32>, tensor<?xi32>, tensor<?x3xi32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 1 always_weights(%a : tensor<16x8xf32>)
      offsets(%o : tensor<6xi32>) gather(%p : tensor<?xi32>) slots 3 outs(%h0 : tensor<?x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%acc: f32):
    moe.yield %acc : f32
  } -> tensor<?x16xf32>
  // expected-remark @below {{the matmul scatters already or has experts that are always on}}
  %y = moe.combine %h, %p, %weights into %init order atomic
      : tensor<?x16xf32>, tensor<?xi32>, tensor<?x3xf32> into tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

// CHECK-LABEL: func.func @scatters
// CHECK:         moe.gather_sum ins(%{{.+}}
func.func @scatters(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %e: tensor<6x1xi32>,
    %weights: tensor<6x1xf32>, %init: tensor<6x16xf32>, %o0: tensor<5xi32>,
    %p0: tensor<6xi32>, %q0: tensor<6x1xi32>, %h0: tensor<6x16xf32>) -> (tensor<6x16xf32>) {
  %o, %p, %q = moe.plan_into ins(%e : tensor<6x1xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<6xi32>, tensor<6x1xi32>)
      -> tensor<5xi32>, tensor<6xi32>, tensor<6x1xi32>
  %h = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) gather(%p : tensor<6xi32>) slots 1
      scatter(%p, %weights : tensor<6xi32>, tensor<6x1xf32>) outs(%h0 : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%acc: f32):
    moe.yield %acc : f32
  } -> tensor<6x16xf32>
  // expected-remark @below {{the matmul scatters already or has experts that are always on}}
  %y = moe.combine %h, %p, %weights into %init order atomic
      : tensor<6x16xf32>, tensor<6xi32>, tensor<6x1xf32> into tensor<6x16xf32>
  return %y : tensor<6x16xf32>
}
