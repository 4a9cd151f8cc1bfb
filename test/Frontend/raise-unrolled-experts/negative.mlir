// RUN: moe-opt %s --moe-raise-unrolled-experts --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

#id = affine_map<(t, d) -> (t, d)>
#t = affine_map<(t, d) -> (t)>
#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>

// One expert is left out.
// CHECK-LABEL: func.func @missing
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @missing(%x: tensor<6x8xf32>, %key: tensor<6x3xf32>, %u: tensor<3x8x4xf32>, %v: tensor<3x4x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<6x4xf32>) -> tensor<6x4xf32>
  %yr = tensor.empty() : tensor<6x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<6x8xf32>) -> tensor<6x8xf32>
  %us0 = tensor.extract_slice %u[0, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs0 = tensor.extract_slice %v[0, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h0 = linalg.matmul ins(%x, %us0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a0 = math.tanh %h0 : tensor<6x4xf32>
  %r0 = linalg.matmul ins(%a0, %vs0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us1 = tensor.extract_slice %u[2, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs1 = tensor.extract_slice %v[2, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h1 = linalg.matmul ins(%x, %us1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a1 = math.tanh %h1 : tensor<6x4xf32>
  %r1 = linalg.matmul ins(%a1, %vs1 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w1 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  // expected-remark @below {{2 of 3 experts are added up}}
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  return %y1 : tensor<6x8xf32>
}

// -----

#id = affine_map<(t, d) -> (t, d)>
#t = affine_map<(t, d) -> (t)>
#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>

// One counts twice.
// CHECK-LABEL: func.func @repeated
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @repeated(%x: tensor<6x8xf32>, %key: tensor<6x3xf32>, %u: tensor<3x8x4xf32>, %v: tensor<3x4x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<6x4xf32>) -> tensor<6x4xf32>
  %yr = tensor.empty() : tensor<6x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<6x8xf32>) -> tensor<6x8xf32>
  %us0 = tensor.extract_slice %u[0, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs0 = tensor.extract_slice %v[0, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h0 = linalg.matmul ins(%x, %us0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a0 = math.tanh %h0 : tensor<6x4xf32>
  %r0 = linalg.matmul ins(%a0, %vs0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us1 = tensor.extract_slice %u[1, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs1 = tensor.extract_slice %v[1, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h1 = linalg.matmul ins(%x, %us1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a1 = math.tanh %h1 : tensor<6x4xf32>
  %r1 = linalg.matmul ins(%a1, %vs1 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w1 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us2 = tensor.extract_slice %u[2, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs2 = tensor.extract_slice %v[2, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h2 = linalg.matmul ins(%x, %us2 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a2 = math.tanh %h2 : tensor<6x4xf32>
  %r2 = linalg.matmul ins(%a2, %vs2 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us3 = tensor.extract_slice %u[1, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs3 = tensor.extract_slice %v[1, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h3 = linalg.matmul ins(%x, %us3 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a3 = math.tanh %h3 : tensor<6x4xf32>
  %r3 = linalg.matmul ins(%a3, %vs3 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w3 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  // expected-remark @below {{expert 1 is added twice}}
  %y3 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y2, %r3, %w3 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  return %y3 : tensor<6x8xf32>
}

// -----

#id = affine_map<(t, d) -> (t, d)>
#t = affine_map<(t, d) -> (t)>
#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>

// One computes something else.
// CHECK-LABEL: func.func @different
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @different(%x: tensor<6x8xf32>, %key: tensor<6x3xf32>, %u: tensor<3x8x4xf32>, %v: tensor<3x4x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<6x4xf32>) -> tensor<6x4xf32>
  %yr = tensor.empty() : tensor<6x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<6x8xf32>) -> tensor<6x8xf32>
  %us0 = tensor.extract_slice %u[0, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs0 = tensor.extract_slice %v[0, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h0 = linalg.matmul ins(%x, %us0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a0 = math.tanh %h0 : tensor<6x4xf32>
  %r0 = linalg.matmul ins(%a0, %vs0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us1 = tensor.extract_slice %u[1, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs1 = tensor.extract_slice %v[1, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h1 = linalg.matmul ins(%x, %us1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a1 = math.tanh %h1 : tensor<6x4xf32>
  %r1 = linalg.matmul ins(%a1, %vs1 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w1 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us2 = tensor.extract_slice %u[2, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs2 = tensor.extract_slice %v[2, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h2 = linalg.matmul ins(%x, %us2 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a2 = math.sin %h2 : tensor<6x4xf32>
  %r2 = linalg.matmul ins(%a2, %vs2 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  // expected-remark @below {{expert 2 computes something else than expert 0}}
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  return %y2 : tensor<6x8xf32>
}

// -----

#id = affine_map<(t, d) -> (t, d)>
#t = affine_map<(t, d) -> (t)>
#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>

// Every token has a weight for every expert.
// CHECK-LABEL: func.func @unmasked
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @unmasked(%x: tensor<6x8xf32>, %key: tensor<6x3xf32>, %u: tensor<3x8x4xf32>, %v: tensor<3x4x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %weight : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<6x4xf32>) -> tensor<6x4xf32>
  %yr = tensor.empty() : tensor<6x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<6x8xf32>) -> tensor<6x8xf32>
  %us0 = tensor.extract_slice %u[0, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs0 = tensor.extract_slice %v[0, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h0 = linalg.matmul ins(%x, %us0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a0 = math.tanh %h0 : tensor<6x4xf32>
  %r0 = linalg.matmul ins(%a0, %vs0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us1 = tensor.extract_slice %u[1, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs1 = tensor.extract_slice %v[1, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h1 = linalg.matmul ins(%x, %us1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a1 = math.tanh %h1 : tensor<6x4xf32>
  %r1 = linalg.matmul ins(%a1, %vs1 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w1 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us2 = tensor.extract_slice %u[2, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs2 = tensor.extract_slice %v[2, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h2 = linalg.matmul ins(%x, %us2 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a2 = math.tanh %h2 : tensor<6x4xf32>
  %r2 = linalg.matmul ins(%a2, %vs2 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  // expected-remark @below {{an expert that is not selected may add to the sum}}
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  return %y2 : tensor<6x8xf32>
}

// -----

#id = affine_map<(t, d) -> (t, d)>
#t = affine_map<(t, d) -> (t)>
#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>

// Tokens are added to the sum, which starts from them.
// CHECK-LABEL: func.func @two_starts
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @two_starts(%x: tensor<6x8xf32>, %key: tensor<6x3xf32>, %u: tensor<3x8x4xf32>, %v: tensor<3x4x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<6x4xf32>) -> tensor<6x4xf32>
  %yr = tensor.empty() : tensor<6x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<6x8xf32>) -> tensor<6x8xf32>
  %us0 = tensor.extract_slice %u[0, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs0 = tensor.extract_slice %v[0, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h0 = linalg.matmul ins(%x, %us0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a0 = math.tanh %h0 : tensor<6x4xf32>
  %r0 = linalg.matmul ins(%a0, %vs0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %r0, %w0 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %between = arith.addf %y0, %x : tensor<6x8xf32>
  %us1 = tensor.extract_slice %u[1, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs1 = tensor.extract_slice %v[1, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h1 = linalg.matmul ins(%x, %us1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a1 = math.tanh %h1 : tensor<6x4xf32>
  %r1 = linalg.matmul ins(%a1, %vs1 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w1 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%between, %r1, %w1 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us2 = tensor.extract_slice %u[2, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs2 = tensor.extract_slice %v[2, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h2 = linalg.matmul ins(%x, %us2 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a2 = math.tanh %h2 : tensor<6x4xf32>
  %r2 = linalg.matmul ins(%a2, %vs2 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  // expected-remark @below {{something else is added between the experts}}
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  return %y2 : tensor<6x8xf32>
}

// -----

#id = affine_map<(t, d) -> (t, d)>
#t = affine_map<(t, d) -> (t)>
#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>

// Two experts have the same matrices.
// CHECK-LABEL: func.func @shared
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @shared(%x: tensor<6x8xf32>, %key: tensor<6x3xf32>, %u0: tensor<8x4xf32>, %v0: tensor<4x8xf32>, %u1: tensor<8x4xf32>, %v1: tensor<4x8xf32>, %u2: tensor<8x4xf32>, %v2: tensor<4x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<6x4xf32>) -> tensor<6x4xf32>
  %yr = tensor.empty() : tensor<6x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<6x8xf32>) -> tensor<6x8xf32>
  %h0 = linalg.matmul ins(%x, %u0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a0 = math.tanh %h0 : tensor<6x4xf32>
  %r0 = linalg.matmul ins(%a0, %v0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %h1 = linalg.matmul ins(%x, %u1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a1 = math.tanh %h1 : tensor<6x4xf32>
  %r1 = linalg.matmul ins(%a1, %v1 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w1 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %h2 = linalg.matmul ins(%x, %u0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a2 = math.tanh %h2 : tensor<6x4xf32>
  %r2 = linalg.matmul ins(%a2, %v0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  // expected-remark @below {{experts share an operand}}
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  return %y2 : tensor<6x8xf32>
}
