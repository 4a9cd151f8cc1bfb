// RUN: moe-opt %s --split-input-file --verify-diagnostics

// What the verifier of moe.grouped_matmul says about vectors.

func.func @grouped_matmul_c2_missing_vector_argument(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op expected one weight, offset, stride and block argument per part, and at least one part, found 1, 1, 1 and 0}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c2_extra_argument(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op expected one weight, offset, stride and block argument per part, and at least one part, found 1, 1, 1 and 2}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c2_vector_offsets(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op expected one vector, offset and stride per vector part, found 1, 2 and 1}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0, 1] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c2_vector_strides(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op expected one vector, offset and stride per vector part, found 1, 1 and 0}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c8_experts(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<3x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op vectors have type 'tensor<3x16xf32>', expected 4 rows of static width}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<3x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c8_dynamic(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x?xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op vectors have type 'tensor<4x?xf32>', expected 4 rows of static width}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x?xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c9_no_such_vector(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op a vector part names vectors 1 of 1}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [1] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c9_no_vectors(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op a vector part names vectors 0 of 0}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c9_negative_vector(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op a vector part names vectors -1 of 1}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [-1] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c9_too_few_columns(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op a vector part reads 16 columns from 1 with stride 1, but the vectors have 16}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [1] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c9_stride(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op a vector part reads 16 columns from 0 with stride -1, but the vectors have 16}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [-1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c9_offset(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op a vector part reads 16 columns from -1 with stride 1, but the vectors have 16}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [-1] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c9_overflow(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op a vector part reads 16 columns from 9223372036854775807 with stride 2, but the vectors have 16}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [9223372036854775807] strides [2] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c9_type(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16xbf16>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op the epilogue takes a vector part as 'f32', expected 'bf16'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16xbf16>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_vector_rank(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %v0: tensor<4x16x1xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op operand #2 must be variadic of matrix of floating-point values}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v0 : tensor<4x16x1xf32>) offsets(%o : tensor<5xi32>)
      outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}
