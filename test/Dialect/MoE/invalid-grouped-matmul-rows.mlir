// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @grouped_matmul_c2_row_strides(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %r: tensor<6x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op expected one operand, offset and stride per row part, found 1, 1 and 2}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      rows(%r : tensor<6x16xf32>)
      offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      row_parts rows [0] offsets [0] strides [1, 1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c2_row_arguments(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %r: tensor<6x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op expected one weight, offset, stride and block argument per part, and at least one part, found 1, 1, 1 and 0}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      rows(%r : tensor<6x16xf32>)
      offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      row_parts rows [0] offsets [0] strides [1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c13_rows(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %r: tensor<5x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op an operand of rows has type 'tensor<5x16xf32>', expected 6 rows of static width}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      rows(%r : tensor<5x16xf32>)
      offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      row_parts rows [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c13_width(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %r: tensor<6x?xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op an operand of rows has type 'tensor<6x?xf32>', expected 6 rows of static width}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      rows(%r : tensor<6x?xf32>)
      offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      row_parts rows [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c13_columns(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %r: tensor<6x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op a row part reads 16 columns from 1 with stride 1, but the rows have 16}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      rows(%r : tensor<6x16xf32>)
      offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      row_parts rows [0] offsets [1] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c13_which(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %r: tensor<6x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op a row part names rows 1 of 1}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      rows(%r : tensor<6x16xf32>)
      offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      row_parts rows [1] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c13_type(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %r: tensor<6x16xbf16>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op the epilogue takes a row part as 'f32', expected 'bf16'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      rows(%r : tensor<6x16xbf16>)
      offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      row_parts rows [0] offsets [0] strides [1] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c14_pairs(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %p: tensor<5xi32>, %s: tensor<3x2xf32>, %y: tensor<3x16xf32>) -> tensor<3x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op scatters by 'tensor<5xi32>' and 'tensor<3x2xf32>', expected 6 pairs and a static number of slots}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) scatter(%p, %s : tensor<5xi32>, tensor<3x2xf32>) outs(%y : tensor<3x16xf32>)
      parts weights [0] offsets [0] strides [1]
      {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<3x16xf32>
  return %a : tensor<3x16xf32>
}

// -----

func.func @grouped_matmul_c14_slots(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %p: tensor<6xi32>, %s: tensor<3x?xf32>, %y: tensor<3x16xf32>) -> tensor<3x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op scatters by 'tensor<6xi32>' and 'tensor<3x?xf32>', expected 6 pairs and a static number of slots}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) scatter(%p, %s : tensor<6xi32>, tensor<3x?xf32>) outs(%y : tensor<3x16xf32>)
      parts weights [0] offsets [0] strides [1]
      {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<3x16xf32>
  return %a : tensor<3x16xf32>
}

// -----

func.func @grouped_matmul_c14_tokens(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %p: tensor<6xi32>, %s: tensor<3x2xf32>, %y: tensor<6x16xf32>) -> tensor<6x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op scatters into 'tensor<6x16xf32>', expected f32 and one row per token of 'tensor<3x2xf32>'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) scatter(%p, %s : tensor<6xi32>, tensor<3x2xf32>) outs(%y : tensor<6x16xf32>)
      parts weights [0] offsets [0] strides [1]
      {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return %a : tensor<6x16xf32>
}

// -----

func.func @grouped_matmul_c14_type(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %p: tensor<6xi32>, %s: tensor<3x2xf32>, %y: tensor<3x16xf64>) -> tensor<3x16xf64> {
  // expected-error @below {{'moe.grouped_matmul' op scatters into 'tensor<3x16xf64>', expected f32 and one row per token of 'tensor<3x2xf32>'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) scatter(%p, %s : tensor<6xi32>, tensor<3x2xf32>) outs(%y : tensor<3x16xf64>)
      parts weights [0] offsets [0] strides [1]
      {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<3x16xf64>
  return %a : tensor<3x16xf64>
}

// -----

func.func @grouped_matmul_c14_rest(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %p: tensor<6xi32>, %s: tensor<3x2xf32>, %y: tensor<3x16xf32>) -> tensor<3x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op scatters, so that there is no rest to be zero}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) scatter(%p, %s : tensor<6xi32>, tensor<3x2xf32>) outs(%y : tensor<3x16xf32>) zero_rest
      parts weights [0] offsets [0] strides [1]
      {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<3x16xf32>
  return %a : tensor<3x16xf32>
}

// -----

func.func @grouped_matmul_c14_alone(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %p: tensor<6xi32>, %y: tensor<6x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op scatter pairs and weights must come together, found only pairs}}
  %a = "moe.grouped_matmul"(%x, %w, %o, %p, %y) <{
      operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 1>, part_weights = array<i64: 0>,
      part_offsets = array<i64: 0>, part_strides = array<i64: 1>}> ({
  ^epilogue(%g: f32):
    moe.yield %g : f32
  }) : (tensor<6x8xf32>, tensor<4x16x8xf32>, tensor<5xi32>, tensor<6xi32>, tensor<6x16xf32>) -> tensor<6x16xf32>
  return
}

// -----

func.func @grouped_matmul_c14_always(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %a: tensor<16x8xf32>, %o: tensor<6xi32>, %p: tensor<6xi32>, %s: tensor<3x2xf32>, %y: tensor<3x16xf32>) -> tensor<3x16xf32> {
  // expected-error @below {{'moe.grouped_matmul' op scatters rows of experts that are always on, which have no weight}}
  %r = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>)
      always_on 1 always_weights(%a : tensor<16x8xf32>)
      offsets(%o : tensor<6xi32>) scatter(%p, %s : tensor<6xi32>, tensor<3x2xf32>) outs(%y : tensor<3x16xf32>)
      parts weights [0, 0] offsets [0, 0] strides [1, 1]
      {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<3x16xf32>
  return %r : tensor<3x16xf32>
}
