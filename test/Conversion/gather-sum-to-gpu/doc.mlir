// RUN: moe-opt %s --moe-gather-sum-to-gpu --split-input-file | FileCheck %s

// Rows of bf16 whose width is a multiple of 8 are read 16 bytes at a time.
// CHECK-LABEL: func.func @wide
// CHECK:         gpu.launch
// CHECK-SAME:      function(@wide_gather_sum)
// CHECK-COUNT-2:   vector.load %{{.+}} {alignment = 16 : i64} : memref<?x64xbf16>, vector<8xbf16>
// CHECK:           vector.store %{{.+}} {alignment = 16 : i64}
func.func @wide(%rows: memref<?x64xbf16>, %q: memref<?x2xi32>,
                %w: memref<?x2xf32>, %y: memref<?x64xbf16>) {
  moe.gather_sum ins(%rows, %q, %w
      : memref<?x64xbf16>, memref<?x2xi32>, memref<?x2xf32>)
      outs(%y : memref<?x64xbf16>)
  return
}

// -----

// A view of unknown alignment is read element by element.
// CHECK-LABEL: func.func @strided
// CHECK:         gpu.launch
// CHECK-NOT:       vector.load
// CHECK:           memref.store {{.*}}memref<?x64xf32, strided<[128, 1], offset: 3>>
func.func @strided(%rows: memref<?x64xf32>, %q: memref<?x2xi32>,
                   %w: memref<?x2xf32>,
                   %y: memref<?x64xf32, strided<[128, 1], offset: 3>>) {
  moe.gather_sum ins(%rows, %q, %w
      : memref<?x64xf32>, memref<?x2xi32>, memref<?x2xf32>)
      outs(%y : memref<?x64xf32, strided<[128, 1], offset: 3>>)
  return
}
