// RUN: %python %S/Inputs/check.py %s --selects=1

// def top_5_accuracy(logits, labels):
//     return (lax.top_k(logits, 5)[1] == labels[:, None]).any(-1).mean()

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<6x9xf32>, tensor<6xi32>) -> tensor<f32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg5: tensor<6x9xf32>, %arg6: tensor<6xi32>):
    %5 = "stablehlo.constant"() <{value = dense<6.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %6 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %7 = "stablehlo.constant"() <{value = dense<false> : tensor<i1>}> : () -> tensor<i1>
    %8:2 = "stablehlo.composite"(%arg5) <{composite_attributes = {k = 5 : i64}, decomposition = @chlo.top_k.impl, name = "chlo.top_k", version = 1 : i32}> : (tensor<6x9xf32>) -> (tensor<6x5xf32>, tensor<6x5xi32>)
    %9 = "stablehlo.broadcast_in_dim"(%arg6) <{broadcast_dimensions = array<i64: 0>}> : (tensor<6xi32>) -> tensor<6x1xi32>
    %10 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<6x1xi32>) -> tensor<6x5xi32>
    %11 = "stablehlo.compare"(%8#1, %10) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<6x5xi32>, tensor<6x5xi32>) -> tensor<6x5xi1>
    %12 = "stablehlo.reduce"(%11, %7) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg9: tensor<i1>, %arg10: tensor<i1>):
      %18 = "stablehlo.or"(%arg9, %arg10) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%18) : (tensor<i1>) -> ()
    }) : (tensor<6x5xi1>, tensor<i1>) -> tensor<6xi1>
    %13 = "stablehlo.convert"(%12) : (tensor<6xi1>) -> tensor<6xi32>
    %14 = "stablehlo.convert"(%13) : (tensor<6xi32>) -> tensor<6xf32>
    %15 = "stablehlo.reduce"(%14, %6) <{dimensions = array<i64: 0>}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      %17 = "stablehlo.add"(%arg7, %arg8) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%17) : (tensor<f32>) -> ()
    }) : (tensor<6xf32>, tensor<f32>) -> tensor<f32>
    %16 = "stablehlo.divide"(%15, %5) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "func.return"(%16) : (tensor<f32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<6x9xf32>) -> (tensor<6x5xf32>, tensor<6x5xi32>), sym_name = "chlo.top_k.impl", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<6x9xf32>):
    %0 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<6x9xi32>
    %1:2 = "stablehlo.sort"(%arg0, %0) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<i32>, %arg4: tensor<i32>):
      %4 = "stablehlo.compare"(%arg1, %arg2) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      "stablehlo.return"(%4) : (tensor<i1>) -> ()
    }) : (tensor<6x9xf32>, tensor<6x9xi32>) -> (tensor<6x9xf32>, tensor<6x9xi32>)
    %2 = "stablehlo.slice"(%1#0) <{limit_indices = array<i64: 6, 5>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<6x9xf32>) -> tensor<6x5xf32>
    %3 = "stablehlo.slice"(%1#1) <{limit_indices = array<i64: 6, 5>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<6x9xi32>) -> tensor<6x5xi32>
    "func.return"(%2, %3) : (tensor<6x5xf32>, tensor<6x5xi32>) -> ()
  }) : () -> ()
}) : () -> ()
