// RUN: moe-opt %s --moe-import-tm-tensor | FileCheck %s
// RUN: %python -c "import numpy; numpy.save('%t.x.npy', numpy.array([[1, 2, 3, 4], [5, 6, 7, 8]], 'i8')); numpy.save('%t.inclusive.npy', numpy.array([[1, 3, 6, 10], [5, 11, 18, 26]], 'i8')); numpy.save('%t.last.npy', numpy.array([10, 26], 'i8')); numpy.save('%t.exclusive.npy', numpy.array([[9, 10, 12, 15], [9, 14, 20, 27]], 'i8')); numpy.save('%t.total.npy', numpy.array([19, 35], 'i8'))"
// RUN: moe-run %s --entry=inclusive --backend=reference --input=%t.x.npy --expect=%t.inclusive.npy --expect=%t.last.npy
// RUN: moe-run %s --entry=exclusive --backend=reference --input=%t.x.npy --expect=%t.exclusive.npy --expect=%t.total.npy

// A running sum becomes a loop over slices.
// CHECK-LABEL: func.func @inclusive
// CHECK-NOT:     tm_tensor
// CHECK:         scf.for
// CHECK:           tensor.extract_slice
// CHECK:           linalg.generic
// CHECK:             arith.addi
// CHECK:           tensor.insert_slice
func.func @inclusive(%x: tensor<2x4xi64>) -> (tensor<2x4xi64>, tensor<2xi64>) {
  %init = arith.constant dense<9> : tensor<2xi64>
  %empty = tensor.empty() : tensor<2x4xi64>
  %0:2 = "tm_tensor.scan"(%x, %empty, %init) <{dimension = 1 : i64, inclusive = true, operandSegmentSizes = array<i32: 1, 2>}> ({
  ^bb0(%a: i64, %b: i64):
    %sum = arith.addi %a, %b : i64
    "tm_tensor.yield"(%sum) : (i64) -> ()
  }) : (tensor<2x4xi64>, tensor<2x4xi64>, tensor<2xi64>) -> (tensor<2x4xi64>, tensor<2xi64>)
  return %0#0, %0#1 : tensor<2x4xi64>, tensor<2xi64>
}

// CHECK-LABEL: func.func @exclusive
func.func @exclusive(%x: tensor<2x4xi64>) -> (tensor<2x4xi64>, tensor<2xi64>) {
  %init = arith.constant dense<9> : tensor<2xi64>
  %empty = tensor.empty() : tensor<2x4xi64>
  %0:2 = "tm_tensor.scan"(%x, %empty, %init) <{dimension = 1 : i64, inclusive = false, operandSegmentSizes = array<i32: 1, 2>}> ({
  ^bb0(%a: i64, %b: i64):
    %sum = arith.addi %a, %b : i64
    "tm_tensor.yield"(%sum) : (i64) -> ()
  }) : (tensor<2x4xi64>, tensor<2x4xi64>, tensor<2xi64>) -> (tensor<2x4xi64>, tensor<2xi64>)
  return %0#0, %0#1 : tensor<2x4xi64>, tensor<2xi64>
}
