// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-grouped-matmul-to-gpu,canonicalize,cse))" --split-input-file | FileCheck %s

// Interleaved [in, out] weights: asynchronous copies of what lies side by side,
// transposed by ldmatrix; both parts of a result are neighbouring accumulators.
// CHECK-LABEL: func.func @interleaved
// CHECK:         nvvm.cp.async.shared.global {{.+}}, 16,
// CHECK:         nvvm.ldmatrix {{.+}}layout = #nvvm.mma_layout<row>
// CHECK:         nvvm.ldmatrix {{.+}}layout = #nvvm.mma_layout<col>
// CHECK:         scf.for
// CHECK:           %[[P:.+]] = nvvm.mma.sync
// CHECK:         memref.store
func.func @interleaved(%x: memref<?x128xbf16>, %w: memref<4x128x64xbf16>,
                       %o: memref<5xi32>, %h: memref<?x32xbf16>) {
  moe.grouped_matmul ins(%x : memref<?x128xbf16>)
      weights(%w : memref<4x128x64xbf16>) layouts [in_out] offsets(%o : memref<5xi32>)
      outs(%h : memref<?x32xbf16>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2] {
  ^epilogue(%a: bf16, %b: bf16):
    %r = arith.subf %a, %b : bf16
    moe.yield %r : bf16
  }
  return
}

// -----

// f32: neighbouring threads read neighbouring columns, here 64 of one depth.
// CHECK-LABEL: func.func @columns
// CHECK-SAME:    %{{.+}}: memref<?x64xf32>, %[[W:.+]]: memref<4x64x64xf32>
// CHECK:         gpu.launch
// CHECK-SAME:      threads(%[[T:[a-z0-9]+]],
// CHECK:         %[[COLUMN:.+]] = arith.remui %[[T]], %c64
// CHECK:         %[[DEPTH:.+]] = arith.divui %[[T]], %c64
// CHECK:         %[[AT:.+]] = arith.minui %[[DEPTH]], %c63
// CHECK:         memref.load %[[W]][%{{.+}}, %[[AT]], %{{.+}}]
func.func @columns(%x: memref<?x64xf32>, %w: memref<4x64x64xf32>,
                   %o: memref<5xi32>, %h: memref<?x64xf32>) {
  moe.grouped_matmul ins(%x : memref<?x64xf32>)
      weights(%w : memref<4x64x64xf32>) layouts [in_out] offsets(%o : memref<5xi32>)
      outs(%h : memref<?x64xf32>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<fma, tile = [64, 64, 16]>} {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}
