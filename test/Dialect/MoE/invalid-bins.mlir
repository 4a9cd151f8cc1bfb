// One case per numbered constraint of ops on bins.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @select_c1_no_token(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op picks 0 tokens, expected at least 1, as an i32}}
  %t = moe.select #moe.top_k<0> %k by expert : tensor<6x4xf32> -> tensor<4x0xi32>
  return
}

// -----

func.func @select_c1_too_many_tokens(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op picks 2147483648 tokens, expected at least 1, as an i32}}
  %t = moe.select #moe.top_k<2147483648> %k by expert : tensor<6x4xf32> -> tensor<4x2147483648xi32>
  return
}

// -----

func.func @select_c2_bins(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op tokens have type 'tensor<6x3xi32>', expected a row for each of 4 experts and 3 entries}}
  %t = moe.select #moe.top_k<3> %k by expert : tensor<6x4xf32> -> tensor<6x3xi32>
  return
}

// -----

func.func @select_c2_entries_of_groups(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op tokens have type 'tensor<4x3xi32>', expected a row for each of 4 experts and 6 entries}}
  %t = moe.select #moe.top_k<3> %k by expert scope 4 : tensor<6x4xf32> -> tensor<4x3xi32>
  return
}

// -----

func.func @select_c2_dynamic_entries(%k: tensor<?x4xf32>) {
  // expected-error @below {{'moe.select' op tokens have type 'tensor<4x3xi32>', expected a row for each of 4 experts and a dynamic number of entries}}
  %t = moe.select #moe.top_k<3> %k by expert scope 4 : tensor<?x4xf32> -> tensor<4x3xi32>
  return
}

// -----

func.func @select_c2_bins_of_all_tokens(%k: tensor<?x4xf32>) {
  // expected-error @below {{'moe.select' op tokens have type 'tensor<4x?xi32>', expected a row for each of 4 experts and 3 entries}}
  %t = moe.select #moe.top_k<3> %k by expert : tensor<?x4xf32> -> tensor<4x?xi32>
  return
}

// -----

func.func @select_c3_by_expert(%k: tensor<6x?xf32>) {
  // expected-error @below {{'moe.select' op the number of experts must be static, found 'tensor<6x?xf32>'}}
  %t = moe.select #moe.top_k<3> %k by expert : tensor<6x?xf32> -> tensor<4x3xi32>
  return
}

// -----

func.func @select_c6_rule(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op by expert needs #moe.top_k without groups, params and token_params}}
  %t = moe.select #moe.positive %k by expert : tensor<6x4xf32> -> tensor<4x4xi32>
  return
}

// -----

func.func @select_c6_groups(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op by expert needs #moe.top_k without groups, params and token_params}}
  %t = moe.select #moe.top_k<2> %k by expert groups <n = 2, keep = 1> : tensor<6x4xf32> -> tensor<4x2xi32>
  return
}

// -----

func.func @select_c6_params(%k: tensor<6x4xf32>, %p: f32) {
  // expected-error @below {{'moe.select' op by expert needs #moe.top_k without groups, params and token_params}}
  %t = moe.select #moe.top_k<2> %k by expert params(%p : f32) : tensor<6x4xf32> -> tensor<4x2xi32>
  return
}

// -----

func.func @select_c6_token_params(%k: tensor<6x4xf32>, %p: tensor<6xi32>) {
  // expected-error @below {{'moe.select' op by expert needs #moe.top_k without groups, params and token_params}}
  %t = moe.select #moe.top_k<2> %k by expert token_params(%p : tensor<6xi32>) : tensor<6x4xf32> -> tensor<4x2xi32>
  return
}

// -----

func.func @select_c7_by_token(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op scope must be positive, fit an i32 and come with by expert, found 4}}
  %t = moe.select #moe.top_k<2> %k scope 4 : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c7_zero(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op scope must be positive, fit an i32 and come with by expert, found 0}}
  %t = moe.select #moe.top_k<2> %k by expert scope 0 : tensor<6x4xf32> -> tensor<4x2xi32>
  return
}

// -----

func.func @select_c7_too_large(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op scope must be positive, fit an i32 and come with by expert, found 2147483648}}
  %t = moe.select #moe.top_k<2> %k by expert scope 2147483648 : tensor<6x4xf32> -> tensor<4x2xi32>
  return
}

// -----

func.func @weigh_c1_bins(%k: tensor<6x4xf32>, %t: tensor<4x3xi32>) {
  // expected-error @below {{'moe.weigh' op weights have type 'tensor<6x3xf32>', expected the shape of 'tensor<4x3xi32>'}}
  %w = moe.weigh value %k, %t by expert : tensor<6x4xf32>, tensor<4x3xi32> -> tensor<6x3xf32>
  return
}

// -----

func.func @weigh_c2_bins(%k: tensor<6x4xf32>, %t: tensor<6x3xi32>) {
  // expected-error @below {{'moe.weigh' op source has type 'tensor<6x4xf32>', expected a bin for each of its experts, but found 'tensor<6x3xi32>'}}
  %w = moe.weigh value %k, %t by expert : tensor<6x4xf32>, tensor<6x3xi32> -> tensor<6x3xf32>
  return
}

// -----

func.func @weigh_c4_bins(%k: tensor<6x?xf32>, %t: tensor<?x3xi32>) {
  // expected-error @below {{'moe.weigh' op the numbers of experts and slots must be static, and there must be a slot, found 'tensor<6x?xf32>' and 'tensor<?x3xi32>'}}
  %w = moe.weigh value %k, %t by expert : tensor<6x?xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return
}

// -----

func.func @weigh_c10_band(%k: tensor<6x4xf32>, %t: tensor<4x3xi32>) {
  // expected-error @below {{'moe.weigh' op by expert cannot weigh by band_softmax, which goes through a token's slots in order}}
  %w = moe.weigh band_softmax %k, %t by expert {band = 0.1} : tensor<6x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return
}

// -----

func.func @plan_c1_bins(%t: tensor<4x3xi32>) {
  // expected-error @below {{'moe.plan' op pairs have 6 entries, expected 12 for experts of type 'tensor<4x3xi32>'}}
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<6xi32>
  return
}

// -----

func.func @plan_c5_bins(%t: tensor<4x3xi32>) {
  // expected-error @below {{'moe.plan' op experts have type 'tensor<4x3xi32>', expected a bin for each of 6 experts}}
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<7xi32>, tensor<12xi32>
  return
}

// -----

func.func @dispatch_c2_neither(%x: tensor<6x8xf32>, %p: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op needs slots or tokens, one of them}}
  %r = moe.dispatch %x, %p : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @dispatch_c2_both(%x: tensor<6x8xf32>, %p: tensor<12xi32>, %t: tensor<4x3xi32>) {
  // expected-error @below {{'moe.dispatch' op needs slots or tokens, one of them}}
  %r = moe.dispatch %x, %p slots 3 tokens(%t : tensor<4x3xi32>) : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @dispatch_c4_entries(%x: tensor<6x8xf32>, %p: tensor<12xi32>, %t: tensor<4x2xi32>) {
  // expected-error @below {{'moe.dispatch' op pairs have 12 entries, expected 8 for tokens of type 'tensor<4x2xi32>'}}
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x2xi32>) : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @combine_c6_shape(%r: tensor<12x8xf32>, %p: tensor<12xi32>, %w: tensor<4x3xf32>, %i: tensor<6x8xf32>, %t: tensor<4x2xi32>) {
  // expected-error @below {{'moe.combine' op tokens have type 'tensor<4x2xi32>', expected the shape of 'tensor<4x3xf32>'}}
  %y = moe.combine %r, %p, %w into %i tokens(%t : tensor<4x2xi32>) : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<6x8xf32>
  return
}

// -----

func.func @combine_c2_width_of_bins(%r: tensor<12x8xf32>, %p: tensor<12xi32>, %w: tensor<4x3xf32>, %i: tensor<6x9xf32>, %t: tensor<4x3xi32>) {
  // expected-error @below {{'moe.combine' op init has type 'tensor<6x9xf32>', expected the width of 'tensor<12x8xf32>'}}
  %y = moe.combine %r, %p, %w into %i tokens(%t : tensor<4x3xi32>) : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<6x9xf32>
  return
}

// -----

func.func @combine_c3_bins(%r: tensor<12x8xf32>, %p: tensor<12xi32>, %w: tensor<4x2xf32>, %i: tensor<6x8xf32>, %t: tensor<4x2xi32>) {
  // expected-error @below {{'moe.combine' op pairs have 12 entries, expected 8 for weights of type 'tensor<4x2xf32>'}}
  %y = moe.combine %r, %p, %w into %i tokens(%t : tensor<4x2xi32>) : tensor<12x8xf32>, tensor<12xi32>, tensor<4x2xf32> into tensor<6x8xf32>
  return
}
