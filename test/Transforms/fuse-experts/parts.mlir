// RUN: moe-opt %s --moe-fuse-experts --split-input-file | FileCheck %s

// Two weights, products of the same rows: one op. Transposing maps, interleaved
// columns and slices of weights are parts as well.
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func.func @two_weights
// CHECK-SAME:    %[[ROWS:.+]]: tensor<12x8xf32>, %[[WG:.+]]: tensor<4x16x8xf32>, %[[WU:.+]]: tensor<4x32x8xf32>
// CHECK:         moe.grouped_matmul ins(%[[ROWS]] : tensor<12x8xf32>)
// CHECK-SAME:      weights(%[[WG]], %[[WU]] : tensor<4x16x8xf32>, tensor<4x32x8xf32>)
// CHECK-SAME:      parts weights [0, 1, 1] offsets [0, 1, 16] strides [1, 2, 1]
// CHECK:         ^bb0(%[[G:.+]]: f32, %[[ODD:.+]]: f32, %[[HALF:.+]]: f32):
// CHECK:           %[[A:.+]] = arith.mulf %[[G]], %[[ODD]]
// CHECK:           %[[B:.+]] = arith.addf %[[A]], %[[HALF]]
// CHECK:           moe.yield %[[B]]
func.func @two_weights(%rows: tensor<12x8xf32>, %wg: tensor<4x16x8xf32>,
                       %wu: tensor<4x32x8xf32>, %offsets: tensor<5xi32>)
    -> tensor<12x16xf32> {
  %y = moe.experts rows(%rows : tensor<12x8xf32>)
      weights(%wg, %wu : tensor<4x16x8xf32>, tensor<4x32x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<12x16xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<16x8xf32>, %b: tensor<32x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e16 = tensor.empty(%n) : tensor<?x16xf32>
    %z16 = linalg.fill ins(%zero : f32) outs(%e16 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %e32 = tensor.empty(%n) : tensor<?x32xf32>
    %z32 = linalg.fill ins(%zero : f32) outs(%e32 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %g = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%z16 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %u = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %b : tensor<?x8xf32>, tensor<32x8xf32>)
        outs(%z32 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %odd = tensor.extract_slice %u[0, 1] [%n, 16] [1, 2]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %bh = tensor.extract_slice %b[16, 0] [16, 8] [1, 1]
        : tensor<32x8xf32> to tensor<16x8xf32>
    %half = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %bh : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%z16 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %p = arith.mulf %g, %odd : tensor<?x16xf32>
    %s = linalg.add ins(%p, %half : tensor<?x16xf32>, tensor<?x16xf32>)
        outs(%e16 : tensor<?x16xf32>) -> tensor<?x16xf32>
    moe.yield %s : tensor<?x16xf32>
  }
  return %y : tensor<12x16xf32>
}

// -----

// bf16: the product is rounded before it is sliced, the work between is in f32,
// rounded again. All of it moves, the first rounding into the type of the
// accumulators. A splat bias is a constant.
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// CHECK-LABEL: func.func @rounding
// CHECK:         moe.grouped_matmul
// CHECK-SAME:      outs(%{{.+}} : tensor<?x16xbf16>) zero_rest parts weights [0, 0] offsets [0, 16] strides [1, 1] {
// CHECK:         ^bb0(%[[G:.+]]: bf16, %[[U:.+]]: bf16):
// CHECK-DAG:       %[[GW:.+]] = arith.extf %[[G]] : bf16 to f32
// CHECK-DAG:       %[[UW:.+]] = arith.extf %[[U]] : bf16 to f32
// CHECK:           %[[P:.+]] = arith.mulf %[[GW]], %[[UW]] : f32
// CHECK:           %[[Q:.+]] = arith.addf %[[P]], %{{.+}} : f32
// CHECK:           %[[R:.+]] = arith.truncf %[[Q]] : f32 to bf16
// CHECK:           moe.yield %[[R]] : bf16
func.func @rounding(%rows: tensor<?x8xbf16>, %w: tensor<4x32x8xbf16>,
                    %offsets: tensor<5xi32>) -> tensor<?x16xbf16> {
  %y = moe.experts rows(%rows : tensor<?x8xbf16>)
      weights(%w : tensor<4x32x8xbf16>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x16xbf16> {
  ^expert(%r: tensor<?x8xbf16>, %a: tensor<32x8xbf16>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %bias = arith.constant dense<2.0> : tensor<16xf32>
    %n = tensor.dim %r, %c0 : tensor<?x8xbf16>
    %at0 = tensor.empty() : tensor<8x32xbf16>
    %at = linalg.transpose ins(%a : tensor<32x8xbf16>)
        outs(%at0 : tensor<8x32xbf16>) permutation = [1, 0]
    %m0 = tensor.empty(%n) : tensor<?x32xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %m = linalg.matmul ins(%r, %at : tensor<?x8xbf16>, tensor<8x32xbf16>)
        outs(%m1 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %b0 = tensor.empty(%n) : tensor<?x32xbf16>
    %b = linalg.generic {indexing_maps = [#id, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m : tensor<?x32xf32>) outs(%b0 : tensor<?x32xbf16>) {
    ^bb0(%in: f32, %out: bf16):
      %t = arith.truncf %in : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<?x32xbf16>
    %gate = tensor.extract_slice %b[0, 0] [%n, 16] [1, 1]
        : tensor<?x32xbf16> to tensor<?x16xbf16>
    %up = tensor.extract_slice %b[0, 16] [%n, 16] [1, 1]
        : tensor<?x32xbf16> to tensor<?x16xbf16>
    %h0 = tensor.empty(%n) : tensor<?x16xbf16>
    %h = linalg.generic {indexing_maps = [#id, #id, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up, %bias : tensor<?x16xbf16>, tensor<?x16xbf16>, tensor<16xf32>)
        outs(%h0 : tensor<?x16xbf16>) {
    ^bb0(%g: bf16, %u: bf16, %c: f32, %out: bf16):
      %gw = arith.extf %g : bf16 to f32
      %uw = arith.extf %u : bf16 to f32
      %p = arith.mulf %gw, %uw : f32
      %q = arith.addf %p, %c : f32
      %t = arith.truncf %q : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<?x16xbf16>
    moe.yield %h : tensor<?x16xbf16>
  }
  return %y : tensor<?x16xbf16>
}
