// RUN: moe-opt %s --moe-raise-sort-top-k --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moe | FileCheck %s

// Smallest first is no top-k.
// CHECK-LABEL: func.func @ascending
// CHECK:         moe.sort
func.func @ascending(%keys: tensor<6x4xf32>) -> tensor<6x2xf32> {
  // expected-remark @below {{the comparator is not 'larger first' of one input}}
  %sorted = moe.sort %keys dimension 1 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    %before = arith.cmpf olt, %a, %sum : f32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  return %top : tensor<6x2xf32>
}

// -----

// The last columns hold the smallest keys.
// CHECK-LABEL: func.func @last_columns
// CHECK:         moe.sort
func.func @last_columns(%keys: tensor<6x4xf32>) -> tensor<6x2xf32> {
  // expected-remark @below {{is read elsewhere than in its first columns}}
  %sorted = moe.sort %keys dimension 1 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf ogt, %a, %b : f32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted[0, 2] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  return %top : tensor<6x2xf32>
}

// -----

// Sorting tokens by expert is something else.
// CHECK-LABEL: func.func @rows
// CHECK:         moe.sort
func.func @rows(%keys: tensor<6x4xf32>) -> tensor<6x2xf32> {
  // expected-remark @below {{does not sort the columns of a matrix}}
  %sorted = moe.sort %keys dimension 0 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf ogt, %a, %b : f32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  return %top : tensor<6x2xf32>
}

// -----

// What travels along is not the number of the column.
// CHECK-LABEL: func.func @other_companion
// CHECK:         moe.sort
func.func @other_companion(%keys: tensor<6x4xf32>, %ids: tensor<6x4xi64>) -> tensor<6x2xi64> {
  // expected-remark @below {{what is sorted along are not the column numbers}}
  %sorted:2 = moe.sort %keys, %ids dimension 1 : tensor<6x4xf32>, tensor<6x4xi64> {
  ^compare(%a: f32, %b: f32, %i: i64, %j: i64):
    %before = arith.cmpf ogt, %a, %b : f32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted#1[0, 0] [6, 2] [1, 1] : tensor<6x4xi64> to tensor<6x2xi64>
  return %top : tensor<6x2xi64>
}

// -----

// The first rows only; how many is known at run time.
// CHECK-LABEL: func.func @first_rows
// CHECK:         moe.sort
func.func @first_rows(%keys: tensor<?x4xf32>, %rows: index) -> tensor<?x2xf32> {
  // expected-remark @below {{is read elsewhere than in its first columns}}
  %sorted = moe.sort %keys dimension 1 : tensor<?x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf ogt, %a, %b : f32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted[0, 0] [%rows, 2] [1, 1] : tensor<?x4xf32> to tensor<?x2xf32>
  return %top : tensor<?x2xf32>
}

// -----

// Two times no tokens: nothing to divide a row number by.
// CHECK-LABEL: func.func @no_tokens
// CHECK:         moe.sort
func.func @no_tokens(%keys: tensor<?x4xf32>, %ids: tensor<2x0x4xi64>) -> tensor<?x2xi64> {
  %zero = arith.constant 0 : index
  %rows = tensor.dim %keys, %zero : tensor<?x4xf32>
  %none = tensor.collapse_shape %ids [[0, 1], [2]] : tensor<2x0x4xi64> into tensor<0x4xi64>
  %some = tensor.cast %none : tensor<0x4xi64> to tensor<?x4xi64>
  // expected-remark @below {{what is sorted along are not the column numbers}}
  %sorted:2 = moe.sort %keys, %some dimension 1 : tensor<?x4xf32>, tensor<?x4xi64> {
  ^compare(%a: f32, %b: f32, %i: i64, %j: i64):
    %before = arith.cmpf ogt, %a, %b : f32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted#1[0, 0] [%rows, 2] [1, 1] : tensor<?x4xi64> to tensor<?x2xi64>
  return %top : tensor<?x2xi64>
}

// -----

// Weights would be computed in f32, and lose digits.
// CHECK-LABEL: func.func @double
// CHECK:         moe.sort
func.func @double(%keys: tensor<6x4xf64>) -> tensor<6x2xf64> {
  // expected-remark @below {{the keys are wider than f32}}
  %sorted = moe.sort %keys dimension 1 : tensor<6x4xf64> {
  ^compare(%a: f64, %b: f64):
    %before = arith.cmpf ogt, %a, %b : f64
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted[0, 0] [6, 2] [1, 1] : tensor<6x4xf64> to tensor<6x2xf64>
  return %top : tensor<6x2xf64>
}

// -----

// The bits of negative floats as they are: the largest magnitude first.
// CHECK-LABEL: func.func @raw_bits
// CHECK:         moe.sort
func.func @raw_bits(%keys: tensor<6x4xf32>) -> tensor<6x2xf32> {
  // expected-remark @below {{the comparator is not 'larger first' of one input}}
  %sorted = moe.sort %keys dimension 1 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %x = arith.bitcast %a : f32 to i32
    %y = arith.bitcast %b : f32 to i32
    %before = arith.cmpi sgt, %x, %y : i32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  return %top : tensor<6x2xf32>
}
