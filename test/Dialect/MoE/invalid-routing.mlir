// One case per numbered constraint of the routing ops, and the shapes and
// attributes that come nearest to a crash.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @score_c1_other_shape(%l: tensor<6x4xf32>) {
  // expected-error @below {{'moe.score' op scores have type 'tensor<6x5xf32>', expected the shape of 'tensor<6x4xf32>'}}
  %s = moe.score softmax %l : tensor<6x4xf32> -> tensor<6x5xf32>
  return
}

// -----

func.func @score_c1_static_of_dynamic(%l: tensor<?x4xf32>) {
  // expected-error @below {{'moe.score' op scores have type 'tensor<6x4xf32>', expected the shape of 'tensor<?x4xf32>'}}
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<6x4xf32>
  return
}

// -----

func.func @score_c2_dynamic_experts(%l: tensor<6x?xf32>) {
  // expected-error @below {{'moe.score' op the number of experts must be static, found 'tensor<6x?xf32>'}}
  %s = moe.score softmax %l : tensor<6x?xf32> -> tensor<6x?xf32>
  return
}

// -----

func.func @score_c3_narrow_compute_type(%l: tensor<6x4xf32>) {
  // expected-error @below {{'moe.score' op compute_type must be a float of at least 32 bits, found 'bf16'}}
  %s = moe.score softmax %l {compute_type = bf16} : tensor<6x4xf32> -> tensor<6x4xf32>
  return
}

// -----

func.func @score_c3_integer_compute_type(%l: tensor<6x4xf32>) {
  // expected-error @below {{'moe.score' op compute_type must be a float of at least 32 bits, found 'i64'}}
  %s = moe.score softmax %l {compute_type = i64} : tensor<6x4xf32> -> tensor<6x4xf32>
  return
}

// -----

// The default, f32, would drop digits silently.
func.func @score_c3_default_too_narrow(%l: tensor<6x4xf64>) {
  // expected-error @below {{'moe.score' op compute_type must be a float of at least 64 bits, found 'f32'}}
  %s = moe.score softmax %l : tensor<6x4xf64> -> tensor<6x4xf64>
  return
}

// -----

func.func @score_rank(%l: tensor<1x6x4xf32>) {
  // expected-error @below {{'moe.score' op operand #0 must be matrix of floating-point values, but got 'tensor<1x6x4xf32>'}}
  %s = moe.score softmax %l : tensor<1x6x4xf32> -> tensor<1x6x4xf32>
  return
}

// -----

func.func @score_unranked(%l: tensor<*xf32>) {
  // expected-error @below {{'moe.score' op operand #0 must be matrix of floating-point values, but got 'tensor<*xf32>'}}
  %s = "moe.score"(%l) <{fn = 1 : i32}> : (tensor<*xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @score_integers(%l: tensor<6x4xi32>) {
  // expected-error @below {{'moe.score' op operand #0 must be matrix of floating-point values, but got 'tensor<6x4xi32>'}}
  %s = "moe.score"(%l) <{fn = 1 : i32}> : (tensor<6x4xi32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @score_no_such_function(%l: tensor<6x4xf32>) {
  // expected-error @below {{invalid properties {fn = 99 : i32} for op moe.score: Invalid attribute `fn` in property conversion: 99 : i32}}
  %s = "moe.score"(%l) <{fn = 99 : i32}> : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @score_no_function(%l: tensor<6x4xf32>) {
  // expected-error @below {{'moe.score' op requires attribute 'fn'}}
  %s = "moe.score"(%l) : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @select_c1_more_experts_than_exist(%key: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op picks 5 experts, but there are only 4}}
  %e = moe.select #moe.top_k<5> %key : tensor<6x4xf32> -> tensor<6x5xi32>
  return
}

// -----

func.func @select_c1_no_expert(%key: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op picks 0 experts, expected at least 1}}
  %e = moe.select #moe.top_k<0> %key : tensor<6x4xf32> -> tensor<6x0xi32>
  return
}

// -----

func.func @select_c1_negative(%key: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op picks -1 experts, expected at least 1}}
  %e = moe.select #moe.top_k<-1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  return
}

// -----

func.func @select_c1_huge(%key: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op picks 9223372036854775807 experts, but there are only 4}}
  %e = moe.select #moe.top_k<9223372036854775807> %key : tensor<6x4xf32> -> tensor<6x4xi32>
  return
}

// -----

func.func @select_c1_no_experts_exist(%key: tensor<6x0xf32>) {
  // expected-error @below {{'moe.select' op picks 1 experts, but there are only 0}}
  %e = moe.select #moe.top_k<1> %key : tensor<6x0xf32> -> tensor<6x1xi32>
  return
}

// -----

func.func @select_c1_parameters(%key: tensor<6x4xf32>, %p: f32) {
  // expected-error @below {{'moe.select' op top_k takes no parameters, but got 1}}
  %e = moe.select #moe.top_k<2> %key params(%p : f32) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c2_slots(%key: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op experts have type 'tensor<6x3xi32>', expected the rows of 'tensor<6x4xf32>' and 2 slots}}
  %e = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x3xi32>
  return
}

// -----

func.func @select_c2_dynamic_slots(%key: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op experts have type 'tensor<6x?xi32>', expected the rows of 'tensor<6x4xf32>' and 2 slots}}
  %e = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x?xi32>
  return
}

// -----

func.func @select_c2_tokens(%key: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op experts have type 'tensor<7x2xi32>', expected the rows of 'tensor<6x4xf32>' and 2 slots}}
  %e = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<7x2xi32>
  return
}

// -----

func.func @select_c3_dynamic_experts(%key: tensor<6x?xf32>) {
  // expected-error @below {{'moe.select' op the number of experts must be static, found 'tensor<6x?xf32>'}}
  %e = moe.select #moe.top_k<2> %key : tensor<6x?xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_not_a_rule(%key: tensor<6x4xf32>) {
  // expected-error @below {{invalid properties {rule = 2 : i64} for op moe.select: Invalid attribute `rule` in property conversion: 2 : i64}}
  %e = "moe.select"(%key) <{rule = 2 : i64}> : (tensor<6x4xf32>) -> tensor<6x2xi32>
  return
}

// -----

func.func @select_wide_ids(%key: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op result #0 must be matrix of 32-bit signless integer values, but got 'tensor<6x2xi64>'}}
  %e = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi64>
  return
}

// -----

func.func @weigh_c1_shape(%s: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op weights have type 'tensor<6x4xf32>', expected the shape of 'tensor<6x2xi32>'}}
  %w = moe.weigh value %s, %e : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x4xf32>
  return
}

// -----

func.func @weigh_c2_tokens(%s: tensor<7x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op source has 7 tokens, but experts have 6}}
  %w = moe.weigh value %s, %e : tensor<7x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c3_negative_eps(%s: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op eps must be finite, not negative, and zero without norm sum, found -1.000000e+00 : f64}}
  %w = moe.weigh value %s, %e norm sum {eps = -1.0} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c3_eps_without_norm(%s: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op eps must be finite, not negative, and zero without norm sum, found 5.000000e-01 : f64}}
  %w = moe.weigh value %s, %e {eps = 0.5} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c3_nan_eps(%s: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op eps must be finite, not negative, and zero without norm sum, found 0x7FF8000000000000 : f64}}
  %w = moe.weigh value %s, %e norm sum {eps = 0x7FF8000000000000 : f64} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c3_infinite_eps(%s: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op eps must be finite, not negative, and zero without norm sum, found 0x7FF0000000000000 : f64}}
  %w = moe.weigh value %s, %e norm sum {eps = 0x7FF0000000000000 : f64} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c4_dynamic_experts(%s: tensor<6x?xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op the numbers of experts and slots must be static, and there must be a slot, found 'tensor<6x?xf32>' and 'tensor<6x2xi32>'}}
  %w = moe.weigh value %s, %e : tensor<6x?xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c4_dynamic_slots(%s: tensor<6x4xf32>, %e: tensor<6x?xi32>) {
  // expected-error @below {{'moe.weigh' op the numbers of experts and slots must be static, and there must be a slot, found 'tensor<6x4xf32>' and 'tensor<6x?xi32>'}}
  %w = moe.weigh value %s, %e : tensor<6x4xf32>, tensor<6x?xi32> -> tensor<6x?xf32>
  return
}

// -----

func.func @weigh_c4_no_slots(%s: tensor<6x4xf32>, %e: tensor<6x0xi32>) {
  // expected-error @below {{'moe.weigh' op the numbers of experts and slots must be static, and there must be a slot, found 'tensor<6x4xf32>' and 'tensor<6x0xi32>'}}
  %w = moe.weigh value %s, %e : tensor<6x4xf32>, tensor<6x0xi32> -> tensor<6x0xf32>
  return
}

// -----

func.func @weigh_c5_infinite_scale(%s: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op scale must be finite, found 0xFFF0000000000000 : f64}}
  %w = moe.weigh value %s, %e {scale = 0xFFF0000000000000 : f64} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_eps_type(%s: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{custom op 'moe.weigh' 'moe.weigh' op attribute 'eps' failed to satisfy constraint: 64-bit float attribute}}
  %w = moe.weigh value %s, %e norm sum {eps = 1.0 : f32} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @plan_c1_pairs(%e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan' op pairs have 11 entries, expected 12 for experts of type 'tensor<6x2xi32>'}}
  %o, %p = moe.plan %e : tensor<6x2xi32> -> tensor<5xi32>, tensor<11xi32>
  return
}

// -----

func.func @plan_c2_one_offset(%e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan' op offsets must be static with at least two entries, found 'tensor<1xi32>'}}
  %o, %p = moe.plan %e : tensor<6x2xi32> -> tensor<1xi32>, tensor<12xi32>
  return
}

// -----

func.func @plan_c2_no_offsets(%e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan' op offsets must be static with at least two entries, found 'tensor<0xi32>'}}
  %o, %p = moe.plan %e : tensor<6x2xi32> -> tensor<0xi32>, tensor<12xi32>
  return
}

// -----

func.func @plan_c2_dynamic_offsets(%e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan' op offsets must be static with at least two entries, found 'tensor<?xi32>'}}
  %o, %p = moe.plan %e : tensor<6x2xi32> -> tensor<?xi32>, tensor<12xi32>
  return
}

// -----

func.func @plan_c3_dynamic_slots(%e: tensor<6x?xi32>) {
  // expected-error @below {{'moe.plan' op the number of slots must be static and positive, found 'tensor<6x?xi32>'}}
  %o, %p = moe.plan %e : tensor<6x?xi32> -> tensor<5xi32>, tensor<?xi32>
  return
}

// -----

func.func @plan_c3_no_slots(%e: tensor<6x0xi32>) {
  // expected-error @below {{'moe.plan' op the number of slots must be static and positive, found 'tensor<6x0xi32>'}}
  %o, %p = moe.plan %e : tensor<6x0xi32> -> tensor<5xi32>, tensor<0xi32>
  return
}

// -----

func.func @plan_c4_too_many_pairs(%e: tensor<1073741824x2xi32>) {
  // expected-error @below {{'moe.plan' op experts have type 'tensor<1073741824x2xi32>', more pairs than an i32 can number}}
  %o, %p = moe.plan %e : tensor<1073741824x2xi32> -> tensor<5xi32>, tensor<2147483648xi32>
  return
}

// -----

// T * K is 0 modulo 2^64.
func.func @plan_c4_overflow(%e: tensor<4611686018427387904x4xi32>) {
  // expected-error @below {{'moe.plan' op experts have type 'tensor<4611686018427387904x4xi32>', more pairs than an i32 can number}}
  %o, %p = moe.plan %e : tensor<4611686018427387904x4xi32> -> tensor<5xi32>, tensor<0xi32>
  return
}
