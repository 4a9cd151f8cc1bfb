// RUN: %python %S/Inputs/check.py %s

// def convolution(x, w):
//     y = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
//     return sum(jnp.einsum("bhwc,cd->bhwd", y[:, i:i + 6, j:j + 6], w[i, j])
//                for i in range(3) for j in range(3))

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<1x6x6x3xf32>, tensor<3x3x3x4xf32>) -> tensor<1x6x6x4xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg2: tensor<1x6x6x3xf32>, %arg3: tensor<3x3x3x4xf32>):
    %2 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %3 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %4 = "func.call"(%arg2, %3) <{callee = @_pad}> : (tensor<1x6x6x3xf32>, tensor<i32>) -> tensor<1x8x8x3xf32>
    %5 = "stablehlo.slice"(%4) <{limit_indices = array<i64: 1, 6, 6, 3>, start_indices = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<1x8x8x3xf32>) -> tensor<1x6x6x3xf32>
    %6 = "stablehlo.slice"(%arg3) <{limit_indices = array<i64: 1, 1, 3, 4>, start_indices = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<3x3x3x4xf32>) -> tensor<1x1x3x4xf32>
    %7 = "stablehlo.reshape"(%6) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %8 = "stablehlo.dot_general"(%5, %7) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [0]>}> : (tensor<1x6x6x3xf32>, tensor<3x4xf32>) -> tensor<1x6x6x4xf32>
    %9 = "stablehlo.broadcast_in_dim"(%2) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<1x6x6x4xf32>
    %10 = "stablehlo.add"(%9, %8) : (tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    %11 = "stablehlo.slice"(%4) <{limit_indices = array<i64: 1, 6, 7, 3>, start_indices = array<i64: 0, 0, 1, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<1x8x8x3xf32>) -> tensor<1x6x6x3xf32>
    %12 = "stablehlo.slice"(%arg3) <{limit_indices = array<i64: 1, 2, 3, 4>, start_indices = array<i64: 0, 1, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<3x3x3x4xf32>) -> tensor<1x1x3x4xf32>
    %13 = "stablehlo.reshape"(%12) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %14 = "stablehlo.dot_general"(%11, %13) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [0]>}> : (tensor<1x6x6x3xf32>, tensor<3x4xf32>) -> tensor<1x6x6x4xf32>
    %15 = "stablehlo.add"(%10, %14) : (tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    %16 = "stablehlo.slice"(%4) <{limit_indices = array<i64: 1, 6, 8, 3>, start_indices = array<i64: 0, 0, 2, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<1x8x8x3xf32>) -> tensor<1x6x6x3xf32>
    %17 = "stablehlo.slice"(%arg3) <{limit_indices = array<i64: 1, 3, 3, 4>, start_indices = array<i64: 0, 2, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<3x3x3x4xf32>) -> tensor<1x1x3x4xf32>
    %18 = "stablehlo.reshape"(%17) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %19 = "stablehlo.dot_general"(%16, %18) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [0]>}> : (tensor<1x6x6x3xf32>, tensor<3x4xf32>) -> tensor<1x6x6x4xf32>
    %20 = "stablehlo.add"(%15, %19) : (tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    %21 = "stablehlo.slice"(%4) <{limit_indices = array<i64: 1, 7, 6, 3>, start_indices = array<i64: 0, 1, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<1x8x8x3xf32>) -> tensor<1x6x6x3xf32>
    %22 = "stablehlo.slice"(%arg3) <{limit_indices = array<i64: 2, 1, 3, 4>, start_indices = array<i64: 1, 0, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<3x3x3x4xf32>) -> tensor<1x1x3x4xf32>
    %23 = "stablehlo.reshape"(%22) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %24 = "stablehlo.dot_general"(%21, %23) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [0]>}> : (tensor<1x6x6x3xf32>, tensor<3x4xf32>) -> tensor<1x6x6x4xf32>
    %25 = "stablehlo.add"(%20, %24) : (tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    %26 = "stablehlo.slice"(%4) <{limit_indices = array<i64: 1, 7, 7, 3>, start_indices = array<i64: 0, 1, 1, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<1x8x8x3xf32>) -> tensor<1x6x6x3xf32>
    %27 = "stablehlo.slice"(%arg3) <{limit_indices = array<i64: 2, 2, 3, 4>, start_indices = array<i64: 1, 1, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<3x3x3x4xf32>) -> tensor<1x1x3x4xf32>
    %28 = "stablehlo.reshape"(%27) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %29 = "stablehlo.dot_general"(%26, %28) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [0]>}> : (tensor<1x6x6x3xf32>, tensor<3x4xf32>) -> tensor<1x6x6x4xf32>
    %30 = "stablehlo.add"(%25, %29) : (tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    %31 = "stablehlo.slice"(%4) <{limit_indices = array<i64: 1, 7, 8, 3>, start_indices = array<i64: 0, 1, 2, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<1x8x8x3xf32>) -> tensor<1x6x6x3xf32>
    %32 = "stablehlo.slice"(%arg3) <{limit_indices = array<i64: 2, 3, 3, 4>, start_indices = array<i64: 1, 2, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<3x3x3x4xf32>) -> tensor<1x1x3x4xf32>
    %33 = "stablehlo.reshape"(%32) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %34 = "stablehlo.dot_general"(%31, %33) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [0]>}> : (tensor<1x6x6x3xf32>, tensor<3x4xf32>) -> tensor<1x6x6x4xf32>
    %35 = "stablehlo.add"(%30, %34) : (tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    %36 = "stablehlo.slice"(%4) <{limit_indices = array<i64: 1, 8, 6, 3>, start_indices = array<i64: 0, 2, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<1x8x8x3xf32>) -> tensor<1x6x6x3xf32>
    %37 = "stablehlo.slice"(%arg3) <{limit_indices = array<i64: 3, 1, 3, 4>, start_indices = array<i64: 2, 0, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<3x3x3x4xf32>) -> tensor<1x1x3x4xf32>
    %38 = "stablehlo.reshape"(%37) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %39 = "stablehlo.dot_general"(%36, %38) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [0]>}> : (tensor<1x6x6x3xf32>, tensor<3x4xf32>) -> tensor<1x6x6x4xf32>
    %40 = "stablehlo.add"(%35, %39) : (tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    %41 = "stablehlo.slice"(%4) <{limit_indices = array<i64: 1, 8, 7, 3>, start_indices = array<i64: 0, 2, 1, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<1x8x8x3xf32>) -> tensor<1x6x6x3xf32>
    %42 = "stablehlo.slice"(%arg3) <{limit_indices = array<i64: 3, 2, 3, 4>, start_indices = array<i64: 2, 1, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<3x3x3x4xf32>) -> tensor<1x1x3x4xf32>
    %43 = "stablehlo.reshape"(%42) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %44 = "stablehlo.dot_general"(%41, %43) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [0]>}> : (tensor<1x6x6x3xf32>, tensor<3x4xf32>) -> tensor<1x6x6x4xf32>
    %45 = "stablehlo.add"(%40, %44) : (tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    %46 = "stablehlo.slice"(%4) <{limit_indices = array<i64: 1, 8, 8, 3>, start_indices = array<i64: 0, 2, 2, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<1x8x8x3xf32>) -> tensor<1x6x6x3xf32>
    %47 = "stablehlo.slice"(%arg3) <{limit_indices = array<i64: 3, 3, 3, 4>, start_indices = array<i64: 2, 2, 0, 0>, strides = array<i64: 1, 1, 1, 1>}> : (tensor<3x3x3x4xf32>) -> tensor<1x1x3x4xf32>
    %48 = "stablehlo.reshape"(%47) : (tensor<1x1x3x4xf32>) -> tensor<3x4xf32>
    %49 = "stablehlo.dot_general"(%46, %48) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [3], rhs_contracting_dimensions = [0]>}> : (tensor<1x6x6x3xf32>, tensor<3x4xf32>) -> tensor<1x6x6x4xf32>
    %50 = "stablehlo.add"(%45, %49) : (tensor<1x6x6x4xf32>, tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32>
    "func.return"(%50) : (tensor<1x6x6x4xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<1x6x6x3xf32>, tensor<i32>) -> tensor<1x8x8x3xf32>, sym_name = "_pad", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<1x6x6x3xf32>, %arg1: tensor<i32>):
    %0 = "stablehlo.convert"(%arg1) : (tensor<i32>) -> tensor<f32>
    %1 = "stablehlo.pad"(%arg0, %0) <{edge_padding_high = array<i64: 0, 1, 1, 0>, edge_padding_low = array<i64: 0, 1, 1, 0>, interior_padding = array<i64: 0, 0, 0, 0>}> : (tensor<1x6x6x3xf32>, tensor<f32>) -> tensor<1x8x8x3xf32>
    "func.return"(%1) : (tensor<1x8x8x3xf32>) -> ()
  }) : () -> ()
}) : () -> ()
