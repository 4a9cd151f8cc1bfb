// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-spread-linalg))" | FileCheck %s

#id = affine_map<(t, e) -> (t, e)>
#column = affine_map<(t, e) -> (e)>

// 128 rows of 64 elements are a task.
// CHECK-LABEL: func.func @elements
// CHECK:         scf.forall (%[[T:.+]]) = (0) to (%{{.+}}) step (128)
// CHECK:           memref.subview %{{.+}}[%[[T]], 0]
// CHECK:           linalg.generic
func.func @elements(%x: memref<?x64xf32>, %y: memref<?x64xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x64xf32>) outs(%y : memref<?x64xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = math.exp %in : f32
    linalg.yield %e : f32
  }
  return
}

// A sum over tokens is cut along the experts.
// CHECK-LABEL: func.func @over_tokens
// CHECK:         scf.forall (%[[E:.+]]) = (0) to (64) step (32)
// CHECK:           memref.subview %{{.+}}[0, %[[E]]]
// CHECK:           linalg.generic
func.func @over_tokens(%x: memref<?x64xf32>, %y: memref<64xf32>) {
  linalg.generic {indexing_maps = [#id, #column], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<?x64xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%in: f32, %out: f32):
    %sum = arith.addf %in, %out : f32
    linalg.yield %sum : f32
  }
  return
}
