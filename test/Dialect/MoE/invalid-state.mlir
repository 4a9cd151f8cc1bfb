// One case per numbered constraint of router_cell and sample, at least.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @router_cell_c1_rows(%x: tensor<5x4xf32>, %h: tensor<6x2xf32>, %w: tensor<2x4xf32>, %u: tensor<2x2xf32>) {
  // expected-error @below {{'moe.router_cell' op expected rows of static width, as many of the input as of the states, and states of one shape, found 'tensor<5x4xf32>', 'tensor<6x2xf32>' and 'tensor<6x2xf32>'}}
  %0 = moe.router_cell rnn %x, %h weights(%w, %u : tensor<2x4xf32>, tensor<2x2xf32>)
      : tensor<5x4xf32>, tensor<6x2xf32> -> tensor<6x2xf32>
  return
}

// -----

func.func @router_cell_c1_result(%x: tensor<?x4xf32>, %h: tensor<?x2xf32>, %w: tensor<2x4xf32>, %u: tensor<2x2xf32>) {
  // expected-error @below {{states of one shape, found 'tensor<?x4xf32>', 'tensor<?x2xf32>' and 'tensor<?x3xf32>'}}
  %0 = moe.router_cell rnn %x, %h weights(%w, %u : tensor<2x4xf32>, tensor<2x2xf32>)
      : tensor<?x4xf32>, tensor<?x2xf32> -> tensor<?x3xf32>
  return
}

// -----

func.func @router_cell_c1_dynamic_width(%x: tensor<5x?xf32>, %h: tensor<5x2xf32>, %w: tensor<2x4xf32>, %u: tensor<2x2xf32>) {
  // expected-error @below {{expected rows of static width}}
  %0 = moe.router_cell rnn %x, %h weights(%w, %u : tensor<2x4xf32>, tensor<2x2xf32>)
      : tensor<5x?xf32>, tensor<5x2xf32> -> tensor<5x2xf32>
  return
}

// -----

func.func @router_cell_c1_no_state(%x: tensor<5x4xf32>, %h: tensor<5x0xf32>, %u: tensor<0x0xf32>) {
  // expected-error @below {{expected rows of static width}}
  %0 = moe.router_cell linear %x, %h weights(%u : tensor<0x0xf32>)
      : tensor<5x4xf32>, tensor<5x0xf32> -> tensor<5x0xf32>
  return
}

// -----

func.func @router_cell_c2_gates(%x: tensor<?x4xf32>, %h: tensor<?x2xf32>, %w: tensor<8x4xf32>, %u: tensor<8x2xf32>) {
  // expected-error @below {{'moe.router_cell' op gru has weights of types ('tensor<8x4xf32>', 'tensor<8x2xf32>'), expected shapes [6, 4], [6, 2]}}
  %0 = moe.router_cell gru %x, %h weights(%w, %u : tensor<8x4xf32>, tensor<8x2xf32>)
      : tensor<?x4xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c2_one(%x: tensor<?x4xf32>, %h: tensor<?x2xf32>, %w: tensor<2x4xf32>) {
  // expected-error @below {{rnn has weights of types ('tensor<2x4xf32>'), expected shapes [2, 4], [2, 2]}}
  %0 = moe.router_cell rnn %x, %h weights(%w : tensor<2x4xf32>)
      : tensor<?x4xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c2_none(%h: tensor<?x2xf32>) {
  // expected-error @below {{ema has weights of types (), expected shapes [2]}}
  %0 = "moe.router_cell"(%h, %h) <{kind = 3 : i32, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>}>
      : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c2_linear_vector(%h: tensor<?x2xf32>, %u: tensor<2xf32>) {
  // expected-error @below {{linear has weights of types ('tensor<2xf32>'), expected shapes [2, 2]}}
  %0 = moe.router_cell linear %h, %h weights(%u : tensor<2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c3_one_bias(%h: tensor<?x2xf32>, %w: tensor<2x2xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{'moe.router_cell' op rnn has biases of types ('tensor<2xf32>'), expected two of 2 entries}}
  %0 = moe.router_cell rnn %h, %h weights(%w, %w : tensor<2x2xf32>, tensor<2x2xf32>)
      biases(%b : tensor<2xf32>) : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c3_entries(%h: tensor<?x2xf32>, %w: tensor<6x2xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{gru has biases of types ('tensor<2xf32>', 'tensor<2xf32>'), expected two of 6 entries}}
  %0 = moe.router_cell gru %h, %h weights(%w, %w : tensor<6x2xf32>, tensor<6x2xf32>)
      biases(%b, %b : tensor<2xf32>, tensor<2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c3_linear(%h: tensor<?x2xf32>, %u: tensor<2x2xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{linear has biases of types ('tensor<2xf32>', 'tensor<2xf32>'), expected none}}
  %0 = moe.router_cell linear %h, %h weights(%u : tensor<2x2xf32>)
      biases(%b, %b : tensor<2xf32>, tensor<2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c4_width(%x: tensor<?x3xf32>, %h: tensor<?x2xf32>, %a: tensor<2xf32>) {
  // expected-error @below {{'moe.router_cell' op ema adds to the input, which needs the width of 'tensor<?x2xf32>', found 'tensor<?x3xf32>'}}
  %0 = moe.router_cell ema %x, %h weights(%a : tensor<2xf32>)
      : tensor<?x3xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c5_no_cell(%h: tensor<?x2xf32>, %w: tensor<8x2xf32>) {
  // expected-error @below {{'moe.router_cell' op lstm needs a cell and a new cell}}
  %0 = moe.router_cell lstm %h, %h weights(%w, %w : tensor<8x2xf32>, tensor<8x2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c5_cell_elsewhere(%h: tensor<?x2xf32>, %w: tensor<2x2xf32>) {
  // expected-error @below {{'moe.router_cell' op rnn has no cell}}
  %0 = moe.router_cell rnn %h, %h cell(%h : tensor<?x2xf32>)
      weights(%w, %w : tensor<2x2xf32>, tensor<2x2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c5_shape(%h: tensor<?x2xf32>, %c: tensor<?x3xf32>, %w: tensor<8x2xf32>) {
  // expected-error @below {{cells have types 'tensor<?x3xf32>' and 'tensor<?x2xf32>', expected the shape of 'tensor<?x2xf32>'}}
  %0:2 = moe.router_cell lstm %h, %h cell(%c : tensor<?x3xf32>)
      weights(%w, %w : tensor<8x2xf32>, tensor<8x2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_kind(%h: tensor<?x2xf32>, %w: tensor<2x2xf32>) {
  // expected-error @below {{expected string or keyword containing one of the following enum values for attribute 'kind' [gru, rnn, lstm, ema, linear]}}
  %0 = moe.router_cell mamba %h, %h weights(%w : tensor<2x2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c6_columns(%x: tensor<?x4xf32>, %h: tensor<?x2xf32>, %w: tensor<6x4xf32>) {
  // expected-error @below {{'moe.router_cell' op the recurrent products have type 'tensor<?x2xf32>', expected the rows of 'tensor<?x2xf32>' and 6 columns}}
  %0 = moe.router_cell gru %x, %h recurrent(%h : tensor<?x2xf32>) weights(%w : tensor<6x4xf32>)
      : tensor<?x4xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c6_rows(%x: tensor<5x2xf32>, %r: tensor<6x2xf32>) {
  // expected-error @below {{the recurrent products have type 'tensor<6x2xf32>', expected the rows of 'tensor<5x2xf32>' and 2 columns}}
  %0 = moe.router_cell linear %x, %x recurrent(%r : tensor<6x2xf32>)
      : tensor<5x2xf32>, tensor<5x2xf32> -> tensor<5x2xf32>
  return
}

// -----

func.func @router_cell_c6_both(%x: tensor<?x2xf32>, %w: tensor<2x2xf32>) {
  // expected-error @below {{rnn has weights of types ('tensor<2x2xf32>', 'tensor<2x2xf32>'), expected shapes [2, 2]}}
  %0 = moe.router_cell rnn %x, %x recurrent(%x : tensor<?x2xf32>) weights(%w, %w : tensor<2x2xf32>, tensor<2x2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @router_cell_c6_ema(%x: tensor<?x2xf32>, %a: tensor<2xf32>) {
  // expected-error @below {{ema multiplies its state with no matrix}}
  %0 = moe.router_cell ema %x, %x recurrent(%x : tensor<?x2xf32>) weights(%a : tensor<2xf32>)
      : tensor<?x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @sample_c1_samples(%m: tensor<?x4xf32>) {
  // expected-error @below {{'moe.sample' op needs at least one sample, found 0}}
  %z = moe.sample gaussian mean %m samples 0 : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @sample_c1_rows(%m: tensor<3x4xf32>) {
  // expected-error @below {{'moe.sample' op result has type 'tensor<5x4xf32>', expected 2 rows per row and the static width of 'tensor<3x4xf32>'}}
  %z = moe.sample gaussian mean %m samples 2 : tensor<3x4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @sample_c1_odd_rows(%m: tensor<?x4xf32>) {
  // expected-error @below {{result has type 'tensor<5x4xf32>', expected 2 rows per row}}
  %z = moe.sample gaussian mean %m samples 2 : tensor<?x4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @sample_c1_width(%m: tensor<?x?xf32>) {
  // expected-error @below {{result has type 'tensor<?x?xf32>', expected 2 rows per row and the static width of 'tensor<?x?xf32>'}}
  %z = moe.sample gaussian mean %m samples 2 : tensor<?x?xf32> -> tensor<?x?xf32>
  return
}

// -----

func.func @sample_c2_missing(%m: tensor<?x4xf32>, %s: i64) {
  // expected-error @below {{'moe.sample' op source counter needs a deviation of the shape of 'tensor<?x4xf32>', found none}}
  %z = moe.sample gaussian counter %m seed(%s) samples 2 : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @sample_c2_shape(%m: tensor<?x4xf32>, %d: tensor<?x5xf32>, %s: i64) {
  // expected-error @below {{source counter needs a deviation of the shape of 'tensor<?x4xf32>', found 'tensor<?x5xf32>'}}
  %z = moe.sample gaussian counter %m deviation(%d : tensor<?x5xf32>) seed(%s) samples 2
      : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @sample_c2_mean(%m: tensor<?x4xf32>) {
  // expected-error @below {{source mean has no deviation}}
  %z = moe.sample gaussian mean %m deviation(%m : tensor<?x4xf32>) samples 2
      : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @sample_c3_missing(%m: tensor<?x4xf32>) {
  // expected-error @below {{'moe.sample' op source given needs noise}}
  %z = moe.sample gaussian given %m deviation(%m : tensor<?x4xf32>) samples 2
      : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @sample_c3_elsewhere(%m: tensor<?x4xf32>, %s: i64) {
  // expected-error @below {{source counter has no noise}}
  %z = moe.sample gaussian counter %m deviation(%m : tensor<?x4xf32>)
      noise(%m : tensor<?x4xf32>) seed(%s) samples 2 : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @sample_c3_shape(%m: tensor<3x4xf32>) {
  // expected-error @below {{noise has type 'tensor<3x4xf32>', expected the shape of 'tensor<6x4xf32>'}}
  %z = moe.sample gaussian given %m deviation(%m : tensor<3x4xf32>)
      noise(%m : tensor<3x4xf32>) samples 2 : tensor<3x4xf32> -> tensor<6x4xf32>
  return
}

// -----

func.func @sample_c4_missing(%m: tensor<?x4xf32>) {
  // expected-error @below {{'moe.sample' op source counter needs a seed}}
  %z = moe.sample gaussian counter %m deviation(%m : tensor<?x4xf32>) samples 2
      : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @sample_c4_seed(%m: tensor<?x4xf32>, %s: i64) {
  // expected-error @below {{source mean has no seed}}
  %z = moe.sample gaussian mean %m seed(%s) samples 2 : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @sample_c4_stream(%m: tensor<?x4xf32>) {
  // expected-error @below {{source mean has no position and no stream}}
  %z = moe.sample gaussian mean %m samples 2 stream 1 : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @sample_c5_numbers(%m: tensor<?x4xf32>) {
  // expected-error @below {{'moe.sample' op draws 1073741824 times 4 numbers per token, more than an i32 can count}}
  %z = moe.sample gaussian mean %m samples 1073741824 : tensor<?x4xf32> -> tensor<?x4xf32>
  return
}
