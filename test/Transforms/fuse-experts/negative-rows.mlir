// RUN: moe-opt %s --moe-fuse-experts --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// CHECK-NOT: moe.grouped_matmul

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#first = affine_map<(i, j) -> (i)>
// A norm with a weight of each expert.
func.func @norm_weight(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>, %gain: tensor<4x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w, %gain : tensor<4x8x8xf32>, tensor<4x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %g: tensor<8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %v0 = tensor.empty(%n) : tensor<?xf32>
    %v1 = linalg.fill ins(%zero : f32) outs(%v0 : tensor<?xf32>) -> tensor<?xf32>
    %v = linalg.reduce { arith.addf } ins(%m : tensor<?x8xf32>)
        outs(%v1 : tensor<?xf32>) dimensions = [1]
    // expected-remark @below {{'linalg.generic' needs an expert operand where the rows of all experts are worked on at once}}
    %s = linalg.generic {indexing_maps = [#id, #first, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %v, %g : tensor<?x8xf32>, tensor<?xf32>, tensor<8xf32>)
        outs(%e : tensor<?x8xf32>) {
    ^bb0(%in: f32, %sum: f32, %scale: f32, %out: f32):
      %p = arith.divf %in, %sum : f32
      %q = arith.mulf %p, %scale : f32
      linalg.yield %q : f32
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
#first = affine_map<(i, j) -> (i)>
// Rows are summed up.
func.func @sum_of_rows(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
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
    %v0 = tensor.empty() : tensor<8xf32>
    %v1 = linalg.fill ins(%zero : f32) outs(%v0 : tensor<8xf32>) -> tensor<8xf32>
    // expected-remark @below {{'linalg.reduce' is not known to work on each row by itself}}
    %v = linalg.reduce { arith.addf } ins(%m : tensor<?x8xf32>)
        outs(%v1 : tensor<8xf32>) dimensions = [0]
    %s = linalg.broadcast ins(%v : tensor<8xf32>) outs(%e : tensor<?x8xf32>) dimensions = [0]
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
#first = affine_map<(i, j) -> (i)>
// A value that depends on which row of its expert it is.
func.func @row_number(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
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
    // expected-remark @below {{'linalg.generic' is not known to work on each row by itself}}
    %s = linalg.generic {indexing_maps = [#id, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
    ^bb0(%in: f32, %out: f32):
      %i = linalg.index 0 : index
      %k = arith.index_cast %i : index to i32
      %f = arith.sitofp %k : i32 to f32
      %p = arith.mulf %in, %f : f32
      linalg.yield %p : f32
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
#first = affine_map<(i, j) -> (i)>
// The number of rows of an expert as a number.
func.func @row_count(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
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
    // expected-remark @below {{'arith.index_cast' is not known to work on each row by itself}}
    %k = arith.index_cast %n : index to i32
    %f = arith.sitofp %k : i32 to f32
    %s = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> ()>, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %f : tensor<?x8xf32>, f32) outs(%e : tensor<?x8xf32>) {
    ^bb0(%in: f32, %all: f32, %out: f32):
      %p = arith.divf %in, %all : f32
      linalg.yield %p : f32
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
#first = affine_map<(i, j) -> (i)>
// Rows that belong to no expert are zero, and a division by them traps.
func.func @may_trap(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
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
    %i = arith.fptosi %r : tensor<?x8xf32> to tensor<?x8xi32>
    // expected-remark @below {{'arith.divsi' is not known to work on each row by itself}}
    %q = arith.divsi %i, %i : tensor<?x8xi32>
    %s = arith.sitofp %q : tensor<?x8xi32> to tensor<?x8xf32>
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
#first = affine_map<(i, j) -> (i)>
// Only an expert vector, no row.
func.func @expert_alone(%rows: tensor<?x8xf32>, %gain: tensor<4x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%gain : tensor<4x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %g: tensor<8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    // expected-remark @below {{'linalg.broadcast' needs an expert operand where the rows of all experts are worked on at once}}
    %s = linalg.broadcast ins(%g : tensor<8xf32>) outs(%e : tensor<?x8xf32>) dimensions = [0]
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
#first = affine_map<(i, j) -> (i)>
// Weights that are computed.
func.func @computed_weights(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
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
    %twice = arith.addf %a, %a : tensor<8x8xf32>
    // expected-remark @below {{'linalg.matmul' multiplies by something else than an expert operand}}
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %twice : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %m : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}
