// RUN: moe-opt %s --moe-decompose | FileCheck %s
// RUN: moe-opt %s --moe-decompose --cse --eliminate-empty-tensors \
// RUN:   --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   --canonicalize --cse --canonicalize | FileCheck %s --check-prefix=BUFFER

// Rows from offsets[E] on are zero. An expert without rows is skipped, and its
// weights are sliced only inside the guard.
// CHECK-LABEL: func.func @experts
// CHECK-SAME:    %[[ROWS:.+]]: tensor<?x8xf32>, %[[W:.+]]: tensor<4x16x8xf32>, %[[O:.+]]: tensor<5xi32>
// CHECK:         linalg.fill
// CHECK:         tensor.insert_slice
// CHECK:         scf.for %[[E:.+]] = %{{.+}} iter_args(%[[OUT:.+]] =
// CHECK-DAG:       tensor.extract %[[O]][%[[E]]]
// CHECK-NOT:       tensor.extract_slice %[[W]]
// CHECK:           scf.if
// CHECK:             %[[R:.+]] = tensor.extract_slice %[[ROWS]]
// CHECK:             %[[WE:.+]] = tensor.extract_slice %[[W]][%[[E]], 0, 0] [1, 16, 8] [1, 1, 1] : tensor<4x16x8xf32> to tensor<16x8xf32>
// CHECK:             linalg.transpose ins(%[[WE]]
// CHECK:             %[[M:.+]] = linalg.matmul ins(%[[R]]
// CHECK:             tensor.insert_slice %[[M]] into %[[OUT]]
// CHECK:           } else {
// CHECK:             scf.yield %[[OUT]]

// Every expert writes straight into its part of the one result.
// BUFFER-LABEL: func.func @experts
// BUFFER:         memref.alloc(%{{.+}}) {{.*}} : memref<?x16xf32>
// BUFFER-NOT:     memref.alloc(%
// BUFFER-NOT:     memref.copy
// BUFFER:         return
func.func @experts(%rows: tensor<?x8xf32>, %w: tensor<4x16x8xf32>,
                   %offsets: tensor<5xi32>) -> tensor<?x16xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x16xf32> {
  ^expert(%r: tensor<?x8xf32>, %we: tensor<16x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %t0 = tensor.empty() : tensor<8x16xf32>
    %t = linalg.transpose ins(%we : tensor<16x8xf32>)
        outs(%t0 : tensor<8x16xf32>) permutation = [1, 0]
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>)
        -> tensor<?x16xf32>
    %m = linalg.matmul ins(%r, %t : tensor<?x8xf32>, tensor<8x16xf32>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    moe.yield %m : tensor<?x16xf32>
  }
  return %y : tensor<?x16xf32>
}
