// RUN: moe-opt %s --moe-raise-ragged --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

#count = affine_map<(e, r) -> (r)>
#expert = affine_map<(e, r) -> (e)>
#group = affine_map<(e, r, d) -> (e)>
#row = affine_map<(e, r, d) -> (r, d)>
#all = affine_map<(e, r, d) -> (e, r, d)>
#x = affine_map<(r, f, e, d) -> (e, r, d)>
#w = affine_map<(r, f, e, d) -> (e, d, f)>
#y = affine_map<(r, f, e, d) -> (r, f)>

// The bounds are given, and may be anything.
// CHECK-LABEL: func.func @unknown_bounds
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @unknown_bounds(%x: tensor<9x8xf32>, %w: tensor<3x8x5xf32>, %keys: tensor<9xi32>, %ends: tensor<3xi32>) -> tensor<9x5xf32> {
  %zero_i32 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %room = tensor.empty() : tensor<3xi32>
  %init = linalg.fill ins(%zero_i32 : i32) outs(%room : tensor<3xi32>) -> tensor<3xi32>
  %counts = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%keys : tensor<9xi32>) outs(%init : tensor<3xi32>) {
  ^bb0(%key: i32, %out: i32):
    %e = linalg.index 0 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %key, %e32 : i32
    %one = arith.extui %here : i1 to i32
    %sum = arith.addi %out, %one : i32
    linalg.yield %sum : i32
  } -> tensor<3xi32>
  %sums = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%counts : tensor<3xi32>) outs(%init : tensor<3xi32>) {
  ^bb0(%count: i32, %out: i32):
    %e = linalg.index 0 : index
    %other = linalg.index 1 : index
    %before = arith.cmpi ule, %other, %e : index
    %sum = arith.addi %out, %count : i32
    %next = arith.select %before, %sum, %out : i32
    linalg.yield %next : i32
  } -> tensor<3xi32>
  %front = tensor.extract_slice %ends[0] [2] [1] : tensor<3xi32> to tensor<2xi32>
  %starts = tensor.insert_slice %front into %init[1] [2] [1] : tensor<2xi32> into tensor<3xi32>
  %masked_room = tensor.empty() : tensor<3x9x8xf32>
  %masked = linalg.generic {indexing_maps = [#group, #group, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%starts, %ends, %x : tensor<3xi32>, tensor<3xi32>, tensor<9x8xf32>) outs(%masked_room : tensor<3x9x8xf32>) {
  ^bb0(%start: i32, %end: i32, %value: f32, %out: f32):
    %r = linalg.index 1 : index
    %r32 = arith.index_cast %r : index to i32
    %behind = arith.cmpi sle, %start, %r32 : i32
    %before = arith.cmpi slt, %r32, %end : i32
    %inside = arith.andi %behind, %before : i1
    %kept = arith.select %inside, %value, %zero : f32
    linalg.yield %kept : f32
  } -> tensor<3x9x8xf32>
  %y_room = tensor.empty() : tensor<9x5xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<9x5xf32>) -> tensor<9x5xf32>
  // expected-remark @below {{the ends of a group are not running sums of the sizes of groups}}
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%masked, %w : tensor<3x9x8xf32>, tensor<3x8x5xf32>) outs(%y_init : tensor<9x5xf32>) {
  ^bb0(%value: f32, %weight: f32, %out: f32):
    %product = arith.mulf %value, %weight : f32
    %sum = arith.addf %out, %product : f32
    linalg.yield %sum : f32
  } -> tensor<9x5xf32>
  return %y : tensor<9x5xf32>
}

// -----

#count = affine_map<(e, r) -> (r)>
#expert = affine_map<(e, r) -> (e)>
#group = affine_map<(e, r, d) -> (e)>
#row = affine_map<(e, r, d) -> (r, d)>
#all = affine_map<(e, r, d) -> (e, r, d)>
#x = affine_map<(r, f, e, d) -> (e, r, d)>
#w = affine_map<(r, f, e, d) -> (e, d, f)>
#y = affine_map<(r, f, e, d) -> (r, f)>

// Sizes that no one counted may be negative.
// CHECK-LABEL: func.func @unknown_sizes
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @unknown_sizes(%x: tensor<9x8xf32>, %w: tensor<3x8x5xf32>, %counts: tensor<3xi32>, %keys: tensor<9xi32>) -> tensor<9x5xf32> {
  %zero_i32 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %room = tensor.empty() : tensor<3xi32>
  %init = linalg.fill ins(%zero_i32 : i32) outs(%room : tensor<3xi32>) -> tensor<3xi32>
  %others = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%keys : tensor<9xi32>) outs(%init : tensor<3xi32>) {
  ^bb0(%key: i32, %out: i32):
    %e = linalg.index 0 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %key, %e32 : i32
    %one = arith.extui %here : i1 to i32
    %sum = arith.addi %out, %one : i32
    linalg.yield %sum : i32
  } -> tensor<3xi32>
  %ends = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%counts : tensor<3xi32>) outs(%init : tensor<3xi32>) {
  ^bb0(%count: i32, %out: i32):
    %e = linalg.index 0 : index
    %other = linalg.index 1 : index
    %before = arith.cmpi ule, %other, %e : index
    %sum = arith.addi %out, %count : i32
    %next = arith.select %before, %sum, %out : i32
    linalg.yield %next : i32
  } -> tensor<3xi32>
  %front = tensor.extract_slice %ends[0] [2] [1] : tensor<3xi32> to tensor<2xi32>
  %starts = tensor.insert_slice %front into %init[1] [2] [1] : tensor<2xi32> into tensor<3xi32>
  %masked_room = tensor.empty() : tensor<3x9x8xf32>
  %masked = linalg.generic {indexing_maps = [#group, #group, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%starts, %ends, %x : tensor<3xi32>, tensor<3xi32>, tensor<9x8xf32>) outs(%masked_room : tensor<3x9x8xf32>) {
  ^bb0(%start: i32, %end: i32, %value: f32, %out: f32):
    %r = linalg.index 1 : index
    %r32 = arith.index_cast %r : index to i32
    %behind = arith.cmpi sle, %start, %r32 : i32
    %before = arith.cmpi slt, %r32, %end : i32
    %inside = arith.andi %behind, %before : i1
    %kept = arith.select %inside, %value, %zero : f32
    linalg.yield %kept : f32
  } -> tensor<3x9x8xf32>
  %y_room = tensor.empty() : tensor<9x5xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<9x5xf32>) -> tensor<9x5xf32>
  // expected-remark @below {{the sizes of groups are no counts of rows}}
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%masked, %w : tensor<3x9x8xf32>, tensor<3x8x5xf32>) outs(%y_init : tensor<9x5xf32>) {
  ^bb0(%value: f32, %weight: f32, %out: f32):
    %product = arith.mulf %value, %weight : f32
    %sum = arith.addf %out, %product : f32
    linalg.yield %sum : f32
  } -> tensor<9x5xf32>
  return %y : tensor<9x5xf32>
}

// -----

#count = affine_map<(e, r) -> (r)>
#expert = affine_map<(e, r) -> (e)>
#group = affine_map<(e, r, d) -> (e)>
#row = affine_map<(e, r, d) -> (r, d)>
#all = affine_map<(e, r, d) -> (e, r, d)>
#x = affine_map<(r, f, e, d) -> (e, r, d)>
#w = affine_map<(r, f, e, d) -> (e, d, f)>
#y = affine_map<(r, f, e, d) -> (r, f)>

// Other rows add one, not zero.
// CHECK-LABEL: func.func @not_zero
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @not_zero(%x: tensor<9x8xf32>, %w: tensor<3x8x5xf32>, %keys: tensor<9xi32>) -> tensor<9x5xf32> {
  %zero_i32 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %foreign = arith.constant 1.0 : f32
  %room = tensor.empty() : tensor<3xi32>
  %init = linalg.fill ins(%zero_i32 : i32) outs(%room : tensor<3xi32>) -> tensor<3xi32>
  %counts = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%keys : tensor<9xi32>) outs(%init : tensor<3xi32>) {
  ^bb0(%key: i32, %out: i32):
    %e = linalg.index 0 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %key, %e32 : i32
    %one = arith.extui %here : i1 to i32
    %sum = arith.addi %out, %one : i32
    linalg.yield %sum : i32
  } -> tensor<3xi32>
  %ends = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%counts : tensor<3xi32>) outs(%init : tensor<3xi32>) {
  ^bb0(%count: i32, %out: i32):
    %e = linalg.index 0 : index
    %other = linalg.index 1 : index
    %before = arith.cmpi ule, %other, %e : index
    %sum = arith.addi %out, %count : i32
    %next = arith.select %before, %sum, %out : i32
    linalg.yield %next : i32
  } -> tensor<3xi32>
  %front = tensor.extract_slice %ends[0] [2] [1] : tensor<3xi32> to tensor<2xi32>
  %starts = tensor.insert_slice %front into %init[1] [2] [1] : tensor<2xi32> into tensor<3xi32>
  %masked_room = tensor.empty() : tensor<3x9x8xf32>
  %masked = linalg.generic {indexing_maps = [#group, #group, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%starts, %ends, %x : tensor<3xi32>, tensor<3xi32>, tensor<9x8xf32>) outs(%masked_room : tensor<3x9x8xf32>) {
  ^bb0(%start: i32, %end: i32, %value: f32, %out: f32):
    %r = linalg.index 1 : index
    %r32 = arith.index_cast %r : index to i32
    %behind = arith.cmpi sle, %start, %r32 : i32
    %before = arith.cmpi slt, %r32, %end : i32
    %inside = arith.andi %behind, %before : i1
    %kept = arith.select %inside, %value, %foreign : f32
    linalg.yield %kept : f32
  } -> tensor<3x9x8xf32>
  %y_room = tensor.empty() : tensor<9x5xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<9x5xf32>) -> tensor<9x5xf32>
  // expected-remark @below {{a row outside of a group may add to the sum}}
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%masked, %w : tensor<3x9x8xf32>, tensor<3x8x5xf32>) outs(%y_init : tensor<9x5xf32>) {
  ^bb0(%value: f32, %weight: f32, %out: f32):
    %product = arith.mulf %value, %weight : f32
    %sum = arith.addf %out, %product : f32
    linalg.yield %sum : f32
  } -> tensor<9x5xf32>
  return %y : tensor<9x5xf32>
}

// -----

#count = affine_map<(e, r) -> (r)>
#expert = affine_map<(e, r) -> (e)>
#group = affine_map<(e, r, d) -> (e)>
#row = affine_map<(e, r, d) -> (r, d)>
#all = affine_map<(e, r, d) -> (e, r, d)>
#x = affine_map<(r, f, e, d) -> (e, r, d)>
#w = affine_map<(r, f, e, d) -> (e, d, f)>
#y = affine_map<(r, f, e, d) -> (r, f)>

// A row is also in the group that ends with it.
// CHECK-LABEL: func.func @shared_row
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @shared_row(%x: tensor<9x8xf32>, %w: tensor<3x8x5xf32>, %keys: tensor<9xi32>) -> tensor<9x5xf32> {
  %zero_i32 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %room = tensor.empty() : tensor<3xi32>
  %init = linalg.fill ins(%zero_i32 : i32) outs(%room : tensor<3xi32>) -> tensor<3xi32>
  %counts = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%keys : tensor<9xi32>) outs(%init : tensor<3xi32>) {
  ^bb0(%key: i32, %out: i32):
    %e = linalg.index 0 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %key, %e32 : i32
    %one = arith.extui %here : i1 to i32
    %sum = arith.addi %out, %one : i32
    linalg.yield %sum : i32
  } -> tensor<3xi32>
  %ends = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%counts : tensor<3xi32>) outs(%init : tensor<3xi32>) {
  ^bb0(%count: i32, %out: i32):
    %e = linalg.index 0 : index
    %other = linalg.index 1 : index
    %before = arith.cmpi ule, %other, %e : index
    %sum = arith.addi %out, %count : i32
    %next = arith.select %before, %sum, %out : i32
    linalg.yield %next : i32
  } -> tensor<3xi32>
  %front = tensor.extract_slice %ends[0] [2] [1] : tensor<3xi32> to tensor<2xi32>
  %starts = tensor.insert_slice %front into %init[1] [2] [1] : tensor<2xi32> into tensor<3xi32>
  %masked_room = tensor.empty() : tensor<3x9x8xf32>
  %masked = linalg.generic {indexing_maps = [#group, #group, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%starts, %ends, %x : tensor<3xi32>, tensor<3xi32>, tensor<9x8xf32>) outs(%masked_room : tensor<3x9x8xf32>) {
  ^bb0(%start: i32, %end: i32, %value: f32, %out: f32):
    %r = linalg.index 1 : index
    %r32 = arith.index_cast %r : index to i32
    %behind = arith.cmpi sle, %start, %r32 : i32
    %before = arith.cmpi sle, %r32, %end : i32
    %inside = arith.andi %behind, %before : i1
    %kept = arith.select %inside, %value, %zero : f32
    linalg.yield %kept : f32
  } -> tensor<3x9x8xf32>
  %y_room = tensor.empty() : tensor<9x5xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<9x5xf32>) -> tensor<9x5xf32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%masked, %w : tensor<3x9x8xf32>, tensor<3x8x5xf32>) outs(%y_init : tensor<9x5xf32>) {
  ^bb0(%value: f32, %weight: f32, %out: f32):
    %product = arith.mulf %value, %weight : f32
    %sum = arith.addf %out, %product : f32
    linalg.yield %sum : f32
  } -> tensor<9x5xf32>
  return %y : tensor<9x5xf32>
}
