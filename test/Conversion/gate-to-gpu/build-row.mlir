// RUN: moe-opt %s --moe-gate-to-gpu=use-build-row | FileCheck %s

// A rule without a faster way runs its own code, on one lane.
// CHECK-LABEL: func.func @route
// CHECK:         %[[ROW:.+]] = vector.load {{.*}}vector<8xf32>
// CHECK:         vector.extract %[[ROW]]
// CHECK:         vector.store {{.*}}vector<2xi32>
// CHECK-NOT:     nvvm.redux.sync
func.func @route(%logits: memref<?x8xf32>, %e: memref<?x2xi32>,
                 %w: memref<?x2xf32>) {
  moe.gate ins(%logits : memref<?x8xf32>)
      outs(%e, %w : memref<?x2xi32>, memref<?x2xf32>)
      score identity select #moe.top_k<2> on scores weigh value on scores
  return
}
