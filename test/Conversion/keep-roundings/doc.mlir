// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-keep-roundings),canonicalize)' | FileCheck %s

// [doc-begin]
// CHECK-LABEL: func.func @rounded
// CHECK-SAME:    %[[X:.+]]: f32
// CHECK:         %[[B:.+]] = arith.truncf %[[X]] : f32 to bf16
// CHECK:         %[[Y:.+]] = arith.extf %[[B]] : bf16 to f32
// CHECK:         return %[[Y]]
func.func @rounded(%x: f32) -> f32 {
  %b = arith.truncf %x fastmath<contract> : f32 to bf16
  %y = arith.extf %b fastmath<contract> : bf16 to f32
  return %y : f32
}
// [doc-end]
