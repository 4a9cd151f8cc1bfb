// RUN: moe-opt %s --moe-hoist-router-state \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// Nothing is multiplied but element by element.
// CHECK-LABEL: func.func @ema
// CHECK-NOT:     recurrent
func.func @ema(%x: tensor<?x2xf32>, %h: tensor<?x2xf32>, %v: tensor<2xf32>) -> tensor<?x2xf32> {
  // expected-remark @below {{ema multiplies its state with no matrix}}
  %next = moe.router_cell ema %x, %h weights(%v : tensor<2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return %next : tensor<?x2xf32>
}

// The state is this layer's own.
// CHECK-LABEL: func.func @own_state
// CHECK-NOT:     recurrent
func.func @own_state(%x: tensor<?x2xf32>, %w: tensor<2x2xf32>) -> tensor<?x2xf32> {
  %h = call @state(%x) : (tensor<?x2xf32>) -> tensor<?x2xf32>
  // expected-remark @below {{nothing stands between the state and the cell}}
  %next = moe.router_cell rnn %x, %h weights(%w, %w : tensor<2x2xf32>, tensor<2x2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return %next : tensor<?x2xf32>
}

func.func private @state(tensor<?x2xf32>) -> tensor<?x2xf32>

// A second run finds nothing to do, and says nothing.
// CHECK-LABEL: func.func @done
// CHECK-NOT:     linalg.matmul
func.func @done(%x: tensor<?x2xf32>, %h: tensor<?x2xf32>, %r: tensor<?x2xf32>, %w: tensor<2x2xf32>) -> tensor<?x2xf32> {
  %y = call @state(%x) : (tensor<?x2xf32>) -> tensor<?x2xf32>
  %next = moe.router_cell rnn %y, %h recurrent(%r : tensor<?x2xf32>) weights(%w : tensor<2x2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return %next : tensor<?x2xf32>
}
