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
#m = affine_map<(t, e, f, d) -> (t, e)>

// Llama 4: the mask is on the input, where two slots have weights of their own;
// what an activation makes of zero is zero.
// CHECK-LABEL: func.func @masked_input
// CHECK:         moe.dispatch %{{.+}}, %{{.+}} slots 2 : tensor<6x8xf32>
// CHECK:         %[[COLUMN:.+]] = tensor.expand_shape {{.+}} output_shape [12, 1]
// CHECK:         moe.dispatch %[[COLUMN]], %{{.+}} slots 1
// CHECK:         moe.experts
func.func @masked_input(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x8x16xf32>, %w2: tensor<4x16x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
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
  %h = linalg.generic {indexing_maps = [#x, #m, #w1, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %mask, %w1 : tensor<6x8xf32>, tensor<6x4xf32>, tensor<4x8x16xf32>) outs(%h_init : tensor<6x4x16xf32>) {
  ^bb0(%a: f32, %m: f32, %b: f32, %out: f32):
    %masked = arith.mulf %a, %m : f32
    %p = arith.mulf %masked, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x4x16xf32>
  %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h : tensor<6x4x16xf32>) outs(%h_room : tensor<6x4x16xf32>) {
  ^bb0(%v: f32, %out: f32):
    %s = math.exp %v : f32
    %y = arith.mulf %v, %s : f32
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
    %p = arith.mulf %r, %one : f32
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
#m = affine_map<(t, e, f, d) -> (t, e)>

// exp(0) is not zero.
// CHECK-LABEL: func.func @bias
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @bias(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x8x16xf32>, %w2: tensor<4x16x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
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
  %h = linalg.generic {indexing_maps = [#x, #m, #w1, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %mask, %w1 : tensor<6x8xf32>, tensor<6x4xf32>, tensor<4x8x16xf32>) outs(%h_init : tensor<6x4x16xf32>) {
  ^bb0(%a: f32, %m: f32, %b: f32, %out: f32):
    %masked = arith.mulf %a, %m : f32
    %p = arith.mulf %masked, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x4x16xf32>
  %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h : tensor<6x4x16xf32>) outs(%h_room : tensor<6x4x16xf32>) {
  ^bb0(%v: f32, %out: f32):
    %y = math.exp %v : f32
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
    %p = arith.mulf %r, %one : f32
    %sum = arith.addf %p, %out : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  return %result : tensor<6x8xf32>
}
