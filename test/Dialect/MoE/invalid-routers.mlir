// Rules, groups, weights and gates that cannot be: what routers add to the cases
// of invalid-routing.mlir and invalid-codegen.mlir.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @score_c4_axis_of_sigmoid(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.score' op has an axis, but sigmoid looks at one logit at a time}}
  %s = moe.score sigmoid %k axis tokens : tensor<6x4xf32> -> tensor<6x4xf32>
  return
}

// -----

func.func @select_c1_gap_of_one(%k: tensor<6x4xf32>, %p: f32) {
  // expected-error @below {{'moe.select' op gap picks up to 1 experts, expected at least 2}}
  %e = moe.select #moe.gap<1> %k params(%p : f32) : tensor<6x4xf32> -> tensor<6x1xi32>
  return
}

// -----

func.func @select_c1_gap_of_many(%k: tensor<6x4xf32>, %p: f32) {
  // expected-error @below {{'moe.select' op picks 5 experts, but there are only 4}}
  %e = moe.select #moe.gap<5> %k params(%p : f32) : tensor<6x4xf32> -> tensor<6x5xi32>
  return
}

// -----

func.func @select_c1_gap_without_threshold(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op gap takes a threshold, a float, but got ()}}
  %e = moe.select #moe.gap<2> %k : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c1_gap_of_integers(%k: tensor<6x4xf32>, %p: i32) {
  // expected-error @below {{'moe.select' op gap takes a threshold, a float, but got ('i32')}}
  %e = moe.select #moe.gap<2> %k params(%p : i32) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c1_cumulative_bound(%k: tensor<6x4xf32>, %p: f32) {
  // expected-error @below {{'moe.select' op picks 5 experts, but there are only 4}}
  %e = moe.select #moe.cumulative<max = 5> %k params(%p : f32) : tensor<6x4xf32> -> tensor<6x5xi32>
  return
}

// -----

func.func @select_c1_cumulative_negative(%k: tensor<6x4xf32>, %p: f32) {
  // expected-error @below {{'moe.select' op picks -1 experts, expected at least 1}}
  %e = moe.select #moe.cumulative<max = -1> %k params(%p : f32) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c1_cumulative_without_p(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op cumulative takes p, a float, but got ()}}
  %e = moe.select #moe.cumulative %k : tensor<6x4xf32> -> tensor<6x4xi32>
  return
}

// -----

func.func @select_c1_positive_params(%k: tensor<6x4xf32>, %p: f32) {
  // expected-error @below {{'moe.select' op positive takes no parameters, but got 1}}
  %e = moe.select #moe.positive %k params(%p : f32) : tensor<6x4xf32> -> tensor<6x4xi32>
  return
}

// -----

func.func @select_c1_above_one_threshold(%k: tensor<6x4xf32>, %p: f32) {
  // expected-error @below {{'moe.select' op above takes 4 thresholds, floats, but got ('f32')}}
  %e = moe.select #moe.above %k params(%p : f32) : tensor<6x4xf32> -> tensor<6x4xi32>
  return
}

// -----

func.func @select_c1_above_size(%k: tensor<6x4xf32>, %p: tensor<3xf32>) {
  // expected-error @below {{'moe.select' op above takes 4 thresholds, floats, but got ('tensor<3xf32>')}}
  %e = moe.select #moe.above %k params(%p : tensor<3xf32>) : tensor<6x4xf32> -> tensor<6x4xi32>
  return
}

// -----

func.func @select_c1_above_active(%k: tensor<6x4xf32>, %p: tensor<4xf32>) {
  // expected-error @below {{'moe.select' op above has min_active 3, expected 0 to 2}}
  %e = moe.select #moe.above<max = 2, min_active = 3> %k params(%p : tensor<4xf32>) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c1_table_width(%k: tensor<6x4xf32>, %p: tensor<9x3xi32>, %i: tensor<6xi32>) {
  // expected-error @below {{'moe.select' op table takes a table of integers, 2 wide, and a row per token, but got ('tensor<9x3xi32>', 'i32')}}
  %e = moe.select #moe.table<2> %k params(%p : tensor<9x3xi32>) token_params(%i : tensor<6xi32>) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c1_table_without_rows(%k: tensor<6x4xf32>, %p: tensor<9x2xi32>) {
  // expected-error @below {{'moe.select' op table takes a table of integers, 2 wide, and a row per token, but got ('tensor<9x2xi32>')}}
  %e = moe.select #moe.table<2> %k params(%p : tensor<9x2xi32>) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c4_groups_do_not_divide(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op splits 4 experts into 3 groups}}
  %e = moe.select #moe.top_k<2> %k groups <n = 3, keep = 2> : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c4_group_too_small(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op scores a group by its 3 largest keys, but a group has 2}}
  %e = moe.select #moe.top_k<2> %k groups <n = 2, keep = 1, top = 3> : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c4_too_few_kept(%k: tensor<6x4xf32>) {
  // expected-error @below {{'moe.select' op keeps 1 groups of 2 experts, fewer than its 3 slots}}
  %e = moe.select #moe.top_k<3> %k groups <n = 2, keep = 1> : tensor<6x4xf32> -> tensor<6x3xi32>
  return
}

// -----

func.func @select_c5_rows(%k: tensor<6x4xf32>, %p: tensor<9x2xi32>, %i: tensor<5xi32>) {
  // expected-error @below {{'moe.select' op token_params have 5 rows, expected one for each of 6 tokens}}
  %e = moe.select #moe.table<2> %k params(%p : tensor<9x2xi32>) token_params(%i : tensor<5xi32>) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c5_rank(%k: tensor<6x4xf32>, %i: tensor<6x1x1xi32>) {
  // expected-error @below {{'moe.select' op token_params must be vectors or matrices of static width, found 'tensor<6x1x1xi32>'}}
  %e = moe.select #moe.top_k<2> %k token_params(%i : tensor<6x1x1xi32>) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c5_width(%k: tensor<6x4xf32>, %i: tensor<6x?xi32>) {
  // expected-error @below {{'moe.select' op token_params must be vectors or matrices of static width, found 'tensor<6x?xi32>'}}
  %e = moe.select #moe.top_k<2> %k token_params(%i : tensor<6x?xi32>) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @select_c5_scalar(%k: tensor<6x4xf32>, %i: tensor<i32>) {
  // expected-error @below {{'moe.select' op token_params must be vectors or matrices of static width, found 'tensor<i32>'}}
  %e = moe.select #moe.top_k<2> %k token_params(%i : tensor<i32>) : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @weigh_c6_per_expert(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>, %g: tensor<3xf32>) {
  // expected-error @below {{'moe.weigh' op per_expert has type 'tensor<3xf32>', expected an entry for each of 4 experts}}
  %w = moe.weigh value %k, %e per_expert(%g : tensor<3xf32>) : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c7_clamp_without_sum(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op clamp must be finite, not negative, and zero without norm sum or beside an eps, found 1.000000e+00}}
  %w = moe.weigh value %k, %e {clamp = 1.0} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c7_clamp_and_eps(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op clamp must be finite, not negative, and zero without norm sum or beside an eps, found 1.000000e+00}}
  %w = moe.weigh value %k, %e norm sum {clamp = 1.0, eps = 1.0} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c7_negative(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op clamp must be finite, not negative, and zero without norm sum or beside an eps, found -1.000000e+00}}
  %w = moe.weigh value %k, %e norm sum {clamp = -1.0} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c8_no_p(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op norm lp needs p}}
  %w = moe.weigh value %k, %e norm lp : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c8_p_without_lp(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op p is for norm lp only}}
  %w = moe.weigh value %k, %e norm sum {p = 2.0} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c8_zero(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op p must be finite and positive, found 0.000000e+00}}
  %w = moe.weigh value %k, %e norm lp {p = 0.0} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c9_no_band(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op band_softmax needs band}}
  %w = moe.weigh band_softmax %k, %e : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c9_band_of_value(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op band is for band_softmax only}}
  %w = moe.weigh value %k, %e {band = 0.1} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @weigh_c9_negative(%k: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // expected-error @below {{'moe.weigh' op band must be finite and not negative, found -1.000000e-01}}
  %w = moe.weigh band_softmax %k, %e {band = -0.1} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// -----

func.func @gate_c6_clamp(%x: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op clamp must be finite, not negative, and zero without norm sum or beside an eps, found 1.000000e+00}}
  %a:2 = moe.gate ins(%x : tensor<6x4xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores {clamp = 1.0} -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c6_p(%x: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op norm lp needs p}}
  %a:2 = moe.gate ins(%x : tensor<6x4xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores norm lp -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c8_groups(%x: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op splits 4 experts into 3 groups}}
  %a:2 = moe.gate ins(%x : tensor<6x4xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores groups <n = 3, keep = 2> weigh value on scores -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c8_token_params(%x: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>, %i: tensor<5xi32>) {
  // expected-error @below {{'moe.gate' op token_params have 5 rows, expected one for each of 6 tokens}}
  %a:2 = moe.gate ins(%x : tensor<6x4xf32>) token_params(%i : tensor<5xi32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c9_key_bias_size(%x: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{'moe.gate' op key_bias has type 'tensor<3xf32>', expected an entry for each of 4 experts}}
  %a:2 = moe.gate ins(%x : tensor<6x4xf32>) key_bias(%b : tensor<3xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c9_key_bias_type(%x: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>, %b: tensor<4xbf16>) {
  // expected-error @below {{'moe.gate' op key_bias has type 'tensor<4xbf16>', but the keys are 'f32'}}
  %a:2 = moe.gate ins(%x : tensor<6x4xf32>) key_bias(%b : tensor<4xbf16>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c9_per_expert(%x: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>, %b: tensor<?xf32>) {
  // expected-error @below {{'moe.gate' op per_expert has type 'tensor<?xf32>', expected an entry for each of 4 experts}}
  %a:2 = moe.gate ins(%x : tensor<6x4xf32>) per_expert(%b : tensor<?xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c10_no_router(%x: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{'moe.gate' op has a bias, but no router to add it to}}
  %a:2 = moe.gate ins(%x : tensor<6x4xf32>) bias(%b : tensor<4xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @gate_c11_band(%x: tensor<6x4xf32>, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>) {
  // expected-error @below {{'moe.gate' op cannot weigh by band_softmax, which reads all experts for every slot}}
  %a:2 = moe.gate ins(%x : tensor<6x4xf32>) outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh band_softmax on scores -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

// expected-error @below {{keeps 3 of 2 groups}}
func.func private @groups_keep() attributes {a = #moe.groups<n = 2, keep = 3>}

// -----

// expected-error @below {{scores groups by their 0 largest keys, expected at least 1}}
func.func private @groups_top() attributes {a = #moe.groups<n = 2, keep = 1, top = 0>}
