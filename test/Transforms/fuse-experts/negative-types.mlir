// RUN: moe-opt %s --moe-fuse-experts --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// CHECK-NOT: moe.grouped_matmul

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
// Sums in f64.
func.func @double(%rows: tensor<?x8xf64>, %w: tensor<4x8x8xf64>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf64> {
  %y = moe.experts rows(%rows : tensor<?x8xf64>)
      weights(%w : tensor<4x8x8xf64>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf64> {
  ^expert(%r: tensor<?x8xf64>, %a: tensor<8x8xf64>):
    %c0 = arith.constant 0 : index
    %n = tensor.dim %r, %c0 : tensor<?x8xf64>
    %zero = arith.constant 0.0 : f64
    %e = tensor.empty(%n) : tensor<?x8xf64>
    %z = linalg.fill ins(%zero : f64) outs(%e : tensor<?x8xf64>) -> tensor<?x8xf64>
    // expected-remark @below {{'linalg.matmul' accumulates in f64}}
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf64>, tensor<8x8xf64>)
        outs(%z : tensor<?x8xf64>) -> tensor<?x8xf64>
    moe.yield %m : tensor<?x8xf64>
  }
  return %y : tensor<?x8xf64>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
// Rows and weights of two types.
func.func @mixed(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xbf16>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xbf16>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xbf16>):
    %c0 = arith.constant 0 : index
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %zero = arith.constant 0.0 : f32
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    // expected-remark @below {{'linalg.matmul' has factors of different types}}
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xbf16>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %m : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
// Work on rows whose width is not known.
func.func @dynamic_width(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
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
    %wide = tensor.cast %m : tensor<?x8xf32> to tensor<?x?xf32>
    %t = math.tanh %wide : tensor<?x?xf32>
    // expected-remark @below {{reads a value that has no static width}}
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %a : tensor<?x?xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}
