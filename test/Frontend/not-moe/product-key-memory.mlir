// RUN: %python %S/Inputs/check.py %s --selects=3 --missed='reads more than its token and its expert'

// def product_key_memory(x, left, right, values):
//     """Two top-2 of halves of the key, and the two best of their four sums."""
//     a, i = lax.top_k(x[:, :4] @ left.T, 2)
//     b, j = lax.top_k(x[:, 4:] @ right.T, 2)
//     best, place = lax.top_k((a[:, :, None] + b[:, None]).reshape(5, 4), 2)
//     ids = (i[:, :, None] * 4 + j[:, None]).reshape(5, 4)
//     rows = values[jnp.take_along_axis(ids, place, -1)]
//     return jnp.einsum("tk,tkd->td", nn.softmax(best, -1), rows)

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<5x8xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<16x8xf32>) -> tensor<5x8xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg19: tensor<5x8xf32>, %arg20: tensor<4x4xf32>, %arg21: tensor<4x4xf32>, %arg22: tensor<16x8xf32>):
    %37 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %38 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %39 = "stablehlo.constant"() <{value = dense<16> : tensor<i32>}> : () -> tensor<i32>
    %40 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %41 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %42 = "stablehlo.slice"(%arg19) <{limit_indices = array<i64: 5, 4>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x8xf32>) -> tensor<5x4xf32>
    %43 = "stablehlo.transpose"(%arg20) <{permutation = array<i64: 1, 0>}> : (tensor<4x4xf32>) -> tensor<4x4xf32>
    %44 = "stablehlo.dot_general"(%42, %43) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<5x4xf32>, tensor<4x4xf32>) -> tensor<5x4xf32>
    %45:2 = "stablehlo.composite"(%44) <{composite_attributes = {k = 2 : i64}, decomposition = @chlo.top_k.impl, name = "chlo.top_k", version = 1 : i32}> : (tensor<5x4xf32>) -> (tensor<5x2xf32>, tensor<5x2xi32>)
    %46 = "stablehlo.slice"(%arg19) <{limit_indices = array<i64: 5, 8>, start_indices = array<i64: 0, 4>, strides = array<i64: 1, 1>}> : (tensor<5x8xf32>) -> tensor<5x4xf32>
    %47 = "stablehlo.transpose"(%arg21) <{permutation = array<i64: 1, 0>}> : (tensor<4x4xf32>) -> tensor<4x4xf32>
    %48 = "stablehlo.dot_general"(%46, %47) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<5x4xf32>, tensor<4x4xf32>) -> tensor<5x4xf32>
    %49:2 = "stablehlo.composite"(%48) <{composite_attributes = {k = 2 : i64}, decomposition = @chlo.top_k.impl_0, name = "chlo.top_k", version = 1 : i32}> : (tensor<5x4xf32>) -> (tensor<5x2xf32>, tensor<5x2xi32>)
    %50 = "stablehlo.broadcast_in_dim"(%45#0) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<5x2xf32>) -> tensor<5x2x1xf32>
    %51 = "stablehlo.broadcast_in_dim"(%49#0) <{broadcast_dimensions = array<i64: 0, 2>}> : (tensor<5x2xf32>) -> tensor<5x1x2xf32>
    %52 = "stablehlo.broadcast_in_dim"(%50) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<5x2x1xf32>) -> tensor<5x2x2xf32>
    %53 = "stablehlo.broadcast_in_dim"(%51) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<5x1x2xf32>) -> tensor<5x2x2xf32>
    %54 = "stablehlo.add"(%52, %53) : (tensor<5x2x2xf32>, tensor<5x2x2xf32>) -> tensor<5x2x2xf32>
    %55 = "stablehlo.reshape"(%54) : (tensor<5x2x2xf32>) -> tensor<5x4xf32>
    %56:2 = "stablehlo.composite"(%55) <{composite_attributes = {k = 2 : i64}, decomposition = @chlo.top_k.impl_1, name = "chlo.top_k", version = 1 : i32}> : (tensor<5x4xf32>) -> (tensor<5x2xf32>, tensor<5x2xi32>)
    %57 = "stablehlo.broadcast_in_dim"(%45#1) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<5x2xi32>) -> tensor<5x2x1xi32>
    %58 = "stablehlo.broadcast_in_dim"(%41) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x2x1xi32>
    %59 = "stablehlo.multiply"(%57, %58) : (tensor<5x2x1xi32>, tensor<5x2x1xi32>) -> tensor<5x2x1xi32>
    %60 = "stablehlo.broadcast_in_dim"(%49#1) <{broadcast_dimensions = array<i64: 0, 2>}> : (tensor<5x2xi32>) -> tensor<5x1x2xi32>
    %61 = "stablehlo.broadcast_in_dim"(%59) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<5x2x1xi32>) -> tensor<5x2x2xi32>
    %62 = "stablehlo.broadcast_in_dim"(%60) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<5x1x2xi32>) -> tensor<5x2x2xi32>
    %63 = "stablehlo.add"(%61, %62) : (tensor<5x2x2xi32>, tensor<5x2x2xi32>) -> tensor<5x2x2xi32>
    %64 = "stablehlo.reshape"(%63) : (tensor<5x2x2xi32>) -> tensor<5x4xi32>
    %65 = "func.call"(%64, %56#1) <{callee = @take_along_axis}> : (tensor<5x4xi32>, tensor<5x2xi32>) -> tensor<5x2xi32>
    %66 = "stablehlo.broadcast_in_dim"(%40) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x2xi32>
    %67 = "stablehlo.compare"(%65, %66) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi1>
    %68 = "stablehlo.broadcast_in_dim"(%39) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x2xi32>
    %69 = "stablehlo.add"(%65, %68) : (tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi32>
    %70 = "stablehlo.select"(%67, %69, %65) : (tensor<5x2xi1>, tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi32>
    %71 = "stablehlo.broadcast_in_dim"(%70) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<5x2xi32>) -> tensor<5x2x1xi32>
    %72 = "stablehlo.gather"(%arg22, %71) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 8>}> : (tensor<16x8xf32>, tensor<5x2x1xi32>) -> tensor<5x2x8xf32>
    %73 = "stablehlo.reduce"(%56#0, %38) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg25: tensor<f32>, %arg26: tensor<f32>):
      %86 = "stablehlo.maximum"(%arg25, %arg26) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%86) : (tensor<f32>) -> ()
    }) : (tensor<5x2xf32>, tensor<f32>) -> tensor<5xf32>
    %74 = "stablehlo.broadcast_in_dim"(%38) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<5xf32>
    %75 = "stablehlo.maximum"(%74, %73) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    %76 = "stablehlo.broadcast_in_dim"(%75) <{broadcast_dimensions = array<i64: 0>}> : (tensor<5xf32>) -> tensor<5x1xf32>
    %77 = "stablehlo.broadcast_in_dim"(%76) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<5x1xf32>) -> tensor<5x2xf32>
    %78 = "stablehlo.subtract"(%56#0, %77) : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x2xf32>
    %79 = "stablehlo.exponential"(%78) : (tensor<5x2xf32>) -> tensor<5x2xf32>
    %80 = "stablehlo.reduce"(%79, %37) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg23: tensor<f32>, %arg24: tensor<f32>):
      %85 = "stablehlo.add"(%arg23, %arg24) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%85) : (tensor<f32>) -> ()
    }) : (tensor<5x2xf32>, tensor<f32>) -> tensor<5xf32>
    %81 = "stablehlo.broadcast_in_dim"(%80) <{broadcast_dimensions = array<i64: 0>}> : (tensor<5xf32>) -> tensor<5x1xf32>
    %82 = "stablehlo.broadcast_in_dim"(%81) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<5x1xf32>) -> tensor<5x2xf32>
    %83 = "stablehlo.divide"(%79, %82) : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x2xf32>
    %84 = "stablehlo.dot_general"(%83, %72) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>}> : (tensor<5x2xf32>, tensor<5x2x8xf32>) -> tensor<5x8xf32>
    "func.return"(%84) : (tensor<5x8xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<5x4xf32>) -> (tensor<5x2xf32>, tensor<5x2xi32>), sym_name = "chlo.top_k.impl_1", sym_visibility = "private"}> ({
  ^bb0(%arg14: tensor<5x4xf32>):
    %32 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<5x4xi32>
    %33:2 = "stablehlo.sort"(%arg14, %32) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg15: tensor<f32>, %arg16: tensor<f32>, %arg17: tensor<i32>, %arg18: tensor<i32>):
      %36 = "stablehlo.compare"(%arg15, %arg16) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%36) : (tensor<i1>) -> ()
    }) : (tensor<5x4xf32>, tensor<5x4xi32>) -> (tensor<5x4xf32>, tensor<5x4xi32>)
    %34 = "stablehlo.slice"(%33#0) <{limit_indices = array<i64: 5, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x4xf32>) -> tensor<5x2xf32>
    %35 = "stablehlo.slice"(%33#1) <{limit_indices = array<i64: 5, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x4xi32>) -> tensor<5x2xi32>
    "func.return"(%34, %35) : (tensor<5x2xf32>, tensor<5x2xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<5x4xf32>) -> (tensor<5x2xf32>, tensor<5x2xi32>), sym_name = "chlo.top_k.impl_0", sym_visibility = "private"}> ({
  ^bb0(%arg9: tensor<5x4xf32>):
    %27 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<5x4xi32>
    %28:2 = "stablehlo.sort"(%arg9, %27) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg10: tensor<f32>, %arg11: tensor<f32>, %arg12: tensor<i32>, %arg13: tensor<i32>):
      %31 = "stablehlo.compare"(%arg10, %arg11) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%31) : (tensor<i1>) -> ()
    }) : (tensor<5x4xf32>, tensor<5x4xi32>) -> (tensor<5x4xf32>, tensor<5x4xi32>)
    %29 = "stablehlo.slice"(%28#0) <{limit_indices = array<i64: 5, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x4xf32>) -> tensor<5x2xf32>
    %30 = "stablehlo.slice"(%28#1) <{limit_indices = array<i64: 5, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x4xi32>) -> tensor<5x2xi32>
    "func.return"(%29, %30) : (tensor<5x2xf32>, tensor<5x2xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<5x4xf32>) -> (tensor<5x2xf32>, tensor<5x2xi32>), sym_name = "chlo.top_k.impl", sym_visibility = "private"}> ({
  ^bb0(%arg4: tensor<5x4xf32>):
    %22 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<5x4xi32>
    %23:2 = "stablehlo.sort"(%arg4, %22) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg5: tensor<f32>, %arg6: tensor<f32>, %arg7: tensor<i32>, %arg8: tensor<i32>):
      %26 = "stablehlo.compare"(%arg5, %arg6) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%26) : (tensor<i1>) -> ()
    }) : (tensor<5x4xf32>, tensor<5x4xi32>) -> (tensor<5x4xf32>, tensor<5x4xi32>)
    %24 = "stablehlo.slice"(%23#0) <{limit_indices = array<i64: 5, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x4xf32>) -> tensor<5x2xf32>
    %25 = "stablehlo.slice"(%23#1) <{limit_indices = array<i64: 5, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<5x4xi32>) -> tensor<5x2xi32>
    "func.return"(%24, %25) : (tensor<5x2xf32>, tensor<5x2xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<5x4xi32>, tensor<5x2xi32>) -> tensor<5x2xi32>, sym_name = "take_along_axis", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<5x4xi32>, %arg1: tensor<5x2xi32>):
    %0 = "stablehlo.constant"() <{value = dense<-2147483648> : tensor<i32>}> : () -> tensor<i32>
    %1 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    %2 = "stablehlo.constant"() <{value = dense<3> : tensor<1xi32>}> : () -> tensor<1xi32>
    %3 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %4 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %5 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x2xi32>
    %6 = "stablehlo.compare"(%arg1, %5) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi1>
    %7 = "stablehlo.broadcast_in_dim"(%3) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x2xi32>
    %8 = "stablehlo.add"(%arg1, %7) : (tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi32>
    %9 = "stablehlo.select"(%6, %8, %arg1) : (tensor<5x2xi1>, tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi32>
    %10 = "stablehlo.reshape"(%9) : (tensor<5x2xi32>) -> tensor<5x2x1xi32>
    %11 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x2x1xi32>
    %12 = "stablehlo.compare"(%10, %11) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<5x2x1xi32>, tensor<5x2x1xi32>) -> tensor<5x2x1xi1>
    %13 = "stablehlo.broadcast_in_dim"(%2) <{broadcast_dimensions = array<i64: 2>}> : (tensor<1xi32>) -> tensor<1x1x1xi32>
    %14 = "stablehlo.broadcast_in_dim"(%13) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<1x1x1xi32>) -> tensor<5x2x1xi32>
    %15 = "stablehlo.compare"(%10, %14) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LE>}> : (tensor<5x2x1xi32>, tensor<5x2x1xi32>) -> tensor<5x2x1xi1>
    %16 = "stablehlo.and"(%12, %15) : (tensor<5x2x1xi1>, tensor<5x2x1xi1>) -> tensor<5x2x1xi1>
    %17 = "stablehlo.reduce"(%16, %1) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg2: tensor<i1>, %arg3: tensor<i1>):
      %21 = "stablehlo.and"(%arg2, %arg3) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%21) : (tensor<i1>) -> ()
    }) : (tensor<5x2x1xi1>, tensor<i1>) -> tensor<5x2xi1>
    %18 = "stablehlo.gather"(%arg0, %10) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1>}> : (tensor<5x4xi32>, tensor<5x2x1xi32>) -> tensor<5x2xi32>
    %19 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<5x2xi32>
    %20 = "stablehlo.select"(%17, %18, %19) : (tensor<5x2xi1>, tensor<5x2xi32>, tensor<5x2xi32>) -> tensor<5x2xi32>
    "func.return"(%20) : (tensor<5x2xi32>) -> ()
  }) : () -> ()
}) : () -> ()
