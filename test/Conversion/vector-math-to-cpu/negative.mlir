// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-vector-math-to-cpu))" | FileCheck %s

// Scalars go to the math library.
// CHECK-LABEL: func.func @scalar
// CHECK:         math.exp %{{.+}} : f32
func.func @scalar(%x: f32) -> f32 {
  %e = math.exp %x : f32
  return %e : f32
}

// So do functions without a good polynomial, and f64.
// CHECK-LABEL: func.func @others
// CHECK:         math.log %{{.+}} : vector<4xf32>
// CHECK:         math.exp %{{.+}} : vector<4xf64>
func.func @others(%x: vector<4xf32>, %y: vector<4xf64>)
    -> (vector<4xf32>, vector<4xf64>) {
  %l = math.log %x : vector<4xf32>
  %e = math.exp %y : vector<4xf64>
  return %l, %e : vector<4xf32>, vector<4xf64>
}
