// One case per numbered constraint of gate, plan_into and gather_sum.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @gate_c1_router_width(%x: tensor<6x8xf32>, %r: tensor<4x9xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op router has type 'tensor<4x9xf32>', expected the width of 'tensor<6x8xf32>'}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x9xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c1_dynamic_experts(%x: tensor<6x8xf32>, %r: tensor<?x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op the number of experts and the width must be static, found ('tensor<6x8xf32>', 'tensor<?x8xf32>')}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<?x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c1_dynamic_logits(%x: tensor<6x?xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op the number of experts and the width must be static, found ('tensor<6x?xf32>')}}
  %a:2 = moe.gate ins(%x : tensor<6x?xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c1_dynamic_width(%x: tensor<6x?xf32>, %r: tensor<4x?xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op the number of experts and the width must be static, found ('tensor<6x?xf32>', 'tensor<4x?xf32>')}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x?xf32>, tensor<4x?xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c2_more_experts_than_exist(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x5xi32>, %w: tensor<6x5xf32>) {
  // expected-error @below {{'moe.gate' op picks 5 experts, but there are only 4}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x5xi32>, tensor<6x5xf32>)
      score softmax select #moe.top_k<5> on scores weigh value on scores
      -> tensor<6x5xi32>, tensor<6x5xf32>
  return
}

// -----

func.func @gate_c2_no_expert(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x0xi32>, %w: tensor<6x0xf32>) {
  // expected-error @below {{'moe.gate' op picks 0 experts, expected at least 1}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x0xi32>, tensor<6x0xf32>)
      score softmax select #moe.top_k<0> on scores weigh value on scores
      -> tensor<6x0xi32>, tensor<6x0xf32>
  return
}

// -----

func.func @gate_c2_slots(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x3xi32>, %w: tensor<6x3xf32>) {
  // expected-error @below {{'moe.gate' op experts have type 'tensor<6x3xi32>', expected 2 slots}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x3xi32>, tensor<6x3xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x3xi32>, tensor<6x3xf32>
  return
}

// -----

func.func @gate_c2_dynamic_slots(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x?xi32>, %w: tensor<6x?xf32>) {
  // expected-error @below {{'moe.gate' op experts have type 'tensor<6x?xi32>', expected 2 slots}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x?xi32>, tensor<6x?xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x?xi32>, tensor<6x?xf32>
  return
}

// -----

func.func @gate_c3_weights(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x3xf32>) {
  // expected-error @below {{'moe.gate' op experts and weights have types 'tensor<6x2xi32>' and 'tensor<6x3xf32>', expected one shape with a row per token of 'tensor<6x8xf32>'}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x3xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xi32>, tensor<6x3xf32>
  return
}

// -----

func.func @gate_c3_tokens(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<7x2xi32>, %w: tensor<7x2xf32>) {
  // expected-error @below {{'moe.gate' op experts and weights have types 'tensor<7x2xi32>' and 'tensor<7x2xf32>', expected one shape with a row per token of 'tensor<6x8xf32>'}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<7x2xi32>, tensor<7x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<7x2xi32>, tensor<7x2xf32>
  return
}

// -----

func.func @gate_c4_mixed(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: memref<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op operands must be all tensors or all memrefs}}
  %a:1 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : memref<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xf32>
  return
}

// -----

func.func @gate_c4_memref_results(%x: memref<6x8xf32>, %r: memref<4x8xf32>, %e: memref<6x2xi32>, %w: memref<6x2xf32>) {
  // expected-error @below {{'moe.gate' op results have types ('tensor<6x2xi32>', 'tensor<6x2xf32>'), expected none with memrefs}}
  %a:2 = moe.gate ins(%x, %r : memref<6x8xf32>, memref<4x8xf32>) outs(%e, %w : memref<6x2xi32>, memref<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c4_result_type(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op results have types ('tensor<6x2xi32>', 'tensor<6x2xbf16>'), expected those of the destinations}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xi32>, tensor<6x2xbf16>
  return
}

// -----

func.func @gate_c4_no_results(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op results have types (), expected those of the destinations}}
  moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
  return
}

// -----

func.func @gate_c5_logits_type(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op logits_type and score_type must be floats, found 'i32'}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores {logits_type = i32}
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c5_score_type(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op logits_type and score_type must be floats, found 'index'}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores {score_type = index}
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c6_negative_eps(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op eps must be finite, not negative, and zero without norm sum, found -1.000000e+00 : f64}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores norm sum {eps = -1.0}
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c6_eps_without_norm(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op eps must be finite, not negative, and zero without norm sum, found 5.000000e-01 : f64}}
  %a:2 = moe.gate ins(%x, %r : tensor<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores {eps = 0.5}
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c7_nan_scale(%l: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op scale must be finite, found 0x7FF8000000000000 : f64}}
  %a:2 = moe.gate ins(%l : tensor<6x4xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores {scale = 0x7FF8000000000000 : f64}
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_vector_operand(%x: vector<6x8xf32>, %r: tensor<4x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op operand #0 must be matrix of floating-point values, but got 'vector<6x8xf32>'}}
  %a:2 = moe.gate ins(%x, %r : vector<6x8xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_unranked_memref(%x: memref<*xf32>, %r: tensor<4x8xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op operand #0 must be matrix of floating-point values, but got 'memref<*xf32>'}}
  %a:2 = moe.gate ins(%x, %r : memref<*xf32>, tensor<4x8xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @plan_into_c1_pairs(%e: tensor<6x2xi32>, %o: tensor<5xi32>, %p: tensor<11xi32>, %q: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan_into' op pairs have type 'tensor<11xi32>', expected 12 entries}}
  %a:3 = moe.plan_into ins(%e : tensor<6x2xi32>) outs(%o, %p, %q : tensor<5xi32>, tensor<11xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<11xi32>, tensor<6x2xi32>
  return
}

// -----

func.func @plan_into_c2_one_offset(%e: tensor<6x2xi32>, %o: tensor<1xi32>, %p: tensor<12xi32>, %q: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan_into' op offsets must have at least 2 entries, and be static with experts that are always on, found 'tensor<1xi32>'}}
  %a:3 = moe.plan_into ins(%e : tensor<6x2xi32>) outs(%o, %p, %q : tensor<1xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<1xi32>, tensor<12xi32>, tensor<6x2xi32>
  return
}

// -----

func.func @plan_into_c2_dynamic_offsets(%e: tensor<6x2xi32>, %o: tensor<?xi32>, %p: tensor<18xi32>, %q: tensor<6x3xi32>) {
  // expected-error @below {{'moe.plan_into' op offsets must have at least 3 entries, and be static with experts that are always on, found 'tensor<?xi32>'}}
  %a:3 = moe.plan_into ins(%e : tensor<6x2xi32>) always_on 1 outs(%o, %p, %q : tensor<?xi32>, tensor<18xi32>, tensor<6x3xi32>)
      -> tensor<?xi32>, tensor<18xi32>, tensor<6x3xi32>
  return
}

// -----

func.func @plan_into_c3_positions(%e: tensor<6x2xi32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %q: tensor<6x3xi32>) {
  // expected-error @below {{'moe.plan_into' op positions have type 'tensor<6x3xi32>', expected the shape of 'tensor<6x2xi32>'}}
  %a:3 = moe.plan_into ins(%e : tensor<6x2xi32>) outs(%o, %p, %q : tensor<5xi32>, tensor<12xi32>, tensor<6x3xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x3xi32>
  return
}

// -----

func.func @plan_into_c4_mixed(%e: memref<6x2xi32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %q: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan_into' op operands must be all tensors or all memrefs}}
  %a:3 = moe.plan_into ins(%e : memref<6x2xi32>) outs(%o, %p, %q : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
  return
}

// -----

func.func @plan_into_c4_results(%e: tensor<6x2xi32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %q: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan_into' op results have types ('tensor<5xi32>', 'tensor<12xi32>'), expected those of the destinations}}
  %a:2 = moe.plan_into ins(%e : tensor<6x2xi32>) outs(%o, %p, %q : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>
  return
}

// -----

func.func @plan_into_c5_dynamic_slots(%e: tensor<6x?xi32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %q: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan_into' op the number of slots must be positive, and static with experts that are always on, found 'tensor<6x?xi32>'}}
  %a:3 = moe.plan_into ins(%e : tensor<6x?xi32>) always_on 1 outs(%o, %p, %q : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
  return
}

// -----

func.func @plan_into_c5_no_slots(%e: tensor<6x0xi32>, %o: tensor<5xi32>, %p: tensor<0xi32>, %q: tensor<6x0xi32>) {
  // expected-error @below {{'moe.plan_into' op the number of slots must be positive, and static with experts that are always on, found 'tensor<6x0xi32>'}}
  %a:3 = moe.plan_into ins(%e : tensor<6x0xi32>) outs(%o, %p, %q : tensor<5xi32>, tensor<0xi32>, tensor<6x0xi32>)
      -> tensor<5xi32>, tensor<0xi32>, tensor<6x0xi32>
  return
}

// -----

func.func @plan_into_c6_too_many_pairs(%e: tensor<4611686018427387904x4xi32>, %o: tensor<5xi32>, %p: tensor<0xi32>, %q: tensor<?x4xi32>) {
  // expected-error @below {{'moe.plan_into' op experts have type 'tensor<4611686018427387904x4xi32>', more pairs than an i32 can number}}
  %a:3 = moe.plan_into ins(%e : tensor<4611686018427387904x4xi32>) outs(%o, %p, %q : tensor<5xi32>, tensor<0xi32>, tensor<?x4xi32>)
      -> tensor<5xi32>, tensor<0xi32>, tensor<?x4xi32>
  return
}

// -----

func.func @gather_sum_c1_weights(%r: tensor<12x8xf32>, %q: tensor<6x2xi32>, %w: tensor<6x3xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op weights have type 'tensor<6x3xf32>', expected the rows of 'tensor<6x2xi32>' and no more columns}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x3xf32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c2_tokens(%r: tensor<12x8xf32>, %q: tensor<6x2xi32>, %w: tensor<6x2xf32>, %y: tensor<7x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op out has type 'tensor<7x8xf32>', expected the tokens of 'tensor<6x2xi32>' and the width of 'tensor<12x8xf32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>) outs(%y : tensor<7x8xf32>) -> tensor<7x8xf32>
  return
}

// -----

func.func @gather_sum_c2_width(%r: tensor<12x8xf32>, %q: tensor<6x2xi32>, %w: tensor<6x2xf32>, %y: tensor<6x9xf32>) {
  // expected-error @below {{'moe.gather_sum' op out has type 'tensor<6x9xf32>', expected the tokens of 'tensor<6x2xi32>' and the width of 'tensor<12x8xf32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>) outs(%y : tensor<6x9xf32>) -> tensor<6x9xf32>
  return
}

// -----

func.func @gather_sum_c3_residual(%r: tensor<12x8xf32>, %q: tensor<6x2xi32>, %w: tensor<6x2xf32>, %s: tensor<7x8xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op residual has type 'tensor<7x8xf32>', expected the shape of 'tensor<6x8xf32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>) residual(%s : tensor<7x8xf32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c4_mixed(%r: tensor<12x8xf32>, %q: memref<6x2xi32>, %w: tensor<6x2xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op operands must be all tensors or all memrefs}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, memref<6x2xi32>, tensor<6x2xf32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c4_result(%r: tensor<12x8xf32>, %q: tensor<6x2xi32>, %w: tensor<6x2xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op results have types ('tensor<6x8xbf16>'), expected those of the destinations}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xbf16>
  return
}

// -----

func.func @gather_sum_c5_dynamic_slots(%r: tensor<12x8xf32>, %q: tensor<6x?xi32>, %w: tensor<6x2xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op the number of slots and the width must be static, and there must be a slot, found 'tensor<6x?xi32>' and 'tensor<6x8xf32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<6x?xi32>, tensor<6x2xf32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c5_no_slots(%r: tensor<12x8xf32>, %q: tensor<6x0xi32>, %w: tensor<6x0xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op the number of slots and the width must be static, and there must be a slot, found 'tensor<6x0xi32>' and 'tensor<6x8xf32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<6x0xi32>, tensor<6x0xf32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c5_dynamic_width(%r: tensor<12x8xf32>, %q: tensor<6x2xi32>, %w: tensor<6x2xf32>, %y: tensor<6x?xf32>) {
  // expected-error @below {{'moe.gather_sum' op the number of slots and the width must be static, and there must be a slot, found 'tensor<6x2xi32>' and 'tensor<6x?xf32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>) outs(%y : tensor<6x?xf32>) -> tensor<6x?xf32>
  return
}

// -----

func.func @gather_sum_c6(%r: tensor<12x8xf32>, %q: tensor<6x2xi32>, %w: tensor<6x2xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op sum_type must be a float of at most 32 bits, found 'f64'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>) outs(%y : tensor<6x8xf32>) {sum_type = f64} -> tensor<6x8xf32>
  return
}
