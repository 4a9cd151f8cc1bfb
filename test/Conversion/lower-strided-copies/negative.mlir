// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-lower-strided-copies))' | FileCheck %s

// Contiguous buffers are one block of memory, at whatever offset.
// CHECK-LABEL: func.func @whole
// CHECK:         memref.copy
func.func @whole(%from: memref<?x8xf32>, %to: memref<?x8xf32>) {
  memref.copy %from, %to : memref<?x8xf32> to memref<?x8xf32>
  return
}

// CHECK-LABEL: func.func @rows
// CHECK:         memref.copy
func.func @rows(%from: memref<4x8xf32, strided<[8, 1], offset: ?>>, %to: memref<4x8xf32>) {
  memref.copy %from, %to
    : memref<4x8xf32, strided<[8, 1], offset: ?>> to memref<4x8xf32>
  return
}

// Nothing is known about the layout of an unranked buffer.
// CHECK-LABEL: func.func @unranked
// CHECK:         memref.copy
func.func @unranked(%from: memref<*xf32>, %to: memref<*xf32>) {
  memref.copy %from, %to : memref<*xf32> to memref<*xf32>
  return
}
