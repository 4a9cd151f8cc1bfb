// RUN: moe-opt %s --moe-raise-dense-experts | FileCheck %s
// RUN: moe-run %s --entry=dynamic --backend=cpu --compare=reference --dim=7 --dim=7 --remarks-filter-missed=none
// RUN: moe-run %s --entry=dynamic --backend=cpu --compare=reference --dim=0 --dim=0 --remarks-filter-missed=none
// RUN: moe-run %s --entry=dynamic --backend=cpu --compare=reference --dim=1 --dim=1 --remarks-filter-missed=none
// RUN: moe-run %s --entry=every_expert --backend=cpu --compare=reference --remarks-filter-missed=none
// RUN: moe-run %s --entry=half --backend=cpu --compare=reference --remarks-filter-missed=none

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

// CHECK-LABEL: func.func @dynamic
// CHECK:         moe.combine {{.+}} : tensor<?x8xf32>, tensor<?xi32>, tensor<?x3xf32>
func.func @dynamic(%x: tensor<?x8xf32>, %key: tensor<?x5xf32>,
    %w1: tensor<5x8x7xf32>, %w2: tensor<5x7x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %T = tensor.dim %key, %c0 : tensor<?x5xf32>
  %ids = moe.select #moe.top_k<3> %key : tensor<?x5xf32> -> tensor<?x3xi32>
  %weights = moe.weigh value %key, %ids : tensor<?x5xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  %mask_room = tensor.empty(%T) : tensor<?x5xf32>
  %mask_init = linalg.fill ins(%zero : f32) outs(%mask_room : tensor<?x5xf32>) -> tensor<?x5xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<?x3xi32>, tensor<?x3xf32>) outs(%mask_init : tensor<?x5xf32>) {
  ^bb0(%id: i32, %w: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %one_hot = arith.uitofp %here : i1 to f32
    %term = arith.select %here, %w, %zero : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<?x5xf32>
  %h_room = tensor.empty(%T) : tensor<?x5x7xf32>
  %h_init = linalg.fill ins(%zero : f32) outs(%h_room : tensor<?x5x7xf32>) -> tensor<?x5x7xf32>
  %h = linalg.generic {indexing_maps = [#x, #w1, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w1 : tensor<?x8xf32>, tensor<5x8x7xf32>) outs(%h_init : tensor<?x5x7xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<?x5x7xf32>
  %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h : tensor<?x5x7xf32>) outs(%h_room : tensor<?x5x7xf32>) {
  ^bb0(%v: f32, %out: f32):
    %y = math.tanh %v : f32
    linalg.yield %y : f32
  } -> tensor<?x5x7xf32>
  %y_room = tensor.empty(%T) : tensor<?x5x8xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<?x5x8xf32>) -> tensor<?x5x8xf32>
  %y = linalg.generic {indexing_maps = [#in, #w2, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %w2 : tensor<?x5x7xf32>, tensor<5x7x8xf32>) outs(%y_init : tensor<?x5x8xf32>) {
  ^bb0(%a0: f32, %b: f32, %out: f32):
    %p = arith.mulf %a0, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<?x5x8xf32>
  %sum_room = tensor.empty(%T) : tensor<?x8xf32>
  %sum_init = linalg.fill ins(%zero : f32) outs(%sum_room : tensor<?x8xf32>) -> tensor<?x8xf32>
  %result = linalg.generic {indexing_maps = [#row, #weight, #token], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y, %mask : tensor<?x5x8xf32>, tensor<?x5xf32>) outs(%sum_init : tensor<?x8xf32>) {
  ^bb0(%r: f32, %w: f32, %out: f32):
    %p = arith.mulf %w, %r : f32
    %sum = arith.addf %p, %out : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  return %result : tensor<?x8xf32>
}

// All experts are selected.
// CHECK-LABEL: func.func @every_expert
// CHECK:         moe.combine {{.+}} : tensor<9x3xf32>, tensor<9xi32>, tensor<3x3xf32>
func.func @every_expert(%x: tensor<3x3xf32>, %key: tensor<3x3xf32>,
    %w1: tensor<3x3x5xf32>, %w2: tensor<3x5x3xf32>) -> tensor<3x3xf32> {
  %zero = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<3> %key : tensor<3x3xf32> -> tensor<3x3xi32>
  %weights = moe.weigh value %key, %ids : tensor<3x3xf32>, tensor<3x3xi32> -> tensor<3x3xf32>
  %mask_room = tensor.empty() : tensor<3x3xf32>
  %mask_init = linalg.fill ins(%zero : f32) outs(%mask_room : tensor<3x3xf32>) -> tensor<3x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<3x3xi32>, tensor<3x3xf32>) outs(%mask_init : tensor<3x3xf32>) {
  ^bb0(%id: i32, %w: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %one_hot = arith.uitofp %here : i1 to f32
    %term = arith.mulf %one_hot, %w : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<3x3xf32>
  %h_room = tensor.empty() : tensor<3x3x5xf32>
  %h_init = linalg.fill ins(%zero : f32) outs(%h_room : tensor<3x3x5xf32>) -> tensor<3x3x5xf32>
  %h = linalg.generic {indexing_maps = [#x, #w1, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w1 : tensor<3x3xf32>, tensor<3x3x5xf32>) outs(%h_init : tensor<3x3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<3x3x5xf32>
  %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h : tensor<3x3x5xf32>) outs(%h_room : tensor<3x3x5xf32>) {
  ^bb0(%v: f32, %out: f32):
    %y = math.tanh %v : f32
    linalg.yield %y : f32
  } -> tensor<3x3x5xf32>
  %y_room = tensor.empty() : tensor<3x3x3xf32>
  %y_init = linalg.fill ins(%zero : f32) outs(%y_room : tensor<3x3x3xf32>) -> tensor<3x3x3xf32>
  %y = linalg.generic {indexing_maps = [#in, #w2, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %w2 : tensor<3x3x5xf32>, tensor<3x5x3xf32>) outs(%y_init : tensor<3x3x3xf32>) {
  ^bb0(%a0: f32, %b: f32, %out: f32):
    %p = arith.mulf %a0, %b : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<3x3x3xf32>
  %sum_room = tensor.empty() : tensor<3x3xf32>
  %sum_init = linalg.fill ins(%zero : f32) outs(%sum_room : tensor<3x3xf32>) -> tensor<3x3xf32>
  %result = linalg.generic {indexing_maps = [#row, #weight, #token], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y, %mask : tensor<3x3x3xf32>, tensor<3x3xf32>) outs(%sum_init : tensor<3x3xf32>) {
  ^bb0(%r: f32, %w: f32, %out: f32):
    %p = arith.mulf %w, %r : f32
    %sum = arith.addf %p, %out : f32
    linalg.yield %sum : f32
  } -> tensor<3x3xf32>
  return %result : tensor<3x3xf32>
}

// CHECK-LABEL: func.func @half
// CHECK:         moe.combine {{.+}} : tensor<6x8xf16>, tensor<6xi32>, tensor<6x1xf16>
func.func @half(%x: tensor<6x8xf16>, %key: tensor<6x4xf16>,
    %w1: tensor<4x8x16xf16>, %w2: tensor<4x16x8xf16>) -> tensor<6x8xf16> {
  %zero = arith.constant 0.0 : f16
  %ids = moe.select #moe.top_k<1> %key : tensor<6x4xf16> -> tensor<6x1xi32>
  %weights = moe.weigh value %key, %ids : tensor<6x4xf16>, tensor<6x1xi32> -> tensor<6x1xf16>
  %mask_room = tensor.empty() : tensor<6x4xf16>
  %mask_init = linalg.fill ins(%zero : f16) outs(%mask_room : tensor<6x4xf16>) -> tensor<6x4xf16>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x1xi32>, tensor<6x1xf16>) outs(%mask_init : tensor<6x4xf16>) {
  ^bb0(%id: i32, %w: f16, %out: f16):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %one_hot = arith.uitofp %here : i1 to f16
    %term = arith.mulf %one_hot, %w : f16
    %sum = arith.addf %out, %term : f16
    linalg.yield %sum : f16
  } -> tensor<6x4xf16>
  %h_room = tensor.empty() : tensor<6x4x16xf16>
  %h_init = linalg.fill ins(%zero : f16) outs(%h_room : tensor<6x4x16xf16>) -> tensor<6x4x16xf16>
  %h = linalg.generic {indexing_maps = [#x, #w1, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w1 : tensor<6x8xf16>, tensor<4x8x16xf16>) outs(%h_init : tensor<6x4x16xf16>) {
  ^bb0(%a: f16, %b: f16, %out: f16):
    %p = arith.mulf %a, %b : f16
    %sum = arith.addf %out, %p : f16
    linalg.yield %sum : f16
  } -> tensor<6x4x16xf16>
  %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%h : tensor<6x4x16xf16>) outs(%h_room : tensor<6x4x16xf16>) {
  ^bb0(%v: f16, %out: f16):
    %y = math.tanh %v : f16
    linalg.yield %y : f16
  } -> tensor<6x4x16xf16>
  %y_room = tensor.empty() : tensor<6x4x8xf16>
  %y_init = linalg.fill ins(%zero : f16) outs(%y_room : tensor<6x4x8xf16>) -> tensor<6x4x8xf16>
  %y = linalg.generic {indexing_maps = [#in, #w2, #h], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %w2 : tensor<6x4x16xf16>, tensor<4x16x8xf16>) outs(%y_init : tensor<6x4x8xf16>) {
  ^bb0(%a0: f16, %b: f16, %out: f16):
    %p = arith.mulf %a0, %b : f16
    %sum = arith.addf %out, %p : f16
    linalg.yield %sum : f16
  } -> tensor<6x4x8xf16>
  %sum_room = tensor.empty() : tensor<6x8xf16>
  %sum_init = linalg.fill ins(%zero : f16) outs(%sum_room : tensor<6x8xf16>) -> tensor<6x8xf16>
  %result = linalg.generic {indexing_maps = [#row, #weight, #token], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y, %mask : tensor<6x4x8xf16>, tensor<6x4xf16>) outs(%sum_init : tensor<6x8xf16>) {
  ^bb0(%r: f16, %w: f16, %out: f16):
    %p = arith.mulf %r, %w : f16
    %sum = arith.addf %p, %out : f16
    linalg.yield %sum : f16
  } -> tensor<6x8xf16>
  return %result : tensor<6x8xf16>
}
