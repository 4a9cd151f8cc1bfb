// RUN: moe-opt %s --moe-grouped-matmul-to-gpu --cse | FileCheck %s

// A thread loads what its two columns need before its rows, past the end of the
// row from the last column; every row of it uses the same.
// CHECK-LABEL: func.func @fma
// CHECK-SAME:    %[[BIAS:[^:]+]]: memref<4x10xf32>
// CHECK:         gpu.launch
// CHECK:           %[[SUMS:.+]]:12 = scf.for
// CHECK:           %[[J:.+]] = arith.minui %{{.+}}, %c4
// CHECK:           %[[TWICE:.+]] = arith.muli %[[J]], %c2
// CHECK:           %[[GATE:.+]] = memref.load %[[BIAS]][%{{.+}}, %{{.+}}]
// CHECK:           memref.load %[[BIAS]]
// CHECK:           arith.minui
// CHECK-COUNT-2:   memref.load %[[BIAS]]
// CHECK:           scf.if
// CHECK-NOT:         memref.load %[[BIAS]]
// CHECK:             %[[SUM:.+]] = vector.extract %[[SUMS]]#0[0]
// CHECK:             arith.addf %[[SUM]], %[[GATE]]
// CHECK:             vector.extract %[[SUMS]]#3[0]
// CHECK:             arith.addf %{{.+}}, %[[GATE]]
func.func @fma(%x: memref<?x16xf32>, %w: memref<4x10x16xf32>,
               %bias: memref<4x10xf32>, %o: memref<5xi32>,
               %h: memref<?x5xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>)
      weights(%w : memref<4x10x16xf32>) vectors(%bias : memref<4x10xf32>)
      offsets(%o : memref<5xi32>) outs(%h : memref<?x5xf32>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      vector_parts vectors [0, 0] offsets [0, 1] strides [2, 2] {
  ^epilogue(%gate: f32, %up: f32, %gb: f32, %ub: f32):
    %g = arith.addf %gate, %gb : f32
    %u = arith.addf %up, %ub : f32
    %r = arith.mulf %g, %u : f32
    moe.yield %r : f32
  }
  return
}

// On tensor cores the elements keep their type until the epilogue has them.
// CHECK-LABEL: func.func @mma_sync
// CHECK-SAME:    %[[BIAS:[^:]+]]: memref<4x64xbf16>
// CHECK:         nvvm.mma.sync
// CHECK:         %[[LEFT:.+]] = memref.load %[[BIAS]]
// CHECK:         %[[RIGHT:.+]] = memref.load %[[BIAS]]
// CHECK:         scf.if
// CHECK-NOT:       memref.load %[[BIAS]]
// CHECK:           arith.extf %[[LEFT]] : bf16 to f32
// CHECK:           arith.extf %[[RIGHT]] : bf16 to f32
// CHECK:           vector.store
func.func @mma_sync(%x: memref<?x64xbf16>, %w: memref<4x64x64xbf16>,
                    %bias: memref<4x64xbf16>, %o: memref<5xi32>,
                    %h: memref<?x64xbf16>) {
  moe.grouped_matmul ins(%x : memref<?x64xbf16>)
      weights(%w : memref<4x64x64xbf16>) vectors(%bias : memref<4x64xbf16>)
      offsets(%o : memref<5xi32>) outs(%h : memref<?x64xbf16>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%a: f32, %b: bf16):
    %wide = arith.extf %b : bf16 to f32
    %s = arith.addf %a, %wide : f32
    %r = arith.truncf %s : f32 to bf16
    moe.yield %r : bf16
  }
  return
}
