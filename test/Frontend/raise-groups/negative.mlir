// RUN: moe-opt %s --moe-raise-groups --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moe | FileCheck %s

#key = affine_map<(t, g, j) -> (t, g, j)>
#group = affine_map<(t, g, j) -> (t, g)>
#slot = affine_map<(t, g, s) -> (t, s)>
#mask = affine_map<(t, g, s) -> (t, g)>

// CHECK-LABEL: func.func @finite_mask
// CHECK-NOT:     groups <
// CHECK:         return
func.func @finite_mask(%key: tensor<6x8xf32>) -> tensor<6x3xi32> {
  %least = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %split = tensor.expand_shape %key [[0], [1, 2]] output_shape [6, 4, 2] : tensor<6x8xf32> into tensor<6x4x2xf32>
  %room = tensor.empty() : tensor<6x4xf32>
  %max_init = linalg.fill ins(%least : f32) outs(%room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %scores = linalg.generic {indexing_maps = [#key, #group], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%split : tensor<6x4x2xf32>) outs(%max_init : tensor<6x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %max = arith.maximumf %in, %out : f32
    linalg.yield %max : f32
  } -> tensor<6x4xf32>
  %groups = moe.select #moe.top_k<2> %scores : tensor<6x4xf32> -> tensor<6x2xi32>
  %mask_init = linalg.fill ins(%zero : f32) outs(%room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%groups : tensor<6x2xi32>) outs(%mask_init : tensor<6x4xf32>) {
  ^bb0(%id: i32, %out: f32):
    %g = linalg.index 1 : index
    %g32 = arith.index_cast %g : index to i32
    %here = arith.cmpi eq, %id, %g32 : i32
    %term = arith.select %here, %one, %zero : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %room3 = tensor.empty() : tensor<6x4x2xf32>
  %masked3 = linalg.generic {indexing_maps = [#key, #group, #key], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%split, %mask : tensor<6x4x2xf32>, tensor<6x4xf32>) outs(%room3 : tensor<6x4x2xf32>) {
  ^bb0(%in: f32, %m: f32, %out: f32):
    %kept = arith.cmpf une, %m, %zero : f32
    %k = arith.select %kept, %in, %one : f32
    linalg.yield %k : f32
  } -> tensor<6x4x2xf32>
  %masked = tensor.collapse_shape %masked3 [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>
  // expected-remark @below {{experts of groups that are not kept have other keys than zero or minus infinity}}
  %e = moe.select #moe.top_k<3> %masked : tensor<6x8xf32> -> tensor<6x3xi32>
  return %e : tensor<6x3xi32>
}

// -----

#key = affine_map<(t, g, j) -> (t, g, j)>
#group = affine_map<(t, g, j) -> (t, g)>
#slot = affine_map<(t, g, s) -> (t, s)>
#mask = affine_map<(t, g, s) -> (t, g)>

// CHECK-LABEL: func.func @smallest
// CHECK-NOT:     groups <
// CHECK:         return
func.func @smallest(%key: tensor<6x8xf32>) -> tensor<6x3xi32> {
  %least = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %split = tensor.expand_shape %key [[0], [1, 2]] output_shape [6, 4, 2] : tensor<6x8xf32> into tensor<6x4x2xf32>
  %room = tensor.empty() : tensor<6x4xf32>
  %max_init = linalg.fill ins(%least : f32) outs(%room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %scores = linalg.generic {indexing_maps = [#key, #group], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%split : tensor<6x4x2xf32>) outs(%max_init : tensor<6x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %max = arith.minimumf %in, %out : f32
    linalg.yield %max : f32
  } -> tensor<6x4xf32>
  %groups = moe.select #moe.top_k<2> %scores : tensor<6x4xf32> -> tensor<6x2xi32>
  %mask_init = linalg.fill ins(%zero : f32) outs(%room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%groups : tensor<6x2xi32>) outs(%mask_init : tensor<6x4xf32>) {
  ^bb0(%id: i32, %out: f32):
    %g = linalg.index 1 : index
    %g32 = arith.index_cast %g : index to i32
    %here = arith.cmpi eq, %id, %g32 : i32
    %term = arith.select %here, %one, %zero : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %room3 = tensor.empty() : tensor<6x4x2xf32>
  %masked3 = linalg.generic {indexing_maps = [#key, #group, #key], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%split, %mask : tensor<6x4x2xf32>, tensor<6x4xf32>) outs(%room3 : tensor<6x4x2xf32>) {
  ^bb0(%in: f32, %m: f32, %out: f32):
    %kept = arith.cmpf une, %m, %zero : f32
    %k = arith.select %kept, %in, %least : f32
    linalg.yield %k : f32
  } -> tensor<6x4x2xf32>
  %masked = tensor.collapse_shape %masked3 [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>
  // expected-remark @below {{the score of a group is not the sum of its largest keys}}
  %e = moe.select #moe.top_k<3> %masked : tensor<6x8xf32> -> tensor<6x3xi32>
  return %e : tensor<6x3xi32>
}
