// RUN: moe-opt %s --moe-place-on-device --split-input-file | FileCheck %s

// Arguments go in once, the result comes back; the buffer in between lives on
// the device for as long as it is used. The host's result is there before any
// device work starts.
// CHECK-LABEL: func.func @layer
// CHECK-SAME:    %[[X:.+]]: memref<?x8xf32>
// CHECK:         %[[RESULT:.+]] = memref.alloc(%{{.+}}) : memref<?x8xf32>
// CHECK:         %[[ON_DEVICE:.+]] = gpu.alloc (%{{.+}}) : memref<?x8xf32>
// CHECK:         gpu.memcpy %[[ON_DEVICE]], %[[X]]
// CHECK:         %[[BETWEEN:.+]] = gpu.alloc
// CHECK:         linalg.exp ins(%[[ON_DEVICE]] : memref<?x8xf32>) outs(%[[BETWEEN]]
// CHECK:         gpu.dealloc %[[ON_DEVICE]]
// CHECK:         %[[OUT:.+]] = gpu.alloc
// CHECK:         linalg.log ins(%[[BETWEEN]] : memref<?x8xf32>) outs(%[[OUT]]
// CHECK:         gpu.dealloc %[[BETWEEN]]
// CHECK:         gpu.memcpy %[[RESULT]], %[[OUT]]
// CHECK:         gpu.dealloc %[[OUT]]
// CHECK:         return %[[RESULT]]
func.func @layer(%x: memref<?x8xf32>) -> memref<?x8xf32> {
  %c0 = arith.constant 0 : index
  %t = memref.dim %x, %c0 : memref<?x8xf32>
  %a = memref.alloc(%t) : memref<?x8xf32>
  linalg.exp ins(%x : memref<?x8xf32>) outs(%a : memref<?x8xf32>)
  %b = memref.alloc(%t) : memref<?x8xf32>
  linalg.log ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
  return %b : memref<?x8xf32>
}

// -----

// An argument that the function writes is copied back, one it reads is not.
// CHECK-LABEL: func.func @destination
// CHECK-SAME:    %[[X:.+]]: memref<4xf32>, %[[Y:.+]]: memref<4xf32>
// CHECK:         linalg.exp
// CHECK-NOT:     gpu.memcpy %[[X]]
// CHECK:         gpu.memcpy %[[Y]], %
func.func @destination(%x: memref<4xf32>, %y: memref<4xf32>) {
  linalg.exp ins(%x : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}

// -----

// CHECK-LABEL: func.func private @helper
// CHECK-NOT:     gpu.alloc
func.func private @helper(%x: memref<4xf32>) {
  linalg.exp ins(%x : memref<4xf32>) outs(%x : memref<4xf32>)
  return
}
