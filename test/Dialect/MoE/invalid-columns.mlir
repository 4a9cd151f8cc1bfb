// One case per numbered constraint of moe.virtual, and of what else is said of
// columns and of weights before the output.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @score_c5_no_axis(%l: tensor<?x4xf32>) {
  // expected-error @below {{'moe.score' op scope must be positive, fit an i32 and come with axis tokens, found 3}}
  %s = moe.score softmax %l scope 3 : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @score_c5_zero(%l: tensor<?x4xf32>) {
  // expected-error @below {{'moe.score' op scope must be positive, fit an i32 and come with axis tokens, found 0}}
  %s = moe.score softmax %l axis tokens scope 0 : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @score_c5_large(%l: tensor<?x4xf32>) {
  // expected-error @below {{'moe.score' op scope must be positive, fit an i32 and come with axis tokens, found 2147483648}}
  %s = moe.score softmax %l axis tokens scope 2147483648 : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @weigh_c11_none(%s: tensor<?x6xf32>, %e: tensor<?x2xi32>) {
  // expected-error @below {{'moe.weigh' op columns is 0, expected 1 to the 6 that slots can name}}
  %w = moe.weigh value %s, %e columns 0 : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return
}

// -----

func.func @weigh_c11_more_than_named(%s: tensor<?x6xf32>, %e: tensor<?x2xi32>) {
  // expected-error @below {{'moe.weigh' op columns is 5, expected 1 to the 4 that slots can name}}
  %w, %a = moe.weigh value %s, %e columns 5 always_on 2 : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @weigh_c11_by_expert(%s: tensor<?x4xf32>, %t: tensor<4x3xi32>) {
  // expected-error @below {{'moe.weigh' op by expert has neither columns nor always_on}}
  %w = moe.weigh value %s, %t by expert columns 2 : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return
}

// -----

func.func @weigh_c12_by_expert(%s: tensor<?x4xf32>, %t: tensor<4x3xi32>) {
  // expected-error @below {{'moe.weigh' op by expert has neither columns nor always_on}}
  %w, %a = moe.weigh value %s, %t by expert always_on 2 : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @weigh_c12_negative(%s: tensor<?x6xf32>, %e: tensor<?x2xi32>) {
  // expected-error @below {{'moe.weigh' op always_on is -1 of 6 columns, expected less and not negative}}
  %w = moe.weigh value %s, %e always_on -1 : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return
}

// -----

func.func @weigh_c12_all(%s: tensor<?x6xf32>, %e: tensor<?x2xi32>) {
  // expected-error @below {{'moe.weigh' op always_on is 6 of 6 columns, expected less and not negative}}
  %w, %a = moe.weigh value %s, %e always_on 6 : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x6xf32>
  return
}

// -----

func.func @weigh_c12_no_result(%s: tensor<?x6xf32>, %e: tensor<?x2xi32>) {
  // expected-error @below {{'moe.weigh' op always_on and always_weights must come together}}
  %w = moe.weigh value %s, %e always_on 2 : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return
}

// -----

func.func @weigh_c12_only_result(%s: tensor<?x6xf32>, %e: tensor<?x2xi32>) {
  // expected-error @below {{'moe.weigh' op always_on and always_weights must come together}}
  %w, %a = moe.weigh value %s, %e : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @weigh_c12_width(%s: tensor<?x6xf32>, %e: tensor<?x2xi32>) {
  // expected-error @below {{'moe.weigh' op always_weights have type 'tensor<?x3xf32>', expected a row per token and 2 columns}}
  %w, %a = moe.weigh value %s, %e always_on 2 : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x3xf32>
  return
}

// -----

func.func @weigh_c12_tokens(%s: tensor<5x6xf32>, %e: tensor<5x2xi32>) {
  // expected-error @below {{'moe.weigh' op always_weights have type 'tensor<4x2xf32>', expected a row per token and 2 columns}}
  %w, %a = moe.weigh value %s, %e always_on 2 : tensor<5x6xf32>, tensor<5x2xi32> -> tensor<5x2xf32>, tensor<4x2xf32>
  return
}

// -----

func.func @weigh_c12_band(%s: tensor<?x6xf32>, %e: tensor<?x2xi32>) {
  // expected-error @below {{'moe.weigh' op band_softmax goes through slots in order, of which experts that are always on have none}}
  %w, %a = moe.weigh band_softmax %s, %e always_on 2 {band = 0.01} : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @dispatch_c5_slots(%x: tensor<?x8xf32>, %p: tensor<?xi32>, %w: tensor<?x3xf32>) {
  // expected-error @below {{'moe.dispatch' op weights have type 'tensor<?x3xf32>', expected a row per token of 'tensor<?x8xf32>' and 2 columns}}
  %r = moe.dispatch %x, %p slots 2 weights(%w : tensor<?x3xf32>) : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  return
}

// -----

func.func @dispatch_c5_tokens(%x: tensor<6x8xf32>, %p: tensor<12xi32>, %w: tensor<5x2xf32>) {
  // expected-error @below {{'moe.dispatch' op weights have type 'tensor<5x2xf32>', expected a row per token of 'tensor<6x8xf32>' and 2 columns}}
  %r = moe.dispatch %x, %p slots 2 weights(%w : tensor<5x2xf32>) : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @dispatch_c5_bins(%x: tensor<?x8xf32>, %p: tensor<12xi32>, %t: tensor<4x3xi32>, %w: tensor<3x4xf32>) {
  // expected-error @below {{'moe.dispatch' op weights have type 'tensor<3x4xf32>', expected the shape of 'tensor<4x3xi32>'}}
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x3xi32>) weights(%w : tensor<3x4xf32>) : tensor<?x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @combine_c7(%r: tensor<?x8xf32>, %p: tensor<?xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>) {
  // expected-error @below {{'moe.combine' op is unweighted, so that there is no product to round}}
  %y = moe.combine %r, %p, %w into %i unweighted {product_type = bf16} : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c1_slots(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x3xf32>, %i: tensor<?x8xf32>) {
  // expected-error @below {{'moe.virtual' op experts and weights have types 'tensor<?x2xi32>' and 'tensor<?x3xf32>', expected one shape, a row per token of 'tensor<?x8xf32>' and a static, positive number of slots}}
  %y = moe.virtual %x, %e, %w into %i first 4 identity 1 : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x3xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c1_tokens(%x: tensor<6x8xf32>, %e: tensor<5x2xi32>, %w: tensor<5x2xf32>, %i: tensor<6x8xf32>) {
  // expected-error @below {{'moe.virtual' op experts and weights have types 'tensor<5x2xi32>' and 'tensor<5x2xf32>', expected one shape, a row per token of 'tensor<6x8xf32>' and a static, positive number of slots}}
  %y = moe.virtual %x, %e, %w into %i first 4 identity 1 : tensor<6x8xf32>, tensor<5x2xi32>, tensor<5x2xf32> into tensor<6x8xf32>
  return
}

// -----

func.func @virtual_c1_dynamic(%x: tensor<?x8xf32>, %e: tensor<?x?xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>) {
  // expected-error @below {{'moe.virtual' op experts and weights have types 'tensor<?x?xi32>' and 'tensor<?x2xf32>', expected one shape, a row per token of 'tensor<?x8xf32>' and a static, positive number of slots}}
  %y = moe.virtual %x, %e, %w into %i first 4 identity 1 : tensor<?x8xf32>, tensor<?x?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c1_no_slots(%x: tensor<?x8xf32>, %e: tensor<?x0xi32>, %w: tensor<?x0xf32>, %i: tensor<?x8xf32>) {
  // expected-error @below {{'moe.virtual' op experts and weights have types 'tensor<?x0xi32>' and 'tensor<?x0xf32>', expected one shape, a row per token of 'tensor<?x8xf32>' and a static, positive number of slots}}
  %y = moe.virtual %x, %e, %w into %i first 4 identity 1 : tensor<?x8xf32>, tensor<?x0xi32>, tensor<?x0xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c2_width(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x9xf32>) {
  // expected-error @below {{'moe.virtual' op x and init have types 'tensor<?x8xf32>' and 'tensor<?x9xf32>', expected one shape of static width}}
  %y = moe.virtual %x, %e, %w into %i first 4 identity 1 : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x9xf32>
  return
}

// -----

func.func @virtual_c2_dynamic(%x: tensor<?x?xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x?xf32>) {
  // expected-error @below {{'moe.virtual' op x and init have types 'tensor<?x?xf32>' and 'tensor<?x?xf32>', expected one shape of static width}}
  %y = moe.virtual %x, %e, %w into %i first 4 identity 1 : tensor<?x?xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x?xf32>
  return
}

// -----

func.func @virtual_c3_no_column(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>) {
  // expected-error @below {{'moe.virtual' op has 0 constant and 0 identity columns from 4, expected one at least, with ids that fit an i32}}
  %y = moe.virtual %x, %e, %w into %i first 4 : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c3_negative_first(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>) {
  // expected-error @below {{'moe.virtual' op has 0 constant and 1 identity columns from -1, expected one at least, with ids that fit an i32}}
  %y = moe.virtual %x, %e, %w into %i first -1 identity 1 : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c3_negative_identity(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>, %c: tensor<?x4xf32>, %v: tensor<2x8xf32>) {
  // expected-error @below {{'moe.virtual' op has 2 constant and -1 identity columns from 4, expected one at least, with ids that fit an i32}}
  %y = moe.virtual %x, %e, %w into %i first 4 constant(%c, %v : tensor<?x4xf32>, tensor<2x8xf32>) identity -1 : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c3_large(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>) {
  // expected-error @below {{'moe.virtual' op has 0 constant and 1 identity columns from 2147483647, expected one at least, with ids that fit an i32}}
  %y = moe.virtual %x, %e, %w into %i first 2147483647 identity 1 : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c3_overflow(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>) {
  // expected-error @below {{'moe.virtual' op has 0 constant and 9223372036854775807 identity columns from 4, expected one at least, with ids that fit an i32}}
  %y = moe.virtual %x, %e, %w into %i first 4 identity 9223372036854775807 : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c4_coefficients(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>, %c: tensor<?x3xf32>, %v: tensor<2x8xf32>) {
  // expected-error @below {{'moe.virtual' op coefficients and vectors have types 'tensor<?x3xf32>' and 'tensor<2x8xf32>', expected vectors of the width of 'tensor<?x8xf32>' and two coefficients for each of them per token}}
  %y = moe.virtual %x, %e, %w into %i first 4 constant(%c, %v : tensor<?x3xf32>, tensor<2x8xf32>) : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c4_width(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>, %c: tensor<?x4xf32>, %v: tensor<2x9xf32>) {
  // expected-error @below {{'moe.virtual' op coefficients and vectors have types 'tensor<?x4xf32>' and 'tensor<2x9xf32>', expected vectors of the width of 'tensor<?x8xf32>' and two coefficients for each of them per token}}
  %y = moe.virtual %x, %e, %w into %i first 4 constant(%c, %v : tensor<?x4xf32>, tensor<2x9xf32>) : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c4_dynamic(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>, %c: tensor<?x4xf32>, %v: tensor<?x8xf32>) {
  // expected-error @below {{'moe.virtual' op coefficients and vectors have types 'tensor<?x4xf32>' and 'tensor<?x8xf32>', expected vectors of the width of 'tensor<?x8xf32>' and two coefficients for each of them per token}}
  %y = moe.virtual %x, %e, %w into %i first 4 constant(%c, %v : tensor<?x4xf32>, tensor<?x8xf32>) : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c4_none(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %i: tensor<?x8xf32>, %c: tensor<?x0xf32>, %v: tensor<0x8xf32>) {
  // expected-error @below {{'moe.virtual' op coefficients and vectors have types 'tensor<?x0xf32>' and 'tensor<0x8xf32>', expected vectors of the width of 'tensor<?x8xf32>' and two coefficients for each of them per token}}
  %y = moe.virtual %x, %e, %w into %i first 4 constant(%c, %v : tensor<?x0xf32>, tensor<0x8xf32>) : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @virtual_c4_alone(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
    %c: tensor<?x4xf32>) {
  // expected-error @below {{'moe.virtual' op coefficients and vectors must come together, found only coefficients}}
  %y = "moe.virtual"(%x, %e, %w, %x, %c) <{first = 4 : i64,
      operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0>}>
      : (tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x8xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  return
}
