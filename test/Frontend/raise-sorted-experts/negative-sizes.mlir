// RUN: moe-opt %s --moe-raise-sorted-experts --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

#row = affine_map<(r) -> (r)>
#count = affine_map<(e, r) -> (r)>
#expert = affine_map<(e, r) -> (e)>
#of_row = affine_map<(r, d) -> (r)>
#all = affine_map<(r, d) -> (r, d)>

// The sizes of groups are counts of other ids.
// CHECK-LABEL: func.func @sizes_of_other_ids
// CHECK:         moe.sort
// CHECK-NOT:     moe.plan
// CHECK:         return
func.func @sizes_of_other_ids(%foreign: tensor<12xi32>,
    %x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w: tensor<4x5x8xf32>) -> tensor<6x5xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %c12 = arith.constant 12 : index
  %zero_i32 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %flat = tensor.collapse_shape %ids [[0, 1]] : tensor<6x2xi32> into tensor<12xi32>
  %flat_weights = tensor.collapse_shape %weights [[0, 1]] : tensor<6x2xf32> into tensor<12xf32>
  %places = tensor.empty() : tensor<12xi32>
  %numbers = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel"]} outs(%places : tensor<12xi32>) {
  ^bb0(%out: i32):
    %r = linalg.index 0 : index
    %r32 = arith.index_cast %r : index to i32
    linalg.yield %r32 : i32
  } -> tensor<12xi32>
  // expected-remark @below {{no sum of what its rows became is raised}}
  %sorted, %perm = moe.sort %flat, %numbers dimension 0 : tensor<12xi32>, tensor<12xi32> {
  ^bb0(%a: i32, %b: i32, %na: i32, %nb: i32):
    %less = arith.cmpi slt, %a, %b : i32
    moe.yield %less : i1
  }
  // How many rows an expert has, and those of the experts before it.
  %counts_room = tensor.empty() : tensor<4xi32>
  %counts_init = linalg.fill ins(%zero_i32 : i32) outs(%counts_room : tensor<4xi32>) -> tensor<4xi32>
  %counts = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%foreign : tensor<12xi32>) outs(%counts_init : tensor<4xi32>) {
  ^bb0(%id: i32, %out: i32):
    %e = linalg.index 0 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %id, %e32 : i32
    %one = arith.extui %here : i1 to i32
    %sum = arith.addi %out, %one : i32
    linalg.yield %sum : i32
  } -> tensor<4xi32>
  %offsets_room = tensor.empty() : tensor<5xi32>
  %offsets_init = linalg.fill ins(%zero_i32 : i32) outs(%offsets_room : tensor<5xi32>) -> tensor<5xi32>
  %offsets = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%counts : tensor<4xi32>) outs(%offsets_init : tensor<5xi32>) {
  ^bb0(%count: i32, %out: i32):
    %e = linalg.index 0 : index
    %other = linalg.index 1 : index
    %before = arith.cmpi ult, %other, %e : index
    %sum = arith.addi %out, %count : i32
    %next = arith.select %before, %sum, %out : i32
    linalg.yield %next : i32
  } -> tensor<5xi32>
  %rows_room = tensor.empty() : tensor<12x8xf32>
  %rows = linalg.generic {indexing_maps = [#of_row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%perm : tensor<12xi32>) outs(%rows_room : tensor<12x8xf32>) {
  ^bb0(%pair: i32, %out: f32):
    %p = arith.index_cast %pair : i32 to index
    %t = arith.floordivsi %p, %c2 : index
    %d = linalg.index 1 : index
    %value = tensor.extract %x[%t, %d] : tensor<6x8xf32>
    linalg.yield %value : f32
  } -> tensor<12x8xf32>
  %ys = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x5x8xf32>) offsets(%offsets : tensor<5xi32>) -> tensor<12x5xf32> {
  ^bb0(%run: tensor<?x8xf32>, %matrix: tensor<5x8xf32>):
    %i0 = arith.constant 0 : index
    %f0 = arith.constant 0.0 : f32
    %n = tensor.dim %run, %i0 : tensor<?x8xf32>
    %room = tensor.empty(%n) : tensor<?x5xf32>
    %init = linalg.fill ins(%f0 : f32) outs(%room : tensor<?x5xf32>) -> tensor<?x5xf32>
    %product = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%run, %matrix : tensor<?x8xf32>, tensor<5x8xf32>) outs(%init : tensor<?x5xf32>) -> tensor<?x5xf32>
    moe.yield %product : tensor<?x5xf32>
  }
  %y_room = tensor.empty() : tensor<6x5xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x5xf32>) -> tensor<6x5xf32>
  // expected-remark @below {{the sizes of groups are not counts of the ids that are sorted}}
  %y = scf.for %r = %c0 to %c12 step %c1 iter_args(%rows_so_far = %y_init) -> (tensor<6x5xf32>) {
    %next = scf.for %d = %c0 to %c5 step %c1 iter_args(%so_far = %rows_so_far) -> (tensor<6x5xf32>) {
      %pair = tensor.extract %perm[%r] : tensor<12xi32>
      %p = arith.index_cast %pair : i32 to index
      %t = arith.floordivsi %p, %c2 : index
      %weight = tensor.extract %flat_weights[%p] : tensor<12xf32>
      %row = tensor.extract %ys[%r, %d] : tensor<12x5xf32>
      %term = arith.mulf %row, %weight : f32
      %old = tensor.extract %so_far[%t, %d] : tensor<6x5xf32>
      %sum = arith.addf %old, %term : f32
      %inserted = tensor.insert %sum into %so_far[%t, %d] : tensor<6x5xf32>
      scf.yield %inserted : tensor<6x5xf32>
    }
    scf.yield %next : tensor<6x5xf32>
  }
  return %y : tensor<6x5xf32>
}

// -----

#row = affine_map<(r) -> (r)>
#count = affine_map<(e, r) -> (r)>
#expert = affine_map<(e, r) -> (e)>
#of_row = affine_map<(r, d) -> (r)>
#all = affine_map<(r, d) -> (r, d)>

// Runs that end where the next one should.
// CHECK-LABEL: func.func @runs_too_long
// CHECK:         moe.sort
// CHECK-NOT:     moe.plan
// CHECK:         return
func.func @runs_too_long(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w: tensor<4x5x8xf32>) -> tensor<6x5xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %c12 = arith.constant 12 : index
  %zero_i32 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %flat = tensor.collapse_shape %ids [[0, 1]] : tensor<6x2xi32> into tensor<12xi32>
  %flat_weights = tensor.collapse_shape %weights [[0, 1]] : tensor<6x2xf32> into tensor<12xf32>
  %places = tensor.empty() : tensor<12xi32>
  %numbers = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel"]} outs(%places : tensor<12xi32>) {
  ^bb0(%out: i32):
    %r = linalg.index 0 : index
    %r32 = arith.index_cast %r : index to i32
    linalg.yield %r32 : i32
  } -> tensor<12xi32>
  // expected-remark @below {{no sum of what its rows became is raised}}
  %sorted, %perm = moe.sort %flat, %numbers dimension 0 : tensor<12xi32>, tensor<12xi32> {
  ^bb0(%a: i32, %b: i32, %na: i32, %nb: i32):
    %less = arith.cmpi slt, %a, %b : i32
    moe.yield %less : i1
  }
  // How many rows an expert has, and those of the experts before it.
  %counts_room = tensor.empty() : tensor<4xi32>
  %counts_init = linalg.fill ins(%zero_i32 : i32) outs(%counts_room : tensor<4xi32>) -> tensor<4xi32>
  %counts = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%sorted : tensor<12xi32>) outs(%counts_init : tensor<4xi32>) {
  ^bb0(%id: i32, %out: i32):
    %e = linalg.index 0 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %id, %e32 : i32
    %one = arith.extui %here : i1 to i32
    %sum = arith.addi %out, %one : i32
    linalg.yield %sum : i32
  } -> tensor<4xi32>
  %offsets_room = tensor.empty() : tensor<5xi32>
  %offsets_init = linalg.fill ins(%zero_i32 : i32) outs(%offsets_room : tensor<5xi32>) -> tensor<5xi32>
  %offsets = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%counts : tensor<4xi32>) outs(%offsets_init : tensor<5xi32>) {
  ^bb0(%count: i32, %out: i32):
    %e = linalg.index 0 : index
    %other = linalg.index 1 : index
    %before = arith.cmpi ule, %other, %e : index
    %sum = arith.addi %out, %count : i32
    %next = arith.select %before, %sum, %out : i32
    linalg.yield %next : i32
  } -> tensor<5xi32>
  %rows_room = tensor.empty() : tensor<12x8xf32>
  %rows = linalg.generic {indexing_maps = [#of_row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%perm : tensor<12xi32>) outs(%rows_room : tensor<12x8xf32>) {
  ^bb0(%pair: i32, %out: f32):
    %p = arith.index_cast %pair : i32 to index
    %t = arith.floordivsi %p, %c2 : index
    %d = linalg.index 1 : index
    %value = tensor.extract %x[%t, %d] : tensor<6x8xf32>
    linalg.yield %value : f32
  } -> tensor<12x8xf32>
  %ys = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x5x8xf32>) offsets(%offsets : tensor<5xi32>) -> tensor<12x5xf32> {
  ^bb0(%run: tensor<?x8xf32>, %matrix: tensor<5x8xf32>):
    %i0 = arith.constant 0 : index
    %f0 = arith.constant 0.0 : f32
    %n = tensor.dim %run, %i0 : tensor<?x8xf32>
    %room = tensor.empty(%n) : tensor<?x5xf32>
    %init = linalg.fill ins(%f0 : f32) outs(%room : tensor<?x5xf32>) -> tensor<?x5xf32>
    %product = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%run, %matrix : tensor<?x8xf32>, tensor<5x8xf32>) outs(%init : tensor<?x5xf32>) -> tensor<?x5xf32>
    moe.yield %product : tensor<?x5xf32>
  }
  %y_room = tensor.empty() : tensor<6x5xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x5xf32>) -> tensor<6x5xf32>
  // expected-remark @below {{groups of rows are not between running sums}}
  %y = scf.for %r = %c0 to %c12 step %c1 iter_args(%rows_so_far = %y_init) -> (tensor<6x5xf32>) {
    %next = scf.for %d = %c0 to %c5 step %c1 iter_args(%so_far = %rows_so_far) -> (tensor<6x5xf32>) {
      %pair = tensor.extract %perm[%r] : tensor<12xi32>
      %p = arith.index_cast %pair : i32 to index
      %t = arith.floordivsi %p, %c2 : index
      %weight = tensor.extract %flat_weights[%p] : tensor<12xf32>
      %row = tensor.extract %ys[%r, %d] : tensor<12x5xf32>
      %term = arith.mulf %row, %weight : f32
      %old = tensor.extract %so_far[%t, %d] : tensor<6x5xf32>
      %sum = arith.addf %old, %term : f32
      %inserted = tensor.insert %sum into %so_far[%t, %d] : tensor<6x5xf32>
      scf.yield %inserted : tensor<6x5xf32>
    }
    scf.yield %next : tensor<6x5xf32>
  }
  return %y : tensor<6x5xf32>
}

// -----

#row = affine_map<(r) -> (r)>
#count = affine_map<(e, r) -> (r)>
#expert = affine_map<(e, r) -> (e)>
#of_row = affine_map<(r, d) -> (r)>
#all = affine_map<(r, d) -> (r, d)>

// Every row counts twice.
// CHECK-LABEL: func.func @counted_twice
// CHECK:         moe.sort
// CHECK-NOT:     moe.plan
// CHECK:         return
func.func @counted_twice(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w: tensor<4x5x8xf32>) -> tensor<6x5xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %c12 = arith.constant 12 : index
  %zero_i32 = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %flat = tensor.collapse_shape %ids [[0, 1]] : tensor<6x2xi32> into tensor<12xi32>
  %flat_weights = tensor.collapse_shape %weights [[0, 1]] : tensor<6x2xf32> into tensor<12xf32>
  %places = tensor.empty() : tensor<12xi32>
  %numbers = linalg.generic {indexing_maps = [#row], iterator_types = ["parallel"]} outs(%places : tensor<12xi32>) {
  ^bb0(%out: i32):
    %r = linalg.index 0 : index
    %r32 = arith.index_cast %r : index to i32
    linalg.yield %r32 : i32
  } -> tensor<12xi32>
  // expected-remark @below {{no sum of what its rows became is raised}}
  %sorted, %perm = moe.sort %flat, %numbers dimension 0 : tensor<12xi32>, tensor<12xi32> {
  ^bb0(%a: i32, %b: i32, %na: i32, %nb: i32):
    %less = arith.cmpi slt, %a, %b : i32
    moe.yield %less : i1
  }
  // How many rows an expert has, and those of the experts before it.
  %counts_room = tensor.empty() : tensor<4xi32>
  %counts_init = linalg.fill ins(%zero_i32 : i32) outs(%counts_room : tensor<4xi32>) -> tensor<4xi32>
  %counts = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%sorted : tensor<12xi32>) outs(%counts_init : tensor<4xi32>) {
  ^bb0(%id: i32, %out: i32):
    %e = linalg.index 0 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %id, %e32 : i32
    %bit = arith.extui %here : i1 to i32
    %one = arith.addi %bit, %bit : i32
    %sum = arith.addi %out, %one : i32
    linalg.yield %sum : i32
  } -> tensor<4xi32>
  %offsets_room = tensor.empty() : tensor<5xi32>
  %offsets_init = linalg.fill ins(%zero_i32 : i32) outs(%offsets_room : tensor<5xi32>) -> tensor<5xi32>
  %offsets = linalg.generic {indexing_maps = [#count, #expert], iterator_types = ["parallel", "reduction"]}
      ins(%counts : tensor<4xi32>) outs(%offsets_init : tensor<5xi32>) {
  ^bb0(%count: i32, %out: i32):
    %e = linalg.index 0 : index
    %other = linalg.index 1 : index
    %before = arith.cmpi ult, %other, %e : index
    %sum = arith.addi %out, %count : i32
    %next = arith.select %before, %sum, %out : i32
    linalg.yield %next : i32
  } -> tensor<5xi32>
  %rows_room = tensor.empty() : tensor<12x8xf32>
  %rows = linalg.generic {indexing_maps = [#of_row, #all], iterator_types = ["parallel", "parallel"]}
      ins(%perm : tensor<12xi32>) outs(%rows_room : tensor<12x8xf32>) {
  ^bb0(%pair: i32, %out: f32):
    %p = arith.index_cast %pair : i32 to index
    %t = arith.floordivsi %p, %c2 : index
    %d = linalg.index 1 : index
    %value = tensor.extract %x[%t, %d] : tensor<6x8xf32>
    linalg.yield %value : f32
  } -> tensor<12x8xf32>
  %ys = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x5x8xf32>) offsets(%offsets : tensor<5xi32>) -> tensor<12x5xf32> {
  ^bb0(%run: tensor<?x8xf32>, %matrix: tensor<5x8xf32>):
    %i0 = arith.constant 0 : index
    %f0 = arith.constant 0.0 : f32
    %n = tensor.dim %run, %i0 : tensor<?x8xf32>
    %room = tensor.empty(%n) : tensor<?x5xf32>
    %init = linalg.fill ins(%f0 : f32) outs(%room : tensor<?x5xf32>) -> tensor<?x5xf32>
    %product = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%run, %matrix : tensor<?x8xf32>, tensor<5x8xf32>) outs(%init : tensor<?x5xf32>) -> tensor<?x5xf32>
    moe.yield %product : tensor<?x5xf32>
  }
  %y_room = tensor.empty() : tensor<6x5xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x5xf32>) -> tensor<6x5xf32>
  // expected-remark @below {{the sizes of groups are not counts of the ids that are sorted}}
  %y = scf.for %r = %c0 to %c12 step %c1 iter_args(%rows_so_far = %y_init) -> (tensor<6x5xf32>) {
    %next = scf.for %d = %c0 to %c5 step %c1 iter_args(%so_far = %rows_so_far) -> (tensor<6x5xf32>) {
      %pair = tensor.extract %perm[%r] : tensor<12xi32>
      %p = arith.index_cast %pair : i32 to index
      %t = arith.floordivsi %p, %c2 : index
      %weight = tensor.extract %flat_weights[%p] : tensor<12xf32>
      %row = tensor.extract %ys[%r, %d] : tensor<12x5xf32>
      %term = arith.mulf %row, %weight : f32
      %old = tensor.extract %so_far[%t, %d] : tensor<6x5xf32>
      %sum = arith.addf %old, %term : f32
      %inserted = tensor.insert %sum into %so_far[%t, %d] : tensor<6x5xf32>
      scf.yield %inserted : tensor<6x5xf32>
    }
    scf.yield %next : tensor<6x5xf32>
  }
  return %y : tensor<6x5xf32>
}
