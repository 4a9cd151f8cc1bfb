// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-gate-to-cpu))" | FileCheck %s
// RUN: not moe-opt %s --pass-pipeline="builtin.module(func.func(moe-gate-to-cpu{lanes=3}))" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=THREE

// THREE: error: lanes is 3, expected a power of two of at most 64

// Without a target, vectors have the eight lanes of AVX2.
// CHECK-LABEL: func.func @no_target
// CHECK:         vector.load %{{.+}} vector<8xf32>
func.func @no_target(%x: memref<?x64xf32>, %router: memref<4x64xf32>,
                     %ids: memref<?x1xi32>, %weights: memref<?x1xf32>) {
  moe.gate ins(%x, %router : memref<?x64xf32>, memref<4x64xf32>)
      outs(%ids, %weights : memref<?x1xi32>, memref<?x1xf32>)
      score identity select #moe.top_k<1> on scores weigh one on scores
  return
}

// CHECK-LABEL: func.func @avx512_by_name
// CHECK:         vector.load %{{.+}} vector<16xf32>
func.func @avx512_by_name(%x: memref<?x64xf32>, %router: memref<4x64xf32>,
    %ids: memref<?x1xi32>, %weights: memref<?x1xf32>)
    attributes {target_cpu = "x86-64-v4"} {
  moe.gate ins(%x, %router : memref<?x64xf32>, memref<4x64xf32>)
      outs(%ids, %weights : memref<?x1xi32>, memref<?x1xf32>)
      score identity select #moe.top_k<1> on scores weigh one on scores
  return
}

// A feature that is taken away counts more than the name.
// CHECK-LABEL: func.func @masked
// CHECK:         vector.load %{{.+}} vector<8xf32>
func.func @masked(%x: memref<?x64xf32>, %router: memref<4x64xf32>,
    %ids: memref<?x1xi32>, %weights: memref<?x1xf32>)
    attributes {target_cpu = "x86-64-v4",
                target_features = #llvm.target_features<["-avx512f"]>} {
  moe.gate ins(%x, %router : memref<?x64xf32>, memref<4x64xf32>)
      outs(%ids, %weights : memref<?x1xi32>, memref<?x1xf32>)
      score identity select #moe.top_k<1> on scores weigh one on scores
  return
}
