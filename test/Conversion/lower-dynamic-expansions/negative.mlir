// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-lower-dynamic-expansions))' | FileCheck %s

// One dynamic size per group is upstream's.
// CHECK-LABEL: func.func @one_each
// CHECK:         memref.expand_shape
// CHECK-NOT:     memref.reinterpret_cast
func.func @one_each(%x: memref<?x?xf32>, %b: index, %s: index) -> memref<?x4x?xf32> {
  %y = memref.expand_shape %x [[0, 1], [2]] output_shape [%b, 4, %s]
      : memref<?x?xf32> into memref<?x4x?xf32>
  return %y : memref<?x4x?xf32>
}
