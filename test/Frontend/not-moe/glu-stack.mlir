// RUN: %python %S/Inputs/check.py %s

// def glu_stack(x, gate, up, down):
//     for g, u, d in zip(gate, up, down):
//         x = x + (nn.silu(x @ g) * (x @ u)) @ d
//     return x

#map = affine_map<(d0, d1) -> (d0, d1)>
#map1 = affine_map<(d0, d1) -> ()>
module {
  func.func public @main(%arg0: tensor<6x8xf32>, %arg1: tensor<3x8x12xf32>, %arg2: tensor<3x8x12xf32>, %arg3: tensor<3x12x8xf32>) -> (tensor<6x8xf32> {jax.result_info = "result"}) {
    %cst = arith.constant 0.000000e+00 : f32
    %extracted_slice = tensor.extract_slice %arg1[0, 0, 0] [1, 8, 12] [1, 1, 1] : tensor<3x8x12xf32> to tensor<1x8x12xf32>
    %collapsed = tensor.collapse_shape %extracted_slice [[0, 1], [2]] : tensor<1x8x12xf32> into tensor<8x12xf32>
    %extracted_slice_0 = tensor.extract_slice %arg2[0, 0, 0] [1, 8, 12] [1, 1, 1] : tensor<3x8x12xf32> to tensor<1x8x12xf32>
    %collapsed_1 = tensor.collapse_shape %extracted_slice_0 [[0, 1], [2]] : tensor<1x8x12xf32> into tensor<8x12xf32>
    %extracted_slice_2 = tensor.extract_slice %arg3[0, 0, 0] [1, 12, 8] [1, 1, 1] : tensor<3x12x8xf32> to tensor<1x12x8xf32>
    %collapsed_3 = tensor.collapse_shape %extracted_slice_2 [[0, 1], [2]] : tensor<1x12x8xf32> into tensor<12x8xf32>
    %0 = tensor.empty() : tensor<6x12xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<6x12xf32>) -> tensor<6x12xf32>
    %2 = linalg.matmul ins(%arg0, %collapsed : tensor<6x8xf32>, tensor<8x12xf32>) outs(%1 : tensor<6x12xf32>) -> tensor<6x12xf32>
    %3 = call @silu(%2) : (tensor<6x12xf32>) -> tensor<6x12xf32>
    %4 = linalg.matmul ins(%arg0, %collapsed_1 : tensor<6x8xf32>, tensor<8x12xf32>) outs(%1 : tensor<6x12xf32>) -> tensor<6x12xf32>
    %5 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%3, %4 : tensor<6x12xf32>, tensor<6x12xf32>) outs(%0 : tensor<6x12xf32>) {
    ^bb0(%in: f32, %in_16: f32, %out: f32):
      %22 = arith.mulf %in, %in_16 : f32
      linalg.yield %22 : f32
    } -> tensor<6x12xf32>
    %6 = tensor.empty() : tensor<6x8xf32>
    %7 = linalg.fill ins(%cst : f32) outs(%6 : tensor<6x8xf32>) -> tensor<6x8xf32>
    %8 = linalg.matmul ins(%5, %collapsed_3 : tensor<6x12xf32>, tensor<12x8xf32>) outs(%7 : tensor<6x8xf32>) -> tensor<6x8xf32>
    %9 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0, %8 : tensor<6x8xf32>, tensor<6x8xf32>) outs(%6 : tensor<6x8xf32>) {
    ^bb0(%in: f32, %in_16: f32, %out: f32):
      %22 = arith.addf %in, %in_16 : f32
      linalg.yield %22 : f32
    } -> tensor<6x8xf32>
    %extracted_slice_4 = tensor.extract_slice %arg1[1, 0, 0] [1, 8, 12] [1, 1, 1] : tensor<3x8x12xf32> to tensor<1x8x12xf32>
    %collapsed_5 = tensor.collapse_shape %extracted_slice_4 [[0, 1], [2]] : tensor<1x8x12xf32> into tensor<8x12xf32>
    %extracted_slice_6 = tensor.extract_slice %arg2[1, 0, 0] [1, 8, 12] [1, 1, 1] : tensor<3x8x12xf32> to tensor<1x8x12xf32>
    %collapsed_7 = tensor.collapse_shape %extracted_slice_6 [[0, 1], [2]] : tensor<1x8x12xf32> into tensor<8x12xf32>
    %extracted_slice_8 = tensor.extract_slice %arg3[1, 0, 0] [1, 12, 8] [1, 1, 1] : tensor<3x12x8xf32> to tensor<1x12x8xf32>
    %collapsed_9 = tensor.collapse_shape %extracted_slice_8 [[0, 1], [2]] : tensor<1x12x8xf32> into tensor<12x8xf32>
    %10 = linalg.matmul ins(%9, %collapsed_5 : tensor<6x8xf32>, tensor<8x12xf32>) outs(%1 : tensor<6x12xf32>) -> tensor<6x12xf32>
    %11 = call @silu(%10) : (tensor<6x12xf32>) -> tensor<6x12xf32>
    %12 = linalg.matmul ins(%9, %collapsed_7 : tensor<6x8xf32>, tensor<8x12xf32>) outs(%1 : tensor<6x12xf32>) -> tensor<6x12xf32>
    %13 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%11, %12 : tensor<6x12xf32>, tensor<6x12xf32>) outs(%0 : tensor<6x12xf32>) {
    ^bb0(%in: f32, %in_16: f32, %out: f32):
      %22 = arith.mulf %in, %in_16 : f32
      linalg.yield %22 : f32
    } -> tensor<6x12xf32>
    %14 = linalg.matmul ins(%13, %collapsed_9 : tensor<6x12xf32>, tensor<12x8xf32>) outs(%7 : tensor<6x8xf32>) -> tensor<6x8xf32>
    %15 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%9, %14 : tensor<6x8xf32>, tensor<6x8xf32>) outs(%6 : tensor<6x8xf32>) {
    ^bb0(%in: f32, %in_16: f32, %out: f32):
      %22 = arith.addf %in, %in_16 : f32
      linalg.yield %22 : f32
    } -> tensor<6x8xf32>
    %extracted_slice_10 = tensor.extract_slice %arg1[2, 0, 0] [1, 8, 12] [1, 1, 1] : tensor<3x8x12xf32> to tensor<1x8x12xf32>
    %collapsed_11 = tensor.collapse_shape %extracted_slice_10 [[0, 1], [2]] : tensor<1x8x12xf32> into tensor<8x12xf32>
    %extracted_slice_12 = tensor.extract_slice %arg2[2, 0, 0] [1, 8, 12] [1, 1, 1] : tensor<3x8x12xf32> to tensor<1x8x12xf32>
    %collapsed_13 = tensor.collapse_shape %extracted_slice_12 [[0, 1], [2]] : tensor<1x8x12xf32> into tensor<8x12xf32>
    %extracted_slice_14 = tensor.extract_slice %arg3[2, 0, 0] [1, 12, 8] [1, 1, 1] : tensor<3x12x8xf32> to tensor<1x12x8xf32>
    %collapsed_15 = tensor.collapse_shape %extracted_slice_14 [[0, 1], [2]] : tensor<1x12x8xf32> into tensor<12x8xf32>
    %16 = linalg.matmul ins(%15, %collapsed_11 : tensor<6x8xf32>, tensor<8x12xf32>) outs(%1 : tensor<6x12xf32>) -> tensor<6x12xf32>
    %17 = call @silu(%16) : (tensor<6x12xf32>) -> tensor<6x12xf32>
    %18 = linalg.matmul ins(%15, %collapsed_13 : tensor<6x8xf32>, tensor<8x12xf32>) outs(%1 : tensor<6x12xf32>) -> tensor<6x12xf32>
    %19 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%17, %18 : tensor<6x12xf32>, tensor<6x12xf32>) outs(%0 : tensor<6x12xf32>) {
    ^bb0(%in: f32, %in_16: f32, %out: f32):
      %22 = arith.mulf %in, %in_16 : f32
      linalg.yield %22 : f32
    } -> tensor<6x12xf32>
    %20 = linalg.matmul ins(%19, %collapsed_15 : tensor<6x12xf32>, tensor<12x8xf32>) outs(%7 : tensor<6x8xf32>) -> tensor<6x8xf32>
    %21 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%15, %20 : tensor<6x8xf32>, tensor<6x8xf32>) outs(%6 : tensor<6x8xf32>) {
    ^bb0(%in: f32, %in_16: f32, %out: f32):
      %22 = arith.addf %in, %in_16 : f32
      linalg.yield %22 : f32
    } -> tensor<6x8xf32>
    return %21 : tensor<6x8xf32>
  }
  func.func private @silu(%arg0: tensor<6x12xf32>) -> tensor<6x12xf32> {
    %cst = arith.constant dense<1.000000e+00> : tensor<f32>
    %0 = tensor.empty() : tensor<6x12xf32>
    %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0 : tensor<6x12xf32>) outs(%0 : tensor<6x12xf32>) {
    ^bb0(%in: f32, %out: f32):
      %7 = arith.negf %in : f32
      linalg.yield %7 : f32
    } -> tensor<6x12xf32>
    %2 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%1 : tensor<6x12xf32>) outs(%0 : tensor<6x12xf32>) {
    ^bb0(%in: f32, %out: f32):
      %7 = math.exp %in : f32
      linalg.yield %7 : f32
    } -> tensor<6x12xf32>
    %3 = linalg.generic {indexing_maps = [#map1, #map], iterator_types = ["parallel", "parallel"]} ins(%cst : tensor<f32>) outs(%0 : tensor<6x12xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<6x12xf32>
    %4 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%3, %2 : tensor<6x12xf32>, tensor<6x12xf32>) outs(%0 : tensor<6x12xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %7 = arith.addf %in, %in_0 : f32
      linalg.yield %7 : f32
    } -> tensor<6x12xf32>
    %5 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%3, %4 : tensor<6x12xf32>, tensor<6x12xf32>) outs(%0 : tensor<6x12xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %7 = arith.divf %in, %in_0 : f32
      linalg.yield %7 : f32
    } -> tensor<6x12xf32>
    %6 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%arg0, %5 : tensor<6x12xf32>, tensor<6x12xf32>) outs(%0 : tensor<6x12xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %7 = arith.mulf %in, %in_0 : f32
      linalg.yield %7 : f32
    } -> tensor<6x12xf32>
    return %6 : tensor<6x12xf32>
  }
}
