// RUN: moe-opt %s --moe-fuse-plan | FileCheck %s

// The number of pairs follows from the number of tokens.
// [doc-begin]
// CHECK-LABEL: func.func @plan
// CHECK-SAME:    %[[E:.+]]: tensor<?x2xi32>
// CHECK:         %[[T:.+]] = tensor.dim %[[E]]
// CHECK:         %[[N:.+]] = arith.muli %[[T]], %{{.+}} : index
// CHECK:         %[[O:.+]] = tensor.empty() : tensor<5xi32>
// CHECK:         %[[P:.+]] = tensor.empty(%[[N]]) : tensor<?xi32>
// CHECK:         %[[Q:.+]] = tensor.empty(%[[T]]) : tensor<?x2xi32>
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into ins(%[[E]] : tensor<?x2xi32>)
// CHECK-SAME:      outs(%[[O]], %[[P]], %[[Q]] :
// CHECK:         return %[[PLAN]]#0, %[[PLAN]]#1
func.func @plan(%experts: tensor<?x2xi32>) -> (tensor<5xi32>, tensor<?xi32>) {
  %offsets, %pairs = moe.plan %experts
      : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  return %offsets, %pairs : tensor<5xi32>, tensor<?xi32>
}
// [doc-end]

// CHECK-LABEL: func.func @static
// CHECK-NOT:     muli
// CHECK:         moe.plan_into
// CHECK-SAME:      tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
func.func @static(%experts: tensor<6x2xi32>) -> (tensor<5xi32>, tensor<12xi32>) {
  %offsets, %pairs = moe.plan %experts
      : tensor<6x2xi32> -> tensor<5xi32>, tensor<12xi32>
  return %offsets, %pairs : tensor<5xi32>, tensor<12xi32>
}

// Entries of bins are sorted by their row.
// CHECK-LABEL: func.func @bins
// CHECK-SAME:    %[[T:.+]]: tensor<4x3xi32>
// CHECK:         %[[IDS:.+]] = linalg.generic {{.+}} ins(%[[T]] : tensor<4x3xi32>)
// CHECK:           linalg.index 0
// CHECK:         moe.plan_into ins(%[[IDS]] : tensor<4x3xi32>)
func.func @bins(%t: tensor<4x3xi32>) -> (tensor<5xi32>, tensor<12xi32>) {
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  return %o, %p : tensor<5xi32>, tensor<12xi32>
}
