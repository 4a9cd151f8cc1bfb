// RUN: moe-opt %s --moe-raise-dense-experts --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>
#x = affine_map<(t, e, f, d) -> (t, d)>
#w1 = affine_map<(t, e, f, d) -> (e, d, f)>
#h = affine_map<(t, e, f, d) -> (t, e, f)>
#w2 = affine_map<(t, e, d, f) -> (e, f, d)>
#in = affine_map<(t, e, d, f) -> (t, e, f)>
#all = affine_map<(t, e, f) -> (t, e, f)>
#token = affine_map<(t, d, e) -> (t, d)>
#row = affine_map<(t, d, e) -> (t, e, d)>
#weight = affine_map<(t, d, e) -> (t, e)>

// A mask that is added masks nothing.
// CHECK-LABEL: func.func @added
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @added(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x8x16xf32>, %w2: tensor<4x16x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mask_room = tensor.empty() : tensor<6x4xf32>
  %mask_init = linalg.fill ins(%zero : f32) outs(%mask_room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mask_init : tensor<6x4xf32>) {
  ^bb0(%id: i32, %w: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %one_hot = arith.uitofp %here : i1 to f32
    %term = arith.mulf %one_hot, %w : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %h_room = tensor.empty() : tensor<6x4x16xf32>
  %h_init = linalg.fill ins(%zero : f32) outs(%h_room : tensor<6x4x16xf32>) -> tensor<6x4x16xf32>
  %h = linalg.generic {indexing_maps = [#x, #w1, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w1 : tensor<6x8xf32>, tensor<4x8x16xf32>) outs(%h_init : tensor<6x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x4x16xf32>
  %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h : tensor<6x4x16xf32>) outs(%h_room : tensor<6x4x16xf32>) {
  ^bb0(%v: f32, %out: f32):
    %y = math.tanh %v : f32
    linalg.yield %y : f32
  } -> tensor<6x4x16xf32>
  %y_room = tensor.empty() : tensor<6x4x8xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x4x8xf32>) -> tensor<6x4x8xf32>
  %y = linalg.generic {indexing_maps = [#in, #w2, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %w2 : tensor<6x4x16xf32>, tensor<4x16x8xf32>) outs(%y_init : tensor<6x4x8xf32>) {
  ^bb0(%a0: f32, %b: f32, %out: f32):
    %p = arith.mulf %a0, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x4x8xf32>
  %sum_room = tensor.empty() : tensor<6x8xf32>
  %sum_init = linalg.fill ins(%zero : f32) outs(%sum_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  // expected-remark @below {{an expert that is not selected may add to the sum}}
  %result = linalg.generic {indexing_maps = [#row, #weight, #token], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y, %mask : tensor<6x4x8xf32>, tensor<6x4xf32>) outs(%sum_init : tensor<6x8xf32>) {
  ^bb0(%r: f32, %w: f32, %out: f32):
    %p = arith.addf %w, %r : f32
    %sum = arith.addf %p, %out : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  return %result : tensor<6x8xf32>
}

// -----

#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>
#x = affine_map<(t, e, f, d) -> (t, d)>
#w1 = affine_map<(t, e, f, d) -> (e, d, f)>
#h = affine_map<(t, e, f, d) -> (t, e, f)>
#w2 = affine_map<(t, e, d, f) -> (e, f, d)>
#in = affine_map<(t, e, d, f) -> (t, e, f)>
#all = affine_map<(t, e, f) -> (t, e, f)>
#token = affine_map<(t, d, e) -> (t, d)>
#row = affine_map<(t, d, e) -> (t, e, d)>
#weight = affine_map<(t, d, e) -> (t, e)>

// CHECK-LABEL: func.func @pair_operand
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @pair_operand(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x8x16xf32>, %w2: tensor<4x16x8xf32>,
    %noise: tensor<6x4x16xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mask_room = tensor.empty() : tensor<6x4xf32>
  %mask_init = linalg.fill ins(%zero : f32) outs(%mask_room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mask_init : tensor<6x4xf32>) {
  ^bb0(%id: i32, %w: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %one_hot = arith.uitofp %here : i1 to f32
    %term = arith.mulf %one_hot, %w : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %h_room = tensor.empty() : tensor<6x4x16xf32>
  %h_init = linalg.fill ins(%zero : f32) outs(%h_room : tensor<6x4x16xf32>) -> tensor<6x4x16xf32>
  %h = linalg.generic {indexing_maps = [#x, #w1, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w1 : tensor<6x8xf32>, tensor<4x8x16xf32>) outs(%h_init : tensor<6x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x4x16xf32>
  %a = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h, %noise : tensor<6x4x16xf32>, tensor<6x4x16xf32>) outs(%h_room : tensor<6x4x16xf32>) {
  ^bb0(%v: f32, %n: f32, %out: f32):
    %y = arith.addf %v, %n : f32
    linalg.yield %y : f32
  } -> tensor<6x4x16xf32>
  %y_room = tensor.empty() : tensor<6x4x8xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x4x8xf32>) -> tensor<6x4x8xf32>
  %y = linalg.generic {indexing_maps = [#in, #w2, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %w2 : tensor<6x4x16xf32>, tensor<4x16x8xf32>) outs(%y_init : tensor<6x4x8xf32>) {
  ^bb0(%a0: f32, %b: f32, %out: f32):
    %p = arith.mulf %a0, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x4x8xf32>
  %sum_room = tensor.empty() : tensor<6x8xf32>
  %sum_init = linalg.fill ins(%zero : f32) outs(%sum_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  // expected-remark @below {{a row reads more than its token and its expert: a block argument}}
  %result = linalg.generic {indexing_maps = [#row, #weight, #token], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y, %mask : tensor<6x4x8xf32>, tensor<6x4xf32>) outs(%sum_init : tensor<6x8xf32>) {
  ^bb0(%r: f32, %w: f32, %out: f32):
    %p = arith.mulf %w, %r : f32
    %sum = arith.addf %p, %out : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  return %result : tensor<6x8xf32>
}

// -----

#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>
#x = affine_map<(t, e, f, d) -> (t, d)>
#w1 = affine_map<(t, e, f, d) -> (e, d, f)>
#h = affine_map<(t, e, f, d) -> (t, e, f)>
#w2 = affine_map<(t, e, d, f) -> (e, f, d)>
#in = affine_map<(t, e, d, f) -> (t, e, f)>
#all = affine_map<(t, e, f) -> (t, e, f)>
#token = affine_map<(t, d, e) -> (t, d)>
#row = affine_map<(t, d, e) -> (t, e, d)>
#weight = affine_map<(t, d, e) -> (t, e)>

// Weights of all experts, soft MoE: there is no mask.
// CHECK-LABEL: func.func @soft
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @soft(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x8x16xf32>, %w2: tensor<4x16x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mask_room = tensor.empty() : tensor<6x4xf32>
  %mask_init = linalg.fill ins(%zero : f32) outs(%mask_room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mask_init : tensor<6x4xf32>) {
  ^bb0(%id: i32, %w: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %one_hot = arith.uitofp %id : i32 to f32
    %term = arith.mulf %one_hot, %w : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %h_room = tensor.empty() : tensor<6x4x16xf32>
  %h_init = linalg.fill ins(%zero : f32) outs(%h_room : tensor<6x4x16xf32>) -> tensor<6x4x16xf32>
  %h = linalg.generic {indexing_maps = [#x, #w1, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w1 : tensor<6x8xf32>, tensor<4x8x16xf32>) outs(%h_init : tensor<6x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x4x16xf32>
  %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h : tensor<6x4x16xf32>) outs(%h_room : tensor<6x4x16xf32>) {
  ^bb0(%v: f32, %out: f32):
    %y = math.tanh %v : f32
    linalg.yield %y : f32
  } -> tensor<6x4x16xf32>
  %y_room = tensor.empty() : tensor<6x4x8xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x4x8xf32>) -> tensor<6x4x8xf32>
  %y = linalg.generic {indexing_maps = [#in, #w2, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %w2 : tensor<6x4x16xf32>, tensor<4x16x8xf32>) outs(%y_init : tensor<6x4x8xf32>) {
  ^bb0(%a0: f32, %b: f32, %out: f32):
    %p = arith.mulf %a0, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x4x8xf32>
  %sum_room = tensor.empty() : tensor<6x8xf32>
  %sum_init = linalg.fill ins(%zero : f32) outs(%sum_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  %result = linalg.generic {indexing_maps = [#row, #weight, #token], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y, %mask : tensor<6x4x8xf32>, tensor<6x4xf32>) outs(%sum_init : tensor<6x8xf32>) {
  ^bb0(%r: f32, %w: f32, %out: f32):
    %p = arith.mulf %w, %r : f32
    %sum = arith.addf %p, %out : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  return %result : tensor<6x8xf32>
}

// -----

// Without a selection all experts count.
// CHECK-LABEL: func.func @ensemble
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @ensemble(%x: tensor<6x8xf32>, %share: tensor<6x4xf32>,
    %w: tensor<4x8x8xf32>, %zero3: tensor<6x4x8xf32>, %zero: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %y = linalg.generic {indexing_maps = [
        affine_map<(t, e, f, d) -> (t, d)>, affine_map<(t, e, f, d) -> (e, d, f)>,
        affine_map<(t, e, f, d) -> (t, e, f)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<6x8xf32>, tensor<4x8x8xf32>) outs(%zero3 : tensor<6x4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x4x8xf32>
  // expected-remark @below {{all terms count: no expert is selected}}
  %mean = linalg.generic {indexing_maps = [
        affine_map<(t, d, e) -> (t, e, d)>, affine_map<(t, d, e) -> (t, e)>,
        affine_map<(t, d, e) -> (t, d)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y, %share : tensor<6x4x8xf32>, tensor<6x4xf32>) outs(%zero : tensor<6x8xf32>) {
  ^bb0(%row: f32, %s: f32, %out: f32):
    %p = arith.mulf %row, %s : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  return %mean : tensor<6x8xf32>
}

// -----

// The values of an attention do not look like experts.
// CHECK-LABEL: func.func @attention
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @attention(%p: tensor<6x5xf32>, %memory: tensor<5x8xf32>, %w: tensor<8x8xf32>,
    %zero5: tensor<5x8xf32>, %zero: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %v = linalg.matmul ins(%memory, %w : tensor<5x8xf32>, tensor<8x8xf32>)
      outs(%zero5 : tensor<5x8xf32>) -> tensor<5x8xf32>
  %y = linalg.matmul ins(%p, %v : tensor<6x5xf32>, tensor<5x8xf32>)
      outs(%zero : tensor<6x8xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
