// RUN: moe-opt %s --moe-fuse-experts --split-input-file | FileCheck %s

// Weights stored as [in, out]: halves taken of the weights, strides of the
// product.
// CHECK-LABEL: func.func @parts
// CHECK-SAME:    %[[ROWS:.+]]: tensor<12x8xf32>, %[[W:.+]]: tensor<4x8x32xf32>
// CHECK:         moe.grouped_matmul ins(%[[ROWS]] : tensor<12x8xf32>)
// CHECK-SAME:      weights(%[[W]] : tensor<4x8x32xf32>) layouts [in_out]
// CHECK-SAME:      parts weights [0, 0] offsets [16, 1] strides [1, 2]
func.func @parts(%rows: tensor<12x8xf32>, %w: tensor<4x8x32xf32>,
                 %offsets: tensor<5xi32>) -> tensor<12x16xf32> {
  %y = moe.experts rows(%rows : tensor<12x8xf32>)
      weights(%w : tensor<4x8x32xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<12x16xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x32xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e16 = tensor.empty(%n) : tensor<?x16xf32>
    %z16 = linalg.fill ins(%zero : f32) outs(%e16 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %e32 = tensor.empty(%n) : tensor<?x32xf32>
    %z32 = linalg.fill ins(%zero : f32) outs(%e32 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %half = tensor.extract_slice %a[0, 16] [8, 16] [1, 1]
        : tensor<8x32xf32> to tensor<8x16xf32>
    %h = linalg.matmul ins(%r, %half : tensor<?x8xf32>, tensor<8x16xf32>)
        outs(%z16 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul ins(%r, %a : tensor<?x8xf32>, tensor<8x32xf32>)
        outs(%z32 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %odd = tensor.extract_slice %m[0, 1] [%n, 16] [1, 2]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %p = arith.mulf %h, %odd : tensor<?x16xf32>
    moe.yield %p : tensor<?x16xf32>
  }
  return %y : tensor<12x16xf32>
}

// -----

// A square matrix read in both layouts is two operands. Transpositions change
// the layout, also between slices.
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func.func @both_layouts
// CHECK-SAME:    %[[ROWS:.+]]: tensor<12x8xf32>, %[[W:.+]]: tensor<4x8x8xf32>, %[[V:.+]]: tensor<4x8x32xf32>
// CHECK:         moe.grouped_matmul
// CHECK-SAME:      weights(%[[W]], %[[W]], %[[V]] : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<4x8x32xf32>) layouts [in_out, out_in, in_out]
// CHECK-SAME:      parts weights [0, 1, 2] offsets [0, 0, 4] strides [1, 1, 3]
func.func @both_layouts(%rows: tensor<12x8xf32>, %w: tensor<4x8x8xf32>,
    %v: tensor<4x8x32xf32>, %offsets: tensor<5xi32>) -> tensor<12x8xf32> {
  %y = moe.experts rows(%rows : tensor<12x8xf32>)
      weights(%w, %v : tensor<4x8x8xf32>, tensor<4x8x32xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %b: tensor<8x32xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %et = tensor.empty() : tensor<8x8xf32>
    %at = linalg.transpose ins(%a : tensor<8x8xf32>) outs(%et : tensor<8x8xf32>) permutation = [1, 0]
    %mt = linalg.matmul ins(%r, %at : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %bs = tensor.extract_slice %b[0, 1] [8, 31] [1, 1] : tensor<8x32xf32> to tensor<8x31xf32>
    %ebt = tensor.empty() : tensor<31x8xf32>
    %bt = linalg.transpose ins(%bs : tensor<8x31xf32>) outs(%ebt : tensor<31x8xf32>) permutation = [1, 0]
    %bts = tensor.extract_slice %bt[3, 0] [8, 8] [3, 1] : tensor<31x8xf32> to tensor<8x8xf32>
    %k = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %bts : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %p = arith.mulf %m, %mt : tensor<?x8xf32>
    %q = arith.mulf %p, %k : tensor<?x8xf32>
    moe.yield %q : tensor<?x8xf32>
  }
  return %y : tensor<12x8xf32>
}
