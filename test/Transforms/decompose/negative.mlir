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

// The slice of a result whose width is unknown has no static type.
// CHECK-LABEL: func.func @dynamic_width
// CHECK:         moe.experts
// REPORT:      no fusion took this moe.experts; it runs unfused
func.func @dynamic_width(%rows: tensor<?x?xf32>, %offsets: tensor<5xi32>)
    -> tensor<?x?xf32> {
  // expected-remark @below {{the width of the result is dynamic}}
  %y = moe.experts rows(%rows : tensor<?x?xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x?xf32> {
  ^expert(%r: tensor<?x?xf32>):
    moe.yield %r : tensor<?x?xf32>
  }
  return %y : tensor<?x?xf32>
}
