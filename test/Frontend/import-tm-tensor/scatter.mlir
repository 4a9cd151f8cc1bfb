// RUN: moe-opt %s --moe-import-tm-tensor | FileCheck %s
// RUN: %python -c "import numpy; numpy.save('%t.u.npy', numpy.array([[1, 2], [3, 4], [5, 6]], 'f4')); numpy.save('%t.i.npy', numpy.array([[2], [0], [2]], 'i4')); numpy.save('%t.x.npy', numpy.zeros((3, 2), 'f4')); numpy.save('%t.last.npy', numpy.array([[3, 4], [0, 0], [5, 6]], 'f4')); numpy.save('%t.sum.npy', numpy.array([[3, 4], [0, 0], [6, 8]], 'f4'))"
// RUN: moe-run %s --entry=last --backend=reference --input=%t.u.npy --input=%t.i.npy --input=%t.x.npy --expect=%t.last.npy
// RUN: moe-run %s --entry=sum --backend=reference --input=%t.u.npy --input=%t.i.npy --input=%t.x.npy --expect=%t.sum.npy

// Rows are written one element at a time, the last one over those before.
// CHECK-LABEL: func.func @last
// CHECK-NOT:     tm_tensor
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             tensor.insert
func.func @last(%u: tensor<3x2xf32>, %i: tensor<3x1xi32>, %x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %0 = "tm_tensor.scatter"(%u, %i, %x) <{dimension_map = array<i64: 0>, operandSegmentSizes = array<i32: 2, 1>, unique_indices = false}> ({
  ^bb0(%a: f32, %b: f32):
    "tm_tensor.yield"(%a) : (f32) -> ()
  }) : (tensor<3x2xf32>, tensor<3x1xi32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// CHECK-LABEL: func.func @sum
// CHECK:             tensor.extract
// CHECK:             arith.addf
// CHECK:             tensor.insert
func.func @sum(%u: tensor<3x2xf32>, %i: tensor<3x1xi32>, %x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %0 = "tm_tensor.scatter"(%u, %i, %x) <{dimension_map = array<i64: 0>, operandSegmentSizes = array<i32: 2, 1>, unique_indices = false}> ({
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    "tm_tensor.yield"(%sum) : (f32) -> ()
  }) : (tensor<3x2xf32>, tensor<3x1xi32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
