// RUN: %python %S/Inputs/check.py %s

// def grouped_query_attention(x, wq, wk, wv):
//     k, v = (jnp.repeat(heads(x, w, 1), 2, 1) for w in (wk, wv))
//     return attend(heads(x, wq, 2), k, v, jnp.tril(jnp.ones((5, 5), bool)))

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<2x5x8xf32>, tensor<8x8xf32>, tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<2x2x5x4xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg4: tensor<2x5x8xf32>, %arg5: tensor<8x8xf32>, %arg6: tensor<8x4xf32>, %arg7: tensor<8x4xf32>):
    %13 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %14 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %15 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %16 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    %17 = "stablehlo.dot_general"(%arg4, %arg6) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [0]>}> : (tensor<2x5x8xf32>, tensor<8x4xf32>) -> tensor<2x5x4xf32>
    %18 = "stablehlo.reshape"(%17) : (tensor<2x5x4xf32>) -> tensor<2x5x1x4xf32>
    %19 = "stablehlo.transpose"(%18) <{permutation = array<i64: 0, 2, 1, 3>}> : (tensor<2x5x1x4xf32>) -> tensor<2x1x5x4xf32>
    %20 = "stablehlo.broadcast_in_dim"(%19) <{broadcast_dimensions = array<i64: 0, 1, 3, 4>}> : (tensor<2x1x5x4xf32>) -> tensor<2x1x2x5x4xf32>
    %21 = "stablehlo.reshape"(%20) : (tensor<2x1x2x5x4xf32>) -> tensor<2x2x5x4xf32>
    %22 = "stablehlo.dot_general"(%arg4, %arg7) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [0]>}> : (tensor<2x5x8xf32>, tensor<8x4xf32>) -> tensor<2x5x4xf32>
    %23 = "stablehlo.reshape"(%22) : (tensor<2x5x4xf32>) -> tensor<2x5x1x4xf32>
    %24 = "stablehlo.transpose"(%23) <{permutation = array<i64: 0, 2, 1, 3>}> : (tensor<2x5x1x4xf32>) -> tensor<2x1x5x4xf32>
    %25 = "stablehlo.broadcast_in_dim"(%24) <{broadcast_dimensions = array<i64: 0, 1, 3, 4>}> : (tensor<2x1x5x4xf32>) -> tensor<2x1x2x5x4xf32>
    %26 = "stablehlo.reshape"(%25) : (tensor<2x1x2x5x4xf32>) -> tensor<2x2x5x4xf32>
    %27 = "stablehlo.dot_general"(%arg4, %arg5) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [0]>}> : (tensor<2x5x8xf32>, tensor<8x8xf32>) -> tensor<2x5x8xf32>
    %28 = "stablehlo.reshape"(%27) : (tensor<2x5x8xf32>) -> tensor<2x5x2x4xf32>
    %29 = "stablehlo.transpose"(%28) <{permutation = array<i64: 0, 2, 1, 3>}> : (tensor<2x5x2x4xf32>) -> tensor<2x2x5x4xf32>
    %30 = "stablehlo.broadcast_in_dim"(%16) <{broadcast_dimensions = array<i64>}> : (tensor<i1>) -> tensor<5x5xi1>
    %31 = "func.call"(%30) <{callee = @tril}> : (tensor<5x5xi1>) -> tensor<5x5xi1>
    %32 = "stablehlo.dot_general"(%29, %21) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0, 1], rhs_batching_dimensions = [0, 1], lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [3]>}> : (tensor<2x2x5x4xf32>, tensor<2x2x5x4xf32>) -> tensor<2x2x5x5xf32>
    %33 = "stablehlo.broadcast_in_dim"(%15) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x2x5x5xf32>
    %34 = "stablehlo.divide"(%32, %33) : (tensor<2x2x5x5xf32>, tensor<2x2x5x5xf32>) -> tensor<2x2x5x5xf32>
    %35 = "func.call"(%31, %34, %14) <{callee = @_where}> : (tensor<5x5xi1>, tensor<2x2x5x5xf32>, tensor<f32>) -> tensor<2x2x5x5xf32>
    %36 = "stablehlo.reduce"(%35, %14) <{dimensions = array<i64: 3>}> ({
    ^bb0(%arg10: tensor<f32>, %arg11: tensor<f32>):
      %49 = "stablehlo.maximum"(%arg10, %arg11) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%49) : (tensor<f32>) -> ()
    }) : (tensor<2x2x5x5xf32>, tensor<f32>) -> tensor<2x2x5xf32>
    %37 = "stablehlo.broadcast_in_dim"(%14) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x2x5xf32>
    %38 = "stablehlo.maximum"(%37, %36) : (tensor<2x2x5xf32>, tensor<2x2x5xf32>) -> tensor<2x2x5xf32>
    %39 = "stablehlo.broadcast_in_dim"(%38) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<2x2x5xf32>) -> tensor<2x2x5x1xf32>
    %40 = "stablehlo.broadcast_in_dim"(%39) <{broadcast_dimensions = array<i64: 0, 1, 2, 3>}> : (tensor<2x2x5x1xf32>) -> tensor<2x2x5x5xf32>
    %41 = "stablehlo.subtract"(%35, %40) : (tensor<2x2x5x5xf32>, tensor<2x2x5x5xf32>) -> tensor<2x2x5x5xf32>
    %42 = "stablehlo.exponential"(%41) : (tensor<2x2x5x5xf32>) -> tensor<2x2x5x5xf32>
    %43 = "stablehlo.reduce"(%42, %13) <{dimensions = array<i64: 3>}> ({
    ^bb0(%arg8: tensor<f32>, %arg9: tensor<f32>):
      %48 = "stablehlo.add"(%arg8, %arg9) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%48) : (tensor<f32>) -> ()
    }) : (tensor<2x2x5x5xf32>, tensor<f32>) -> tensor<2x2x5xf32>
    %44 = "stablehlo.broadcast_in_dim"(%43) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<2x2x5xf32>) -> tensor<2x2x5x1xf32>
    %45 = "stablehlo.broadcast_in_dim"(%44) <{broadcast_dimensions = array<i64: 0, 1, 2, 3>}> : (tensor<2x2x5x1xf32>) -> tensor<2x2x5x5xf32>
    %46 = "stablehlo.divide"(%42, %45) : (tensor<2x2x5x5xf32>, tensor<2x2x5x5xf32>) -> tensor<2x2x5x5xf32>
    %47 = "stablehlo.dot_general"(%46, %26) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0, 1], rhs_batching_dimensions = [0, 1], lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [2]>}> : (tensor<2x2x5x5xf32>, tensor<2x2x5x4xf32>) -> tensor<2x2x5x4xf32>
    "func.return"(%47) : (tensor<2x2x5x4xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<5x5xi1>) -> tensor<5x5xi1>, sym_name = "tril", sym_visibility = "private"}> ({
  ^bb0(%arg3: tensor<5x5xi1>):
    %4 = "stablehlo.constant"() <{value = dense<false> : tensor<i1>}> : () -> tensor<i1>
    %5 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %6 = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<5x5xi32>
    %7 = "stablehlo.broadcast_in_dim"(%5) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x5xi32>
    %8 = "stablehlo.add"(%6, %7) : (tensor<5x5xi32>, tensor<5x5xi32>) -> tensor<5x5xi32>
    %9 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<5x5xi32>
    %10 = "stablehlo.compare"(%8, %9) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<5x5xi32>, tensor<5x5xi32>) -> tensor<5x5xi1>
    %11 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<i1>) -> tensor<5x5xi1>
    %12 = "stablehlo.select"(%10, %arg3, %11) : (tensor<5x5xi1>, tensor<5x5xi1>, tensor<5x5xi1>) -> tensor<5x5xi1>
    "func.return"(%12) : (tensor<5x5xi1>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<5x5xi1>, tensor<2x2x5x5xf32>, tensor<f32>) -> tensor<2x2x5x5xf32>, sym_name = "_where", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<5x5xi1>, %arg1: tensor<2x2x5x5xf32>, %arg2: tensor<f32>):
    %0 = "stablehlo.convert"(%arg2) : (tensor<f32>) -> tensor<f32>
    %1 = "stablehlo.broadcast_in_dim"(%arg0) <{broadcast_dimensions = array<i64: 2, 3>}> : (tensor<5x5xi1>) -> tensor<2x2x5x5xi1>
    %2 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x2x5x5xf32>
    %3 = "stablehlo.select"(%1, %arg1, %2) : (tensor<2x2x5x5xi1>, tensor<2x2x5x5xf32>, tensor<2x2x5x5xf32>) -> tensor<2x2x5x5xf32>
    "func.return"(%3) : (tensor<2x2x5x5xf32>) -> ()
  }) : () -> ()
}) : () -> ()
