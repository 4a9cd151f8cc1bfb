// RUN: moe-opt %s --moe-hoist-host-code | FileCheck %s

// The size of the result, the check of it and its buffer on the host come before
// the first operation of the device.
// CHECK-LABEL: func.func @rows
// CHECK-SAME:    %[[X:.+]]: memref<?x8xf32>
// CHECK:         %[[N:.+]] = memref.dim %[[X]]
// CHECK:         %[[HALF:.+]] = arith.divsi %[[N]]
// CHECK:         cf.assert
// CHECK:         memref.alloc(%[[HALF]])
// CHECK:         gpu.alloc
// CHECK-NOT:     cf.assert
// CHECK-NOT:     memref.alloc
// CHECK:         gpu.memcpy
// CHECK:         gpu.dealloc
// CHECK:         return
func.func @rows(%x: memref<?x8xf32>) -> memref<?x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %n = memref.dim %x, %c0 : memref<?x8xf32>
  %device = gpu.alloc (%n) : memref<?x8xf32>
  gpu.memcpy %device, %x : memref<?x8xf32>, memref<?x8xf32>
  %half = arith.divsi %n, %c2 : index
  %double = arith.muli %half, %c2 : index
  %even = arith.cmpi eq, %double, %n : index
  cf.assert %even, "an odd number of rows"
  %view = memref.expand_shape %device [[0, 1], [2]] output_shape [%half, 2, 8]
      : memref<?x8xf32> into memref<?x2x8xf32>
  %m = memref.dim %view, %c0 : memref<?x2x8xf32>
  %host = memref.alloc(%m) : memref<?x2x8xf32>
  gpu.memcpy %host, %view : memref<?x2x8xf32>, memref<?x2x8xf32>
  gpu.dealloc %device : memref<?x8xf32>
  return %host : memref<?x2x8xf32>
}
