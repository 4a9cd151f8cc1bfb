// RUN: moe-opt %s --moe-decompose | FileCheck %s

// The comparator is inlined both ways, so that one that is true for equal
// elements keeps their order, too. The loop over the sorted dimension is
// innermost, whichever that is.
// CHECK-LABEL: func.func @sort
// CHECK:         scf.for %[[COLUMN:.+]] = %c0{{.*}} to %c4
// CHECK:           scf.for %[[I:.+]] = %c1{{.*}} to %c6
// CHECK:             scf.while
// CHECK:               %[[HELD:.+]] = arith.cmpf oge, %[[A:.+]], %[[B:.+]] : f32
// CHECK:               %[[OTHER:.+]] = arith.cmpf oge, %[[B]], %[[A]] : f32
// CHECK:               arith.select %[[OTHER]], %{{.+}}, %[[HELD]]
func.func @sort(%a: tensor<6x4xf32>, %b: tensor<6x4xi64>)
    -> (tensor<6x4xf32>, tensor<6x4xi64>) {
  %v, %i = moe.sort %a, %b dimension 0 : tensor<6x4xf32>, tensor<6x4xi64> {
  ^compare(%a0: f32, %b0: f32, %a1: i64, %b1: i64):
    %before = arith.cmpf oge, %a0, %b0 : f32
    moe.yield %before : i1
  }
  return %v, %i : tensor<6x4xf32>, tensor<6x4xi64>
}
