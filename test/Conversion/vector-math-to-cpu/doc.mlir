// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-vector-math-to-cpu))" | FileCheck %s

// CHECK-LABEL: func.func @vector
// CHECK-NOT:     math.exp
// CHECK:         math.fma
func.func @vector(%x: vector<8xf32>) -> vector<8xf32> {
  %e = math.exp %x : vector<8xf32>
  return %e : vector<8xf32>
}

// Narrow floats are computed in f32 and rounded once.
// CHECK-LABEL: func.func @narrow
// CHECK-SAME:    %[[X:.+]]: vector<8xbf16>
// CHECK:         arith.extf %[[X]] : vector<8xbf16> to vector<8xf32>
// CHECK-NOT:     math.tanh
// CHECK:         %[[Y:.+]] = arith.truncf %{{.+}} : vector<8xf32> to vector<8xbf16>
// CHECK:         return %[[Y]]
func.func @narrow(%x: vector<8xbf16>) -> vector<8xbf16> {
  %e = math.tanh %x : vector<8xbf16>
  return %e : vector<8xbf16>
}
