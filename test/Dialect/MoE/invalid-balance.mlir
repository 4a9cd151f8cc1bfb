// One case per numbered constraint of limit and stats.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @limit_c1_shape(%e: tensor<6x2xi32>, %w: tensor<6x3xf32>) {
  // expected-error @below {{'moe.limit' op weights have type 'tensor<6x3xf32>', expected the shape of 'tensor<6x2xi32>'}}
  %f, %v = moe.limit %e, %w of 4 : tensor<6x2xi32>, tensor<6x3xf32>
  return
}

// -----

func.func @limit_c2_experts(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op the numbers of experts and slots must be positive, found 0 experts and 'tensor<6x2xi32>'}}
  %f, %v = moe.limit %e, %w of 0 : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c2_slots(%e: tensor<6x?xi32>, %w: tensor<6x?xf32>) {
  // expected-error @below {{'moe.limit' op the numbers of experts and slots must be positive, found 4 experts and 'tensor<6x?xi32>'}}
  %f, %v = moe.limit %e, %w of 4 : tensor<6x?xi32>, tensor<6x?xf32>
  return
}

// -----

func.func @limit_c3_both(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op has a capacity and a factor, expected one of them}}
  %f, %v = moe.limit %e, %w of 4 capacity 2 factor 1.0 : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c3_negative(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op capacity must be an i32 and not negative, found -1}}
  %f, %v = moe.limit %e, %w of 4 capacity -1 : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c3_large(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op capacity must be an i32 and not negative, found 2147483648}}
  %f, %v = moe.limit %e, %w of 4 capacity 2147483648 : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c3_factor(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op factor must be finite and not negative, found -1.000000e+00}}
  %f, %v = moe.limit %e, %w of 4 factor -1.0 : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c3_infinity(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op factor must be finite and not negative, found 0x7FF0000000000000}}
  %f, %v = moe.limit %e, %w of 4 factor 0x7FF0000000000000 : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c4_round(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op round, times_k, min, multiple_of and cap_at_scope need a factor}}
  %f, %v = moe.limit %e, %w of 4 capacity 2 round floor : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c4_times_k(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op round, times_k, min, multiple_of and cap_at_scope need a factor}}
  %f, %v = moe.limit %e, %w of 4 {times_k} : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c4_min(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op round, times_k, min, multiple_of and cap_at_scope need a factor}}
  %f, %v = moe.limit %e, %w of 4 capacity 2 {min = 1} : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c4_negative_min(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op min must not be negative and multiple_of positive, both as an i32, found -1 and 1}}
  %f, %v = moe.limit %e, %w of 4 factor 1.0 {min = -1} : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c4_multiple(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op min must not be negative and multiple_of positive, both as an i32, found 0 and 0}}
  %f, %v = moe.limit %e, %w of 4 factor 1.0 {multiple_of = 0} : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c5_tokens(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>, %p: tensor<5xf32>) {
  // expected-error @below {{'moe.limit' op priority has type 'tensor<5xf32>', expected an entry for each of 6 tokens}}
  %f, %v = moe.limit %e, %w of 4 capacity 2 priority(%p : tensor<5xf32>) : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c5_by_weight(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>, %p: tensor<6xf32>) {
  // expected-error @below {{'moe.limit' op has a priority, but drops by weight}}
  %f, %v = moe.limit %e, %w of 4 capacity 2 order by_weight priority(%p : tensor<6xf32>) : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c6_alone(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op clamp must be finite, not negative, and zero without renormalize, found 1.000000e+00}}
  %f, %v = moe.limit %e, %w of 4 capacity 2 {clamp = 1.0} : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c6_negative(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op clamp must be finite, not negative, and zero without renormalize, found -1.000000e+00}}
  %f, %v = moe.limit %e, %w of 4 capacity 2 renormalize {clamp = -1.0} : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c7_zero(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op scope must be positive and fit an i32, found 0}}
  %f, %v = moe.limit %e, %w of 4 capacity 2 scope 0 : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @limit_c7_large(%e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.limit' op scope must be positive and fit an i32, found 2147483648}}
  %f, %v = moe.limit %e, %w of 4 capacity 2 scope 2147483648 : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @stats_c1_entries(%e: tensor<6x2xi32>, %s: tensor<6x4xf32>) {
  // expected-error @below {{'moe.stats' op slots and mean have types 'tensor<5xi32>' and 'tensor<4xf32>', expected an entry for each expert of 'tensor<6x4xf32>'}}
  %r:3 = moe.stats %e, %s : tensor<6x2xi32>, tensor<6x4xf32> -> tensor<5xi32>, tensor<6xi32>, tensor<4xf32>
  return
}

// -----

func.func @stats_c1_dynamic(%e: tensor<6x2xi32>, %s: tensor<6x?xf32>) {
  // expected-error @below {{'moe.stats' op slots and mean have types 'tensor<4xi32>' and 'tensor<4xf32>', expected an entry for each expert of 'tensor<6x?xf32>'}}
  %r:3 = moe.stats %e, %s : tensor<6x2xi32>, tensor<6x?xf32> -> tensor<4xi32>, tensor<6xi32>, tensor<4xf32>
  return
}

// -----

func.func @stats_c2_tokens(%e: tensor<6x2xi32>, %s: tensor<6x4xf32>) {
  // expected-error @below {{'moe.stats' op live has type 'tensor<5xi32>', expected an entry for each of 6 tokens}}
  %r:3 = moe.stats %e, %s : tensor<6x2xi32>, tensor<6x4xf32> -> tensor<4xi32>, tensor<5xi32>, tensor<4xf32>
  return
}

// -----

func.func @stats_c3_tokens(%e: tensor<5x2xi32>, %s: tensor<6x4xf32>) {
  // expected-error @below {{'moe.stats' op experts have type 'tensor<5x2xi32>', expected static slots for each token of 'tensor<6x4xf32>'}}
  %r:3 = moe.stats %e, %s : tensor<5x2xi32>, tensor<6x4xf32> -> tensor<4xi32>, tensor<6xi32>, tensor<4xf32>
  return
}

// -----

func.func @stats_c3_slots(%e: tensor<6x?xi32>, %s: tensor<6x4xf32>) {
  // expected-error @below {{'moe.stats' op experts have type 'tensor<6x?xi32>', expected static slots for each token of 'tensor<6x4xf32>'}}
  %r:3 = moe.stats %e, %s : tensor<6x?xi32>, tensor<6x4xf32> -> tensor<4xi32>, tensor<6xi32>, tensor<4xf32>
  return
}

// -----

func.func @stats_c3_bins(%e: tensor<6x2xi32>, %s: tensor<6x4xf32>) {
  // expected-error @below {{'moe.stats' op experts have type 'tensor<6x2xi32>', expected a bin for each expert of 'tensor<6x4xf32>'}}
  %r:3 = moe.stats %e, %s by expert : tensor<6x2xi32>, tensor<6x4xf32> -> tensor<4xi32>, tensor<6xi32>, tensor<4xf32>
  return
}
