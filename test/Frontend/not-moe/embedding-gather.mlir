// RUN: %python %S/Inputs/check.py %s

// def embedding_gather(ids, table):
//     return table[ids]

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<2x5xi32>, tensor<9x8xf32>) -> tensor<2x5x8xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg0: tensor<2x5xi32>, %arg1: tensor<9x8xf32>):
    %0 = "stablehlo.constant"() <{value = dense<9> : tensor<i32>}> : () -> tensor<i32>
    %1 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %2 = "stablehlo.broadcast_in_dim"(%1) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %3 = "stablehlo.compare"(%arg0, %2) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi1>
    %4 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %5 = "stablehlo.add"(%arg0, %4) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %6 = "stablehlo.select"(%3, %5, %arg0) : (tensor<2x5xi1>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %7 = "stablehlo.broadcast_in_dim"(%6) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %8 = "stablehlo.gather"(%arg1, %7) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 8>}> : (tensor<9x8xf32>, tensor<2x5x1xi32>) -> tensor<2x5x8xf32>
    "func.return"(%8) : (tensor<2x5x8xf32>) -> ()
  }) : () -> ()
}) : () -> ()
