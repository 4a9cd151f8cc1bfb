// RUN: moe-opt %s --moe-decompose | FileCheck %s

// Tokens become a loop, and the rule says how to pick from a row.
// [doc-begin]
// CHECK-LABEL: func.func @select
// CHECK-SAME:    %[[KEY:.+]]: tensor<?x4xf32>
// CHECK:         %[[EMPTY:.+]] = tensor.empty(%{{.+}}) : tensor<?x2xi32>
// CHECK:         %[[IDS:.+]] = scf.for %[[T:.+]] = {{.+}} iter_args(%[[OUT:.+]] = %[[EMPTY]])
// CHECK:           %[[ROW:.+]] = vector.transfer_read %[[KEY]][%[[T]], {{.+}}], %{{.+}} {in_bounds = [true]} : tensor<?x4xf32>, vector<4xf32>
// CHECK:           vector.transfer_write %{{.+}}, %[[OUT]][%[[T]], {{.+}}] {in_bounds = [true]} : vector<2xi32>, tensor<?x2xi32>
// CHECK:         return %[[IDS]]
func.func @select(%key: tensor<?x4xf32>) -> tensor<?x2xi32> {
  %ids = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  return %ids : tensor<?x2xi32>
}
// [doc-end]
