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
