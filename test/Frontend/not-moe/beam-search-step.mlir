// RUN: %python %S/Inputs/check.py %s --selects=1

// def beam_search_step(scores, logits, states):
//     total = (scores[..., None] + nn.log_softmax(logits, -1)).reshape(3, -1)
//     best, ids = lax.top_k(total, 4)
//     return best, ids % 11, jnp.take_along_axis(states, ids[..., None] // 11, 1)

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<3x4xf32>, tensor<3x4x11xf32>, tensor<3x4x8xf32>) -> (tensor<3x4xf32>, tensor<3x4xi32>, tensor<3x4x8xf32>), res_attrs = [{jax.result_info = "result[0]"}, {jax.result_info = "result[1]"}, {jax.result_info = "result[2]"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg24: tensor<3x4xf32>, %arg25: tensor<3x4x11xf32>, %arg26: tensor<3x4x8xf32>):
    %80 = "stablehlo.constant"() <{value = dense<11> : tensor<i32>}> : () -> tensor<i32>
    %81 = "stablehlo.broadcast_in_dim"(%arg24) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<3x4xf32>) -> tensor<3x4x1xf32>
    %82 = "func.call"(%arg25) <{callee = @log_softmax}> : (tensor<3x4x11xf32>) -> tensor<3x4x11xf32>
    %83 = "stablehlo.broadcast_in_dim"(%81) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<3x4x1xf32>) -> tensor<3x4x11xf32>
    %84 = "stablehlo.add"(%83, %82) : (tensor<3x4x11xf32>, tensor<3x4x11xf32>) -> tensor<3x4x11xf32>
    %85 = "stablehlo.reshape"(%84) : (tensor<3x4x11xf32>) -> tensor<3x44xf32>
    %86:2 = "stablehlo.composite"(%85) <{composite_attributes = {k = 4 : i64}, decomposition = @chlo.top_k.impl, name = "chlo.top_k", version = 1 : i32}> : (tensor<3x44xf32>) -> (tensor<3x4xf32>, tensor<3x4xi32>)
    %87 = "func.call"(%86#1, %80) <{callee = @remainder}> : (tensor<3x4xi32>, tensor<i32>) -> tensor<3x4xi32>
    %88 = "stablehlo.broadcast_in_dim"(%86#1) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<3x4xi32>) -> tensor<3x4x1xi32>
    %89 = "func.call"(%88, %80) <{callee = @floor_divide}> : (tensor<3x4x1xi32>, tensor<i32>) -> tensor<3x4x1xi32>
    %90 = "func.call"(%arg26, %89) <{callee = @take_along_axis}> : (tensor<3x4x8xf32>, tensor<3x4x1xi32>) -> tensor<3x4x8xf32>
    "func.return"(%86#0, %87, %90) : (tensor<3x4xf32>, tensor<3x4xi32>, tensor<3x4x8xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<3x44xf32>) -> (tensor<3x4xf32>, tensor<3x4xi32>), sym_name = "chlo.top_k.impl", sym_visibility = "private"}> ({
  ^bb0(%arg19: tensor<3x44xf32>):
    %75 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<3x44xi32>
    %76:2 = "stablehlo.sort"(%arg19, %75) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg20: tensor<f32>, %arg21: tensor<f32>, %arg22: tensor<i32>, %arg23: tensor<i32>):
      %79 = "stablehlo.compare"(%arg20, %arg21) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%79) : (tensor<i1>) -> ()
    }) : (tensor<3x44xf32>, tensor<3x44xi32>) -> (tensor<3x44xf32>, tensor<3x44xi32>)
    %77 = "stablehlo.slice"(%76#0) <{limit_indices = array<i64: 3, 4>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<3x44xf32>) -> tensor<3x4xf32>
    %78 = "stablehlo.slice"(%76#1) <{limit_indices = array<i64: 3, 4>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<3x44xi32>) -> tensor<3x4xi32>
    "func.return"(%77, %78) : (tensor<3x4xf32>, tensor<3x4xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<3x4x11xf32>) -> tensor<3x4x11xf32>, sym_name = "log_softmax", sym_visibility = "private"}> ({
  ^bb0(%arg14: tensor<3x4x11xf32>):
    %59 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %60 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %61 = "stablehlo.reduce"(%arg14, %60) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg17: tensor<f32>, %arg18: tensor<f32>):
      %74 = "stablehlo.maximum"(%arg17, %arg18) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%74) : (tensor<f32>) -> ()
    }) : (tensor<3x4x11xf32>, tensor<f32>) -> tensor<3x4xf32>
    %62 = "stablehlo.broadcast_in_dim"(%60) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<3x4xf32>
    %63 = "stablehlo.maximum"(%62, %61) : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %64 = "stablehlo.broadcast_in_dim"(%63) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<3x4xf32>) -> tensor<3x4x1xf32>
    %65 = "stablehlo.broadcast_in_dim"(%64) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<3x4x1xf32>) -> tensor<3x4x11xf32>
    %66 = "stablehlo.subtract"(%arg14, %65) : (tensor<3x4x11xf32>, tensor<3x4x11xf32>) -> tensor<3x4x11xf32>
    %67 = "stablehlo.exponential"(%66) : (tensor<3x4x11xf32>) -> tensor<3x4x11xf32>
    %68 = "stablehlo.reduce"(%67, %59) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg15: tensor<f32>, %arg16: tensor<f32>):
      %73 = "stablehlo.add"(%arg15, %arg16) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%73) : (tensor<f32>) -> ()
    }) : (tensor<3x4x11xf32>, tensor<f32>) -> tensor<3x4xf32>
    %69 = "stablehlo.broadcast_in_dim"(%68) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<3x4xf32>) -> tensor<3x4x1xf32>
    %70 = "stablehlo.log"(%69) : (tensor<3x4x1xf32>) -> tensor<3x4x1xf32>
    %71 = "stablehlo.broadcast_in_dim"(%70) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<3x4x1xf32>) -> tensor<3x4x11xf32>
    %72 = "stablehlo.subtract"(%66, %71) : (tensor<3x4x11xf32>, tensor<3x4x11xf32>) -> tensor<3x4x11xf32>
    "func.return"(%72) : (tensor<3x4x11xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<3x4xi32>, tensor<i32>) -> tensor<3x4xi32>, sym_name = "remainder", sym_visibility = "private"}> ({
  ^bb0(%arg12: tensor<3x4xi32>, %arg13: tensor<i32>):
    %41 = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
    %42 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %43 = "stablehlo.convert"(%arg13) : (tensor<i32>) -> tensor<i32>
    %44 = "stablehlo.compare"(%43, %42) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %45 = "func.call"(%44, %41, %43) <{callee = @_where}> : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
    %46 = "stablehlo.broadcast_in_dim"(%45) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4xi32>
    %47 = "stablehlo.remainder"(%arg12, %46) : (tensor<3x4xi32>, tensor<3x4xi32>) -> tensor<3x4xi32>
    %48 = "stablehlo.broadcast_in_dim"(%42) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4xi32>
    %49 = "stablehlo.compare"(%47, %48) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<3x4xi32>, tensor<3x4xi32>) -> tensor<3x4xi1>
    %50 = "stablehlo.broadcast_in_dim"(%42) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4xi32>
    %51 = "stablehlo.compare"(%47, %50) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<3x4xi32>, tensor<3x4xi32>) -> tensor<3x4xi1>
    %52 = "stablehlo.compare"(%45, %42) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %53 = "stablehlo.broadcast_in_dim"(%52) <{broadcast_dimensions = array<i64>}> : (tensor<i1>) -> tensor<3x4xi1>
    %54 = "stablehlo.compare"(%51, %53) <{compare_type = #stablehlo<comparison_type UNSIGNED>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<3x4xi1>, tensor<3x4xi1>) -> tensor<3x4xi1>
    %55 = "stablehlo.and"(%54, %49) : (tensor<3x4xi1>, tensor<3x4xi1>) -> tensor<3x4xi1>
    %56 = "stablehlo.broadcast_in_dim"(%45) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4xi32>
    %57 = "stablehlo.add"(%47, %56) : (tensor<3x4xi32>, tensor<3x4xi32>) -> tensor<3x4xi32>
    %58 = "stablehlo.select"(%55, %57, %47) : (tensor<3x4xi1>, tensor<3x4xi32>, tensor<3x4xi32>) -> tensor<3x4xi32>
    "func.return"(%58) : (tensor<3x4xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>, sym_name = "_where", sym_visibility = "private"}> ({
  ^bb0(%arg9: tensor<i1>, %arg10: tensor<i32>, %arg11: tensor<i32>):
    %40 = "stablehlo.select"(%arg9, %arg10, %arg11) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
    "func.return"(%40) : (tensor<i32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<3x4x1xi32>, tensor<i32>) -> tensor<3x4x1xi32>, sym_name = "floor_divide", sym_visibility = "private"}> ({
  ^bb0(%arg7: tensor<3x4x1xi32>, %arg8: tensor<i32>):
    %23 = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
    %24 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %25 = "stablehlo.convert"(%arg8) : (tensor<i32>) -> tensor<i32>
    %26 = "stablehlo.broadcast_in_dim"(%25) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %27 = "stablehlo.divide"(%arg7, %26) : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    %28 = "stablehlo.sign"(%arg7) : (tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    %29 = "stablehlo.sign"(%25) : (tensor<i32>) -> tensor<i32>
    %30 = "stablehlo.broadcast_in_dim"(%29) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %31 = "stablehlo.compare"(%28, %30) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi1>
    %32 = "stablehlo.broadcast_in_dim"(%25) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %33 = "stablehlo.remainder"(%arg7, %32) : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    %34 = "stablehlo.broadcast_in_dim"(%24) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %35 = "stablehlo.compare"(%33, %34) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi1>
    %36 = "stablehlo.and"(%31, %35) : (tensor<3x4x1xi1>, tensor<3x4x1xi1>) -> tensor<3x4x1xi1>
    %37 = "stablehlo.broadcast_in_dim"(%23) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %38 = "stablehlo.subtract"(%27, %37) : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    %39 = "func.call"(%36, %38, %27) <{callee = @_where_0}> : (tensor<3x4x1xi1>, tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    "func.return"(%39) : (tensor<3x4x1xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<3x4x1xi1>, tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>, sym_name = "_where_0", sym_visibility = "private"}> ({
  ^bb0(%arg4: tensor<3x4x1xi1>, %arg5: tensor<3x4x1xi32>, %arg6: tensor<3x4x1xi32>):
    %22 = "stablehlo.select"(%arg4, %arg5, %arg6) : (tensor<3x4x1xi1>, tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    "func.return"(%22) : (tensor<3x4x1xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<3x4x8xf32>, tensor<3x4x1xi32>) -> tensor<3x4x8xf32>, sym_name = "take_along_axis", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<3x4x8xf32>, %arg1: tensor<3x4x1xi32>):
    %0 = "stablehlo.constant"() <{value = dense<0x7FC00000> : tensor<f32>}> : () -> tensor<f32>
    %1 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    %2 = "stablehlo.constant"() <{value = dense<3> : tensor<1xi32>}> : () -> tensor<1xi32>
    %3 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %4 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %5 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %6 = "stablehlo.compare"(%arg1, %5) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi1>
    %7 = "stablehlo.broadcast_in_dim"(%3) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %8 = "stablehlo.add"(%arg1, %7) : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    %9 = "stablehlo.select"(%6, %8, %arg1) : (tensor<3x4x1xi1>, tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi32>
    %10 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3x4x1xi32>
    %11 = "stablehlo.compare"(%9, %10) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi1>
    %12 = "stablehlo.broadcast_in_dim"(%2) <{broadcast_dimensions = array<i64: 2>}> : (tensor<1xi32>) -> tensor<1x1x1xi32>
    %13 = "stablehlo.broadcast_in_dim"(%12) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<1x1x1xi32>) -> tensor<3x4x1xi32>
    %14 = "stablehlo.compare"(%9, %13) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LE>}> : (tensor<3x4x1xi32>, tensor<3x4x1xi32>) -> tensor<3x4x1xi1>
    %15 = "stablehlo.and"(%11, %14) : (tensor<3x4x1xi1>, tensor<3x4x1xi1>) -> tensor<3x4x1xi1>
    %16 = "stablehlo.reduce"(%15, %1) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg2: tensor<i1>, %arg3: tensor<i1>):
      %21 = "stablehlo.and"(%arg2, %arg3) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%21) : (tensor<i1>) -> ()
    }) : (tensor<3x4x1xi1>, tensor<i1>) -> tensor<3x4xi1>
    %17 = "stablehlo.gather"(%arg0, %9) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1, 8>}> : (tensor<3x4x8xf32>, tensor<3x4x1xi32>) -> tensor<3x4x8xf32>
    %18 = "stablehlo.broadcast_in_dim"(%16) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<3x4xi1>) -> tensor<3x4x8xi1>
    %19 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<3x4x8xf32>
    %20 = "stablehlo.select"(%18, %17, %19) : (tensor<3x4x8xi1>, tensor<3x4x8xf32>, tensor<3x4x8xf32>) -> tensor<3x4x8xf32>
    "func.return"(%20) : (tensor<3x4x8xf32>) -> ()
  }) : () -> ()
}) : () -> ()
