// RUN: %python %S/Inputs/check.py %s --selects=1

// def retrieval(x, keys, documents):
//     """Scores, and the tokens of the two best documents of every query."""
//     best, ids = lax.top_k(x @ keys.T, 2)
//     return best, documents[ids]

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<5x8xf32>, tensor<9x8xf32>, tensor<9x4x8xf32>) -> (tensor<5x2xf32>, tensor<5x2x4x8xf32>), res_attrs = [{jax.result_info = "result[0]"}, {jax.result_info = "result[1]"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg5: tensor<5x8xf32>, %arg6: tensor<9x8xf32>, %arg7: tensor<9x4x8xf32>):
    %5 = "stablehlo.constant"() <{value = dense<9> : tensor<i32>}> : () -> tensor<i32>
    %6 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %7 = "stablehlo.transpose"(%arg6) <{permutation = array<i64: 1, 0>}> : (tensor<9x8xf32>) -> tensor<8x9xf32>
    %8 = "stablehlo.dot_general"(%arg5, %7) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<5x8xf32>, tensor<8x9xf32>) -> tensor<5x9xf32>
    %9:2 = "stablehlo.composite"(%8) <{composite_attributes = {k = 2 : i64}, decomposition = @chlo.top_k.impl, name = "chlo.top_k", version = 1 : i32}> : (tensor<5x9xf32>) -> (tensor<5x2xf32>, tensor<5x2xi32>)
    %10 = "stablehlo.broadcast_in_dim"(%6) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x2xi32>
    %11 = "stablehlo.compare"(%9#1, %10) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi1>
    %12 = "stablehlo.broadcast_in_dim"(%5) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x2xi32>
    %13 = "stablehlo.add"(%9#1, %12) : (tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi32>
    %14 = "stablehlo.select"(%11, %13, %9#1) : (tensor<5x2xi1>, tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi32>
    %15 = "stablehlo.broadcast_in_dim"(%14) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<5x2xi32>) -> tensor<5x2x1xi32>
    %16 = "stablehlo.gather"(%arg7, %15) <{dimension_numbers = #stablehlo.gather<offset_dims = [2, 3], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 4, 8>}> : (tensor<9x4x8xf32>, tensor<5x2x1xi32>) -> tensor<5x2x4x8xf32>
    "func.return"(%9#0, %16) : (tensor<5x2xf32>, tensor<5x2x4x8xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<5x9xf32>) -> (tensor<5x2xf32>, tensor<5x2xi32>), sym_name = "chlo.top_k.impl", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<5x9xf32>):
    %0 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<5x9xi32>
    %1:2 = "stablehlo.sort"(%arg0, %0) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<i32>, %arg4: tensor<i32>):
      %4 = "stablehlo.compare"(%arg1, %arg2) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%4) : (tensor<i1>) -> ()
    }) : (tensor<5x9xf32>, tensor<5x9xi32>) -> (tensor<5x9xf32>, tensor<5x9xi32>)
    %2 = "stablehlo.slice"(%1#0) <{limit_indices = array<i64: 5, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x9xf32>) -> tensor<5x2xf32>
    %3 = "stablehlo.slice"(%1#1) <{limit_indices = array<i64: 5, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x9xi32>) -> tensor<5x2xi32>
    "func.return"(%2, %3) : (tensor<5x2xf32>, tensor<5x2xi32>) -> ()
  }) : () -> ()
}) : () -> ()
