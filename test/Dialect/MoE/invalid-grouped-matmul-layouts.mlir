// Constraints of grouped_matmul where weights are stored as [in, out].

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @grouped_matmul_c1_depth_in_out(%x: tensor<6x8xf32>, %w: tensor<4x32x8xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op weights have type 'tensor<4x32x8xf32>', expected 4 matrices of depth 8 stored as [in, out]}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x32x8xf32>)
      layouts [in_out] offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return
}

// -----

func.func @grouped_matmul_c3_columns_in_out(%x: tensor<6x8xf32>, %w: tensor<4x8x32xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op a part reads 16 columns from 17 with stride 1, but the weights have 32}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x8x32xf32>)
      layouts [in_out] offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0, 0] offsets [0, 17] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return
}

// -----

func.func @grouped_matmul_c10_too_many(%x: tensor<6x8xf32>, %w: tensor<4x8x32xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op layouts has 2 entries, expected one for each of 1 weights}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x8x32xf32>)
      layouts [in_out, in_out] offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return
}

// -----

func.func @grouped_matmul_c10_none(%x: tensor<6x8xf32>, %w: tensor<4x32x8xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op layouts has 0 entries, expected one for each of 1 weights}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x32x8xf32>)
      layouts [] offsets(%o : tensor<5xi32>) outs(%y : tensor<6x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%g: f32, %u: f32):
    moe.yield %g : f32
  } -> tensor<6x16xf32>
  return
}

// -----

func.func @grouped_matmul_layout_number(%x: tensor<6x8xf32>, %w: tensor<4x8x16xf32>, %o: tensor<5xi32>, %y: tensor<6x16xf32>) {
  // expected-error @below {{attribute 'layouts' failed to satisfy constraint: layouts of weights}}
  %a = "moe.grouped_matmul"(%x, %w, %o, %y) <{layouts = [2 : i32], part_weights = array<i64: 0>, part_offsets = array<i64: 0>, part_strides = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1>}> ({
  ^epilogue(%g: f32):
    moe.yield %g : f32
  }) : (tensor<6x8xf32>, tensor<4x8x16xf32>, tensor<5xi32>, tensor<6x16xf32>) -> tensor<6x16xf32>
  return
}
