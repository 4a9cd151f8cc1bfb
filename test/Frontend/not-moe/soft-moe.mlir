// RUN: %python %S/Inputs/check.py %s --missed='no expert is selected'

// def soft_moe(x, phi, up, down):
//     """Every slot is a mean of all tokens, every token one of all slots."""
//     logits = x @ phi
//     slots = (nn.softmax(logits, 0).T @ x).reshape(4, 3, 8)
//     y = jnp.einsum("ecf,efd->ecd", nn.relu(jnp.einsum("ecd,edf->ecf", slots, up)), down)
//     return nn.softmax(logits, 1) @ y.reshape(12, 8)

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<6x8xf32>, tensor<8x12xf32>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<6x8xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg1: tensor<6x8xf32>, %arg2: tensor<8x12xf32>, %arg3: tensor<4x8x16xf32>, %arg4: tensor<4x16x8xf32>):
    %3 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %4 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %5 = "stablehlo.dot_general"(%arg1, %arg2) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x8xf32>, tensor<8x12xf32>) -> tensor<6x12xf32>
    %6 = "stablehlo.reduce"(%5, %4) <{dimensions = array<i64: 0>}> ({
    ^bb0(%arg11: tensor<f32>, %arg12: tensor<f32>):
      %39 = "stablehlo.maximum"(%arg11, %arg12) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%39) : (tensor<f32>) -> ()
    }) : (tensor<6x12xf32>, tensor<f32>) -> tensor<12xf32>
    %7 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<12xf32>
    %8 = "stablehlo.maximum"(%7, %6) : (tensor<12xf32>, tensor<12xf32>) -> tensor<12xf32>
    %9 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64: 1>}> : (tensor<12xf32>) -> tensor<1x12xf32>
    %10 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<1x12xf32>) -> tensor<6x12xf32>
    %11 = "stablehlo.subtract"(%5, %10) : (tensor<6x12xf32>, tensor<6x12xf32>) -> tensor<6x12xf32>
    %12 = "stablehlo.exponential"(%11) : (tensor<6x12xf32>) -> tensor<6x12xf32>
    %13 = "stablehlo.reduce"(%12, %3) <{dimensions = array<i64: 0>}> ({
    ^bb0(%arg9: tensor<f32>, %arg10: tensor<f32>):
      %38 = "stablehlo.add"(%arg9, %arg10) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%38) : (tensor<f32>) -> ()
    }) : (tensor<6x12xf32>, tensor<f32>) -> tensor<12xf32>
    %14 = "stablehlo.broadcast_in_dim"(%13) <{broadcast_dimensions = array<i64: 1>}> : (tensor<12xf32>) -> tensor<1x12xf32>
    %15 = "stablehlo.broadcast_in_dim"(%14) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<1x12xf32>) -> tensor<6x12xf32>
    %16 = "stablehlo.divide"(%12, %15) : (tensor<6x12xf32>, tensor<6x12xf32>) -> tensor<6x12xf32>
    %17 = "stablehlo.transpose"(%16) <{permutation = array<i64: 1, 0>}> : (tensor<6x12xf32>) -> tensor<12x6xf32>
    %18 = "stablehlo.dot_general"(%17, %arg1) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<12x6xf32>, tensor<6x8xf32>) -> tensor<12x8xf32>
    %19 = "stablehlo.reshape"(%18) : (tensor<12x8xf32>) -> tensor<4x3x8xf32>
    %20 = "stablehlo.dot_general"(%19, %arg3) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [1]>}> : (tensor<4x3x8xf32>, tensor<4x8x16xf32>) -> tensor<4x3x16xf32>
    %21 = "func.call"(%20) <{callee = @relu}> : (tensor<4x3x16xf32>) -> tensor<4x3x16xf32>
    %22 = "stablehlo.dot_general"(%21, %arg4) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [1]>}> : (tensor<4x3x16xf32>, tensor<4x16x8xf32>) -> tensor<4x3x8xf32>
    %23 = "stablehlo.reduce"(%5, %4) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      %37 = "stablehlo.maximum"(%arg7, %arg8) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%37) : (tensor<f32>) -> ()
    }) : (tensor<6x12xf32>, tensor<f32>) -> tensor<6xf32>
    %24 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<6xf32>
    %25 = "stablehlo.maximum"(%24, %23) : (tensor<6xf32>, tensor<6xf32>) -> tensor<6xf32>
    %26 = "stablehlo.broadcast_in_dim"(%25) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xf32>) -> tensor<6x1xf32>
    %27 = "stablehlo.broadcast_in_dim"(%26) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x1xf32>) -> tensor<6x12xf32>
    %28 = "stablehlo.subtract"(%5, %27) : (tensor<6x12xf32>, tensor<6x12xf32>) -> tensor<6x12xf32>
    %29 = "stablehlo.exponential"(%28) : (tensor<6x12xf32>) -> tensor<6x12xf32>
    %30 = "stablehlo.reduce"(%29, %3) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg5: tensor<f32>, %arg6: tensor<f32>):
      %36 = "stablehlo.add"(%arg5, %arg6) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%36) : (tensor<f32>) -> ()
    }) : (tensor<6x12xf32>, tensor<f32>) -> tensor<6xf32>
    %31 = "stablehlo.broadcast_in_dim"(%30) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xf32>) -> tensor<6x1xf32>
    %32 = "stablehlo.broadcast_in_dim"(%31) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x1xf32>) -> tensor<6x12xf32>
    %33 = "stablehlo.divide"(%29, %32) : (tensor<6x12xf32>, tensor<6x12xf32>) -> tensor<6x12xf32>
    %34 = "stablehlo.reshape"(%22) : (tensor<4x3x8xf32>) -> tensor<12x8xf32>
    %35 = "stablehlo.dot_general"(%33, %34) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<6x12xf32>, tensor<12x8xf32>) -> tensor<6x8xf32>
    "func.return"(%35) : (tensor<6x8xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<4x3x16xf32>) -> tensor<4x3x16xf32>, sym_name = "relu", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<4x3x16xf32>):
    %0 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %1 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x3x16xf32>
    %2 = "stablehlo.maximum"(%arg0, %1) : (tensor<4x3x16xf32>, tensor<4x3x16xf32>) -> tensor<4x3x16xf32>
    "func.return"(%2) : (tensor<4x3x16xf32>) -> ()
  }) : () -> ()
}) : () -> ()
