// RUN: moe-opt %s --moe-fuse-experts --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// CHECK-NOT: moe.grouped_matmul

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// Part of the depth of a weight stored as [in, out].
func.func @part_of_depth(%rows: tensor<?x8xf32>, %w: tensor<4x16x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<16x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %half = tensor.extract_slice %a[0, 0] [8, 8] [1, 1] : tensor<16x8xf32> to tensor<8x8xf32>
    // expected-remark @below {{multiplies by something else than an expert operand}}
    %m = linalg.matmul ins(%r, %half : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %m : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// A vector of integers of every expert.
func.func @integers(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>, %shift: tensor<4x8xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w, %shift : tensor<4x8x8xf32>, tensor<4x8xi32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %c: tensor<8xi32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    // expected-remark @below {{'linalg.generic' reads an expert vector of something else than floats}}
    %s = linalg.generic {indexing_maps = [#id, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %c : tensor<?x8xf32>, tensor<8xi32>) outs(%e : tensor<?x8xf32>) {
    ^bb0(%in: f32, %b: i32, %out: f32):
      %f = arith.sitofp %b : i32 to f32
      %sum = arith.addf %in, %f : f32
      linalg.yield %sum : f32
    } -> tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// A matrix of every expert as such.
func.func @matrix(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>, %other: tensor<4x8x8xf32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w, %other : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %c: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %cc = tensor.cast %c : tensor<8x8xf32> to tensor<?x8xf32>
    // expected-remark @below {{'arith.addf' reads an expert operand otherwise than as factor of a matmul}}
    %s = arith.addf %m, %cc : tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#column = affine_map<(i, j) -> (i)>
// A bias for each row.
func.func @bias_of_rows(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>, %bias: tensor<4x8xf32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w, %bias : tensor<4x8x8xf32>, tensor<4x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %c: tensor<8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m8 = tensor.cast %m : tensor<?x8xf32> to tensor<8x8xf32>
    %e8 = tensor.empty() : tensor<8x8xf32>
    // expected-remark @below {{'linalg.generic' is not known to work on each row by itself}}
    %s8 = linalg.generic {indexing_maps = [#id, #column, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m8, %c : tensor<8x8xf32>, tensor<8xf32>) outs(%e8 : tensor<8x8xf32>) {
    ^bb0(%in: f32, %b: f32, %out: f32):
      %sum = arith.addf %in, %b : f32
      linalg.yield %sum : f32
    } -> tensor<8x8xf32>
    %s = tensor.cast %s8 : tensor<8x8xf32> to tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#turned = affine_map<(i, j) -> (j, i)>
// Written transposed; what the destination holds does not matter.
func.func @transposed(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>, %bias: tensor<4x8xf32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w, %bias : tensor<4x8x8xf32>, tensor<4x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %c: tensor<8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m8 = tensor.cast %m : tensor<?x8xf32> to tensor<8x8xf32>
    %e8 = tensor.empty() : tensor<8x8xf32>
    %e9 = linalg.fill ins(%zero : f32) outs(%e8 : tensor<8x8xf32>) -> tensor<8x8xf32>
    // expected-remark @below {{'linalg.generic' is not known to work on each row by itself}}
    %s8 = linalg.generic {indexing_maps = [#id, #row, #turned],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m8, %c : tensor<8x8xf32>, tensor<8xf32>) outs(%e9 : tensor<8x8xf32>) {
    ^bb0(%in: f32, %b: f32, %out: f32):
      %sum = arith.addf %in, %b : f32
      linalg.yield %sum : f32
    } -> tensor<8x8xf32>
    %s = tensor.cast %s8 : tensor<8x8xf32> to tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// An accumulation on something else.
func.func @accumulates(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    // expected-remark @below {{accumulates on something else than zeros}}
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%r : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %m : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// A slice that leaves rows out.
func.func @rows_sliced(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    // expected-remark @below {{takes other than all rows and columns at static places}}
    %s = tensor.extract_slice %m[1, 0] [%n, 8] [1, 1]
        : tensor<?x8xf32> to tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}
