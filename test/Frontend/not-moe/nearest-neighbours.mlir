// RUN: %python %S/Inputs/check.py %s --selects=1 --missed='the rows read no token'

// def nearest_neighbours(x, keys, values):
//     away = ((x[:, None] - keys) ** 2).sum(-1)
//     return values[lax.top_k(-away, 3)[1]].mean(1)

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<5x8xf32>, tensor<9x8xf32>, tensor<9x8xf32>) -> tensor<5x8xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg5: tensor<5x8xf32>, %arg6: tensor<9x8xf32>, %arg7: tensor<9x8xf32>):
    %5 = "stablehlo.constant"() <{value = dense<3.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %6 = "stablehlo.constant"() <{value = dense<9> : tensor<i32>}> : () -> tensor<i32>
    %7 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %8 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %9 = "stablehlo.broadcast_in_dim"(%arg5) <{broadcast_dimensions = array<i64: 0, 2>}> : (tensor<5x8xf32>) -> tensor<5x1x8xf32>
    %10 = "stablehlo.broadcast_in_dim"(%arg6) <{broadcast_dimensions = array<i64: 1, 2>}> : (tensor<9x8xf32>) -> tensor<1x9x8xf32>
    %11 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<5x1x8xf32>) -> tensor<5x9x8xf32>
    %12 = "stablehlo.broadcast_in_dim"(%10) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<1x9x8xf32>) -> tensor<5x9x8xf32>
    %13 = "stablehlo.subtract"(%11, %12) : (tensor<5x9x8xf32>, tensor<5x9x8xf32>) -> tensor<5x9x8xf32>
    %14 = "stablehlo.multiply"(%13, %13) : (tensor<5x9x8xf32>, tensor<5x9x8xf32>) -> tensor<5x9x8xf32>
    %15 = "stablehlo.reduce"(%14, %8) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg10: tensor<f32>, %arg11: tensor<f32>):
      %29 = "stablehlo.add"(%arg10, %arg11) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%29) : (tensor<f32>) -> ()
    }) : (tensor<5x9x8xf32>, tensor<f32>) -> tensor<5x9xf32>
    %16 = "stablehlo.negate"(%15) : (tensor<5x9xf32>) -> tensor<5x9xf32>
    %17:2 = "stablehlo.composite"(%16) <{composite_attributes = {k = 3 : i64}, decomposition = @chlo.top_k.impl, name = "chlo.top_k", version = 1 : i32}> : (tensor<5x9xf32>) -> (tensor<5x3xf32>, tensor<5x3xi32>)
    %18 = "stablehlo.broadcast_in_dim"(%7) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x3xi32>
    %19 = "stablehlo.compare"(%17#1, %18) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<5x3xi32>, tensor<5x3xi32>) -> tensor<5x3xi1>
    %20 = "stablehlo.broadcast_in_dim"(%6) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x3xi32>
    %21 = "stablehlo.add"(%17#1, %20) : (tensor<5x3xi32>, tensor<5x3xi32>) -> tensor<5x3xi32>
    %22 = "stablehlo.select"(%19, %21, %17#1) : (tensor<5x3xi1>, tensor<5x3xi32>, tensor<5x3xi32>) -> tensor<5x3xi32>
    %23 = "stablehlo.broadcast_in_dim"(%22) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<5x3xi32>) -> tensor<5x3x1xi32>
    %24 = "stablehlo.gather"(%arg7, %23) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 8>}> : (tensor<9x8xf32>, tensor<5x3x1xi32>) -> tensor<5x3x8xf32>
    %25 = "stablehlo.reduce"(%24, %8) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg8: tensor<f32>, %arg9: tensor<f32>):
      %28 = "stablehlo.add"(%arg8, %arg9) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%28) : (tensor<f32>) -> ()
    }) : (tensor<5x3x8xf32>, tensor<f32>) -> tensor<5x8xf32>
    %26 = "stablehlo.broadcast_in_dim"(%5) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<5x8xf32>
    %27 = "stablehlo.divide"(%25, %26) : (tensor<5x8xf32>, tensor<5x8xf32>) -> tensor<5x8xf32>
    "func.return"(%27) : (tensor<5x8xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<5x9xf32>) -> (tensor<5x3xf32>, tensor<5x3xi32>), sym_name = "chlo.top_k.impl", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<5x9xf32>):
    %0 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<5x9xi32>
    %1:2 = "stablehlo.sort"(%arg0, %0) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<i32>, %arg4: tensor<i32>):
      %4 = "stablehlo.compare"(%arg1, %arg2) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%4) : (tensor<i1>) -> ()
    }) : (tensor<5x9xf32>, tensor<5x9xi32>) -> (tensor<5x9xf32>, tensor<5x9xi32>)
    %2 = "stablehlo.slice"(%1#0) <{limit_indices = array<i64: 5, 3>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x9xf32>) -> tensor<5x3xf32>
    %3 = "stablehlo.slice"(%1#1) <{limit_indices = array<i64: 5, 3>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x9xi32>) -> tensor<5x3xi32>
    "func.return"(%2, %3) : (tensor<5x3xf32>, tensor<5x3xi32>) -> ()
  }) : () -> ()
}) : () -> ()
