// RUN: %python %S/Inputs/check.py %s --selects=1

// def max_pool_unpool(x):
//     """The largest of every pair goes back to where it was."""
//     pairs = x.reshape(3, 4, 2)
//     at = jnp.argmax(pairs, -1)
//     top = jnp.take_along_axis(pairs, at[..., None], -1)
//     return (nn.one_hot(at, 2) * top).reshape(3, 8)

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<3x8xf32>) -> tensor<3x8xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg10: tensor<3x8xf32>):
    %41 = "stablehlo.reshape"(%arg10) : (tensor<3x8xf32>) -> tensor<3x4x2xf32>
    %42 = "func.call"(%41) <{callee = @argmax}> : (tensor<3x4x2xf32>) -> tensor<3x4xi32>
    %43 = "stablehlo.broadcast_in_dim"(%42) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<3x4xi32>) -> tensor<3x4x1xi32>
    %44 = "func.call"(%41, %43) <{callee = @take_along_axis}> : (tensor<3x4x2xf32>, tensor<3x4x1xi32>) -> tensor<3x4x1xf32>
    %45 = "func.call"(%42) <{callee = @_one_hot}> : (tensor<3x4xi32>) -> tensor<3x4x2xf32>
    %46 = "stablehlo.broadcast_in_dim"(%44) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<3x4x1xf32>) -> tensor<3x4x2xf32>
    %47 = "stablehlo.multiply"(%45, %46) : (tensor<3x4x2xf32>, tensor<3x4x2xf32>) -> tensor<3x4x2xf32>
    %48 = "stablehlo.reshape"(%47) : (tensor<3x4x2xf32>) -> tensor<3x8xf32>
    "func.return"(%48) : (tensor<3x8xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<3x4x2xf32>) -> tensor<3x4xi32>, sym_name = "argmax", sym_visibility = "private"}> ({
  ^bb0(%arg5: tensor<3x4x2xf32>):
    %28 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %29 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %30 = "stablehlo.iota"() <{iota_dimension = 2 : i64}> : () -> tensor<3x4x2xi32>
    %31:2 = "stablehlo.reduce"(%arg5, %30, %29, %28) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg6: tensor<f32>, %arg7: tensor<i32>, %arg8: tensor<f32>, %arg9: tensor<i32>):
      %32 = "stablehlo.compare"(%arg6, %arg8) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %33 = "stablehlo.compare"(%arg6, %arg6) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %34 = "stablehlo.or"(%32, %33) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %35 = "stablehlo.compare"(%arg6, %arg8) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %36 = "stablehlo.compare"(%arg7, %arg9) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %37 = "stablehlo.and"(%35, %36) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %38 = "stablehlo.or"(%34, %37) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %39 = "stablehlo.select"(%34, %arg6, %arg8) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %40 = "stablehlo.select"(%38, %arg7, %arg9) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%39, %40) : (tensor<f32>, tensor<i32>) -> ()
    }) : (tensor<3x4x2xf32>, tensor<3x4x2xi32>, tensor<f32>, tensor<i32>) -> (tensor<3x4xf32>, tensor<3x4xi32>)
    "func.return"(%31#1) : (tensor<3x4xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<3x4x2xf32>, tensor<3x4x1xi32>) -> tensor<3x4x1xf32>, sym_name = "take_along_axis", sym_visibility = "private"}> ({
  ^bb0(%arg1: tensor<3x4x2xf32>, %arg2: tensor<3x4x1xi32>):
    %6 = "stablehlo.constant"() <{value = dense<0x7FC00000> : tensor<f32>}> : () -> tensor<f32>
    %7 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    %8 = "stablehlo.constant"() <{value = dense<1> : tensor<1xi32>}> : () -> tensor<1xi32>
    %9 = "stablehlo.constant"() <{value = dense<2> : tensor<i32>}> : () -> tensor<i32>
    %10 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %11 = "stablehlo.broadcast_in_dim"(%10) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %12 = "stablehlo.compare"(%arg2, %11) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi1>
    %13 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %14 = "stablehlo.add"(%arg2, %13) : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    %15 = "stablehlo.select"(%12, %14, %arg2) : (tensor<3x4x1xi1>, tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    %16 = "stablehlo.reshape"(%15) : (tensor<3x4x1xi32>) -> tensor<3x4x1x1xi32>
    %17 = "stablehlo.broadcast_in_dim"(%10) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1x1xi32>
    %18 = "stablehlo.compare"(%16, %17) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<3x4x1x1xi32>, tensor<3x4x1x1xi32>) -> tensor<3x4x1x1xi1>
    %19 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64: 3>}> : (tensor<1xi32>) -> tensor<1x1x1x1xi32>
    %20 = "stablehlo.broadcast_in_dim"(%19) <{broadcast_dimensions = array<i64: 0, 1, 2, 3>}> : (tensor<1x1x1x1xi32>) -> tensor<3x4x1x1xi32>
    %21 = "stablehlo.compare"(%16, %20) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LE>}> : (tensor<3x4x1x1xi32>, tensor<3x4x1x1xi32>) -> tensor<3x4x1x1xi1>
    %22 = "stablehlo.and"(%18, %21) : (tensor<3x4x1x1xi1>, tensor<3x4x1x1xi1>) -> tensor<3x4x1x1xi1>
    %23 = "stablehlo.reduce"(%22, %7) <{dimensions = array<i64: 3>}> ({
    ^bb0(%arg3: tensor<i1>, %arg4: tensor<i1>):
      %27 = "stablehlo.and"(%arg3, %arg4) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%27) : (tensor<i1>) -> ()
    }) : (tensor<3x4x1x1xi1>, tensor<i1>) -> tensor<3x4x1xi1>
    %24 = "stablehlo.gather"(%arg1, %16) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [2], operand_batching_dims = [0, 1], start_indices_batching_dims = [0, 1], start_index_map = [2], index_vector_dim = 3>, slice_sizes = array<i64: 1, 1, 1>}> : (tensor<3x4x2xf32>, tensor<3x4x1x1xi32>) -> tensor<3x4x1xf32>
    %25 = "stablehlo.broadcast_in_dim"(%6) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<3x4x1xf32>
    %26 = "stablehlo.select"(%23, %24, %25) : (tensor<3x4x1xi1>, tensor<3x4x1xf32>, tensor<3x4x1xf32>) -> tensor<3x4x1xf32>
    "func.return"(%26) : (tensor<3x4x1xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<3x4xi32>) -> tensor<3x4x2xf32>, sym_name = "_one_hot", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<3x4xi32>):
    %0 = "stablehlo.broadcast_in_dim"(%arg0) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<3x4xi32>) -> tensor<3x4x1xi32>
    %1 = "stablehlo.iota"() <{iota_dimension = 2 : i64}> : () -> tensor<1x1x2xi32>
    %2 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<3x4x1xi32>) -> tensor<3x4x2xi32>
    %3 = "stablehlo.broadcast_in_dim"(%1) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<1x1x2xi32>) -> tensor<3x4x2xi32>
    %4 = "stablehlo.compare"(%2, %3) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<3x4x2xi32>, tensor<3x4x2xi32>) -> tensor<3x4x2xi1>
    %5 = "stablehlo.convert"(%4) : (tensor<3x4x2xi1>) -> tensor<3x4x2xf32>
    "func.return"(%5) : (tensor<3x4x2xf32>) -> ()
  }) : () -> ()
}) : () -> ()
