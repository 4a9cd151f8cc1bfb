// RUN: %python %S/Inputs/check.py %s --missed='no expert is selected'

// def dense_ensemble(x, router, up, down):
//     """All experts of all tokens, by softmax weights: none is chosen."""
//     y = jnp.einsum("tef,efd->ted", nn.relu(jnp.einsum("td,edf->tef", x, up)), down)
//     return jnp.einsum("te,ted->td", nn.softmax(x @ router, -1), y)

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<6x8xf32>, tensor<8x4xf32>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<6x8xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg1: tensor<6x8xf32>, %arg2: tensor<8x4xf32>, %arg3: tensor<4x8x16xf32>, %arg4: tensor<4x16x8xf32>):
    %3 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %4 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %5 = "stablehlo.dot_general"(%arg1, %arg3) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>}> : (tensor<6x8xf32>, tensor<4x8x16xf32>) -> tensor<6x4x16xf32>
    %6 = "func.call"(%5) <{callee = @relu}> : (tensor<6x4x16xf32>) -> tensor<6x4x16xf32>
    %7 = "stablehlo.dot_general"(%arg4, %6) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [1], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [2]>}> : (tensor<4x16x8xf32>, tensor<6x4x16xf32>) -> tensor<4x8x6xf32>
    %8 = "stablehlo.transpose"(%7) <{permutation = array<i64: 2, 0, 1>}> : (tensor<4x8x6xf32>) -> tensor<6x4x8xf32>
    %9 = "stablehlo.dot_general"(%arg1, %arg2) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x4xf32>) -> tensor<6x4xf32>
    %10 = "stablehlo.reduce"(%9, %4) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      %23 = "stablehlo.maximum"(%arg7, %arg8) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%23) : (tensor<f32>) -> ()
    }) : (tensor<6x4xf32>, tensor<f32>) -> tensor<6xf32>
    %11 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<6xf32>
    %12 = "stablehlo.maximum"(%11, %10) : (tensor<6xf32>, tensor<6xf32>) -> tensor<6xf32>
    %13 = "stablehlo.broadcast_in_dim"(%12) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xf32>) -> tensor<6x1xf32>
    %14 = "stablehlo.broadcast_in_dim"(%13) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x1xf32>) -> tensor<6x4xf32>
    %15 = "stablehlo.subtract"(%9, %14) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %16 = "stablehlo.exponential"(%15) : (tensor<6x4xf32>) -> tensor<6x4xf32>
    %17 = "stablehlo.reduce"(%16, %3) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg5: tensor<f32>, %arg6: tensor<f32>):
      %22 = "stablehlo.add"(%arg5, %arg6) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%22) : (tensor<f32>) -> ()
    }) : (tensor<6x4xf32>, tensor<f32>) -> tensor<6xf32>
    %18 = "stablehlo.broadcast_in_dim"(%17) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xf32>) -> tensor<6x1xf32>
    %19 = "stablehlo.broadcast_in_dim"(%18) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x1xf32>) -> tensor<6x4xf32>
    %20 = "stablehlo.divide"(%16, %19) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    %21 = "stablehlo.dot_general"(%20, %8) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>}> : (tensor<6x4xf32>, tensor<6x4x8xf32>) -> tensor<6x8xf32>
    "func.return"(%21) : (tensor<6x8xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<6x4x16xf32>) -> tensor<6x4x16xf32>, sym_name = "relu", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<6x4x16xf32>):
    %0 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %1 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<6x4x16xf32>
    %2 = "stablehlo.maximum"(%arg0, %1) : (tensor<6x4x16xf32>, tensor<6x4x16xf32>) -> tensor<6x4x16xf32>
    "func.return"(%2) : (tensor<6x4x16xf32>) -> ()
  }) : () -> ()
}) : () -> ()
