// One case per numbered constraint of grouped_matmul.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @grouped_matmul_c1_depth(%x: tensor<6x8xf32>, %w0: tensor<4x32x9xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op weights have type 'tensor<4x32x9xf32>', expected 4 matrices of depth 8}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x9xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c1_experts(%x: tensor<6x8xf32>, %w0: tensor<5x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op weights have type 'tensor<5x32x8xf32>', expected 4 matrices of depth 8}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<5x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c1_second_weights(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %w1: tensor<4x32x9xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op weights have type 'tensor<4x32x9xf32>', expected 4 matrices of depth 8}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0, %w1 : tensor<4x32x8xf32>, tensor<4x32x9xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c1_dynamic_weights(%x: tensor<6x8xf32>, %w0: tensor<4x?x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op weights have type 'tensor<4x?x8xf32>', expected 4 matrices of depth 8}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x?x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c1_one_offset(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<1xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op offsets and the depth of lhs must be static, found 'tensor<1xi32>' and 'tensor<6x8xf32>'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<1xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c1_dynamic_depth(%x: tensor<6x?xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op offsets and the depth of lhs must be static, found 'tensor<5xi32>' and 'tensor<6x?xf32>'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x?xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c2_no_parts(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op expected one weight, offset, stride and block argument per part, and at least one part, found 0, 0, 0 and 0}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [] offsets [] strides [] {
  ^epilogue():
    %g = arith.constant 0.0 : f32
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c2_strides(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op expected one weight, offset, stride and block argument per part, and at least one part, found 2, 2, 1 and 2}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c2_offsets(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op expected one weight, offset, stride and block argument per part, and at least one part, found 2, 3, 2 and 2}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16, 0] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c2_block_arguments(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op expected one weight, offset, stride and block argument per part, and at least one part, found 2, 2, 2 and 1}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_no_such_weights(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part names weights 1 of 1}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 1] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_negative_weights(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part names weights -1 of 1}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [-1, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_past_the_end(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads 16 columns from 17 with stride 1, but the weights have 32}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 17] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_stride(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads 16 columns from 2 with stride 2, but the weights have 32}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 2] strides [2, 2] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_negative_offset(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads 16 columns from -1 with stride 1, but the weights have 32}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, -1] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_zero_stride(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads 16 columns from 0 with stride 0, but the weights have 32}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [0, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_huge_stride(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads 16 columns from 0 with stride 9223372036854775807, but the weights have 32}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [9223372036854775807, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_huge_offset(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads 16 columns from 9223372036854775807 with stride 1, but the weights have 32}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [9223372036854775807, 1] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_dynamic_width(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x?xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op the width of init must be static, found 'tensor<12x?xf32>'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x?xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x?xf32>
  return
}

// -----

func.func @grouped_matmul_c4_pairs(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<11x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op init has type 'tensor<11x16xf32>', expected 12 rows}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<11x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<11x16xf32>
  return
}

// -----

func.func @grouped_matmul_c4_rows(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op init has type 'tensor<12x16xf32>', expected 6 rows}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c5_no_slots(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op slots must be positive and fit an i32, found 0}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 0 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c5_negative_slots(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op slots must be positive and fit an i32, found -2}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots -2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c5_slots_alone(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op pairs and slots must come together, found only slots}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] attributes {slots = 2 : i64} {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return
}

// -----

func.func @grouped_matmul_c5_pairs_alone(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op pairs and slots must come together, found only pairs}}
  %a = "moe.grouped_matmul"(%x, %w, %o, %p, %y) <{
      operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1>, part_weights = array<i64: 0>,
      part_offsets = array<i64: 0>, part_strides = array<i64: 1>}> ({
  ^epilogue(%g: f32):
    moe.yield %g : f32
  }) : (tensor<6x8xf32>, tensor<4x16x8xf32>, tensor<5xi32>, tensor<12xi32>, tensor<12x16xf32>) -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c6_yield_type(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xbf16>) {
  // expected-error @below {{'moe.grouped_matmul' op the epilogue must yield one 'bf16', found ('f32')}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xbf16>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xbf16>
  return
}

// -----

func.func @grouped_matmul_c6_yields_nothing(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op the epilogue must yield one 'f32', found ()}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c6_argument_type(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op the epilogue takes floats, found 'vector<4xf32>'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: vector<4xf32>):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c6_integer_argument(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op the epilogue takes floats, found 'i32'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: i32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c6_side_effect(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    // expected-error @below {{'memref.alloca' op has side effects, which an epilogue must not have}}
    %m = memref.alloca() : memref<f32>
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c7_mixed(%x: memref<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op operands must be all tensors or all memrefs}}
  %a = moe.grouped_matmul ins(%x : memref<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c7_result_type(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op results have types ('tensor<12x16xbf16>'), expected those of the destinations}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<12x16xbf16>
  return
}

// -----

func.func @grouped_matmul_c7_no_result(%x: tensor<6x8xf32>, %w0: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op results have types (), expected those of the destinations}}
  moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w0 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<12xi32>) slots 2 outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  }
  return
}

// -----

func.func @grouped_matmul_no_region(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op requires one region}}
  %a = "moe.grouped_matmul"(%x, %w, %o, %y) <{
      operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1>, part_weights = array<i64: 0>,
      part_offsets = array<i64: 0>, part_strides = array<i64: 1>}>
      : (tensor<12x8xf32>, tensor<4x16x8xf32>, tensor<5xi32>, tensor<12x16xf32>) -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_empty_region(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op region #0 ('epilogue') failed to verify constraint: region with 1 blocks}}
  %a = "moe.grouped_matmul"(%x, %w, %o, %y) <{
      operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1>, part_weights = array<i64: 0>,
      part_offsets = array<i64: 0>, part_strides = array<i64: 1>}> ({})
      : (tensor<12x8xf32>, tensor<4x16x8xf32>, tensor<5xi32>, tensor<12x16xf32>) -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_empty_block(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op expects a non-empty block}}
  %a = "moe.grouped_matmul"(%x, %w, %o, %y) <{
      operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1>, part_weights = array<i64: 0>,
      part_offsets = array<i64: 0>, part_strides = array<i64: 1>}> ({
  ^epilogue(%g: f32):
  })
      : (tensor<12x8xf32>, tensor<4x16x8xf32>, tensor<5xi32>, tensor<12x16xf32>) -> tensor<12x16xf32>
  return
}
