// RUN: moe-opt %s --moe-plan-to-gpu | FileCheck %s

// A plan on tensors is not bufferized yet and stays.
// CHECK-LABEL: func.func @on_tensors
// CHECK-NOT:     gpu.launch
// CHECK:         moe.plan_into
func.func @on_tensors(%e: tensor<?x2xi32>, %o: tensor<9xi32>, %p: tensor<?xi32>,
                      %q: tensor<?x2xi32>) -> tensor<9xi32> {
  %r:3 = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o, %p, %q : tensor<9xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<9xi32>, tensor<?xi32>, tensor<?x2xi32>
  return %r#0 : tensor<9xi32>
}
