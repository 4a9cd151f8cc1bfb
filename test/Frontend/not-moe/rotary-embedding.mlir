// RUN: %python %S/Inputs/check.py %s

// def rotary_embedding(x):
//     angle = jnp.arange(5.)[:, None] / 10 ** (jnp.arange(4.) / 4)
//     a, b = jnp.split(x, 2, -1)
//     cos, sin = jnp.cos(angle), jnp.sin(angle)
//     return jnp.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

#map = affine_map<(d0) -> (d0)>
#map1 = affine_map<(d0, d1) -> (d0)>
#map2 = affine_map<(d0, d1) -> (d0, d1)>
#map3 = affine_map<(d0) -> ()>
#map4 = affine_map<(d0, d1) -> (d1)>
#map5 = affine_map<(d0, d1) -> (d0, 0)>
#map6 = affine_map<(d0, d1) -> (0, d1)>
#map7 = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
#map8 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#map9 = affine_map<(d0, d1, d2, d3) -> (0, 0, d2, d3)>
module {
  func.func public @main(%arg0: tensor<2x3x5x8xf32>) -> (tensor<2x3x5x8xf32> {jax.result_info = "result"}) {
    %c4 = arith.constant 4 : index
    %cst = arith.constant dense<1.000000e+01> : tensor<f32>
    %cst_0 = arith.constant dense<4.000000e+00> : tensor<f32>
    %0 = tensor.empty() : tensor<5xf32>
    %1 = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel"]} outs(%0 : tensor<5xf32>) {
    ^bb0(%out: f32):
      %32 = linalg.index 0 : index
      %33 = arith.index_cast %32 : index to i32
      %34 = arith.sitofp %33 : i32 to f32
      linalg.yield %34 : f32
    } -> tensor<5xf32>
    %2 = tensor.empty() : tensor<5x1xf32>
    %3 = linalg.generic {indexing_maps = [#map1, #map2], iterator_types = ["parallel", "parallel"]} ins(%1 : tensor<5xf32>) outs(%2 : tensor<5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<5x1xf32>
    %4 = tensor.empty() : tensor<4xf32>
    %5 = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel"]} outs(%4 : tensor<4xf32>) {
    ^bb0(%out: f32):
      %32 = linalg.index 0 : index
      %33 = arith.index_cast %32 : index to i32
      %34 = arith.sitofp %33 : i32 to f32
      linalg.yield %34 : f32
    } -> tensor<4xf32>
    %6 = linalg.generic {indexing_maps = [#map3, #map], iterator_types = ["parallel"]} ins(%cst_0 : tensor<f32>) outs(%4 : tensor<4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<4xf32>
    %7 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel"]} ins(%5, %6 : tensor<4xf32>, tensor<4xf32>) outs(%4 : tensor<4xf32>) {
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %32 = arith.divf %in, %in_2 : f32
      linalg.yield %32 : f32
    } -> tensor<4xf32>
    %8 = linalg.generic {indexing_maps = [#map3, #map], iterator_types = ["parallel"]} ins(%cst : tensor<f32>) outs(%4 : tensor<4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<4xf32>
    %9 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel"]} ins(%8, %7 : tensor<4xf32>, tensor<4xf32>) outs(%4 : tensor<4xf32>) {
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %32 = math.powf %in, %in_2 : f32
      linalg.yield %32 : f32
    } -> tensor<4xf32>
    %10 = tensor.empty() : tensor<1x4xf32>
    %11 = linalg.generic {indexing_maps = [#map4, #map2], iterator_types = ["parallel", "parallel"]} ins(%9 : tensor<4xf32>) outs(%10 : tensor<1x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<1x4xf32>
    %12 = tensor.empty() : tensor<5x4xf32>
    %13 = linalg.generic {indexing_maps = [#map5, #map2], iterator_types = ["parallel", "parallel"]} ins(%3 : tensor<5x1xf32>) outs(%12 : tensor<5x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<5x4xf32>
    %14 = linalg.generic {indexing_maps = [#map6, #map2], iterator_types = ["parallel", "parallel"]} ins(%11 : tensor<1x4xf32>) outs(%12 : tensor<5x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<5x4xf32>
    %15 = linalg.generic {indexing_maps = [#map2, #map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%13, %14 : tensor<5x4xf32>, tensor<5x4xf32>) outs(%12 : tensor<5x4xf32>) {
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %32 = arith.divf %in, %in_2 : f32
      linalg.yield %32 : f32
    } -> tensor<5x4xf32>
    %extracted_slice = tensor.extract_slice %arg0[0, 0, 0, 0] [2, 3, 5, 4] [1, 1, 1, 1] : tensor<2x3x5x8xf32> to tensor<2x3x5x4xf32>
    %extracted_slice_1 = tensor.extract_slice %arg0[0, 0, 0, 4] [2, 3, 5, 4] [1, 1, 1, 1] : tensor<2x3x5x8xf32> to tensor<2x3x5x4xf32>
    %16 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%15 : tensor<5x4xf32>) outs(%12 : tensor<5x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      %32 = math.cos %in : f32
      linalg.yield %32 : f32
    } -> tensor<5x4xf32>
    %17 = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%15 : tensor<5x4xf32>) outs(%12 : tensor<5x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      %32 = math.sin %in : f32
      linalg.yield %32 : f32
    } -> tensor<5x4xf32>
    %18 = tensor.empty() : tensor<1x1x5x4xf32>
    %19 = linalg.generic {indexing_maps = [#map7, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%16 : tensor<5x4xf32>) outs(%18 : tensor<1x1x5x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<1x1x5x4xf32>
    %20 = tensor.empty() : tensor<2x3x5x4xf32>
    %21 = linalg.generic {indexing_maps = [#map9, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%19 : tensor<1x1x5x4xf32>) outs(%20 : tensor<2x3x5x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x3x5x4xf32>
    %22 = linalg.generic {indexing_maps = [#map8, #map8, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%extracted_slice, %21 : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%20 : tensor<2x3x5x4xf32>) {
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %32 = arith.mulf %in, %in_2 : f32
      linalg.yield %32 : f32
    } -> tensor<2x3x5x4xf32>
    %23 = linalg.generic {indexing_maps = [#map7, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%17 : tensor<5x4xf32>) outs(%18 : tensor<1x1x5x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<1x1x5x4xf32>
    %24 = linalg.generic {indexing_maps = [#map9, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%23 : tensor<1x1x5x4xf32>) outs(%20 : tensor<2x3x5x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x3x5x4xf32>
    %25 = linalg.generic {indexing_maps = [#map8, #map8, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%extracted_slice_1, %24 : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%20 : tensor<2x3x5x4xf32>) {
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %32 = arith.mulf %in, %in_2 : f32
      linalg.yield %32 : f32
    } -> tensor<2x3x5x4xf32>
    %26 = linalg.generic {indexing_maps = [#map8, #map8, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%22, %25 : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%20 : tensor<2x3x5x4xf32>) {
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %32 = arith.subf %in, %in_2 : f32
      linalg.yield %32 : f32
    } -> tensor<2x3x5x4xf32>
    %27 = linalg.generic {indexing_maps = [#map8, #map8, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%extracted_slice_1, %21 : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%20 : tensor<2x3x5x4xf32>) {
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %32 = arith.mulf %in, %in_2 : f32
      linalg.yield %32 : f32
    } -> tensor<2x3x5x4xf32>
    %28 = linalg.generic {indexing_maps = [#map8, #map8, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%extracted_slice, %24 : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%20 : tensor<2x3x5x4xf32>) {
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %32 = arith.mulf %in, %in_2 : f32
      linalg.yield %32 : f32
    } -> tensor<2x3x5x4xf32>
    %29 = linalg.generic {indexing_maps = [#map8, #map8, #map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%27, %28 : tensor<2x3x5x4xf32>, tensor<2x3x5x4xf32>) outs(%20 : tensor<2x3x5x4xf32>) {
    ^bb0(%in: f32, %in_2: f32, %out: f32):
      %32 = arith.addf %in, %in_2 : f32
      linalg.yield %32 : f32
    } -> tensor<2x3x5x4xf32>
    %30 = tensor.empty() : tensor<2x3x5x8xf32>
    %31 = linalg.generic {indexing_maps = [#map8], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%30 : tensor<2x3x5x8xf32>) {
    ^bb0(%out: f32):
      %32 = linalg.index 0 : index
      %33 = linalg.index 1 : index
      %34 = linalg.index 2 : index
      %35 = linalg.index 3 : index
      %36 = arith.cmpi ult, %35, %c4 : index
      %37 = scf.if %36 -> (f32) {
        %extracted = tensor.extract %26[%32, %33, %34, %35] : tensor<2x3x5x4xf32>
        scf.yield %extracted : f32
      } else {
        %38 = arith.subi %35, %c4 : index
        %extracted = tensor.extract %29[%32, %33, %34, %38] : tensor<2x3x5x4xf32>
        scf.yield %extracted : f32
      }
      linalg.yield %37 : f32
    } -> tensor<2x3x5x8xf32>
    return %31 : tensor<2x3x5x8xf32>
  }
}
