// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-split-truncations))' | FileCheck %s

// [doc-begin]
// CHECK-LABEL: func.func @scalar
// CHECK-SAME:    %[[X:.+]]: f64
// CHECK:         %[[F:.+]] = arith.truncf %[[X]] : f64 to f32
// CHECK:         %[[B:.+]] = arith.truncf %[[F]] : f32 to bf16
// CHECK:         return %[[B]]
func.func @scalar(%x: f64) -> bf16 {
  %b = arith.truncf %x : f64 to bf16
  return %b : bf16
}
// [doc-end]

// CHECK-LABEL: func.func @vector
// CHECK:         arith.truncf %{{.+}} : vector<4xf64> to vector<4xf32>
// CHECK:         arith.truncf %{{.+}} : vector<4xf32> to vector<4xbf16>
func.func @vector(%x: vector<4xf64>) -> vector<4xbf16> {
  %b = arith.truncf %x : vector<4xf64> to vector<4xbf16>
  return %b : vector<4xbf16>
}
