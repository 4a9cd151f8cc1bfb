// One case per numbered constraint of masked_ffn, at least.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @masked_ffn_c1_depth(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x7xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{'moe.masked_ffn' op expected static matrices [F, D] and [F, D'] for rows of 'tensor<4x8xf32>', found 'tensor<16x7xf32>' and 'tensor<16x6xf32>'}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x7xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c1_units(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<15x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{expected static matrices [F, D] and [F, D']}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<15x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c1_none(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<0x8xf32>, %w2: tensor<0x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{expected static matrices [F, D] and [F, D']}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<0x8xf32>) down(%w2 : tensor<0x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c2_rows(%x: tensor<4x8xf32>, %u: tensor<7x3xi32>, %c: tensor<7x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{units and coefficients have types 'tensor<7x3xi32>' and 'tensor<7x3xf32>', expected 2 rows of static width for each of 'tensor<4x8xf32>'}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<7x3xi32>, tensor<7x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c2_coefficients(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x4xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{expected 2 rows of static width}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x4xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c2_slots(%x: tensor<4x8xf32>, %u: tensor<8x0xi32>, %c: tensor<8x0xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{expected 2 rows of static width}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x0xi32>, tensor<8x0xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c2_no_sample(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{takes at least one sample, and with side pre at most 32, found 0}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 0 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c2_samples(%x: tensor<4x8xf32>, %u: tensor<132x3xi32>, %c: tensor<132x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<132x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{with side pre at most 32, found 33}}
  %r:6 = moe.masked_ffn pre ins(%x, %u, %c : tensor<4x8xf32>, tensor<132x3xi32>, tensor<132x3xf32>)
      samples 33 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<132x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<132x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c3_up_bias(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>, %b: tensor<15xf32>) {
  // expected-error @below {{expected 16 biases going up, 6 going down and 2 sample_weights}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1, %b : tensor<16x8xf32>, tensor<15xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c3_down_bias(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>, %b: tensor<5xf32>) {
  // expected-error @below {{expected 16 biases going up, 6 going down and 2 sample_weights}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2, %b : tensor<16x6xf32>, tensor<5xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c3_sample_weights(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>, %b: tensor<4x3xf32>) {
  // expected-error @below {{expected 16 biases going up, 6 going down and 2 sample_weights}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) sample_weights(%b : tensor<4x3xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c4_none(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{has tiles of 0 tokens, expected 1 to 8}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 0
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c4_many(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{has tiles of 9 tokens, expected 1 to 8}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 9
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c5_out(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x7xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{out has type 'tensor<4x7xf32>', which does not fit 'tensor<4x8xf32>' and 'tensor<16x6xf32>' in tiles of 4}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x7xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x7xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c5_hidden(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<3x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{hidden has type 'tensor<3x16xf32>'}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<3x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<3x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c5_factors(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{factors has type 'tensor<4x16xf32>'}}
  %r:6 = moe.masked_ffn pre ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c5_kept(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x15xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{kept has type 'tensor<4x15xi32>'}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x15xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x15xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c5_lists(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<2x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{lists has type 'tensor<2x16xi32>'}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<2x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<2x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c5_counts(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x2xi32>) {
  // expected-error @below {{counts has type 'tensor<1x2xi32>'}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x2xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x2xi32>
  return
}

// -----

func.func @masked_ffn_c6_type(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xbf16>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{the activation takes one float and yields one 'bf16'}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xbf16>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xbf16>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c6_arguments(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{the activation takes one float and yields one 'f32'}}
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32, %q: f32):
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c6_effects(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  %r:6 = moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    // expected-error @below {{has side effects, which an activation must not have}}
    %a = memref.alloc() : memref<4xf32>
    moe.yield %p : f32
  } -> tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  return
}

// -----

func.func @masked_ffn_c7_mixed(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: memref<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{operands must be all tensors or all memrefs}}
  moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : memref<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @masked_ffn_c7_results(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x6xf32>, %y: tensor<4x6xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) {
  // expected-error @below {{results have types ()}}
  moe.masked_ffn post ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x6xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x6xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}
