// RUN: moe-opt %s --moe-raise-groups | FileCheck %s

#key = affine_map<(t, g, j) -> (t, g, j)>
#group = affine_map<(t, g, j) -> (t, g)>
#slot = affine_map<(t, g, s) -> (t, s)>
#mask = affine_map<(t, g, s) -> (t, g)>

#m = affine_map<(t, e) -> (t, e)>
#b = affine_map<(t, e) -> (e)>

// DeepSeek-V3 scores a group by the sum of its two largest keys, here with a mask
// that is multiplied, so that other keys are zero.
// CHECK-LABEL: func.func @two_largest
// CHECK:         %[[KEY:.+]] = linalg.generic
// CHECK:           arith.addf
// CHECK:         moe.select #moe.top_k<3> %[[KEY]] groups <n = 2, keep = 1, top = 2, fill = zero>
// CHECK-NOT:     moe.select
func.func @two_largest(%scores0: tensor<6x8xf32>, %bias: tensor<8xf32>) -> tensor<6x3xi32> {
  %least = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %key_room = tensor.empty() : tensor<6x8xf32>
  %key = linalg.generic {indexing_maps = [#m, #b, #m], iterator_types = ["parallel", "parallel"]}
      ins(%scores0, %bias : tensor<6x8xf32>, tensor<8xf32>) outs(%key_room : tensor<6x8xf32>) {
  ^bb0(%s: f32, %b: f32, %out: f32):
    %sum = arith.addf %s, %b : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  %split = tensor.expand_shape %key [[0], [1, 2]] output_shape [6, 2, 4] : tensor<6x8xf32> into tensor<6x2x4xf32>
  %room = tensor.empty() : tensor<6x2xf32>
  %rows = tensor.collapse_shape %split [[0, 1], [2]] : tensor<6x2x4xf32> into tensor<12x4xf32>
  %best = moe.select #moe.top_k<2> %rows : tensor<12x4xf32> -> tensor<12x2xi32>
  %values = moe.weigh value %rows, %best : tensor<12x4xf32>, tensor<12x2xi32> -> tensor<12x2xf32>
  %values3 = tensor.expand_shape %values [[0, 1], [2]] output_shape [6, 2, 2] : tensor<12x2xf32> into tensor<6x2x2xf32>
  %sum_init = linalg.fill ins(%zero : f32) outs(%room : tensor<6x2xf32>) -> tensor<6x2xf32>
  %scores = linalg.generic {indexing_maps = [#key, #group], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%values3 : tensor<6x2x2xf32>) outs(%sum_init : tensor<6x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %sum = arith.addf %out, %in : f32
    linalg.yield %sum : f32
  } -> tensor<6x2xf32>
  %groups = moe.select #moe.top_k<1> %scores : tensor<6x2xf32> -> tensor<6x1xi32>
  %mask_init = linalg.fill ins(%zero : f32) outs(%room : tensor<6x2xf32>) -> tensor<6x2xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%groups : tensor<6x1xi32>) outs(%mask_init : tensor<6x2xf32>) {
  ^bb0(%id: i32, %out: f32):
    %g = linalg.index 1 : index
    %g32 = arith.index_cast %g : index to i32
    %here = arith.cmpi eq, %id, %g32 : i32
    %term = arith.select %here, %one, %zero : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x2xf32>
  %room3 = tensor.empty() : tensor<6x2x4xf32>
  %masked3 = linalg.generic {indexing_maps = [#key, #group, #key], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%split, %mask : tensor<6x2x4xf32>, tensor<6x2xf32>) outs(%room3 : tensor<6x2x4xf32>) {
  ^bb0(%in: f32, %m: f32, %out: f32):
    %k = arith.mulf %m, %in : f32
    linalg.yield %k : f32
  } -> tensor<6x2x4xf32>
  %masked = tensor.collapse_shape %masked3 [[0], [1, 2]] : tensor<6x2x4xf32> into tensor<6x8xf32>
  %e = moe.select #moe.top_k<3> %masked : tensor<6x8xf32> -> tensor<6x3xi32>
  return %e : tensor<6x3xi32>
}
