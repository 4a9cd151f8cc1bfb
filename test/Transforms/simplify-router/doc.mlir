// RUN: moe-opt %s --moe-simplify-router=allow-reassociation | FileCheck %s
// RUN: moe-opt %s --moe-simplify-router=allow-reassociation --remarks-filter=moe 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK

// The softmax over all experts cancels, and only the selected logits are left.
// REMARK: the choice is made on logits
// REMARK: a softmax over the selected logits
// [doc-begin]
// CHECK-LABEL: func.func @mixtral
// CHECK-SAME:    %[[L:.+]]: tensor<?x8xf32>
// CHECK-NEXT:    %[[E:.+]] = moe.select #moe.top_k<2> %[[L]]
// CHECK-NEXT:    %[[W:.+]] = moe.weigh softmax_selected %[[L]], %[[E]] :
// CHECK-NEXT:    return %[[E]], %[[W]]
func.func @mixtral(%logits: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %logits : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum
      : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}
// [doc-end]
