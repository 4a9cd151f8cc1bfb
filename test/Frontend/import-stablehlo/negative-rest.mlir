// RUN: moe-opt %s --moe-import-stablehlo --split-input-file --verify-diagnostics

// Attributes and shapes of the larger ops.
func.func @convolution_numbers(%x: tensor<1x2x5xf32>, %k: tensor<3x2x2xf32>) -> tensor<1x3x4xf32> {
  // expected-error @below {{malformed stablehlo.convolution: expected dimension numbers that name each dimension of 'tensor<1x2x5xf32>', 'tensor<3x2x2xf32>' and 'tensor<1x3x4xf32>'}}
  %0 = "stablehlo.convolution"(%x, %k) <{dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, o, 0]->[b, f, 0]>, feature_group_count = 1 : i64, batch_group_count = 1 : i64}> : (tensor<1x2x5xf32>, tensor<3x2x2xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

func.func @convolution_rank(%x: tensor<1x2x5xf32>, %k: tensor<3x2x2xf32>) -> tensor<1x3x4xf32> {
  // expected-error @below {{malformed stablehlo.convolution: expected dimension numbers}}
  %0 = "stablehlo.convolution"(%x, %k) <{dimension_numbers = #stablehlo.conv<[b, f]x[o, i]->[b, f]>}> : (tensor<1x2x5xf32>, tensor<3x2x2xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

func.func @convolution_strides(%x: tensor<1x2x5xf32>, %k: tensor<3x2x2xf32>) -> tensor<1x3x4xf32> {
  // expected-error @below {{malformed stablehlo.convolution: expected positive strides and dilations, two paddings and one window_reversal, for each spatial dimension}}
  %0 = "stablehlo.convolution"(%x, %k) <{dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>, window_strides = array<i64: 0>}> : (tensor<1x2x5xf32>, tensor<3x2x2xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

func.func @convolution_groups(%x: tensor<1x2x5xf32>, %k: tensor<3x1x2xf32>) -> tensor<1x3x4xf32> {
  // expected-error @below {{malformed stablehlo.convolution: expected group counts that divide batch and features of 'tensor<1x2x5xf32>' and 'tensor<3x1x2xf32>'}}
  %0 = "stablehlo.convolution"(%x, %k) <{dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>, feature_group_count = 2 : i64}> : (tensor<1x2x5xf32>, tensor<3x1x2xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

func.func @convolution_result(%x: tensor<1x2x5xf32>, %k: tensor<3x2x2xf32>) -> tensor<1x3x5xf32> {
  // expected-error @below {{malformed stablehlo.convolution: expected windows that take 'tensor<1x2x5xf32>' and 'tensor<3x2x2xf32>' to 'tensor<1x3x5xf32>'}}
  %0 = "stablehlo.convolution"(%x, %k) <{dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>}> : (tensor<1x2x5xf32>, tensor<3x2x2xf32>) -> tensor<1x3x5xf32>
  return %0 : tensor<1x3x5xf32>
}

// -----

func.func @convolution_elements(%x: tensor<1x2x5xf32>, %k: tensor<3x2x2xi32>) -> tensor<1x3x4xf32> {
  // expected-error @below {{'stablehlo.convolution' op is not imported on elements of 'f32', 'i32', 'f32'}}
  %0 = "stablehlo.convolution"(%x, %k) <{dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>}> : (tensor<1x2x5xf32>, tensor<3x2x2xi32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

func.func @convolution_dynamic(%x: tensor<?x2x5xf32>, %k: tensor<3x2x2xf32>) -> tensor<?x3x4xf32> {
  // expected-error @below {{'stablehlo.convolution' op is imported on static shapes only, found 'tensor<?x2x5xf32>'}}
  %0 = "stablehlo.convolution"(%x, %k) <{dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>}> : (tensor<?x2x5xf32>, tensor<3x2x2xf32>) -> tensor<?x3x4xf32>
  return %0 : tensor<?x3x4xf32>
}

// -----

func.func @select_and_scatter_source(%x: tensor<4xf32>, %s: tensor<3xf32>, %i: tensor<f32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.select_and_scatter: expected windows that take 'tensor<4xf32>' to 'tensor<3xf32>' and back to 'tensor<4xf32>'}}
  %0 = "stablehlo.select_and_scatter"(%x, %s, %i) <{window_dimensions = array<i64: 2>, window_strides = array<i64: 2>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %r = "stablehlo.compare"(%a, %b) <{comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    "stablehlo.return"(%r) : (tensor<i1>) -> ()
  }, {
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<3xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @select_and_scatter_selection(%x: tensor<4xf32>, %s: tensor<2xf32>, %i: tensor<f32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.select_and_scatter: expected a selection that returns one i1}}
  %0 = "stablehlo.select_and_scatter"(%x, %s, %i) <{window_dimensions = array<i64: 2>, window_strides = array<i64: 2>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }, {
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<2xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @select_and_scatter_windows(%x: tensor<4xf32>, %s: tensor<2xf32>, %i: tensor<f32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.select_and_scatter: expected positive window sizes and strides, and two paddings, for each dimension}}
  %0 = "stablehlo.select_and_scatter"(%x, %s, %i) <{window_dimensions = array<i64: 2, 1>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }, {
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<2xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @norm_feature(%x: tensor<4x3xf32>, %f: tensor<3xf32>) -> tensor<4x3xf32> {
  // expected-error @below {{malformed stablehlo.batch_norm_inference: expected floats, an epsilon and a feature_index below the rank}}
  %0 = "stablehlo.batch_norm_inference"(%x, %f, %f, %f, %f) <{epsilon = 0.1 : f32, feature_index = 2 : i64}> : (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----

func.func @norm_scale(%x: tensor<4x3xf32>, %f: tensor<4xf32>) -> tensor<4x3xf32> {
  // expected-error @below {{malformed stablehlo.batch_norm_training: expected the shape of 'tensor<4x3xf32>' or one element for each feature, found 'tensor<4xf32>'}}
  %0:3 = "stablehlo.batch_norm_training"(%x, %f, %f) <{epsilon = 0.1 : f32, feature_index = 1 : i64}> : (tensor<4x3xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>)
  return %0#0 : tensor<4x3xf32>
}

// -----

func.func @norm_results(%x: tensor<4x3xf32>, %f: tensor<3xf32>) -> tensor<4x3xf32> {
  // expected-error @below {{malformed stablehlo.batch_norm_grad: expected 5 operands and 3 results}}
  %0 = "stablehlo.batch_norm_grad"(%x, %f, %f, %f, %x) <{epsilon = 0.1 : f32, feature_index = 1 : i64}> : (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----

func.func @cholesky_square(%x: tensor<4x3xf32>) -> tensor<4x3xf32> {
  // expected-error @below {{malformed stablehlo.cholesky: expected square matrices, and as many of them}}
  %0 = "stablehlo.cholesky"(%x) <{lower = true}> : (tensor<4x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----

func.func @cholesky_elements(%x: tensor<3x3xi32>) -> tensor<3x3xi32> {
  // expected-error @below {{'stablehlo.cholesky' op is not imported on elements of 'i32'}}
  %0 = "stablehlo.cholesky"(%x) <{lower = true}> : (tensor<3x3xi32>) -> tensor<3x3xi32>
  return %0 : tensor<3x3xi32>
}

// -----

func.func @solve_flags(%a: tensor<3x3xf32>, %b: tensor<3x2xf32>) -> tensor<3x2xf32> {
  // expected-error @below {{malformed stablehlo.triangular_solve: expected left_side, lower, unit_diagonal and a known transpose_a}}
  %0 = "stablehlo.triangular_solve"(%a, %b) <{left_side = true, lower = true, unit_diagonal = false, transpose_a = #stablehlo<transpose SIDEWAYS>}> : (tensor<3x3xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

func.func @solve_shape(%a: tensor<3x3xf32>, %b: tensor<3x2xf32>) -> tensor<3x2xf32> {
  // expected-error @below {{malformed stablehlo.triangular_solve: expected square matrices that fit those of the result 'tensor<3x2xf32>'}}
  %0 = "stablehlo.triangular_solve"(%a, %b) <{left_side = false, lower = true, unit_diagonal = false, transpose_a = #stablehlo<transpose NO_TRANSPOSE>}> : (tensor<3x3xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

func.func @einsum_letters(%a: tensor<3x2xf32>, %b: tensor<2x4xf32>) -> tensor<3x4xf32> {
  // expected-error @below {{malformed stablehlo.einsum: expected an einsum_config that takes the operands to 'tensor<3x4xf32>'}}
  %0 = "stablehlo.einsum"(%a, %b) <{einsum_config = "ij,jk->il"}> : (tensor<3x2xf32>, tensor<2x4xf32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

func.func @einsum_missing(%a: tensor<3x2xf32>, %b: tensor<2x4xf32>) -> tensor<3x4xf32> {
  // expected-error @below {{malformed stablehlo.einsum: expected an einsum_config}}
  %0 = "stablehlo.einsum"(%a, %b) : (tensor<3x2xf32>, tensor<2x4xf32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

func.func @unary_einsum_missing(%a: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{malformed stablehlo.unary_einsum: expected an einsum_config}}
  %0 = "stablehlo.unary_einsum"(%a) : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @unary_einsum_twice(%a: tensor<3xf32>) -> tensor<3x3xf32> {
  // expected-error @below {{malformed stablehlo.unary_einsum: expected an einsum_config}}
  %0 = "stablehlo.unary_einsum"(%a) <{einsum_config = "i->ii"}> : (tensor<3xf32>) -> tensor<3x3xf32>
  return %0 : tensor<3x3xf32>
}

// -----

func.func @index_select_dims(%x: tensor<3x2xf32>, %i: tensor<4xi32>) -> tensor<3x2xf32> {
  // expected-error @below {{malformed stablehlo.torch_index_select: expected a dim and batch_dims that take 'tensor<3x2xf32>' at 'tensor<4xi32>' to 'tensor<3x2xf32>'}}
  %0 = "stablehlo.torch_index_select"(%x, %i) <{dim = 0 : i64, batch_dims = 1 : i64}> : (tensor<3x2xf32>, tensor<4xi32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

func.func @fft_lengths(%x: tensor<8xf32>) -> tensor<8xcomplex<f32>> {
  // expected-error @below {{malformed stablehlo.fft: expected an fft_type and one to three of fft_length that take 'tensor<8xf32>' to 'tensor<8xcomplex<f32>>'}}
  %0 = "stablehlo.fft"(%x) <{fft_type = #stablehlo<fft_type RFFT>, fft_length = array<i64: 8>}> : (tensor<8xf32>) -> tensor<8xcomplex<f32>>
  return %0 : tensor<8xcomplex<f32>>
}

// -----

func.func @fft_type(%x: tensor<8xcomplex<f32>>) -> tensor<8xcomplex<f32>> {
  // expected-error @below {{malformed stablehlo.fft: expected an fft_type}}
  %0 = "stablehlo.fft"(%x) <{fft_type = #stablehlo<fft_type SLOW>, fft_length = array<i64: 8>}> : (tensor<8xcomplex<f32>>) -> tensor<8xcomplex<f32>>
  return %0 : tensor<8xcomplex<f32>>
}

// -----

func.func @generator_state(%s: tensor<3xui64>) -> tensor<4xui32> {
  // expected-error @below {{malformed stablehlo.rng_bit_generator: expected a state of two ui64}}
  %0:2 = "stablehlo.rng_bit_generator"(%s) <{rng_algorithm = #stablehlo<rng_algorithm THREE_FRY>}> : (tensor<3xui64>) -> (tensor<3xui64>, tensor<4xui32>)
  return %0#1 : tensor<4xui32>
}

// -----

func.func @generator_algorithm(%s: tensor<2xui64>) -> tensor<4xui32> {
  // expected-error @below {{malformed stablehlo.rng_bit_generator: expected a known rng_algorithm}}
  %0:2 = "stablehlo.rng_bit_generator"(%s) <{rng_algorithm = #stablehlo<rng_algorithm DICE>}> : (tensor<2xui64>) -> (tensor<2xui64>, tensor<4xui32>)
  return %0#1 : tensor<4xui32>
}

// -----

func.func @generator_elements(%s: tensor<2xui64>) -> tensor<4xi1> {
  // expected-error @below {{'stablehlo.rng_bit_generator' op is not imported for elements of 'i1'}}
  %0:2 = "stablehlo.rng_bit_generator"(%s) <{rng_algorithm = #stablehlo<rng_algorithm DEFAULT>}> : (tensor<2xui64>) -> (tensor<2xui64>, tensor<4xi1>)
  return %0#1 : tensor<4xi1>
}

// -----

func.func @rng_distribution(%a: tensor<i32>, %n: tensor<1xi64>) -> tensor<4xi32> {
  // expected-error @below {{malformed stablehlo.rng: expected rng_distribution UNIFORM, or NORMAL of floats}}
  %0 = "stablehlo.rng"(%a, %a, %n) <{rng_distribution = #stablehlo<rng_distribution NORMAL>}> : (tensor<i32>, tensor<i32>, tensor<1xi64>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// -----

func.func @rng_bounds(%a: tensor<i32>, %n: tensor<1xi64>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.rng: expected two operands of type 'tensor<f32>' and a shape}}
  %0 = "stablehlo.rng"(%a, %a, %n) <{rng_distribution = #stablehlo<rng_distribution UNIFORM>}> : (tensor<i32>, tensor<i32>, tensor<1xi64>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @complex_parts(%a: tensor<4xf32>, %b: tensor<4xf64>) -> tensor<4xcomplex<f32>> {
  // expected-error @below {{'stablehlo.complex' op is not imported on elements of 'f32', 'f64'}}
  %0 = "stablehlo.complex"(%a, %b) : (tensor<4xf32>, tensor<4xf64>) -> tensor<4xcomplex<f32>>
  return %0 : tensor<4xcomplex<f32>>
}

// -----

func.func @complex_order(%a: tensor<4xcomplex<f32>>) -> tensor<4xi1> {
  // expected-error @below {{'stablehlo.compare' op is not imported on elements of 'complex<f32>', 'complex<f32>'}}
  %0 = "stablehlo.compare"(%a, %a) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> tensor<4xi1>
  return %0 : tensor<4xi1>
}

// -----

func.func @token_used(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'stablehlo.create_token' op orders an operation that is not imported; drop the token before moe-import}}
  %0 = "stablehlo.create_token"() : () -> !stablehlo.token
  // expected-error @below {{'stablehlo.outfeed' op is not imported}}
  %1 = "stablehlo.outfeed"(%x, %0) : (tensor<4xf32>, !stablehlo.token) -> !stablehlo.token
  return %x : tensor<4xf32>
}

// -----

func.func @broadcast_sizes(%x: tensor<3xf32>) -> tensor<3x2xf32> {
  // expected-error @below {{malformed stablehlo.broadcast: expected broadcast_sizes that take 'tensor<3xf32>' to 'tensor<3x2xf32>'}}
  %0 = "stablehlo.broadcast"(%x) <{broadcast_sizes = array<i64: 2>}> : (tensor<3xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}
