// RUN: %python %S/Inputs/check.py %s --missed='the comparator'

// def nucleus_sampling(logits, noise):
//     """The fewest tokens that hold 0.9 of the probability."""
//     p = nn.softmax(logits, -1)
//     order = jnp.argsort(-p, -1)
//     ranked = jnp.take_along_axis(p, order, -1)
//     kept = jnp.where(jnp.cumsum(ranked, -1) - ranked < .9, jnp.log(ranked), -jnp.inf)
//     place = jnp.argmax(kept + noise, -1)
//     return jnp.take_along_axis(order, place[:, None], -1)

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4x11xf32>, tensor<4x11xf32>) -> tensor<4x1xi32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg25: tensor<4x11xf32>, %arg26: tensor<4x11xf32>):
    %78 = "stablehlo.constant"() <{value = dense<0.899999976> : tensor<f32>}> : () -> tensor<f32>
    %79 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %80 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %81 = "stablehlo.reduce"(%arg25, %80) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg29: tensor<f32>, %arg30: tensor<f32>):
      %106 = "stablehlo.maximum"(%arg29, %arg30) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%106) : (tensor<f32>) -> ()
    }) : (tensor<4x11xf32>, tensor<f32>) -> tensor<4xf32>
    %82 = "stablehlo.broadcast_in_dim"(%80) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4xf32>
    %83 = "stablehlo.maximum"(%82, %81) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %84 = "stablehlo.broadcast_in_dim"(%83) <{broadcast_dimensions = array<i64: 0>}> : (tensor<4xf32>) -> tensor<4x1xf32>
    %85 = "stablehlo.broadcast_in_dim"(%84) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<4x1xf32>) -> tensor<4x11xf32>
    %86 = "stablehlo.subtract"(%arg25, %85) : (tensor<4x11xf32>, tensor<4x11xf32>) -> tensor<4x11xf32>
    %87 = "stablehlo.exponential"(%86) : (tensor<4x11xf32>) -> tensor<4x11xf32>
    %88 = "stablehlo.reduce"(%87, %79) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg27: tensor<f32>, %arg28: tensor<f32>):
      %105 = "stablehlo.add"(%arg27, %arg28) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%105) : (tensor<f32>) -> ()
    }) : (tensor<4x11xf32>, tensor<f32>) -> tensor<4xf32>
    %89 = "stablehlo.broadcast_in_dim"(%88) <{broadcast_dimensions = array<i64: 0>}> : (tensor<4xf32>) -> tensor<4x1xf32>
    %90 = "stablehlo.broadcast_in_dim"(%89) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<4x1xf32>) -> tensor<4x11xf32>
    %91 = "stablehlo.divide"(%87, %90) : (tensor<4x11xf32>, tensor<4x11xf32>) -> tensor<4x11xf32>
    %92 = "stablehlo.negate"(%91) : (tensor<4x11xf32>) -> tensor<4x11xf32>
    %93 = "func.call"(%92) <{callee = @argsort}> : (tensor<4x11xf32>) -> tensor<4x11xi32>
    %94 = "func.call"(%91, %93) <{callee = @take_along_axis}> : (tensor<4x11xf32>, tensor<4x11xi32>) -> tensor<4x11xf32>
    %95 = "func.call"(%94) <{callee = @cumsum}> : (tensor<4x11xf32>) -> tensor<4x11xf32>
    %96 = "stablehlo.subtract"(%95, %94) : (tensor<4x11xf32>, tensor<4x11xf32>) -> tensor<4x11xf32>
    %97 = "stablehlo.broadcast_in_dim"(%78) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x11xf32>
    %98 = "stablehlo.compare"(%96, %97) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4x11xf32>, tensor<4x11xf32>) -> tensor<4x11xi1>
    %99 = "stablehlo.log"(%94) : (tensor<4x11xf32>) -> tensor<4x11xf32>
    %100 = "func.call"(%98, %99, %80) <{callee = @_where}> : (tensor<4x11xi1>, tensor<4x11xf32>, tensor<f32>) -> tensor<4x11xf32>
    %101 = "stablehlo.add"(%100, %arg26) : (tensor<4x11xf32>, tensor<4x11xf32>) -> tensor<4x11xf32>
    %102 = "func.call"(%101) <{callee = @argmax}> : (tensor<4x11xf32>) -> tensor<4xi32>
    %103 = "stablehlo.broadcast_in_dim"(%102) <{broadcast_dimensions = array<i64: 0>}> : (tensor<4xi32>) -> tensor<4x1xi32>
    %104 = "func.call"(%93, %103) <{callee = @take_along_axis_1}> : (tensor<4x11xi32>, tensor<4x1xi32>) -> tensor<4x1xi32>
    "func.return"(%104) : (tensor<4x1xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<4x11xf32>) -> tensor<4x11xi32>, sym_name = "argsort", sym_visibility = "private"}> ({
  ^bb0(%arg20: tensor<4x11xf32>):
    %65 = "stablehlo.constant"() <{value = dense<0x7FC00000> : tensor<f32>}> : () -> tensor<f32>
    %66 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %67 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<4x11xi32>
    %68:2 = "stablehlo.sort"(%arg20, %67) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg21: tensor<f32>, %arg22: tensor<f32>, %arg23: tensor<i32>, %arg24: tensor<i32>):
      %69 = "stablehlo.compare"(%arg21, %66) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %70 = "stablehlo.select"(%69, %66, %arg21) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %71 = "stablehlo.compare"(%arg21, %arg21) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %72 = "stablehlo.select"(%71, %65, %70) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %73 = "stablehlo.compare"(%arg22, %66) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %74 = "stablehlo.select"(%73, %66, %arg22) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %75 = "stablehlo.compare"(%arg22, %arg22) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %76 = "stablehlo.select"(%75, %65, %74) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %77 = "stablehlo.compare"(%72, %76) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%77) : (tensor<i1>) -> ()
    }) : (tensor<4x11xf32>, tensor<4x11xi32>) -> (tensor<4x11xf32>, tensor<4x11xi32>)
    "func.return"(%68#1) : (tensor<4x11xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<4x11xf32>, tensor<4x11xi32>) -> tensor<4x11xf32>, sym_name = "take_along_axis", sym_visibility = "private"}> ({
  ^bb0(%arg16: tensor<4x11xf32>, %arg17: tensor<4x11xi32>):
    %43 = "stablehlo.constant"() <{value = dense<0x7FC00000> : tensor<f32>}> : () -> tensor<f32>
    %44 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    %45 = "stablehlo.constant"() <{value = dense<10> : tensor<1xi32>}> : () -> tensor<1xi32>
    %46 = "stablehlo.constant"() <{value = dense<11> : tensor<i32>}> : () -> tensor<i32>
    %47 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %48 = "stablehlo.broadcast_in_dim"(%47) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x11xi32>
    %49 = "stablehlo.compare"(%arg17, %48) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4x11xi32>, tensor<4x11xi32>) -> tensor<4x11xi1>
    %50 = "stablehlo.broadcast_in_dim"(%46) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x11xi32>
    %51 = "stablehlo.add"(%arg17, %50) : (tensor<4x11xi32>, tensor<4x11xi32>) -> tensor<4x11xi32>
    %52 = "stablehlo.select"(%49, %51, %arg17) : (tensor<4x11xi1>, tensor<4x11xi32>, tensor<4x11xi32>) -> tensor<4x11xi32>
    %53 = "stablehlo.reshape"(%52) : (tensor<4x11xi32>) -> tensor<4x11x1xi32>
    %54 = "stablehlo.broadcast_in_dim"(%47) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x11x1xi32>
    %55 = "stablehlo.compare"(%53, %54) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<4x11x1xi32>, tensor<4x11x1xi32>) -> tensor<4x11x1xi1>
    %56 = "stablehlo.broadcast_in_dim"(%45) <{broadcast_dimensions = array<i64: 2>}> : (tensor<1xi32>) -> tensor<1x1x1xi32>
    %57 = "stablehlo.broadcast_in_dim"(%56) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<1x1x1xi32>) -> tensor<4x11x1xi32>
    %58 = "stablehlo.compare"(%53, %57) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LE>}> : (tensor<4x11x1xi32>, tensor<4x11x1xi32>) -> tensor<4x11x1xi1>
    %59 = "stablehlo.and"(%55, %58) : (tensor<4x11x1xi1>, tensor<4x11x1xi1>) -> tensor<4x11x1xi1>
    %60 = "stablehlo.reduce"(%59, %44) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg18: tensor<i1>, %arg19: tensor<i1>):
      %64 = "stablehlo.and"(%arg18, %arg19) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%64) : (tensor<i1>) -> ()
    }) : (tensor<4x11x1xi1>, tensor<i1>) -> tensor<4x11xi1>
    %61 = "stablehlo.gather"(%arg16, %53) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1>}> : (tensor<4x11xf32>, tensor<4x11x1xi32>) -> tensor<4x11xf32>
    %62 = "stablehlo.broadcast_in_dim"(%43) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x11xf32>
    %63 = "stablehlo.select"(%60, %61, %62) : (tensor<4x11xi1>, tensor<4x11xf32>, tensor<4x11xf32>) -> tensor<4x11xf32>
    "func.return"(%63) : (tensor<4x11xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<4x11xf32>) -> tensor<4x11xf32>, sym_name = "cumsum", sym_visibility = "private"}> ({
  ^bb0(%arg15: tensor<4x11xf32>):
    %42 = "func.call"(%arg15) <{callee = @cumsum_0}> : (tensor<4x11xf32>) -> tensor<4x11xf32>
    "func.return"(%42) : (tensor<4x11xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<4x11xf32>) -> tensor<4x11xf32>, sym_name = "cumsum_0", sym_visibility = "private"}> ({
  ^bb0(%arg12: tensor<4x11xf32>):
    %38 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %39 = "stablehlo.broadcast_in_dim"(%38) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<f32>
    %40 = "stablehlo.reduce_window"(%arg12, %39) <{padding = dense<[[0, 0], [10, 0]]> : tensor<2x2xi64>, window_dimensions = array<i64: 1, 11>}> ({
    ^bb0(%arg13: tensor<f32>, %arg14: tensor<f32>):
      %41 = "stablehlo.add"(%arg13, %arg14) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) : (tensor<4x11xf32>, tensor<f32>) -> tensor<4x11xf32>
    "func.return"(%40) : (tensor<4x11xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<4x11xi1>, tensor<4x11xf32>, tensor<f32>) -> tensor<4x11xf32>, sym_name = "_where", sym_visibility = "private"}> ({
  ^bb0(%arg9: tensor<4x11xi1>, %arg10: tensor<4x11xf32>, %arg11: tensor<f32>):
    %35 = "stablehlo.convert"(%arg11) : (tensor<f32>) -> tensor<f32>
    %36 = "stablehlo.broadcast_in_dim"(%35) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x11xf32>
    %37 = "stablehlo.select"(%arg9, %arg10, %36) : (tensor<4x11xi1>, tensor<4x11xf32>, tensor<4x11xf32>) -> tensor<4x11xf32>
    "func.return"(%37) : (tensor<4x11xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<4x11xf32>) -> tensor<4xi32>, sym_name = "argmax", sym_visibility = "private"}> ({
  ^bb0(%arg4: tensor<4x11xf32>):
    %22 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %23 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %24 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<4x11xi32>
    %25:2 = "stablehlo.reduce"(%arg4, %24, %23, %22) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg5: tensor<f32>, %arg6: tensor<i32>, %arg7: tensor<f32>, %arg8: tensor<i32>):
      %26 = "stablehlo.compare"(%arg5, %arg7) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %27 = "stablehlo.compare"(%arg5, %arg5) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %28 = "stablehlo.or"(%26, %27) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %29 = "stablehlo.compare"(%arg5, %arg7) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %30 = "stablehlo.compare"(%arg6, %arg8) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %31 = "stablehlo.and"(%29, %30) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %32 = "stablehlo.or"(%28, %31) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %33 = "stablehlo.select"(%28, %arg5, %arg7) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %34 = "stablehlo.select"(%32, %arg6, %arg8) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%33, %34) : (tensor<f32>, tensor<i32>) -> ()
    }) : (tensor<4x11xf32>, tensor<4x11xi32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xi32>)
    "func.return"(%25#1) : (tensor<4xi32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<4x11xi32>, tensor<4x1xi32>) -> tensor<4x1xi32>, sym_name = "take_along_axis_1", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<4x11xi32>, %arg1: tensor<4x1xi32>):
    %0 = "stablehlo.constant"() <{value = dense<-2147483648> : tensor<i32>}> : () -> tensor<i32>
    %1 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    %2 = "stablehlo.constant"() <{value = dense<10> : tensor<1xi32>}> : () -> tensor<1xi32>
    %3 = "stablehlo.constant"() <{value = dense<11> : tensor<i32>}> : () -> tensor<i32>
    %4 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %5 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x1xi32>
    %6 = "stablehlo.compare"(%arg1, %5) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4x1xi32>, tensor<4x1xi32>) -> tensor<4x1xi1>
    %7 = "stablehlo.broadcast_in_dim"(%3) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x1xi32>
    %8 = "stablehlo.add"(%arg1, %7) : (tensor<4x1xi32>, tensor<4x1xi32>) -> tensor<4x1xi32>
    %9 = "stablehlo.select"(%6, %8, %arg1) : (tensor<4x1xi1>, tensor<4x1xi32>, tensor<4x1xi32>) -> tensor<4x1xi32>
    %10 = "stablehlo.reshape"(%9) : (tensor<4x1xi32>) -> tensor<4x1x1xi32>
    %11 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x1x1xi32>
    %12 = "stablehlo.compare"(%10, %11) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<4x1x1xi32>, tensor<4x1x1xi32>) -> tensor<4x1x1xi1>
    %13 = "stablehlo.broadcast_in_dim"(%2) <{broadcast_dimensions = array<i64: 2>}> : (tensor<1xi32>) -> tensor<1x1x1xi32>
    %14 = "stablehlo.broadcast_in_dim"(%13) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<1x1x1xi32>) -> tensor<4x1x1xi32>
    %15 = "stablehlo.compare"(%10, %14) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LE>}> : (tensor<4x1x1xi32>, tensor<4x1x1xi32>) -> tensor<4x1x1xi1>
    %16 = "stablehlo.and"(%12, %15) : (tensor<4x1x1xi1>, tensor<4x1x1xi1>) -> tensor<4x1x1xi1>
    %17 = "stablehlo.reduce"(%16, %1) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg2: tensor<i1>, %arg3: tensor<i1>):
      %21 = "stablehlo.and"(%arg2, %arg3) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%21) : (tensor<i1>) -> ()
    }) : (tensor<4x1x1xi1>, tensor<i1>) -> tensor<4x1xi1>
    %18 = "stablehlo.gather"(%arg0, %10) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1>}> : (tensor<4x11xi32>, tensor<4x1x1xi32>) -> tensor<4x1xi32>
    %19 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x1xi32>
    %20 = "stablehlo.select"(%17, %18, %19) : (tensor<4x1xi1>, tensor<4x1xi32>, tensor<4x1xi32>) -> tensor<4x1xi32>
    "func.return"(%20) : (tensor<4x1xi32>) -> ()
  }) : () -> ()
}) : () -> ()
