// RUN: moe-opt %s --moe-import-tm-tensor --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moe

// An op that is not taken stays, and says so.
func.func @scan(%x: tensor<4xf32>, %a: tensor<f32>) -> tensor<4xf32> {
  // expected-remark @below {{tm_tensor.scan is not imported}}
  %0:2 = "tm_tensor.scan"(%x, %x, %a) <{dimension = 0 : i64, inclusive = true, operandSegmentSizes = array<i32: 1, 2>}> ({
  ^bb0(%p: f32, %q: f32):
    "tm_tensor.yield"(%p) : (f32) -> ()
  }) : (tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<f32>)
  return %0#0 : tensor<4xf32>
}

// -----

func.func @no_comparator(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{malformed tm_tensor.sort: expected a dimension, one comparator block and as many results as operands}}
  %0 = "tm_tensor.sort"(%x) <{dimension = 0 : i64}> : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @dimension_too_large(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{malformed tm_tensor.sort: expected one yielded value and a dimension below 1}}
  %0 = "tm_tensor.sort"(%x) <{dimension = 1 : i64}> ({
  ^bb0(%a: f32, %b: f32):
    %before = arith.cmpf oge, %a, %b : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// The comparator must fit what is sorted; moe.sort's verifier says so.
func.func @wrong_comparator(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{the comparator must take two scalars per input}}
  %0 = "tm_tensor.sort"(%x) <{dimension = 0 : i64}> ({
  ^bb0(%a: f32):
    %before = arith.cmpf oge, %a, %a : f32
    "tm_tensor.yield"(%before) : (i1) -> ()
  }) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
