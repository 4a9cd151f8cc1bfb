// RUN: %python %S/Inputs/check.py %s --selects=1 --missed='reads more than its token and its expert'

// def best_features(x, scores):
//     """The two best rows a token has of its own: nothing is shared."""
//     best, ids = lax.top_k(scores, 2)
//     rows = jnp.take_along_axis(x, ids[..., None], 1)
//     return jnp.einsum("tk,tkd->td", nn.softmax(best, -1), rows)

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<6x4x8xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg9: tensor<6x4x8xf32>, %arg10: tensor<6x4xf32>):
    %27 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %28 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %29:2 = "stablehlo.composite"(%arg10) <{composite_attributes = {k = 2 : i64}, decomposition = @chlo.top_k.impl, name = "chlo.top_k", version = 1 : i32}> : (tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xi32>)
    %30 = "stablehlo.broadcast_in_dim"(%29#1) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x2xi32>) -> tensor<6x2x1xi32>
    %31 = "func.call"(%arg9, %30) <{callee = @take_along_axis}> : (tensor<6x4x8xf32>, tensor<6x2x1xi32>) -> tensor<6x2x8xf32>
    %32 = "stablehlo.reduce"(%29#0, %28) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg13: tensor<f32>, %arg14: tensor<f32>):
      %45 = "stablehlo.maximum"(%arg13, %arg14) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%45) : (tensor<f32>) -> ()
    }) : (tensor<6x2xf32>, tensor<f32>) -> tensor<6xf32>
    %33 = "stablehlo.broadcast_in_dim"(%28) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<6xf32>
    %34 = "stablehlo.maximum"(%33, %32) : (tensor<6xf32>, tensor<6xf32>) -> tensor<6xf32>
    %35 = "stablehlo.broadcast_in_dim"(%34) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xf32>) -> tensor<6x1xf32>
    %36 = "stablehlo.broadcast_in_dim"(%35) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x1xf32>) -> tensor<6x2xf32>
    %37 = "stablehlo.subtract"(%29#0, %36) : (tensor<6x2xf32>, tensor<6x2xf32>) -> tensor<6x2xf32>
    %38 = "stablehlo.exponential"(%37) : (tensor<6x2xf32>) -> tensor<6x2xf32>
    %39 = "stablehlo.reduce"(%38, %27) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg11: tensor<f32>, %arg12: tensor<f32>):
      %44 = "stablehlo.add"(%arg11, %arg12) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%44) : (tensor<f32>) -> ()
    }) : (tensor<6x2xf32>, tensor<f32>) -> tensor<6xf32>
    %40 = "stablehlo.broadcast_in_dim"(%39) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xf32>) -> tensor<6x1xf32>
    %41 = "stablehlo.broadcast_in_dim"(%40) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x1xf32>) -> tensor<6x2xf32>
    %42 = "stablehlo.divide"(%38, %41) : (tensor<6x2xf32>, tensor<6x2xf32>) -> tensor<6x2xf32>
    %43 = "stablehlo.dot_general"(%42, %31) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>}> : (tensor<6x2xf32>, tensor<6x2x8xf32>) -> tensor<6x8xf32>
    "func.return"(%43) : (tensor<6x8xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xi32>), sym_name = "chlo.top_k.impl", sym_visibility = "private"}> ({
  ^bb0(%arg4: tensor<6x4xf32>):
    %22 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<6x4xi32>
    %23:2 = "stablehlo.sort"(%arg4, %22) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: tensor<i32>, %arg8: tensor<i32>):
      %26 = "stablehlo.compare"(%arg5, %arg6) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%26) : (tensor<i1>) -> ()
    }) : (tensor<6x4xf32>, tensor<6x4xi32>) -> (tensor<6x4xf32>, tensor<6x4xi32>)
    %24 = "stablehlo.slice"(%23#0) <{limit_indices = array<i64: 6, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<6x4xf32>) -> tensor<6x2xf32>
    %25 = "stablehlo.slice"(%23#1) <{limit_indices = array<i64: 6, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<6x4xi32>) -> tensor<6x2xi32>
    "func.return"(%24, %25) : (tensor<6x2xf32>, tensor<6x2xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<6x4x8xf32>, tensor<6x2x1xi32>) -> tensor<6x2x8xf32>, sym_name = "take_along_axis", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<6x4x8xf32>, %arg1: tensor<6x2x1xi32>):
    %0 = "stablehlo.constant"() <{value = dense<0x7FC00000> : tensor<f32>}> : () -> tensor<f32>
    %1 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    %2 = "stablehlo.constant"() <{value = dense<3> : tensor<1xi32>}> : () -> tensor<1xi32>
    %3 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %4 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %5 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<6x2x1xi32>
    %6 = "stablehlo.compare"(%arg1, %5) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<6x2x1xi32>, tensor<6x2x1xi32>) -> tensor<6x2x1xi1>
    %7 = "stablehlo.broadcast_in_dim"(%3) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<6x2x1xi32>
    %8 = "stablehlo.add"(%arg1, %7) : (tensor<6x2x1xi32>, tensor<6x2x1xi32>) -> tensor<6x2x1xi32>
    %9 = "stablehlo.select"(%6, %8, %arg1) : (tensor<6x2x1xi1>, tensor<6x2x1xi32>, tensor<6x2x1xi32>) -> tensor<6x2x1xi32>
    %10 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<6x2x1xi32>
    %11 = "stablehlo.compare"(%9, %10) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<6x2x1xi32>, tensor<6x2x1xi32>) -> tensor<6x2x1xi1>
    %12 = "stablehlo.broadcast_in_dim"(%2) <{broadcast_dimensions = array<i64: 2>}> : (tensor<1xi32>) -> tensor<1x1x1xi32>
    %13 = "stablehlo.broadcast_in_dim"(%12) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<1x1x1xi32>) -> tensor<6x2x1xi32>
    %14 = "stablehlo.compare"(%9, %13) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LE>}> : (tensor<6x2x1xi32>, tensor<6x2x1xi32>) -> tensor<6x2x1xi1>
    %15 = "stablehlo.and"(%11, %14) : (tensor<6x2x1xi1>, tensor<6x2x1xi1>) -> tensor<6x2x1xi1>
    %16 = "stablehlo.reduce"(%15, %1) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg2: tensor<i1>, %arg3: tensor<i1>):
      %21 = "stablehlo.and"(%arg2, %arg3) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%21) : (tensor<i1>) -> ()
    }) : (tensor<6x2x1xi1>, tensor<i1>) -> tensor<6x2xi1>
    %17 = "stablehlo.gather"(%arg0, %9) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1, 8>}> : (tensor<6x4x8xf32>, tensor<6x2x1xi32>) -> tensor<6x2x8xf32>
    %18 = "stablehlo.broadcast_in_dim"(%16) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x2xi1>) -> tensor<6x2x8xi1>
    %19 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<6x2x8xf32>
    %20 = "stablehlo.select"(%18, %17, %19) : (tensor<6x2x8xi1>, tensor<6x2x8xf32>, tensor<6x2x8xf32>) -> tensor<6x2x8xf32>
    "func.return"(%20) : (tensor<6x2x8xf32>) -> ()
  }) : () -> ()
}) : () -> ()
