// RUN: %python %S/Inputs/check.py %s

// def spatial_transformer(image, at):
//     """Bilinear reads of an image at points."""
//     at = jnp.clip(at, 0, 4)
//     low = at.astype(jnp.int32)
//     part = at - low
//     n = jnp.arange(2)[:, None]
//     result = 0
//     for dy in (0, 1):
//         for dx in (0, 1):
//             wy = part[..., 0] if dy else 1 - part[..., 0]
//             wx = part[..., 1] if dx else 1 - part[..., 1]
//             result += wy * wx * image[n, low[..., 0] + dy, low[..., 1] + dx]
//     return result

"builtin.module"() ({
  "func.func"() <{function_type = (tensor<2x6x6xf32>, tensor<2x5x2xf32>) -> tensor<2x5xf32>, res_attrs = [{jax.result_info = "result"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg3: tensor<2x6x6xf32>, %arg4: tensor<2x5x2xf32>):
    %6 = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
    %7 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %8 = "stablehlo.constant"() <{value = dense<6> : tensor<i32>}> : () -> tensor<i32>
    %9 = "stablehlo.constant"() <{value = dense<2> : tensor<i32>}> : () -> tensor<i32>
    %10 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %11 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %12 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %13 = "func.call"(%arg4, %11, %12) <{callee = @clip}> : (tensor<2x5x2xf32>, tensor<i32>, tensor<i32>) -> tensor<2x5x2xf32>
    %14 = "stablehlo.convert"(%13) : (tensor<2x5x2xf32>) -> tensor<2x5x2xi32>
    %15 = "stablehlo.convert"(%14) : (tensor<2x5x2xi32>) -> tensor<2x5x2xf32>
    %16 = "stablehlo.subtract"(%13, %15) : (tensor<2x5x2xf32>, tensor<2x5x2xf32>) -> tensor<2x5x2xf32>
    %17 = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<2xi32>
    %18 = "stablehlo.broadcast_in_dim"(%17) <{broadcast_dimensions = array<i64: 0>}> : (tensor<2xi32>) -> tensor<2x1xi32>
    %19 = "stablehlo.slice"(%16) <{limit_indices = array<i64: 2, 5, 1>, start_indices = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xf32>) -> tensor<2x5x1xf32>
    %20 = "stablehlo.reshape"(%19) : (tensor<2x5x1xf32>) -> tensor<2x5xf32>
    %21 = "stablehlo.broadcast_in_dim"(%10) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x5xf32>
    %22 = "stablehlo.subtract"(%21, %20) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %23 = "stablehlo.slice"(%16) <{limit_indices = array<i64: 2, 5, 2>, start_indices = array<i64: 0, 0, 1>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xf32>) -> tensor<2x5x1xf32>
    %24 = "stablehlo.reshape"(%23) : (tensor<2x5x1xf32>) -> tensor<2x5xf32>
    %25 = "stablehlo.broadcast_in_dim"(%10) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x5xf32>
    %26 = "stablehlo.subtract"(%25, %24) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %27 = "stablehlo.multiply"(%22, %26) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %28 = "stablehlo.slice"(%14) <{limit_indices = array<i64: 2, 5, 1>, start_indices = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xi32>) -> tensor<2x5x1xi32>
    %29 = "stablehlo.reshape"(%28) : (tensor<2x5x1xi32>) -> tensor<2x5xi32>
    %30 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %31 = "stablehlo.add"(%29, %30) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %32 = "stablehlo.slice"(%14) <{limit_indices = array<i64: 2, 5, 2>, start_indices = array<i64: 0, 0, 1>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xi32>) -> tensor<2x5x1xi32>
    %33 = "stablehlo.reshape"(%32) : (tensor<2x5x1xi32>) -> tensor<2x5xi32>
    %34 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %35 = "stablehlo.add"(%33, %34) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %36 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x1xi32>
    %37 = "stablehlo.compare"(%18, %36) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi1>
    %38 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x1xi32>
    %39 = "stablehlo.add"(%18, %38) : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi32>
    %40 = "stablehlo.select"(%37, %39, %18) : (tensor<2x1xi1>, tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi32>
    %41 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %42 = "stablehlo.compare"(%31, %41) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi1>
    %43 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %44 = "stablehlo.add"(%31, %43) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %45 = "stablehlo.select"(%42, %44, %31) : (tensor<2x5xi1>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %46 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %47 = "stablehlo.compare"(%35, %46) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi1>
    %48 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %49 = "stablehlo.add"(%35, %48) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %50 = "stablehlo.select"(%47, %49, %35) : (tensor<2x5xi1>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %51 = "stablehlo.broadcast_in_dim"(%40) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x1xi32>) -> tensor<2x5xi32>
    %52 = "stablehlo.broadcast_in_dim"(%51) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %53 = "stablehlo.broadcast_in_dim"(%45) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %54 = "stablehlo.broadcast_in_dim"(%50) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %55 = "stablehlo.concatenate"(%52, %53, %54) <{dimension = 2 : i64}> : (tensor<2x5x1xi32>, tensor<2x5x1xi32>, tensor<2x5x1xi32>) -> tensor<2x5x3xi32>
    %56 = "stablehlo.gather"(%arg3, %55) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0, 1, 2], start_index_map = [0, 1, 2], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1, 1>}> : (tensor<2x6x6xf32>, tensor<2x5x3xi32>) -> tensor<2x5xf32>
    %57 = "stablehlo.multiply"(%27, %56) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %58 = "stablehlo.broadcast_in_dim"(%7) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x5xf32>
    %59 = "stablehlo.add"(%58, %57) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %60 = "stablehlo.slice"(%16) <{limit_indices = array<i64: 2, 5, 1>, start_indices = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xf32>) -> tensor<2x5x1xf32>
    %61 = "stablehlo.reshape"(%60) : (tensor<2x5x1xf32>) -> tensor<2x5xf32>
    %62 = "stablehlo.broadcast_in_dim"(%10) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x5xf32>
    %63 = "stablehlo.subtract"(%62, %61) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %64 = "stablehlo.slice"(%16) <{limit_indices = array<i64: 2, 5, 2>, start_indices = array<i64: 0, 0, 1>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xf32>) -> tensor<2x5x1xf32>
    %65 = "stablehlo.reshape"(%64) : (tensor<2x5x1xf32>) -> tensor<2x5xf32>
    %66 = "stablehlo.multiply"(%63, %65) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %67 = "stablehlo.slice"(%14) <{limit_indices = array<i64: 2, 5, 1>, start_indices = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xi32>) -> tensor<2x5x1xi32>
    %68 = "stablehlo.reshape"(%67) : (tensor<2x5x1xi32>) -> tensor<2x5xi32>
    %69 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %70 = "stablehlo.add"(%68, %69) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %71 = "stablehlo.slice"(%14) <{limit_indices = array<i64: 2, 5, 2>, start_indices = array<i64: 0, 0, 1>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xi32>) -> tensor<2x5x1xi32>
    %72 = "stablehlo.reshape"(%71) : (tensor<2x5x1xi32>) -> tensor<2x5xi32>
    %73 = "stablehlo.broadcast_in_dim"(%6) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %74 = "stablehlo.add"(%72, %73) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %75 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x1xi32>
    %76 = "stablehlo.compare"(%18, %75) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi1>
    %77 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x1xi32>
    %78 = "stablehlo.add"(%18, %77) : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi32>
    %79 = "stablehlo.select"(%76, %78, %18) : (tensor<2x1xi1>, tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi32>
    %80 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %81 = "stablehlo.compare"(%70, %80) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi1>
    %82 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %83 = "stablehlo.add"(%70, %82) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %84 = "stablehlo.select"(%81, %83, %70) : (tensor<2x5xi1>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %85 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %86 = "stablehlo.compare"(%74, %85) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi1>
    %87 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %88 = "stablehlo.add"(%74, %87) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %89 = "stablehlo.select"(%86, %88, %74) : (tensor<2x5xi1>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %90 = "stablehlo.broadcast_in_dim"(%79) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x1xi32>) -> tensor<2x5xi32>
    %91 = "stablehlo.broadcast_in_dim"(%90) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %92 = "stablehlo.broadcast_in_dim"(%84) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %93 = "stablehlo.broadcast_in_dim"(%89) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %94 = "stablehlo.concatenate"(%91, %92, %93) <{dimension = 2 : i64}> : (tensor<2x5x1xi32>, tensor<2x5x1xi32>, tensor<2x5x1xi32>) -> tensor<2x5x3xi32>
    %95 = "stablehlo.gather"(%arg3, %94) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0, 1, 2], start_index_map = [0, 1, 2], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1, 1>}> : (tensor<2x6x6xf32>, tensor<2x5x3xi32>) -> tensor<2x5xf32>
    %96 = "stablehlo.multiply"(%66, %95) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %97 = "stablehlo.add"(%59, %96) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %98 = "stablehlo.slice"(%16) <{limit_indices = array<i64: 2, 5, 1>, start_indices = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xf32>) -> tensor<2x5x1xf32>
    %99 = "stablehlo.reshape"(%98) : (tensor<2x5x1xf32>) -> tensor<2x5xf32>
    %100 = "stablehlo.slice"(%16) <{limit_indices = array<i64: 2, 5, 2>, start_indices = array<i64: 0, 0, 1>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xf32>) -> tensor<2x5x1xf32>
    %101 = "stablehlo.reshape"(%100) : (tensor<2x5x1xf32>) -> tensor<2x5xf32>
    %102 = "stablehlo.broadcast_in_dim"(%10) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x5xf32>
    %103 = "stablehlo.subtract"(%102, %101) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %104 = "stablehlo.multiply"(%99, %103) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %105 = "stablehlo.slice"(%14) <{limit_indices = array<i64: 2, 5, 1>, start_indices = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xi32>) -> tensor<2x5x1xi32>
    %106 = "stablehlo.reshape"(%105) : (tensor<2x5x1xi32>) -> tensor<2x5xi32>
    %107 = "stablehlo.broadcast_in_dim"(%6) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %108 = "stablehlo.add"(%106, %107) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %109 = "stablehlo.slice"(%14) <{limit_indices = array<i64: 2, 5, 2>, start_indices = array<i64: 0, 0, 1>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xi32>) -> tensor<2x5x1xi32>
    %110 = "stablehlo.reshape"(%109) : (tensor<2x5x1xi32>) -> tensor<2x5xi32>
    %111 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %112 = "stablehlo.add"(%110, %111) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %113 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x1xi32>
    %114 = "stablehlo.compare"(%18, %113) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi1>
    %115 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x1xi32>
    %116 = "stablehlo.add"(%18, %115) : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi32>
    %117 = "stablehlo.select"(%114, %116, %18) : (tensor<2x1xi1>, tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi32>
    %118 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %119 = "stablehlo.compare"(%108, %118) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi1>
    %120 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %121 = "stablehlo.add"(%108, %120) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %122 = "stablehlo.select"(%119, %121, %108) : (tensor<2x5xi1>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %123 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %124 = "stablehlo.compare"(%112, %123) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi1>
    %125 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %126 = "stablehlo.add"(%112, %125) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %127 = "stablehlo.select"(%124, %126, %112) : (tensor<2x5xi1>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %128 = "stablehlo.broadcast_in_dim"(%117) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x1xi32>) -> tensor<2x5xi32>
    %129 = "stablehlo.broadcast_in_dim"(%128) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %130 = "stablehlo.broadcast_in_dim"(%122) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %131 = "stablehlo.broadcast_in_dim"(%127) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %132 = "stablehlo.concatenate"(%129, %130, %131) <{dimension = 2 : i64}> : (tensor<2x5x1xi32>, tensor<2x5x1xi32>, tensor<2x5x1xi32>) -> tensor<2x5x3xi32>
    %133 = "stablehlo.gather"(%arg3, %132) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0, 1, 2], start_index_map = [0, 1, 2], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1, 1>}> : (tensor<2x6x6xf32>, tensor<2x5x3xi32>) -> tensor<2x5xf32>
    %134 = "stablehlo.multiply"(%104, %133) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %135 = "stablehlo.add"(%97, %134) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %136 = "stablehlo.slice"(%16) <{limit_indices = array<i64: 2, 5, 1>, start_indices = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xf32>) -> tensor<2x5x1xf32>
    %137 = "stablehlo.reshape"(%136) : (tensor<2x5x1xf32>) -> tensor<2x5xf32>
    %138 = "stablehlo.slice"(%16) <{limit_indices = array<i64: 2, 5, 2>, start_indices = array<i64: 0, 0, 1>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xf32>) -> tensor<2x5x1xf32>
    %139 = "stablehlo.reshape"(%138) : (tensor<2x5x1xf32>) -> tensor<2x5xf32>
    %140 = "stablehlo.multiply"(%137, %139) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %141 = "stablehlo.slice"(%14) <{limit_indices = array<i64: 2, 5, 1>, start_indices = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xi32>) -> tensor<2x5x1xi32>
    %142 = "stablehlo.reshape"(%141) : (tensor<2x5x1xi32>) -> tensor<2x5xi32>
    %143 = "stablehlo.broadcast_in_dim"(%6) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %144 = "stablehlo.add"(%142, %143) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %145 = "stablehlo.slice"(%14) <{limit_indices = array<i64: 2, 5, 2>, start_indices = array<i64: 0, 0, 1>, strides = array<i64: 1, 1, 1>}> : (tensor<2x5x2xi32>) -> tensor<2x5x1xi32>
    %146 = "stablehlo.reshape"(%145) : (tensor<2x5x1xi32>) -> tensor<2x5xi32>
    %147 = "stablehlo.broadcast_in_dim"(%6) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %148 = "stablehlo.add"(%146, %147) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %149 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x1xi32>
    %150 = "stablehlo.compare"(%18, %149) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi1>
    %151 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x1xi32>
    %152 = "stablehlo.add"(%18, %151) : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi32>
    %153 = "stablehlo.select"(%150, %152, %18) : (tensor<2x1xi1>, tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi32>
    %154 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %155 = "stablehlo.compare"(%144, %154) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi1>
    %156 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %157 = "stablehlo.add"(%144, %156) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %158 = "stablehlo.select"(%155, %157, %144) : (tensor<2x5xi1>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %159 = "stablehlo.broadcast_in_dim"(%11) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %160 = "stablehlo.compare"(%148, %159) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi1>
    %161 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<2x5xi32>
    %162 = "stablehlo.add"(%148, %161) : (tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %163 = "stablehlo.select"(%160, %162, %148) : (tensor<2x5xi1>, tensor<2x5xi32>, tensor<2x5xi32>) -> tensor<2x5xi32>
    %164 = "stablehlo.broadcast_in_dim"(%153) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x1xi32>) -> tensor<2x5xi32>
    %165 = "stablehlo.broadcast_in_dim"(%164) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %166 = "stablehlo.broadcast_in_dim"(%158) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %167 = "stablehlo.broadcast_in_dim"(%163) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<2x5xi32>) -> tensor<2x5x1xi32>
    %168 = "stablehlo.concatenate"(%165, %166, %167) <{dimension = 2 : i64}> : (tensor<2x5x1xi32>, tensor<2x5x1xi32>, tensor<2x5x1xi32>) -> tensor<2x5x3xi32>
    %169 = "stablehlo.gather"(%arg3, %168) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0, 1, 2], start_index_map = [0, 1, 2], index_vector_dim = 2>, slice_sizes = array<i64: 1, 1, 1>}> : (tensor<2x6x6xf32>, tensor<2x5x3xi32>) -> tensor<2x5xf32>
    %170 = "stablehlo.multiply"(%140, %169) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    %171 = "stablehlo.add"(%135, %170) : (tensor<2x5xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
    "func.return"(%171) : (tensor<2x5xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<2x5x2xf32>, tensor<i32>, tensor<i32>) -> tensor<2x5x2xf32>, sym_name = "clip", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<2x5x2xf32>, %arg1: tensor<i32>, %arg2: tensor<i32>):
    %0 = "stablehlo.convert"(%arg1) : (tensor<i32>) -> tensor<f32>
    %1 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x5x2xf32>
    %2 = "stablehlo.maximum"(%1, %arg0) : (tensor<2x5x2xf32>, tensor<2x5x2xf32>) -> tensor<2x5x2xf32>
    %3 = "stablehlo.convert"(%arg2) : (tensor<i32>) -> tensor<f32>
    %4 = "stablehlo.broadcast_in_dim"(%3) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<2x5x2xf32>
    %5 = "stablehlo.minimum"(%4, %2) : (tensor<2x5x2xf32>, tensor<2x5x2xf32>) -> tensor<2x5x2xf32>
    "func.return"(%5) : (tensor<2x5x2xf32>) -> ()
  }) : () -> ()
}) : () -> ()
