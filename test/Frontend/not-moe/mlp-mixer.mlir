// RUN: %python %S/Inputs/check.py %s

// def mlp_mixer(x, token_up, token_down, up, down):
//     y = normed(x).transpose(0, 2, 1)
//     x = x + (nn.gelu(y @ token_up) @ token_down).transpose(0, 2, 1)
//     return x + nn.gelu(normed(x) @ up) @ down

#map = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#map1 = affine_map<(d0, d1, d2) -> (d0, d1)>
#map2 = affine_map<(d0, d1, d2) -> ()>
#map3 = affine_map<(d0, d1, d2) -> (d0, d1, 0)>
#map4 = affine_map<(d0, d1, d2) -> (d0, d2, d1)>
#map5 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
#map6 = affine_map<(d0, d1, d2, d3) -> (d3, d2)>
#map7 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
#map8 = affine_map<() -> ()>
module {
  func.func public @main(%arg0: tensor<2x5x8xf32>, %arg1: tensor<5x10xf32>, %arg2: tensor<10x5xf32>, %arg3: tensor<8x16xf32>, %arg4: tensor<16x8xf32>) -> (tensor<2x5x8xf32> {jax.result_info = "result"}) {
    %cst = arith.constant dense<5.000000e-01> : tensor<f32>
    %cst_0 = arith.constant dense<1.000000e+00> : tensor<f32>
    %cst_1 = arith.constant dense<0.797884583> : tensor<f32>
    %cst_2 = arith.constant dense<4.471500e-02> : tensor<f32>
    %cst_3 = arith.constant dense<9.99999974E-6> : tensor<f32>
    %cst_4 = arith.constant dense<0> : tensor<i32>
    %cst_5 = arith.constant dense<8.000000e+00> : tensor<f32>
    %cst_6 = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<2x5xf32>
    %1 = linalg.fill ins(%cst_6 : f32) outs(%0 : tensor<2x5xf32>) -> tensor<2x5xf32>
    %2 = linalg.generic {indexing_maps = [#map, #map1], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0 : tensor<2x5x8xf32>) outs(%1 : tensor<2x5xf32>) {
    ^bb0(%in: f32, %out: f32):
      %67 = arith.addf %out, %in : f32
      linalg.yield %67 : f32
    } -> tensor<2x5xf32>
    %3 = tensor.empty() : tensor<2x5x1xf32>
    %4 = linalg.generic {indexing_maps = [#map1, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%2 : tensor<2x5xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x1xf32>
    %5 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst_5 : tensor<f32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x1xf32>
    %6 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%4, %5 : tensor<2x5x1xf32>, tensor<2x5x1xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.divf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x1xf32>
    %7 = call @_var(%arg0, %cst_4) : (tensor<2x5x8xf32>, tensor<i32>) -> tensor<2x5x1xf32>
    %8 = tensor.empty() : tensor<2x5x8xf32>
    %9 = linalg.generic {indexing_maps = [#map3, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%6 : tensor<2x5x1xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x8xf32>
    %10 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg0, %9 : tensor<2x5x8xf32>, tensor<2x5x8xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.subf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x8xf32>
    %11 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst_3 : tensor<f32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x1xf32>
    %12 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%7, %11 : tensor<2x5x1xf32>, tensor<2x5x1xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.addf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x1xf32>
    %13 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%12 : tensor<2x5x1xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %67 = math.sqrt %in : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x1xf32>
    %14 = linalg.generic {indexing_maps = [#map3, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%13 : tensor<2x5x1xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x8xf32>
    %15 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%10, %14 : tensor<2x5x8xf32>, tensor<2x5x8xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.divf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x8xf32>
    %16 = tensor.empty() : tensor<2x8x5xf32>
    %17 = linalg.generic {indexing_maps = [#map4, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%15 : tensor<2x5x8xf32>) outs(%16 : tensor<2x8x5xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x8x5xf32>
    %18 = tensor.empty() : tensor<2x8x10xf32>
    %19 = linalg.fill ins(%cst_6 : f32) outs(%18 : tensor<2x8x10xf32>) -> tensor<2x8x10xf32>
    %20 = linalg.generic {indexing_maps = [#map5, #map6, #map7], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%17, %arg1 : tensor<2x8x5xf32>, tensor<5x10xf32>) outs(%19 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      %68 = arith.addf %out, %67 : f32
      linalg.yield %68 : f32
    } -> tensor<2x8x10xf32>
    %21 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%20, %20 : tensor<2x8x10xf32>, tensor<2x8x10xf32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x8x10xf32>
    %22 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%21, %20 : tensor<2x8x10xf32>, tensor<2x8x10xf32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x8x10xf32>
    %23 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst_2 : tensor<f32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x8x10xf32>
    %24 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%23, %22 : tensor<2x8x10xf32>, tensor<2x8x10xf32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x8x10xf32>
    %25 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%20, %24 : tensor<2x8x10xf32>, tensor<2x8x10xf32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.addf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x8x10xf32>
    %26 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst_1 : tensor<f32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x8x10xf32>
    %27 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%26, %25 : tensor<2x8x10xf32>, tensor<2x8x10xf32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x8x10xf32>
    %28 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%27 : tensor<2x8x10xf32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %out: f32):
      %67 = math.tanh %in : f32
      linalg.yield %67 : f32
    } -> tensor<2x8x10xf32>
    %29 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst_0 : tensor<f32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x8x10xf32>
    %30 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%29, %28 : tensor<2x8x10xf32>, tensor<2x8x10xf32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.addf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x8x10xf32>
    %31 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst : tensor<f32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x8x10xf32>
    %32 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%31, %30 : tensor<2x8x10xf32>, tensor<2x8x10xf32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x8x10xf32>
    %33 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%20, %32 : tensor<2x8x10xf32>, tensor<2x8x10xf32>) outs(%18 : tensor<2x8x10xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x8x10xf32>
    %34 = linalg.fill ins(%cst_6 : f32) outs(%16 : tensor<2x8x5xf32>) -> tensor<2x8x5xf32>
    %35 = linalg.generic {indexing_maps = [#map5, #map6, #map7], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%33, %arg2 : tensor<2x8x10xf32>, tensor<10x5xf32>) outs(%34 : tensor<2x8x5xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      %68 = arith.addf %out, %67 : f32
      linalg.yield %68 : f32
    } -> tensor<2x8x5xf32>
    %36 = linalg.generic {indexing_maps = [#map4, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%35 : tensor<2x8x5xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x8xf32>
    %37 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg0, %36 : tensor<2x5x8xf32>, tensor<2x5x8xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.addf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x8xf32>
    %38 = linalg.generic {indexing_maps = [#map, #map1], iterator_types = ["parallel", "parallel", "reduction"]} ins(%37 : tensor<2x5x8xf32>) outs(%1 : tensor<2x5xf32>) {
    ^bb0(%in: f32, %out: f32):
      %67 = arith.addf %out, %in : f32
      linalg.yield %67 : f32
    } -> tensor<2x5xf32>
    %39 = linalg.generic {indexing_maps = [#map1, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%38 : tensor<2x5xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x1xf32>
    %40 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%39, %5 : tensor<2x5x1xf32>, tensor<2x5x1xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.divf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x1xf32>
    %41 = call @_var(%37, %cst_4) : (tensor<2x5x8xf32>, tensor<i32>) -> tensor<2x5x1xf32>
    %42 = linalg.generic {indexing_maps = [#map3, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%40 : tensor<2x5x1xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x8xf32>
    %43 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%37, %42 : tensor<2x5x8xf32>, tensor<2x5x8xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.subf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x8xf32>
    %44 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%41, %11 : tensor<2x5x1xf32>, tensor<2x5x1xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.addf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x1xf32>
    %45 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%44 : tensor<2x5x1xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %67 = math.sqrt %in : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x1xf32>
    %46 = linalg.generic {indexing_maps = [#map3, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%45 : tensor<2x5x1xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x8xf32>
    %47 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%43, %46 : tensor<2x5x8xf32>, tensor<2x5x8xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.divf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x8xf32>
    %48 = tensor.empty() : tensor<2x5x16xf32>
    %49 = linalg.fill ins(%cst_6 : f32) outs(%48 : tensor<2x5x16xf32>) -> tensor<2x5x16xf32>
    %50 = linalg.generic {indexing_maps = [#map5, #map6, #map7], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%47, %arg3 : tensor<2x5x8xf32>, tensor<8x16xf32>) outs(%49 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      %68 = arith.addf %out, %67 : f32
      linalg.yield %68 : f32
    } -> tensor<2x5x16xf32>
    %51 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%50, %50 : tensor<2x5x16xf32>, tensor<2x5x16xf32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x16xf32>
    %52 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%51, %50 : tensor<2x5x16xf32>, tensor<2x5x16xf32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x16xf32>
    %53 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst_2 : tensor<f32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x16xf32>
    %54 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%53, %52 : tensor<2x5x16xf32>, tensor<2x5x16xf32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x16xf32>
    %55 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%50, %54 : tensor<2x5x16xf32>, tensor<2x5x16xf32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.addf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x16xf32>
    %56 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst_1 : tensor<f32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x16xf32>
    %57 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%56, %55 : tensor<2x5x16xf32>, tensor<2x5x16xf32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x16xf32>
    %58 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%57 : tensor<2x5x16xf32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %out: f32):
      %67 = math.tanh %in : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x16xf32>
    %59 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst_0 : tensor<f32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x16xf32>
    %60 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%59, %58 : tensor<2x5x16xf32>, tensor<2x5x16xf32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.addf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x16xf32>
    %61 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst : tensor<f32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x16xf32>
    %62 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%61, %60 : tensor<2x5x16xf32>, tensor<2x5x16xf32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x16xf32>
    %63 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%50, %62 : tensor<2x5x16xf32>, tensor<2x5x16xf32>) outs(%48 : tensor<2x5x16xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x16xf32>
    %64 = linalg.fill ins(%cst_6 : f32) outs(%8 : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
    %65 = linalg.generic {indexing_maps = [#map5, #map6, #map7], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%63, %arg4 : tensor<2x5x16xf32>, tensor<16x8xf32>) outs(%64 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.mulf %in, %in_7 : f32
      %68 = arith.addf %out, %67 : f32
      linalg.yield %68 : f32
    } -> tensor<2x5x8xf32>
    %66 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%37, %65 : tensor<2x5x8xf32>, tensor<2x5x8xf32>) outs(%8 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %in_7: f32, %out: f32):
      %67 = arith.addf %in, %in_7 : f32
      linalg.yield %67 : f32
    } -> tensor<2x5x8xf32>
    return %66 : tensor<2x5x8xf32>
  }
  func.func private @_var(%arg0: tensor<2x5x8xf32>, %arg1: tensor<i32>) -> tensor<2x5x1xf32> {
    %cst = arith.constant 8.000000e+00 : f32
    %cst_0 = arith.constant dense<0x7FC00000> : tensor<f32>
    %cst_1 = arith.constant dense<8.000000e+00> : tensor<f32>
    %cst_2 = arith.constant 0.000000e+00 : f32
    %0 = tensor.empty() : tensor<2x5xf32>
    %1 = linalg.fill ins(%cst_2 : f32) outs(%0 : tensor<2x5xf32>) -> tensor<2x5xf32>
    %2 = linalg.generic {indexing_maps = [#map, #map1], iterator_types = ["parallel", "parallel", "reduction"]} ins(%arg0 : tensor<2x5x8xf32>) outs(%1 : tensor<2x5xf32>) {
    ^bb0(%in: f32, %out: f32):
      %21 = arith.addf %out, %in : f32
      linalg.yield %21 : f32
    } -> tensor<2x5xf32>
    %3 = tensor.empty() : tensor<2x5x1xf32>
    %4 = linalg.generic {indexing_maps = [#map1, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%2 : tensor<2x5xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x1xf32>
    %5 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%cst_1 : tensor<f32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x1xf32>
    %6 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%4, %5 : tensor<2x5x1xf32>, tensor<2x5x1xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %in_3: f32, %out: f32):
      %21 = arith.divf %in, %in_3 : f32
      linalg.yield %21 : f32
    } -> tensor<2x5x1xf32>
    %7 = tensor.empty() : tensor<2x5x8xf32>
    %8 = linalg.generic {indexing_maps = [#map3, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%6 : tensor<2x5x1xf32>) outs(%7 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x8xf32>
    %9 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg0, %8 : tensor<2x5x8xf32>, tensor<2x5x8xf32>) outs(%7 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %in_3: f32, %out: f32):
      %21 = arith.subf %in, %in_3 : f32
      linalg.yield %21 : f32
    } -> tensor<2x5x8xf32>
    %10 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%9, %9 : tensor<2x5x8xf32>, tensor<2x5x8xf32>) outs(%7 : tensor<2x5x8xf32>) {
    ^bb0(%in: f32, %in_3: f32, %out: f32):
      %21 = arith.mulf %in, %in_3 : f32
      linalg.yield %21 : f32
    } -> tensor<2x5x8xf32>
    %11 = tensor.empty() : tensor<f32>
    %12 = linalg.generic {indexing_maps = [#map8, #map8], iterator_types = []} ins(%arg1 : tensor<i32>) outs(%11 : tensor<f32>) {
    ^bb0(%in: i32, %out: f32):
      %21 = arith.sitofp %in : i32 to f32
      linalg.yield %21 : f32
    } -> tensor<f32>
    %13 = linalg.generic {indexing_maps = [#map8, #map8], iterator_types = []} ins(%12 : tensor<f32>) outs(%11 : tensor<f32>) {
    ^bb0(%in: f32, %out: f32):
      %21 = arith.subf %cst, %in : f32
      linalg.yield %21 : f32
    } -> tensor<f32>
    %14 = linalg.generic {indexing_maps = [#map, #map1], iterator_types = ["parallel", "parallel", "reduction"]} ins(%10 : tensor<2x5x8xf32>) outs(%1 : tensor<2x5xf32>) {
    ^bb0(%in: f32, %out: f32):
      %21 = arith.addf %out, %in : f32
      linalg.yield %21 : f32
    } -> tensor<2x5xf32>
    %15 = linalg.generic {indexing_maps = [#map1, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%14 : tensor<2x5xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x1xf32>
    %16 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%13 : tensor<f32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x1xf32>
    %17 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%15, %16 : tensor<2x5x1xf32>, tensor<2x5x1xf32>) outs(%3 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %in_3: f32, %out: f32):
      %21 = arith.divf %in, %in_3 : f32
      linalg.yield %21 : f32
    } -> tensor<2x5x1xf32>
    %18 = tensor.empty() : tensor<i1>
    %19 = linalg.generic {indexing_maps = [#map8, #map8], iterator_types = []} ins(%13 : tensor<f32>) outs(%18 : tensor<i1>) {
    ^bb0(%in: f32, %out: i1):
      %21 = arith.cmpf ogt, %in, %cst_2 : f32
      linalg.yield %21 : i1
    } -> tensor<i1>
    %20 = call @_where(%19, %17, %cst_0) : (tensor<i1>, tensor<2x5x1xf32>, tensor<f32>) -> tensor<2x5x1xf32>
    return %20 : tensor<2x5x1xf32>
  }
  func.func private @_where(%arg0: tensor<i1>, %arg1: tensor<2x5x1xf32>, %arg2: tensor<f32>) -> tensor<2x5x1xf32> {
    %0 = tensor.empty() : tensor<2x5x1xf32>
    %1 = linalg.generic {indexing_maps = [#map2, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg2 : tensor<f32>) outs(%0 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<2x5x1xf32>
    %extracted = tensor.extract %arg0[] : tensor<i1>
    %2 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg1, %1 : tensor<2x5x1xf32>, tensor<2x5x1xf32>) outs(%0 : tensor<2x5x1xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %3 = arith.select %extracted, %in, %in_0 : f32
      linalg.yield %3 : f32
    } -> tensor<2x5x1xf32>
    return %2 : tensor<2x5x1xf32>
  }
}
