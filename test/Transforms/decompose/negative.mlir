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

// A stage op is decomposed all the same, but not silently where that is asked for.
// CHECK-LABEL: func.func @reported
// CHECK-NOT:     moe.score
// REPORT:      no fusion took this moe.score; it runs unfused
func.func @reported(%logits: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = moe.score softmax %logits : tensor<?x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}
