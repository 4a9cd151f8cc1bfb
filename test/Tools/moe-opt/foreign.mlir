// Dialects that MLIR does not have are read in generic form and kept as text.

// RUN: moe-opt %s --verify-roundtrip | FileCheck %s
// RUN: moe-opt %s --inline --cse | FileCheck %s --check-prefix=INLINE
// RUN: echo '%%0 = stablehlo.constant dense<0.0> : tensor<f32>' > %t.mlir
// RUN: not moe-opt %t.mlir 2>&1 | FileCheck %s --check-prefix=PRETTY
// RUN: not moe-run %t.mlir --backend=reference 2>&1 | FileCheck %s --check-prefix=PRETTY
// PRETTY: 1:6: error: custom op 'stablehlo.constant' is in the pretty form of its dialect; read in generic form; print with --mlir-print-op-generic

// CHECK-LABEL: func.func @generic
// CHECK:         "torch.aten.relu"(%{{.+}}) : (!torch.vtensor<[2,3],f32>) -> !torch.vtensor<[2,3],f32>
// CHECK:         "stablehlo.dot_general"(%{{.+}}) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}>
func.func @generic(%x: !torch.vtensor<[2,3],f32>, %y: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = "torch.aten.relu"(%x) : (!torch.vtensor<[2,3],f32>) -> !torch.vtensor<[2,3],f32>
  %1 = "stablehlo.dot_general"(%y, %y) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}>
    : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}

// Operations with regions are inlined like any other, and equal ones merge.
// INLINE-LABEL: func.func @caller
// INLINE-NOT:     call
// INLINE:         "stablehlo.reduce"
// INLINE-NOT:     "stablehlo.reduce"
// INLINE:         return
func.func private @callee(%x: tensor<4xf32>, %init: tensor<f32>) -> tensor<f32> {
  %0 = "stablehlo.reduce"(%x, %init) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %s = "chlo.broadcast_add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%s) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func @caller(%x: tensor<4xf32>, %init: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0 = call @callee(%x, %init) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  %1 = call @callee(%x, %init) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0, %1 : tensor<f32>, tensor<f32>
}

// What has no import is named before anything else goes wrong.
// RUN: echo '"tm_tensor.unknown"() : () -> ()' > %t.unknown.mlir
// RUN: not moe-run %t.unknown.mlir --backend=reference 2>&1 | FileCheck %s --check-prefix=IMPORT
// IMPORT: unknown.mlir:1:1: error: 'tm_tensor.unknown' is not among the operations that moe-import takes
