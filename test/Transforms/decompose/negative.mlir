// RUN: moe-opt %s --moe-decompose --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s
// RUN: moe-opt %s --moe-decompose="report-unfused" --split-input-file \
// RUN:   --remarks-filter-missed=moe 2>&1 | FileCheck %s --check-prefix=REPORT

// Codegen ops have lowerings of their own.
// CHECK-LABEL: func.func @codegen
// CHECK:         moe.gather_sum
// REPORT-NOT:  no fusion took this moe.gather_sum
func.func @codegen(%rows: tensor<?x8xf32>, %q: tensor<?x2xi32>,
                   %w: tensor<?x2xf32>, %init: tensor<?x8xf32>)
    -> tensor<?x8xf32> {
  %y = moe.gather_sum ins(%rows, %q, %w
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// In a pipeline that fuses, the pass can say what no fusion took.
// CHECK-LABEL: func.func @unfused
// CHECK-NOT:     moe.dispatch
// REPORT:      no fusion took this moe.dispatch; it runs unfused
func.func @unfused(%x: tensor<?x8xf32>, %pairs: tensor<?xi32>)
    -> tensor<?x8xf32> {
  %rows = moe.dispatch %x, %pairs slots 2
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  return %rows : tensor<?x8xf32>
}
