// RUN: %python %S/Inputs/check.py %s

// def conditional_network(x, w, up, down):
//     return jnp.where((x @ w > 0)[:, None], nn.relu(x @ up) @ down, x)

#map = affine_map<(d0) -> ()>
#map1 = affine_map<(d0) -> (d0)>
#map2 = affine_map<(d0, d1) -> (d0)>
#map3 = affine_map<(d0, d1) -> (d0, d1)>
#map4 = affine_map<(d0, d1) -> ()>
#map5 = affine_map<(d0, d1) -> (d0, 0)>
module {
  func.func public @main(%arg0: tensor<6x8xf32>, %arg1: tensor<8xf32>, %arg2: tensor<8x16xf32>, %arg3: tensor<16x8xf32>) -> (tensor<6x8xf32> {jax.result_info = "result"}) {
    %cst = arith.constant 0.000000e+00 : f32
    %cst_0 = arith.constant dense<0.000000e+00> : tensor<f32>
    %0 = tensor.empty() : tensor<6xf32>
    %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<6xf32>) -> tensor<6xf32>
    %2 = linalg.matvec ins(%arg0, %arg1 : tensor<6x8xf32>, tensor<8xf32>) outs(%1 : tensor<6xf32>) -> tensor<6xf32>
    %3 = linalg.generic {indexing_maps = [#map, #map1], iterator_types = ["parallel"]} ins(%cst_0 : tensor<f32>) outs(%0 : tensor<6xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<6xf32>
    %4 = tensor.empty() : tensor<6xi1>
    %5 = linalg.generic {indexing_maps = [#map1, #map1, #map1], iterator_types = ["parallel"]} ins(%2, %3 : tensor<6xf32>, tensor<6xf32>) outs(%4 : tensor<6xi1>) {
    ^bb0(%in: f32, %in_1: f32, %out: i1):
      %16 = arith.cmpf ogt, %in, %in_1 : f32
      linalg.yield %16 : i1
    } -> tensor<6xi1>
    %6 = tensor.empty() : tensor<6x1xi1>
    %7 = linalg.generic {indexing_maps = [#map2, #map3], iterator_types = ["parallel", "parallel"]} ins(%5 : tensor<6xi1>) outs(%6 : tensor<6x1xi1>) {
    ^bb0(%in: i1, %out: i1):
      linalg.yield %in : i1
    } -> tensor<6x1xi1>
    %8 = tensor.empty() : tensor<6x16xf32>
    %9 = linalg.fill ins(%cst : f32) outs(%8 : tensor<6x16xf32>) -> tensor<6x16xf32>
    %10 = linalg.matmul ins(%arg0, %arg2 : tensor<6x8xf32>, tensor<8x16xf32>) outs(%9 : tensor<6x16xf32>) -> tensor<6x16xf32>
    %11 = call @relu(%10) : (tensor<6x16xf32>) -> tensor<6x16xf32>
    %12 = tensor.empty() : tensor<6x8xf32>
    %13 = linalg.fill ins(%cst : f32) outs(%12 : tensor<6x8xf32>) -> tensor<6x8xf32>
    %14 = linalg.matmul ins(%11, %arg3 : tensor<6x16xf32>, tensor<16x8xf32>) outs(%13 : tensor<6x8xf32>) -> tensor<6x8xf32>
    %15 = call @_where(%7, %14, %arg0) : (tensor<6x1xi1>, tensor<6x8xf32>, tensor<6x8xf32>) -> tensor<6x8xf32>
    return %15 : tensor<6x8xf32>
  }
  func.func private @relu(%arg0: tensor<6x16xf32>) -> tensor<6x16xf32> {
    %cst = arith.constant dense<0.000000e+00> : tensor<f32>
    %0 = tensor.empty() : tensor<6x16xf32>
    %1 = linalg.generic {indexing_maps = [#map4, #map3], iterator_types = ["parallel", "parallel"]} ins(%cst : tensor<f32>) outs(%0 : tensor<6x16xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<6x16xf32>
    %2 = linalg.generic {indexing_maps = [#map3, #map3, #map3], iterator_types = ["parallel", "parallel"]} ins(%arg0, %1 : tensor<6x16xf32>, tensor<6x16xf32>) outs(%0 : tensor<6x16xf32>) {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %3 = arith.maximumf %in, %in_0 : f32
      linalg.yield %3 : f32
    } -> tensor<6x16xf32>
    return %2 : tensor<6x16xf32>
  }
  func.func private @_where(%arg0: tensor<6x1xi1>, %arg1: tensor<6x8xf32>, %arg2: tensor<6x8xf32>) -> tensor<6x8xf32> {
    %0 = tensor.empty() : tensor<6x8xi1>
    %1 = linalg.generic {indexing_maps = [#map5, #map3], iterator_types = ["parallel", "parallel"]} ins(%arg0 : tensor<6x1xi1>) outs(%0 : tensor<6x8xi1>) {
    ^bb0(%in: i1, %out: i1):
      linalg.yield %in : i1
    } -> tensor<6x8xi1>
    %2 = tensor.empty() : tensor<6x8xf32>
    %3 = linalg.generic {indexing_maps = [#map3, #map3, #map3, #map3], iterator_types = ["parallel", "parallel"]} ins(%1, %arg1, %arg2 : tensor<6x8xi1>, tensor<6x8xf32>, tensor<6x8xf32>) outs(%2 : tensor<6x8xf32>) {
    ^bb0(%in: i1, %in_0: f32, %in_1: f32, %out: f32):
      %4 = arith.select %in, %in_0, %in_1 : f32
      linalg.yield %4 : f32
    } -> tensor<6x8xf32>
    return %3 : tensor<6x8xf32>
  }
}
