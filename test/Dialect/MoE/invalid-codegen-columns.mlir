// What moe.gate and moe.gather_sum refuse of columns and weights.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @gate_c12_negative(%x: tensor<?x8xf32>, %r: tensor<6x8xf32>, %b: tensor<7xf32>, %e0: tensor<?x2xi32>, %w0: tensor<?x2xf32>) {
  // expected-error @below {{'moe.gate' op always_on is -1 of 6 columns, expected less and not negative}}
  %g:2 = moe.gate ins(%x, %r : tensor<?x8xf32>, tensor<6x8xf32>) key_bias(%b : tensor<7xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>) score sigmoid select #moe.top_k<2> on scores
      weigh value on scores always_on -1 -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// -----

func.func @gate_c12_columns(%x: tensor<?x8xf32>, %r: tensor<6x8xf32>, %b: tensor<4xf32>, %e0: tensor<?x2xi32>, %w0: tensor<?x2xf32>, %a0: tensor<?x2xf32>) {
  // expected-error @below {{'moe.gate' op columns is 5, expected 1 to the 4 that slots can name}}
  %g:3 = moe.gate ins(%x, %r : tensor<?x8xf32>, tensor<6x8xf32>) key_bias(%b : tensor<4xf32>)
      outs(%e0, %w0, %a0 : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>) score sigmoid select #moe.top_k<2> on scores
      weigh value on scores columns 5 always_on 2 -> tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @gate_c12_no_destination(%x: tensor<?x8xf32>, %r: tensor<6x8xf32>, %b: tensor<4xf32>, %e0: tensor<?x2xi32>, %w0: tensor<?x2xf32>) {
  // expected-error @below {{'moe.gate' op always_on and always_weights must come together}}
  %g:2 = moe.gate ins(%x, %r : tensor<?x8xf32>, tensor<6x8xf32>) key_bias(%b : tensor<4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>) score sigmoid select #moe.top_k<2> on scores
      weigh value on scores columns 3 always_on 2 -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// -----

func.func @gate_c12_no_always_on(%x: tensor<?x8xf32>, %r: tensor<6x8xf32>, %b: tensor<6xf32>, %e0: tensor<?x2xi32>, %w0: tensor<?x2xf32>, %a0: tensor<?x2xf32>) {
  // expected-error @below {{'moe.gate' op always_on and always_weights must come together}}
  %g:3 = moe.gate ins(%x, %r : tensor<?x8xf32>, tensor<6x8xf32>) key_bias(%b : tensor<6xf32>)
      outs(%e0, %w0, %a0 : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>) score sigmoid select #moe.top_k<2> on scores
      weigh value on scores  -> tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @gate_c12_width(%x: tensor<?x8xf32>, %r: tensor<6x8xf32>, %b: tensor<4xf32>, %e0: tensor<?x2xi32>, %w0: tensor<?x2xf32>, %a0: tensor<?x3xf32>) {
  // expected-error @below {{'moe.gate' op always_weights have type 'tensor<?x3xf32>', expected a row per token and 2 columns}}
  %g:3 = moe.gate ins(%x, %r : tensor<?x8xf32>, tensor<6x8xf32>) key_bias(%b : tensor<4xf32>)
      outs(%e0, %w0, %a0 : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x3xf32>) score sigmoid select #moe.top_k<2> on scores
      weigh value on scores columns 3 always_on 2 -> tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x3xf32>
  return
}

// -----

func.func @gate_c9_key_bias_of_always_on(%x: tensor<?x8xf32>, %r: tensor<6x8xf32>, %b: tensor<6xf32>, %e0: tensor<?x2xi32>, %w0: tensor<?x2xf32>, %a0: tensor<?x2xf32>) {
  // expected-error @below {{'moe.gate' op key_bias has type 'tensor<6xf32>', expected an entry for each of 4 experts}}
  %g:3 = moe.gate ins(%x, %r : tensor<?x8xf32>, tensor<6x8xf32>) key_bias(%b : tensor<6xf32>)
      outs(%e0, %w0, %a0 : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>) score sigmoid select #moe.top_k<2> on scores
      weigh value on scores columns 3 always_on 2 -> tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @gather_sum_c9_alone(%r: tensor<?x8xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>, %x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %o: tensor<?x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op x, experts, first and count must come together}}
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
       outs(%o : tensor<?x8xf32>) {first = 4 : i64} -> tensor<?x8xf32>
  return
}

// -----

func.func @gather_sum_c9_x(%r: tensor<?x8xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>, %x: tensor<?x9xf32>, %e: tensor<?x2xi32>, %o: tensor<?x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op x and experts have types 'tensor<?x9xf32>' and 'tensor<?x2xi32>', expected the shapes of 'tensor<?x8xf32>' and 'tensor<?x2xf32>'}}
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      identity(%x, %e : tensor<?x9xf32>, tensor<?x2xi32>) first 4 count 2 outs(%o : tensor<?x8xf32>)  -> tensor<?x8xf32>
  return
}

// -----

func.func @gather_sum_c9_experts(%r: tensor<?x8xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>, %x: tensor<?x8xf32>, %e: tensor<?x3xi32>, %o: tensor<?x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op x and experts have types 'tensor<?x8xf32>' and 'tensor<?x3xi32>', expected the shapes of 'tensor<?x8xf32>' and 'tensor<?x2xf32>'}}
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      identity(%x, %e : tensor<?x8xf32>, tensor<?x3xi32>) first 4 count 2 outs(%o : tensor<?x8xf32>)  -> tensor<?x8xf32>
  return
}

// -----

func.func @gather_sum_c9_first(%r: tensor<?x8xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>, %x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %o: tensor<?x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op has 2 identity columns from -1, expected one at least, with ids that fit an i32}}
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      identity(%x, %e : tensor<?x8xf32>, tensor<?x2xi32>) first -1 count 2 outs(%o : tensor<?x8xf32>)  -> tensor<?x8xf32>
  return
}

// -----

func.func @gather_sum_c9_count(%r: tensor<?x8xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>, %x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %o: tensor<?x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op has 0 identity columns from 4, expected one at least, with ids that fit an i32}}
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      identity(%x, %e : tensor<?x8xf32>, tensor<?x2xi32>) first 4 count 0 outs(%o : tensor<?x8xf32>)  -> tensor<?x8xf32>
  return
}

// -----

func.func @gather_sum_c9_large(%r: tensor<?x8xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>, %x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %o: tensor<?x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op has 2 identity columns from 2147483646, expected one at least, with ids that fit an i32}}
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      identity(%x, %e : tensor<?x8xf32>, tensor<?x2xi32>) first 2147483646 count 2 outs(%o : tensor<?x8xf32>)  -> tensor<?x8xf32>
  return
}

// -----

func.func @gather_sum_c10(%r: tensor<?x8xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>, %x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %o: tensor<?x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op is unweighted, so that there is no product to round}}
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      unweighted outs(%o : tensor<?x8xf32>) {product_type = bf16} -> tensor<?x8xf32>
  return
}
