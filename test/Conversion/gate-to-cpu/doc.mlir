// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-gate-to-cpu,canonicalize))" | FileCheck %s

// Blocks of three tokens in parallel; a full block and every smaller one have a
// router matmul of their own. Two experts are picked by two vector maxima.
// CHECK-LABEL: func.func @gate
// CHECK-SAME:    %[[X:.+]]: memref<?x16xf32>, %[[ROUTER:.+]]: memref<4x16xf32>, %[[IDS:.+]]: memref<?x2xi32>, %[[WEIGHTS:.+]]: memref<?x2xf32>
// CHECK:         scf.forall
// CHECK:           %[[LOGITS:.+]] = memref.alloc() : memref<3x4xf32>
// CHECK:           scf.index_switch
// CHECK:           case 1
// CHECK:           case 3
// CHECK:             vector.load %[[X]]
// CHECK:             vector.load %[[ROUTER]]
// CHECK:             vector.fma
// CHECK:             vector.store %{{.+}}, %[[LOGITS]]
// CHECK:           vector.load %[[LOGITS]]{{.+}} vector<4xf32>
// CHECK:           math.exp
// CHECK:           vector.reduction <maxsi>
// CHECK:           vector.store %{{.+}}, %[[IDS]]
// CHECK:           vector.store %{{.+}}, %[[WEIGHTS]]
// CHECK:           memref.dealloc %[[LOGITS]]
func.func @gate(%x: memref<?x16xf32>, %router: memref<4x16xf32>,
                %ids: memref<?x2xi32>, %weights: memref<?x2xf32>) {
  moe.gate ins(%x, %router : memref<?x16xf32>, memref<4x16xf32>)
      outs(%ids, %weights : memref<?x2xi32>, memref<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
  return
}
