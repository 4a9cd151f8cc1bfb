// Constraints of moe.select_into, and of moe.gather_sum over entries of bins.
// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @select_into_c1(%k: tensor<6x4xf32>, %t: tensor<4x0xi32>) {
  // expected-error @below {{'moe.select_into' op k must be positive and fit an i32, found 0}}
  %a = moe.select_into 0 ins(%k : tensor<6x4xf32>) outs(%t : tensor<4x0xi32>) -> tensor<4x0xi32>
  return
}

// -----

func.func @select_into_c2_experts(%k: tensor<6x4xf32>, %t: tensor<3x2xi32>) {
  // expected-error @below {{'moe.select_into' op tokens have type 'tensor<3x2xi32>', expected a row per expert of 'tensor<6x4xf32>' and 2 entries for every group}}
  %a = moe.select_into 2 ins(%k : tensor<6x4xf32>) outs(%t : tensor<3x2xi32>) -> tensor<3x2xi32>
  return
}

// -----

func.func @select_into_c2_groups(%k: tensor<6x4xf32>, %t: tensor<4x2xi32>) {
  // expected-error @below {{'moe.select_into' op tokens have type 'tensor<4x2xi32>', expected a row per expert of 'tensor<6x4xf32>' and 2 entries for every group}}
  %a = moe.select_into 2 scope 4 ins(%k : tensor<6x4xf32>) outs(%t : tensor<4x2xi32>) -> tensor<4x2xi32>
  return
}

// -----

func.func @select_into_c3(%k: tensor<6x?xf32>, %t: tensor<?x2xi32>) {
  // expected-error @below {{'moe.select_into' op the number of experts must be static, found 'tensor<6x?xf32>'}}
  %a = moe.select_into 2 ins(%k : tensor<6x?xf32>) outs(%t : tensor<?x2xi32>) -> tensor<?x2xi32>
  return
}

// -----

func.func @select_into_c4_alone(%k: tensor<6x4xf32>, %t: tensor<4x2xi32>) {
  // expected-error @below {{'moe.select_into' op source and weights must come together}}
  %a = moe.select_into 2 ins(%k : tensor<6x4xf32>) weigh(%k : tensor<6x4xf32>) outs(%t : tensor<4x2xi32>) -> tensor<4x2xi32>
  return
}

// -----

func.func @select_into_c4_shapes(%k: tensor<6x4xf32>, %t: tensor<4x2xi32>, %w: tensor<4x3xf32>) {
  // expected-error @below {{'moe.select_into' op source and weights have types 'tensor<6x4xf32>' and 'tensor<4x3xf32>', expected the shapes of 'tensor<6x4xf32>' and 'tensor<4x2xi32>'}}
  %a:2 = moe.select_into 2 ins(%k : tensor<6x4xf32>) weigh(%k : tensor<6x4xf32>) outs(%t, %w : tensor<4x2xi32>, tensor<4x3xf32>) -> tensor<4x2xi32>, tensor<4x3xf32>
  return
}

// -----

func.func @select_into_c5(%k: tensor<6x4xf32>, %t: tensor<4x2xi32>) {
  // expected-error @below {{'moe.select_into' op scope must be positive and fit an i32, found 0}}
  %a = moe.select_into 2 scope 0 ins(%k : tensor<6x4xf32>) outs(%t : tensor<4x2xi32>) -> tensor<4x2xi32>
  return
}

// -----

func.func @select_into_c6(%k: tensor<6x4xf32>, %t: memref<4x2xi32>) {
  // expected-error @below {{'moe.select_into' op operands must be all tensors or all memrefs}}
  moe.select_into 2 ins(%k : tensor<6x4xf32>) outs(%t : memref<4x2xi32>)
  return
}

// -----

func.func @gather_sum_c1_bins(%r: tensor<12x8xf32>, %q: tensor<4x3xi32>, %w: tensor<4x2xf32>, %o: tensor<7xi32>, %n: tensor<8xi32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op weights have type 'tensor<4x2xf32>', expected the shape of 'tensor<4x3xi32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<4x3xi32>, tensor<4x2xf32>) tokens(%o, %n : tensor<7xi32>, tensor<8xi32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c11_offsets(%r: tensor<12x8xf32>, %q: tensor<4x3xi32>, %w: tensor<4x3xf32>, %o: tensor<6xi32>, %n: tensor<12xi32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op offsets and entries have types 'tensor<6xi32>' and 'tensor<12xi32>', expected an offset more than tokens in 'tensor<6x8xf32>' and an entry per weight in 'tensor<4x3xf32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<4x3xi32>, tensor<4x3xf32>) tokens(%o, %n : tensor<6xi32>, tensor<12xi32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c11_entries(%r: tensor<12x8xf32>, %q: tensor<4x3xi32>, %w: tensor<4x3xf32>, %o: tensor<7xi32>, %n: tensor<11xi32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op offsets and entries have types 'tensor<7xi32>' and 'tensor<11xi32>', expected an offset more than tokens in 'tensor<6x8xf32>' and an entry per weight in 'tensor<4x3xf32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<4x3xi32>, tensor<4x3xf32>) tokens(%o, %n : tensor<7xi32>, tensor<11xi32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c12(%r: tensor<12x8xf32>, %q: tensor<4x3xi32>, %w: tensor<4x3xf32>, %x: tensor<6x8xf32>, %e: tensor<4x3xi32>, %o: tensor<7xi32>, %n: tensor<12xi32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op sums entries of bins, which have no identity columns}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<4x3xi32>, tensor<4x3xf32>) identity(%x, %e : tensor<6x8xf32>, tensor<4x3xi32>) first 4 count 2 tokens(%o, %n : tensor<7xi32>, tensor<12xi32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}
