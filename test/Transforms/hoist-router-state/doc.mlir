// RUN: moe-opt %s --moe-hoist-router-state | FileCheck %s
// RUN: moe-opt %s --moe-hoist-router-state --remarks-filter=moe 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK

// The product of the state does not wait for the layer's input.
// REMARK: the product of the router's state is computed where the state is made
// [doc-begin]
// CHECK-LABEL: func.func @next_layer
// CHECK-SAME:    %[[X:.+]]: tensor<?x4xf32>, %[[H:.+]]: tensor<?x2xf32>, %[[W:.+]]: tensor<6x4xf32>, %[[U:.+]]: tensor<6x2xf32>
// CHECK:         %[[R:.+]] = linalg.matmul {{.*}}ins(%[[H]], %[[U]] : tensor<?x2xf32>, tensor<6x2xf32>)
// CHECK:         %[[Y:.+]] = call @attention(%[[X]])
// CHECK:         moe.router_cell gru %[[Y]], %[[H]] recurrent(%[[R]] : tensor<?x6xf32>) weights(%[[W]] : tensor<6x4xf32>) :
func.func @next_layer(%x: tensor<?x4xf32>, %h: tensor<?x2xf32>,
                      %w: tensor<6x4xf32>, %u: tensor<6x2xf32>) -> tensor<?x2xf32> {
  %y = call @attention(%x) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %next = moe.router_cell gru %y, %h weights(%w, %u : tensor<6x4xf32>, tensor<6x2xf32>)
      : tensor<?x4xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return %next : tensor<?x2xf32>
}
// [doc-end]

func.func private @attention(tensor<?x4xf32>) -> tensor<?x4xf32>

// From the cell that made the state on, and in the type of the sums whatever the
// type of the state.
// CHECK-LABEL: func.func @two_layers
// CHECK:         %[[H1:.+]] = moe.router_cell rnn %{{.+}}, %{{.+}} recurrent(
// CHECK:         %[[R:.+]] = linalg.matmul {{.*}}ins(%[[H1]], %{{.+}} : tensor<5x2xbf16>, tensor<2x2xf32>) outs(%{{.+}} : tensor<5x2xf32>)
// CHECK:         call @dense
// CHECK:         moe.router_cell rnn %{{.+}}, %[[H1]] recurrent(%[[R]] :
// CHECK-SAME:      biases(
func.func @two_layers(%x: tensor<5x3xf32>, %h: tensor<5x2xbf16>, %w: tensor<2x3xf32>,
                      %u: tensor<2x2xf32>, %b: tensor<2xf32>) -> tensor<5x2xbf16> {
  %y = call @dense(%x) : (tensor<5x3xf32>) -> tensor<5x3xf32>
  %h1 = moe.router_cell rnn %y, %h weights(%w, %u : tensor<2x3xf32>, tensor<2x2xf32>)
      biases(%b, %b : tensor<2xf32>, tensor<2xf32>)
      : tensor<5x3xf32>, tensor<5x2xbf16> -> tensor<5x2xbf16>
  %z = call @dense(%y) : (tensor<5x3xf32>) -> tensor<5x3xf32>
  %h2 = moe.router_cell rnn %z, %h1 weights(%w, %u : tensor<2x3xf32>, tensor<2x2xf32>)
      biases(%b, %b : tensor<2xf32>, tensor<2xf32>)
      : tensor<5x3xf32>, tensor<5x2xbf16> -> tensor<5x2xbf16>
  return %h2 : tensor<5x2xbf16>
}

func.func private @dense(tensor<5x3xf32>) -> tensor<5x3xf32>

// Out of a loop as well; weights that come later than the state are waited for.
// CHECK-LABEL: func.func @loop
// CHECK:         %[[U:.+]] = call @weights()
// CHECK:         linalg.matmul {{.*}}ins(%{{.+}}, %[[U]]
// CHECK:         scf.for
// CHECK:           moe.router_cell linear %{{.+}}, %{{.+}} recurrent(%{{.+}} : tensor<5x2xf32>) :
func.func @loop(%x: tensor<5x2xf32>, %h: tensor<5x2xf32>, %n: index) -> tensor<5x2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %u = call @weights() : () -> tensor<2x2xf32>
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<5x2xf32> {
    %next = moe.router_cell linear %a, %h weights(%u : tensor<2x2xf32>)
        : tensor<5x2xf32>, tensor<5x2xf32> -> tensor<5x2xf32>
    scf.yield %next : tensor<5x2xf32>
  }
  return %y : tensor<5x2xf32>
}

func.func private @weights() -> tensor<2x2xf32>
