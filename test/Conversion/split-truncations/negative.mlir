// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-split-truncations))' | FileCheck %s

// Every C runtime goes from f64 to f16, and f32 is where the way leads.
// CHECK-LABEL: func.func @others
// CHECK-NEXT:    arith.truncf %{{.+}} : f64 to f16
// CHECK-NEXT:    arith.truncf %{{.+}} : f32 to bf16
// CHECK-NEXT:    return
func.func @others(%x: f64, %y: f32) -> (f16, bf16) {
  %h = arith.truncf %x : f64 to f16
  %b = arith.truncf %y : f32 to bf16
  return %h, %b : f16, bf16
}

// Two steps of a named mode are not one.
// CHECK-LABEL: func.func @rounding
// CHECK-NEXT:    arith.truncf %{{.+}} downward : f64 to bf16
func.func @rounding(%x: f64) -> bf16 {
  %b = arith.truncf %x downward : f64 to bf16
  return %b : bf16
}
