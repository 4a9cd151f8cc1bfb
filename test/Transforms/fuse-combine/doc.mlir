// RUN: moe-opt %s --moe-fuse-combine | FileCheck %s

// Nothing is added to zeros.
// [doc-begin]
// CHECK-LABEL: func.func @combine
// CHECK-SAME:    %[[ROWS:.+]]: tensor<?x8xf32>, %{{.+}}: tensor<?x2xi32>, %[[W:.+]]: tensor<?x2xf32>
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into
// CHECK-NOT:     linalg.fill
// CHECK:         %[[OUT:.+]] = tensor.empty(%{{.+}}) : tensor<?x8xf32>
// CHECK:         %[[Y:.+]] = moe.gather_sum ins(%[[ROWS]], %[[PLAN]]#2, %[[W]] :
// CHECK-NOT:       residual
// CHECK-SAME:      outs(%[[OUT]] : tensor<?x8xf32>)
// CHECK:         return %[[Y]]
func.func @combine(%rows: tensor<?x8xf32>, %e: tensor<?x2xi32>,
                   %w: tensor<?x2xf32>, %o0: tensor<5xi32>, %p0: tensor<?xi32>,
                   %q0: tensor<?x2xi32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %t = tensor.dim %w, %c0 : tensor<?x2xf32>
  %y0 = tensor.empty(%t) : tensor<?x8xf32>
  %y1 = linalg.fill ins(%zero : f32) outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = moe.combine %rows, %p, %w into %y1
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
// [doc-end]

// Anything else is a residual.
// CHECK-LABEL: func.func @residual
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x8xf32>)
// CHECK:         %[[OUT:.+]] = tensor.empty
// CHECK:         moe.gather_sum
// CHECK-SAME:      residual(%[[X]] : tensor<?x8xf32>) outs(%[[OUT]] : tensor<?x8xf32>)
func.func @residual(%rows: tensor<?x8xf32>, %e: tensor<?x2xi32>,
                    %w: tensor<?x2xf32>, %o0: tensor<5xi32>, %p0: tensor<?xi32>,
                    %q0: tensor<?x2xi32>, %x: tensor<?x8xf32>)
    -> tensor<?x8xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %y = moe.combine %rows, %p, %w into %x
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// The entries of bins are sorted by the token they name.
// CHECK-LABEL: func.func @bins
// CHECK-SAME:    %[[T:[^:]+]]: tensor<4x3xi32>
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into ins(%{{.+}} : tensor<4x3xi32>)
// CHECK-SAME:      tensor<5xi32>, tensor<12xi32>, tensor<4x3xi32>)
// CHECK:         %[[SORT:.+]]:3 = moe.plan_into ins(%[[T]] : tensor<4x3xi32>)
// CHECK-SAME:      tensor<7xi32>, tensor<12xi32>, tensor<4x3xi32>)
// CHECK:         moe.gather_sum ins(%{{[^,]+}}, %[[PLAN]]#2, %{{[^ ]+}} :
// CHECK-SAME:      tokens(%[[SORT]]#0, %[[SORT]]#1 : tensor<7xi32>, tensor<12xi32>)
func.func @bins(%t: tensor<4x3xi32>, %rows: tensor<12x8xf32>, %e: tensor<4x3xi32>,
                %w: tensor<4x3xf32>, %o0: tensor<5xi32>, %p0: tensor<12xi32>,
                %q0: tensor<4x3xi32>, %x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<4x3xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<12xi32>, tensor<4x3xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<4x3xi32>
  %y = moe.combine %rows, %p, %w into %x tokens(%t : tensor<4x3xi32>)
      : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
