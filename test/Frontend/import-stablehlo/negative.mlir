// RUN: moe-opt %s --moe-import-stablehlo --split-input-file --verify-diagnostics

// What is not taken is an error: nothing is left behind unseen.
func.func @unknown(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'stablehlo.custom_call' op is not imported; lower it to other operations before moe-import}}
  %0 = "stablehlo.custom_call"(%x) <{call_target_name = "foo"}> : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Once for each kind of op.
func.func @unknown_twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'stablehlo.nonsense' op is not imported}}
  %0 = "stablehlo.nonsense"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "stablehlo.nonsense"(%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

func.func @wrong_shape(%x: tensor<4xf32>, %y: tensor<5xf32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.add: expected operands that fit the result 'tensor<4xf32>', found 'tensor<5xf32>'}}
  %0 = "stablehlo.add"(%x, %y) : (tensor<4xf32>, tensor<5xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @wrong_count(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.add: expected 2 operands}}
  %0 = "stablehlo.add"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @wrong_element(%x: tensor<4xi32>) -> tensor<4xi32> {
  // expected-error @below {{'stablehlo.tanh' op is not imported on elements of 'i32'}}
  %0 = "stablehlo.tanh"(%x) : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// -----

func.func @no_such_direction(%x: tensor<4xi32>) -> tensor<4xi1> {
  // expected-error @below {{'stablehlo.compare' op is not imported on elements of 'i32', 'i32'}}
  %0 = "stablehlo.compare"(%x, %x) <{comparison_direction = #stablehlo<comparison_direction XX>}> : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi1>
  return %0 : tensor<4xi1>
}

// -----

func.func @body_of_tensors(%x: tensor<4xf32>, %init: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{malformed stablehlo.reduce: expected a body of one block with 2 arguments}}
  %0 = "stablehlo.reduce"(%x, %init) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @unknown_in_body(%x: tensor<4xf32>, %init: tensor<f32>) -> tensor<f32> {
  %0 = "stablehlo.reduce"(%x, %init) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    // expected-error @below {{'stablehlo.nonsense' op is not imported inside the body of another operation; lower it before moe-import}}
    %sum = "stablehlo.nonsense"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%sum) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @no_decomposition(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.composite: expected a function of its types called @gone}}
  %0 = "stablehlo.composite"(%x) <{name = "my.op", decomposition = @gone}> : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @tuple_passed_on(%x: tensor<4xf32>) -> tuple<tensor<4xf32>> {
  // expected-error @below {{'stablehlo.tuple' op is passed on as a whole; pass its elements before moe-import}}
  %0 = "stablehlo.tuple"(%x) : (tensor<4xf32>) -> tuple<tensor<4xf32>>
  return %0 : tuple<tensor<4xf32>>
}

// -----

func.func @constant_shape() -> tensor<3xf32> {
  // expected-error @below {{malformed stablehlo.constant: expected a value of type 'tensor<3xf32>'}}
  %0 = "stablehlo.constant"() <{value = dense<1.0> : tensor<2xf32>}> : () -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @iota_dimension() -> tensor<3xf32> {
  // expected-error @below {{malformed stablehlo.iota: expected an iota_dimension below the rank}}
  %0 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @broadcast_dimensions(%x: tensor<2xf32>) -> tensor<3x2xf32> {
  // expected-error @below {{malformed stablehlo.broadcast_in_dim: expected broadcast_dimensions that take the operand to the result}}
  %0 = "stablehlo.broadcast_in_dim"(%x) <{broadcast_dimensions = array<i64: 0>}> : (tensor<2xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

func.func @dynamic_broadcast(%x: tensor<f32>, %n: tensor<1xi64>) -> tensor<?xf32> {
  // expected-error @below {{'stablehlo.dynamic_broadcast_in_dim' op is imported on static shapes only, found 'tensor<?xf32>'}}
  %0 = "stablehlo.dynamic_broadcast_in_dim"(%x, %n) <{broadcast_dimensions = array<i64>}> : (tensor<f32>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

func.func @reshape_count(%x: tensor<2xf32>) -> tensor<3xf32> {
  // expected-error @below {{malformed stablehlo.reshape: expected as many elements in the result as in 'tensor<2xf32>'}}
  %0 = "stablehlo.reshape"(%x) : (tensor<2xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @permutation(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @below {{malformed stablehlo.transpose: expected a permutation of the dimensions of 'tensor<2x3xf32>'}}
  %0 = "stablehlo.transpose"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @reverse_dimension(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{malformed stablehlo.reverse: expected dimensions below the rank}}
  %0 = "stablehlo.reverse"(%x) <{dimensions = array<i64: 1>}> : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @concatenate_size(%x: tensor<2xf32>) -> tensor<5xf32> {
  // expected-error @below {{malformed stablehlo.concatenate: expected operands that fill 'tensor<5xf32>'}}
  %0 = "stablehlo.concatenate"(%x, %x) <{dimension = 0 : i64}> : (tensor<2xf32>, tensor<2xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----

func.func @slice_beyond(%x: tensor<4xf32>) -> tensor<3xf32> {
  // expected-error @below {{malformed stablehlo.slice: expected starts, limits and strides within 'tensor<4xf32>' that give 'tensor<3xf32>'}}
  %0 = "stablehlo.slice"(%x) <{start_indices = array<i64: 2>, limit_indices = array<i64: 5>, strides = array<i64: 1>}> : (tensor<4xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @dynamic_slice_starts(%x: tensor<4xf32>) -> tensor<3xf32> {
  // expected-error @below {{malformed stablehlo.dynamic_slice: expected a start for each dimension}}
  %0 = "stablehlo.dynamic_slice"(%x) <{slice_sizes = array<i64: 3>}> : (tensor<4xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @update_too_large(%x: tensor<4xf32>, %u: tensor<5xf32>, %i: tensor<i32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.dynamic_update_slice: expected a slice that fits into 'tensor<4xf32>'}}
  %0 = "stablehlo.dynamic_update_slice"(%x, %u, %i) : (tensor<4xf32>, tensor<5xf32>, tensor<i32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @pad_size(%x: tensor<4xf32>, %v: tensor<f32>) -> tensor<5xf32> {
  // expected-error @below {{malformed stablehlo.pad: expected paddings that give 'tensor<5xf32>'}}
  %0 = "stablehlo.pad"(%x, %v) <{edge_padding_low = array<i64: 1>, edge_padding_high = array<i64: 1>, interior_padding = array<i64: 0>}> : (tensor<4xf32>, tensor<f32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----

func.func @contracting_sizes(%x: tensor<2x3xf32>, %y: tensor<4x5xf32>) -> tensor<2x5xf32> {
  // expected-error @below {{malformed stablehlo.dot_general: expected dimension numbers that take 'tensor<2x3xf32>' and 'tensor<4x5xf32>' to 'tensor<2x5xf32>'}}
  %0 = "stablehlo.dot_general"(%x, %y) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : (tensor<2x3xf32>, tensor<4x5xf32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// -----

func.func @dimension_twice(%x: tensor<2x2xf32>, %y: tensor<2x2xf32>) -> tensor<2x2xf32> {
  // expected-error @below {{malformed stablehlo.dot_general: expected dimension numbers}}
  %0 = "stablehlo.dot_general"(%x, %y) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1, 1], rhs_contracting_dimensions = [0, 1]>}> : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// -----

func.func @sort_captures(%x: tensor<4xf32>, %y: tensor<f32>) -> tensor<4xf32> {
  // expected-error @below {{'stablehlo.sort' op has a comparator that reads values from outside; sort them along before moe-import}}
  %0 = "stablehlo.sort"(%x) <{dimension = 0 : i64}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %1 = "stablehlo.compare"(%a, %y) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    "stablehlo.return"(%1) : (tensor<i1>) -> ()
  }) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @comparator_result(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.sort: expected a comparator that returns one i1}}
  %0 = "stablehlo.sort"(%x) <{dimension = 0 : i64}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @bitcast_sizes(%x: tensor<3xi8>) -> tensor<1xi32> {
  // expected-error @below {{malformed stablehlo.bitcast_convert: expected a result of the bits of 'tensor<3xi8>'}}
  %0 = "stablehlo.bitcast_convert"(%x) : (tensor<3xi8>) -> tensor<1xi32>
  return %0 : tensor<1xi32>
}

// -----

func.func @loop_types(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{malformed stablehlo.while: expected regions of one block that take 1 values and return 1}}
  %0 = "stablehlo.while"(%x) ({
  ^bb0(%a: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }, {
  ^bb0(%a: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @branch_results(%c: tensor<i1>, %x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{malformed stablehlo.if: expected regions of one block that take 0 values and return 1}}
  %0 = "stablehlo.if"(%c) ({
    "stablehlo.return"(%x) : (tensor<f32>) -> ()
  }, {
    "stablehlo.return"() : () -> ()
  }) : (tensor<i1>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @case_index(%i: tensor<2xi32>, %x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{malformed stablehlo.case: expected one operand of rank 0, an integer}}
  %0 = "stablehlo.case"(%i) ({
    "stablehlo.return"(%x) : (tensor<f32>) -> ()
  }) : (tensor<2xi32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @tuple_from_outside(%t: tuple<tensor<f32>>) -> tensor<f32> {
  // expected-error @below {{'stablehlo.get_tuple_element' op takes a tuple that was not made here; pass its elements before moe-import}}
  %0 = "stablehlo.get_tuple_element"(%t) <{index = 0 : i32}> : (tuple<tensor<f32>>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @k_too_large(%x: tensor<3x4xf32>) -> (tensor<3x5xf32>, tensor<3x5xi32>) {
  // expected-error @below {{malformed chlo.top_k: expected k values and k integers of the last dimension of 'tensor<3x4xf32>'}}
  %0:2 = "chlo.top_k"(%x) <{k = 5 : i64}> : (tensor<3x4xf32>) -> (tensor<3x5xf32>, tensor<3x5xi32>)
  return %0#0, %0#1 : tensor<3x5xf32>, tensor<3x5xi32>
}

// -----

func.func @no_ragged_dimension(%x: tensor<6x4xf32>, %y: tensor<2x4x5xf32>, %n: tensor<2xi32>) -> tensor<6x5xf32> {
  // expected-error @below {{malformed chlo.ragged_dot: expected one ragged dimension and at most one group dimension}}
  %0 = "chlo.ragged_dot"(%x, %y, %n) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>}> : (tensor<6x4xf32>, tensor<2x4x5xf32>, tensor<2xi32>) -> tensor<6x5xf32>
  return %0 : tensor<6x5xf32>
}

// -----

func.func @group_count(%x: tensor<6x4xf32>, %y: tensor<2x4x5xf32>, %n: tensor<3xi32>) -> tensor<6x5xf32> {
  // expected-error @below {{malformed chlo.ragged_dot: expected a size for each group}}
  %0 = "chlo.ragged_dot"(%x, %y, %n) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<6x4xf32>, tensor<2x4x5xf32>, tensor<3xi32>) -> tensor<6x5xf32>
  return %0 : tensor<6x5xf32>
}

// -----

// A function that calls itself cannot be the body of anything.
func.func private @self(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %0 = call @self(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func @recursion(%x: tensor<4xf32>, %init: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{'stablehlo.reduce' op has a body that calls a function which calls itself}}
  %0 = "stablehlo.reduce"(%x, %init) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %1 = func.call @self(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%1) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// Types that no op takes.
func.func @unranked(%x: tensor<*xf32>) -> tensor<*xf32> {
  // expected-error @below {{malformed stablehlo.tanh: expected ranked tensors, found 'tensor<*xf32>'}}
  %0 = "stablehlo.tanh"(%x) : (tensor<*xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @narrow_body(%x: tensor<4xf32>, %init: tensor<f16>) -> tensor<f16> {
  // expected-error @below {{malformed stablehlo.reduce: expected a body of at least the precision of 'f32', found 'f16'}}
  %0 = "stablehlo.reduce"(%x, %init) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f16>, %b: tensor<f16>):
    %1 = "stablehlo.add"(%a, %b) : (tensor<f16>, tensor<f16>) -> tensor<f16>
    "stablehlo.return"(%1) : (tensor<f16>) -> ()
  }) : (tensor<4xf32>, tensor<f16>) -> tensor<f16>
  return %0 : tensor<f16>
}

// -----

func.func @iota_of_index() -> tensor<3xindex> {
  // expected-error @below {{'stablehlo.iota' op is not imported on elements of 'index'}}
  %0 = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<3xindex>
  return %0 : tensor<3xindex>
}

// -----

func.func @gather_numbers(%x: tensor<5x4xf32>, %i: tensor<3x1xi32>) -> tensor<3x4xf32> {
  // expected-error @below {{malformed stablehlo.gather: expected dimension numbers and slice sizes that take 'tensor<5x4xf32>' and 'tensor<3x1xi32>' to 'tensor<3x4xf32>'}}
  %0 = "stablehlo.gather"(%x, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 4>}> : (tensor<5x4xf32>, tensor<3x1xi32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

func.func @scatter_numbers(%x: tensor<5x4xf32>, %i: tensor<3x1xi32>, %u: tensor<3x5xf32>) -> tensor<5x4xf32> {
  // expected-error @below {{malformed stablehlo.scatter: expected dimension numbers that bring 'tensor<3x5xf32>' at 'tensor<3x1xi32>' into 'tensor<5x4xf32>'}}
  %0 = "stablehlo.scatter"(%x, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%b) : (tensor<f32>) -> ()
  }) : (tensor<5x4xf32>, tensor<3x1xi32>, tensor<3x5xf32>) -> tensor<5x4xf32>
  return %0 : tensor<5x4xf32>
}

// -----

func.func @window_size(%x: tensor<5xf32>, %init: tensor<f32>) -> tensor<5xf32> {
  // expected-error @below {{malformed stablehlo.reduce_window: expected windows that take 'tensor<5xf32>' to 'tensor<5xf32>'}}
  %0 = "stablehlo.reduce_window"(%x, %init) <{window_dimensions = array<i64: 2>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%b) : (tensor<f32>) -> ()
  }) : (tensor<5xf32>, tensor<f32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----

func.func @window_dilation(%x: tensor<5xf32>, %init: tensor<f32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.reduce_window: expected positive window sizes, strides and dilations, and two paddings, for each dimension}}
  %0 = "stablehlo.reduce_window"(%x, %init) <{window_dimensions = array<i64: 2>, window_dilations = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    "stablehlo.return"(%b) : (tensor<f32>) -> ()
  }) : (tensor<5xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
