// RUN: %python %S/Inputs/check.py %s --selects=1 --missed='the rows read no token'

// def sparse_attention(q, k, v):
//     """Every query reads the values of its three best keys."""
//     scores, ids = lax.top_k(q @ k.T, 3)
//     return jnp.einsum("tk,tkd->td", nn.softmax(scores, -1), v[ids])

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<6x8xf32>, tensor<9x8xf32>, tensor<9x8xf32>) -> tensor<6x8xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg5: tensor<6x8xf32>, %arg6: tensor<9x8xf32>, %arg7: tensor<9x8xf32>):
    %5 = "stablehlo.constant"() <{value = dense<9> : tensor<i32>}> : () -> tensor<i32>
    %6 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %7 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %8 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %9 = "stablehlo.transpose"(%arg6) <{permutation = array<i64: 1, 0>}> : (tensor<9x8xf32>) -> tensor<8x9xf32>
    %10 = "stablehlo.dot_general"(%arg5, %9) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x9xf32>) -> tensor<6x9xf32>
    %11:2 = "stablehlo.composite"(%10) <{composite_attributes = {k = 3 : i64}, decomposition = @chlo.top_k.impl, name = "chlo.top_k", version = 1 : i32}> : (tensor<6x9xf32>) -> (tensor<6x3xf32>, tensor<6x3xi32>)
    %12 = "stablehlo.reduce"(%11#0, %8) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg10: tensor<f32>, %arg11: tensor<f32>):
      %32 = "stablehlo.maximum"(%arg10, %arg11) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%32) : (tensor<f32>) -> ()
    }) : (tensor<6x3xf32>, tensor<f32>) -> tensor<6xf32>
    %13 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<6xf32>
    %14 = "stablehlo.maximum"(%13, %12) : (tensor<6xf32>, tensor<6xf32>) -> tensor<6xf32>
    %15 = "stablehlo.broadcast_in_dim"(%14) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xf32>) -> tensor<6x1xf32>
    %16 = "stablehlo.broadcast_in_dim"(%15) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x1xf32>) -> tensor<6x3xf32>
    %17 = "stablehlo.subtract"(%11#0, %16) : (tensor<6x3xf32>, tensor<6x3xf32>) -> tensor<6x3xf32>
    %18 = "stablehlo.exponential"(%17) : (tensor<6x3xf32>) -> tensor<6x3xf32>
    %19 = "stablehlo.reduce"(%18, %7) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg8: tensor<f32>, %arg9: tensor<f32>):
      %31 = "stablehlo.add"(%arg8, %arg9) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%31) : (tensor<f32>) -> ()
    }) : (tensor<6x3xf32>, tensor<f32>) -> tensor<6xf32>
    %20 = "stablehlo.broadcast_in_dim"(%19) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xf32>) -> tensor<6x1xf32>
    %21 = "stablehlo.broadcast_in_dim"(%20) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x1xf32>) -> tensor<6x3xf32>
    %22 = "stablehlo.divide"(%18, %21) : (tensor<6x3xf32>, tensor<6x3xf32>) -> tensor<6x3xf32>
    %23 = "stablehlo.broadcast_in_dim"(%6) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<6x3xi32>
    %24 = "stablehlo.compare"(%11#1, %23) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<6x3xi32>, tensor<6x3xi32>) -> tensor<6x3xi1>
    %25 = "stablehlo.broadcast_in_dim"(%5) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<6x3xi32>
    %26 = "stablehlo.add"(%11#1, %25) : (tensor<6x3xi32>, tensor<6x3xi32>) -> tensor<6x3xi32>
    %27 = "stablehlo.select"(%24, %26, %11#1) : (tensor<6x3xi1>, tensor<6x3xi32>, tensor<6x3xi32>) -> tensor<6x3xi32>
    %28 = "stablehlo.broadcast_in_dim"(%27) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x3xi32>) -> tensor<6x3x1xi32>
    %29 = "stablehlo.gather"(%arg7, %28) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 8>}> : (tensor<9x8xf32>, tensor<6x3x1xi32>) -> tensor<6x3x8xf32>
    %30 = "stablehlo.dot_general"(%22, %29) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>}> : (tensor<6x3xf32>, tensor<6x3x8xf32>) -> tensor<6x8xf32>
    "func.return"(%30) : (tensor<6x8xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<6x9xf32>) -> (tensor<6x3xf32>, tensor<6x3xi32>), sym_name = "chlo.top_k.impl", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<6x9xf32>):
    %0 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<6x9xi32>
    %1:2 = "stablehlo.sort"(%arg0, %0) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<i32>, %arg4: tensor<i32>):
      %4 = "stablehlo.compare"(%arg1, %arg2) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%4) : (tensor<i1>) -> ()
    }) : (tensor<6x9xf32>, tensor<6x9xi32>) -> (tensor<6x9xf32>, tensor<6x9xi32>)
    %2 = "stablehlo.slice"(%1#0) <{limit_indices = array<i64: 6, 3>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<6x9xf32>) -> tensor<6x3xf32>
    %3 = "stablehlo.slice"(%1#1) <{limit_indices = array<i64: 6, 3>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<6x9xi32>) -> tensor<6x3xi32>
    "func.return"(%2, %3) : (tensor<6x3xf32>, tensor<6x3xi32>) -> ()
  }) : () -> ()
}) : () -> ()
