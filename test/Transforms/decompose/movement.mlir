// RUN: moe-opt %s --moe-decompose | FileCheck %s

// A pair of -1 gives a zero row, and nothing is read for it.
// CHECK-LABEL: func.func @dispatch
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xbf16>
// CHECK:         linalg.generic
// CHECK:         ^bb0(%[[PAIR:.+]]: i32, %{{.+}}: bf16):
// CHECK:           %[[LIVE:.+]] = arith.cmpi sge, %[[PAIR]]
// CHECK:           scf.if %[[LIVE]]
// CHECK:             tensor.extract %[[X]]
// CHECK:           } else {
// CHECK-NEXT:        arith.constant 0.000000e+00 : bf16
func.func @dispatch(%x: tensor<?x8xbf16>, %p: tensor<?xi32>)
    -> tensor<?x8xbf16> {
  %rows = moe.dispatch %x, %p slots 2
      : tensor<?x8xbf16>, tensor<?xi32> -> tensor<?x8xbf16>
  return %rows : tensor<?x8xbf16>
}

// Slots are summed in order in f32, and the sum is rounded once.
// CHECK-LABEL: func.func @combine
// CHECK:         linalg.generic
// CHECK:         ^bb0(%[[INIT:.+]]: bf16, %{{.+}}: bf16):
// CHECK:           %[[START:.+]] = arith.extf %[[INIT]]
// CHECK:           %[[SUM:.+]] = scf.for {{.+}} iter_args(%{{.+}} = %[[START]]) -> (f32)
// CHECK:             scf.if
// CHECK:           %[[ROUNDED:.+]] = arith.truncf %[[SUM]]
// CHECK:           linalg.yield %[[ROUNDED]]
func.func @combine(%rows: tensor<?x8xbf16>, %p: tensor<?xi32>,
                   %w: tensor<?x2xf32>, %init: tensor<?x8xbf16>)
    -> tensor<?x8xbf16> {
  %y = moe.combine %rows, %p, %w into %init
      : tensor<?x8xbf16>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xbf16>
  return %y : tensor<?x8xbf16>
}
