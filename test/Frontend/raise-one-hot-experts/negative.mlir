// RUN: moe-opt %s --moe-raise-one-hot-experts --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

#te = affine_map<(t, e) -> (t, e)>
#t = affine_map<(t, e) -> (t, 0)>
#in = affine_map<(t, e, r) -> (t + r, e)>
#window = affine_map<(t, e, r) -> (r)>
#out = affine_map<(t, e, r) -> (t, e)>
#one = affine_map<(t, e, c) -> (t, e)>
#first = affine_map<(t, e, c) -> (t, 0)>
#tec = affine_map<(t, e, c) -> (t, e, c)>
#mask = affine_map<(e, c, d, t) -> (t, e, c)>
#x = affine_map<(e, c, d, t) -> (t, d)>
#rows = affine_map<(e, c, d, t) -> (e, c, d)>
#all = affine_map<(e, c, f) -> (e, c, f)>
#combine = affine_map<(t, d, e, c) -> (t, e, c)>
#y = affine_map<(t, d, e, c) -> (e, c, d)>
#token = affine_map<(t, d, e, c) -> (t, d)>

// Every second place.
// CHECK-LABEL: func.func @counted_twice
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @counted_twice(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x8x16xf32>, %w2: tensor<4x16x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ids = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x1xi32> -> tensor<6x1xf32>
  %te_room = tensor.empty() : tensor<6x4xf32>
  %one_hot = linalg.generic {indexing_maps = [#t, #te], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6x1xi32>) outs(%te_room : tensor<6x4xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %id, %e32 : i32
    %m = arith.uitofp %here : i1 to f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %padded = tensor.pad %one_hot low[5, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<6x4xf32> to tensor<11x4xf32>
  %te_init = linalg.fill ins(%zero : f32) outs(%te_room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %length = tensor.empty() : tensor<6xf32>
  %cumsum = linalg.generic {indexing_maps = [#in, #window, #out], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%padded, %length : tensor<11x4xf32>, tensor<6xf32>) outs(%te_init : tensor<6x4xf32>) {
  ^bb0(%m: f32, %unused: f32, %out: f32):
    %sum = arith.addf %out, %m : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %half_counts = linalg.generic {indexing_maps = [#te, #te], iterator_types = ["parallel", "parallel"]}
      ins(%cumsum : tensor<6x4xf32>) outs(%te_room : tensor<6x4xf32>) {
  ^bb0(%n: f32, %out: f32):
    %twice = arith.addf %n, %n : f32
    linalg.yield %twice : f32
  } -> tensor<6x4xf32>
  %tec_room = tensor.empty() : tensor<6x4x2xf32>
  %dispatch = linalg.generic {indexing_maps = [#one, #one, #tec], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%one_hot, %half_counts : tensor<6x4xf32>, tensor<6x4xf32>) outs(%tec_room : tensor<6x4x2xf32>) {
  ^bb0(%m: f32, %n: f32, %out: f32):
    %c = linalg.index 2 : index
    %c32 = arith.index_cast %c : index to i32
    %before = arith.subf %n, %one : f32
    %place = arith.fptosi %before : f32 to i32
    %here = arith.cmpi eq, %place, %c32 : i32
    %h = arith.uitofp %here : i1 to f32
    %both = arith.mulf %h, %m : f32
    linalg.yield %both : f32
  } -> tensor<6x4x2xf32>
  %x_room = tensor.empty() : tensor<4x2x8xf32>
  %x_init = linalg.fill ins(%zero : f32) outs(%x_room : tensor<4x2x8xf32>) -> tensor<4x2x8xf32>
  %xs = linalg.generic {indexing_maps = [#mask, #x, #rows], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%dispatch, %x : tensor<6x4x2xf32>, tensor<6x8xf32>) outs(%x_init : tensor<4x2x8xf32>) {
  ^bb0(%m: f32, %v: f32, %out: f32):
    %p = arith.mulf %m, %v : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<4x2x8xf32>
  %h_room = tensor.empty() : tensor<4x2x16xf32>
  %h_init = linalg.fill ins(%zero : f32) outs(%h_room : tensor<4x2x16xf32>) -> tensor<4x2x16xf32>
  %h = linalg.batch_matmul ins(%xs, %w1 : tensor<4x2x8xf32>, tensor<4x8x16xf32>) outs(%h_init : tensor<4x2x16xf32>) -> tensor<4x2x16xf32>
  %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h : tensor<4x2x16xf32>) outs(%h_room : tensor<4x2x16xf32>) {
  ^bb0(%v: f32, %out: f32):
    %r = math.tanh %v : f32
    linalg.yield %r : f32
  } -> tensor<4x2x16xf32>
  %ys = linalg.batch_matmul ins(%a, %w2 : tensor<4x2x16xf32>, tensor<4x16x8xf32>) outs(%x_init : tensor<4x2x8xf32>) -> tensor<4x2x8xf32>
  %combine = linalg.generic {indexing_maps = [#tec, #first, #tec], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%dispatch, %weights : tensor<6x4x2xf32>, tensor<6x1xf32>) outs(%tec_room : tensor<6x4x2xf32>) {
  ^bb0(%m: f32, %w: f32, %out: f32):
    %p = arith.mulf %m, %w : f32
    linalg.yield %p : f32
  } -> tensor<6x4x2xf32>
  %y_room = tensor.empty() : tensor<6x8xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  // expected-remark @below {{places do not count from zero all slots that come before}}
  %y = linalg.generic {indexing_maps = [#combine, #y, #token], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%combine, %ys : tensor<6x4x2xf32>, tensor<4x2x8xf32>) outs(%y_init : tensor<6x8xf32>) {
  ^bb0(%w: f32, %r: f32, %out: f32):
    %p = arith.mulf %w, %r : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

#te = affine_map<(t, e) -> (t, e)>
#t = affine_map<(t, e) -> (t, 0)>
#in = affine_map<(t, e, r) -> (t + r, e)>
#window = affine_map<(t, e, r) -> (r)>
#out = affine_map<(t, e, r) -> (t, e)>
#one = affine_map<(t, e, c) -> (t, e)>
#first = affine_map<(t, e, c) -> (t, 0)>
#tec = affine_map<(t, e, c) -> (t, e, c)>
#mask = affine_map<(e, c, d, t) -> (t, e, c)>
#x = affine_map<(e, c, d, t) -> (t, d)>
#rows = affine_map<(e, c, d, t) -> (e, c, d)>
#all = affine_map<(e, c, f) -> (e, c, f)>
#combine = affine_map<(t, d, e, c) -> (t, e, c)>
#y = affine_map<(t, d, e, c) -> (e, c, d)>
#token = affine_map<(t, d, e, c) -> (t, d)>

// Nothing says that two tokens do not share a place.
// CHECK-LABEL: func.func @given_places
// CHECK-NOT:     moe.experts
// CHECK:         return
func.func @given_places(%x: tensor<6x8xf32>, %key: tensor<6x4xf32>,
    %w1: tensor<4x8x16xf32>, %w2: tensor<4x16x8xf32>,
    %places: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ids = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf32>, tensor<6x1xi32> -> tensor<6x1xf32>
  %te_room = tensor.empty() : tensor<6x4xf32>
  %one_hot = linalg.generic {indexing_maps = [#t, #te], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<6x1xi32>) outs(%te_room : tensor<6x4xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %id, %e32 : i32
    %m = arith.uitofp %here : i1 to f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %padded = tensor.pad %one_hot low[5, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<6x4xf32> to tensor<11x4xf32>
  %te_init = linalg.fill ins(%zero : f32) outs(%te_room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %length = tensor.empty() : tensor<6xf32>
  %cumsum = linalg.generic {indexing_maps = [#in, #window, #out], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%padded, %length : tensor<11x4xf32>, tensor<6xf32>) outs(%te_init : tensor<6x4xf32>) {
  ^bb0(%m: f32, %unused: f32, %out: f32):
    %sum = arith.addf %out, %m : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %tec_room = tensor.empty() : tensor<6x4x2xf32>
  %dispatch = linalg.generic {indexing_maps = [#one, #one, #tec], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%one_hot, %places : tensor<6x4xf32>, tensor<6x4xf32>) outs(%tec_room : tensor<6x4x2xf32>) {
  ^bb0(%m: f32, %n: f32, %out: f32):
    %c = linalg.index 2 : index
    %c32 = arith.index_cast %c : index to i32
    %before = arith.subf %n, %one : f32
    %place = arith.fptosi %before : f32 to i32
    %here = arith.cmpi eq, %place, %c32 : i32
    %h = arith.uitofp %here : i1 to f32
    %both = arith.mulf %h, %m : f32
    linalg.yield %both : f32
  } -> tensor<6x4x2xf32>
  %x_room = tensor.empty() : tensor<4x2x8xf32>
  %x_init = linalg.fill ins(%zero : f32) outs(%x_room : tensor<4x2x8xf32>) -> tensor<4x2x8xf32>
  %xs = linalg.generic {indexing_maps = [#mask, #x, #rows], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%dispatch, %x : tensor<6x4x2xf32>, tensor<6x8xf32>) outs(%x_init : tensor<4x2x8xf32>) {
  ^bb0(%m: f32, %v: f32, %out: f32):
    %p = arith.mulf %m, %v : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<4x2x8xf32>
  %h_room = tensor.empty() : tensor<4x2x16xf32>
  %h_init = linalg.fill ins(%zero : f32) outs(%h_room : tensor<4x2x16xf32>) -> tensor<4x2x16xf32>
  %h = linalg.batch_matmul ins(%xs, %w1 : tensor<4x2x8xf32>, tensor<4x8x16xf32>) outs(%h_init : tensor<4x2x16xf32>) -> tensor<4x2x16xf32>
  %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h : tensor<4x2x16xf32>) outs(%h_room : tensor<4x2x16xf32>) {
  ^bb0(%v: f32, %out: f32):
    %r = math.tanh %v : f32
    linalg.yield %r : f32
  } -> tensor<4x2x16xf32>
  %ys = linalg.batch_matmul ins(%a, %w2 : tensor<4x2x16xf32>, tensor<4x16x8xf32>) outs(%x_init : tensor<4x2x8xf32>) -> tensor<4x2x8xf32>
  %combine = linalg.generic {indexing_maps = [#tec, #first, #tec], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%dispatch, %weights : tensor<6x4x2xf32>, tensor<6x1xf32>) outs(%tec_room : tensor<6x4x2xf32>) {
  ^bb0(%m: f32, %w: f32, %out: f32):
    %p = arith.mulf %m, %w : f32
    linalg.yield %p : f32
  } -> tensor<6x4x2xf32>
  %y_room = tensor.empty() : tensor<6x8xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<6x8xf32>) -> tensor<6x8xf32>
  // expected-remark @below {{a place is more than a count of the tokens before}}
  %y = linalg.generic {indexing_maps = [#combine, #y, #token], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%combine, %ys : tensor<6x4x2xf32>, tensor<4x2x8xf32>) outs(%y_init : tensor<6x8xf32>) {
  ^bb0(%w: f32, %r: f32, %out: f32):
    %p = arith.mulf %w, %r : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
