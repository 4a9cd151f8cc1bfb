// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-lower-dynamic-expansions))' --split-input-file | FileCheck %s

// Tokens become a batch of sequences.
// [doc-begin]
// CHECK-LABEL: func.func @batch
// CHECK-SAME:    %[[X:[^:]+]]: memref<?x8xf32>, %[[B:[^:]+]]: index, %[[S:[^:]+]]: index
// CHECK:         %{{.+}}, %{{.+}}, %{{.+}}:2, %[[STRIDES:.+]]:2 = memref.extract_strided_metadata %[[X]]
// CHECK:         %[[STRIDE:.+]] = arith.muli %[[STRIDES]]#0, %[[S]]
// CHECK:         memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[B]], %[[S]], 8], strides: [%[[STRIDE]], 8, 1]
func.func @batch(%x: memref<?x8xf32>, %b: index, %s: index) -> memref<?x?x8xf32> {
  %y = memref.expand_shape %x [[0, 1], [2]] output_shape [%b, %s, 8]
      : memref<?x8xf32> into memref<?x?x8xf32>
  return %y : memref<?x?x8xf32>
}
// [doc-end]

// -----

// Of a view, offset and strides are those of the view.
// CHECK-LABEL: func.func @view
// CHECK-SAME:    %[[X:[^:]+]]: memref<?x8xf32, strided<[?, 1], offset: ?>>, %[[B:[^:]+]]: index, %[[S:[^:]+]]: index
// CHECK:         %{{.+}}, %[[OFFSET:.+]], %{{.+}}:2, %[[STRIDES:.+]]:2 = memref.extract_strided_metadata %[[X]]
// CHECK:         %[[STRIDE:.+]] = arith.muli %[[STRIDES]]#0, %[[S]]
// CHECK:         memref.reinterpret_cast %[[X]] to offset: [%[[OFFSET]]], sizes: [%[[B]], %[[S]], 8], strides: [%[[STRIDE]], %[[STRIDES]]#0, 1]
func.func @view(%x: memref<?x8xf32, strided<[?, 1], offset: ?>>, %b: index, %s: index)
    -> memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>> {
  %y = memref.expand_shape %x [[0, 1], [2]] output_shape [%b, %s, 8]
      : memref<?x8xf32, strided<[?, 1], offset: ?>> into memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>
  return %y : memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>
}
