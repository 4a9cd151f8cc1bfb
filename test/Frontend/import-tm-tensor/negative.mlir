// RUN: moe-opt %s --moe-import-tm-tensor --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moe

// An op that is not taken stays, and says so.
func.func @unknown(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @below {{tm_tensor.unknown is not imported}}
  %0 = "tm_tensor.unknown"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @scatter_twice_in_one_dimension(%u: tensor<2xf32>, %i: tensor<2x2xi32>, %x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error @below {{malformed tm_tensor.scatter: expected updates [N, ..], indices [N, D], a tensor, a dimension_map of D different dimensions and a body of two values}}
  %0 = "tm_tensor.scatter"(%u, %i, %x) <{dimension_map = array<i64: 0, 0>, unique_indices = true}> ({
  ^bb0(%a: f32, %b: f32):
    "tm_tensor.yield"(%a) : (f32) -> ()
  }) : (tensor<2xf32>, tensor<2x2xi32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

func.func @topk_without_outputs(%x: tensor<4xf32>) -> (tensor<2xf32>, tensor<2xi32>) {
  // expected-error @below {{malformed tm_tensor.topk: expected values, numbers or none, outputs for both, a dimension and a comparator of two values}}
  %0:2 = "tm_tensor.topk"(%x) <{dimension = 0 : i64}> : (tensor<4xf32>) -> (tensor<2xf32>, tensor<2xi32>)
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xi32>
}

// -----

func.func @attention_of_other_widths(%q: tensor<2x3xf32>, %k: tensor<4x5xf32>, %v: tensor<4x3xf32>) -> tensor<2x3xf32> {
  // expected-error @below {{malformed tm_tensor.attention: expected a query [.., L, D], a key [.., S, D], a value [.., S, V], a mask or none and an output [.., L, V] of one float type}}
  %0 = "tm_tensor.attention"(%q, %k, %v, %q) : (tensor<2x3xf32>, tensor<4x5xf32>, tensor<4x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
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

// -----

func.func @scan_without_dimension(%x: tensor<4xf32>, %a: tensor<f32>) -> tensor<4xf32> {
  // expected-error @below {{malformed tm_tensor.scan: expected an input, an output and an initial value of one dimension less, a dimension and a combiner of two values}}
  %0:2 = "tm_tensor.scan"(%x, %x, %a) <{inclusive = true}> ({
  ^bb0(%p: f32, %q: f32):
    "tm_tensor.yield"(%p) : (f32) -> ()
  }) : (tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<f32>)
  return %0#0 : tensor<4xf32>
}
