// RUN: moe-opt %s --split-input-file --verify-diagnostics

// What the constraints of the codegen ops say about experts that are always on.

func.func @plan_into_c7_negative(%e: tensor<6x2xi32>, %o: tensor<5xi32>, %p: tensor<6xi32>, %q: tensor<6x1xi32>) {
  // expected-error @below {{'moe.plan_into' op always_on must not be negative and fit an i32, found -1}}
  %a:3 = moe.plan_into ins(%e : tensor<6x2xi32>) always_on -1 outs(%o, %p, %q : tensor<5xi32>, tensor<6xi32>, tensor<6x1xi32>) -> tensor<5xi32>, tensor<6xi32>, tensor<6x1xi32>
  return
}

// -----

func.func @plan_into_c1_always_on(%e: tensor<6x2xi32>, %o: tensor<6xi32>, %p: tensor<12xi32>, %q: tensor<6x3xi32>) {
  // expected-error @below {{'moe.plan_into' op pairs have type 'tensor<12xi32>', expected 18 entries}}
  %a:3 = moe.plan_into ins(%e : tensor<6x2xi32>) always_on 1 outs(%o, %p, %q : tensor<6xi32>, tensor<12xi32>, tensor<6x3xi32>) -> tensor<6xi32>, tensor<12xi32>, tensor<6x3xi32>
  return
}

// -----

func.func @plan_into_c2_always_on(%e: tensor<6x2xi32>, %o: tensor<3xi32>, %p: tensor<24xi32>, %q: tensor<6x4xi32>) {
  // expected-error @below {{'moe.plan_into' op offsets must have at least 4 entries, and be static with experts that are always on, found 'tensor<3xi32>'}}
  %a:3 = moe.plan_into ins(%e : tensor<6x2xi32>) always_on 2 outs(%o, %p, %q : tensor<3xi32>, tensor<24xi32>, tensor<6x4xi32>) -> tensor<3xi32>, tensor<24xi32>, tensor<6x4xi32>
  return
}

// -----

func.func @plan_into_c3_always_on(%e: tensor<6x2xi32>, %o: tensor<6xi32>, %p: tensor<18xi32>, %q: tensor<6x2xi32>) {
  // expected-error @below {{'moe.plan_into' op positions have type 'tensor<6x2xi32>', expected the shape of 'tensor<6x3xi32>'}}
  %a:3 = moe.plan_into ins(%e : tensor<6x2xi32>) always_on 1 outs(%o, %p, %q : tensor<6xi32>, tensor<18xi32>, tensor<6x2xi32>) -> tensor<6xi32>, tensor<18xi32>, tensor<6x2xi32>
  return
}

// -----

func.func @plan_into_c6_always_on(%e: tensor<2000000000x1xi32>, %o: tensor<6xi32>, %p: tensor<?xi32>, %q: tensor<?x2xi32>) {
  // expected-error @below {{'moe.plan_into' op experts have type 'tensor<2000000000x1xi32>', more pairs than an i32 can number}}
  %a:3 = moe.plan_into ins(%e : tensor<2000000000x1xi32>) always_on 1 outs(%o, %p, %q : tensor<6xi32>, tensor<?xi32>, tensor<?x2xi32>) -> tensor<6xi32>, tensor<?xi32>, tensor<?x2xi32>
  return
}

// -----

func.func @grouped_matmul_c11_negative(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op always_on is -1 of 4 experts, expected less and not negative}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on -1 always_weights(%s : tensor<16x8xf32>) offsets(%o : tensor<5xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c11_layout(%x: tensor<12x8xf32>, %w: tensor<4x8x16xf32>, %s: tensor<16x8xf32>, %o: tensor<6xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op always_on takes weights stored as [out, in] only}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x8x16xf32>) layouts [in_out]
      always_on 1 always_weights(%s : tensor<16x8xf32>) offsets(%o : tensor<6xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c11_all(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op always_on is 4 of 4 experts, expected less and not negative}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 4 always_weights(%s : tensor<16x8xf32>) offsets(%o : tensor<5xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c11_no_weights(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<6xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op always_on is 1, found 0 always_weights and 0 always_vectors}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 1 offsets(%o : tensor<6xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c11_weights_alone(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op always_on is 0, found 1 always_weights and 0 always_vectors}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_weights(%s : tensor<16x8xf32>) offsets(%o : tensor<5xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c11_vectors_alone(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op always_on is 0, found 0 always_weights and 1 always_vectors}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_vectors(%sv : tensor<16xf32>) offsets(%o : tensor<5xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c1_always_on(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op weights have type 'tensor<4x16x8xf32>', expected 3 matrices of depth 8}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 1 always_weights(%s : tensor<16x8xf32>) offsets(%o : tensor<5xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c2_once(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<6xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op expected one weight, offset, stride and block argument per part, and at least one part, found 1, 1, 1 and 2}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 1 always_weights(%s : tensor<16x8xf32>) offsets(%o : tensor<6xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c2_no_always_vector(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<6xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op expected one vector, offset and stride per vector part, found 1, 1 and 1}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v : tensor<4x16xf32>) always_on 1 always_weights(%s : tensor<16x8xf32>) offsets(%o : tensor<6xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0, 0] offsets [0, 0, 0] strides [1, 1, 1] vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_always_on(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<7xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads 32 columns from 0 with stride 1, but the always_weights have 16}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 2 always_weights(%s : tensor<16x8xf32>) offsets(%o : tensor<7xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_always_deep(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x16xf32>, %sv: tensor<16xf32>, %o: tensor<7xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads 16 columns from 1 with stride 1, but the always_weights have 16}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 2 always_weights(%s : tensor<16x16xf32>) offsets(%o : tensor<7xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 1] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_always_which(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<6xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part names always_weights 1 of 1}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 1 always_weights(%s : tensor<16x8xf32>) offsets(%o : tensor<6xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c9_always_on(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<16xf32>, %o: tensor<6xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a vector part reads 16 columns from 4 with stride 1, but the always_vectors have 16}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v : tensor<4x16xf32>) always_on 1 always_weights(%s : tensor<16x8xf32>) always_vectors(%sv : tensor<16xf32>) offsets(%o : tensor<6xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] vector_parts vectors [0, 0] offsets [0, 4] strides [1, 1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c12_depth(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x12xf32>, %sv: tensor<16xf32>, %o: tensor<7xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op always_weights have type 'tensor<16x12xf32>', expected a depth of 8 or 2 times that}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 2 always_weights(%s : tensor<16x12xf32>) offsets(%o : tensor<7xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c12_dynamic_vectors(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf32>, %sv: tensor<?xf32>, %o: tensor<6xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op always_vectors must be static, found 'tensor<?xf32>'}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v : tensor<4x16xf32>) always_on 1 always_weights(%s : tensor<16x8xf32>) always_vectors(%sv : tensor<?xf32>) offsets(%o : tensor<6xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] vector_parts vectors [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @grouped_matmul_c12_types(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %s: tensor<16x8xf16>, %sv: tensor<16xf32>, %o: tensor<6xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads elements of 'f32' and, of experts that are always on, of 'f16'}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 1 always_weights(%s : tensor<16x8xf16>) offsets(%o : tensor<6xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @gather_sum_c7_columns(%r: tensor<18x8xf32>, %q: tensor<6x3xi32>, %w: tensor<6x2xf32>, %g: tensor<6x2xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op gate has type 'tensor<6x2xf32>', expected one column and the rows of 'tensor<6x3xi32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<18x8xf32>, tensor<6x3xi32>, tensor<6x2xf32>) gate(%g : tensor<6x2xf32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c7_rows(%r: tensor<18x8xf32>, %q: tensor<6x3xi32>, %w: tensor<6x2xf32>, %g: tensor<7x1xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op gate has type 'tensor<7x1xf32>', expected one column and the rows of 'tensor<6x3xi32>'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<18x8xf32>, tensor<6x3xi32>, tensor<6x2xf32>) gate(%g : tensor<7x1xf32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c8_gate_alone(%r: tensor<18x8xf32>, %q: tensor<6x2xi32>, %w: tensor<6x2xf32>, %g: tensor<6x1xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op gate and always_type are for slots that are always on, found none}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<18x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>) gate(%g : tensor<6x1xf32>) outs(%y : tensor<6x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c8_type_alone(%r: tensor<18x8xf32>, %q: tensor<6x2xi32>, %w: tensor<6x2xf32>, %g: tensor<6x1xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op gate and always_type are for slots that are always on, found none}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<18x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>) outs(%y : tensor<6x8xf32>) {always_type = f16} -> tensor<6x8xf32>
  return
}

// -----

func.func @gather_sum_c8_wide_type(%r: tensor<18x8xf32>, %q: tensor<6x3xi32>, %w: tensor<6x2xf32>, %g: tensor<6x1xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.gather_sum' op always_type must be a float of at most 32 bits, found 'f64'}}
  %a = moe.gather_sum ins(%r, %q, %w : tensor<18x8xf32>, tensor<6x3xi32>, tensor<6x2xf32>) outs(%y : tensor<6x8xf32>) {always_type = f64} -> tensor<6x8xf32>
  return
}
