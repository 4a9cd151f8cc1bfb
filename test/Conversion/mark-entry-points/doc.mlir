// RUN: moe-opt %s --moe-mark-entry-points | FileCheck %s

// The caller keeps its arguments, and gets the C interface.
// [doc-begin]
// CHECK-LABEL: func.func @main
// CHECK-SAME:    tensor<4xf32> {bufferization.writable = false}
// CHECK-SAME:    f32
// CHECK-SAME:    attributes {llvm.emit_c_interface,
// CHECK-SAME:      moe.signature = (tensor<4xf32>, f32) -> tensor<4xf32>}
func.func @main(%x: tensor<4xf32>, %s: f32) -> tensor<4xf32> {
  %r = linalg.fill ins(%s : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
// [doc-end]
