// RUN: moe-opt %s --moe-fuse-gate --canonicalize --cse --split-input-file | FileCheck %s

// A bias that steers the choice but not the weights, on bf16 logits that the
// gate reads: their sum is rounded, so the gate has to know the type.
#row = affine_map<(t, e) -> (t, e)>
#bias = affine_map<(t, e) -> (0, e)>
// CHECK-LABEL: func.func @kolibri
// CHECK-SAME:    %[[L:.+]]: tensor<?x4xbf16>, %[[B:.+]]: tensor<1x4xbf16>
// CHECK:         %[[V:.+]] = tensor.collapse_shape %[[B]]
// CHECK-NOT:     linalg
// CHECK:         moe.gate ins(%[[L]] : tensor<?x4xbf16>) key_bias(%[[V]] : tensor<4xbf16>)
// CHECK-SAME:      on logits weigh sigmoid on logits norm sum {logits_type = bf16}
func.func @kolibri(%l: tensor<?x4xbf16>, %b: tensor<1x4xbf16>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                       iterator_types = ["parallel", "parallel"]}
      ins(%l, %b : tensor<?x4xbf16>, tensor<1x4xbf16>)
      outs(%l : tensor<?x4xbf16>) {
  ^bb0(%left: bf16, %right: bf16, %out: bf16):
    %sum = arith.addf %right, %left : bf16
    linalg.yield %sum : bf16
  } -> tensor<?x4xbf16>
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xbf16> -> tensor<?x2xi32>
  %w = moe.weigh sigmoid %l, %e norm sum
      : tensor<?x4xbf16>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

// One token: either side of the sum could be the vector.
// CHECK-LABEL: func.func @one_token
// CHECK-SAME:    %[[L:.+]]: tensor<1x4xf32>, %[[B:.+]]: tensor<1x4xf32>
// CHECK:         %[[V:.+]] = tensor.collapse_shape %[[B]]
// CHECK:         moe.gate ins(%[[L]] : tensor<1x4xf32>) key_bias(%[[V]] : tensor<4xf32>)
func.func @one_token(%l: tensor<1x4xf32>, %b: tensor<1x4xf32>)
    -> (tensor<1x2xi32>, tensor<1x2xf32>) {
  %s = moe.score sigmoid %l : tensor<1x4xf32> -> tensor<1x4xf32>
  %k = arith.addf %b, %s : tensor<1x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<1x4xf32> -> tensor<1x2xi32>
  %w = moe.weigh value %s, %e
      : tensor<1x4xf32>, tensor<1x2xi32> -> tensor<1x2xf32>
  return %e, %w : tensor<1x2xi32>, tensor<1x2xf32>
}

// -----

// A bias that is added to rounded products is not the gate's: it reads the
// logits.
#id = affine_map<(t, e) -> (t, e)>
#e = affine_map<(t, e) -> (e)>
// CHECK-LABEL: func.func @rounded_before_bias
// CHECK:         linalg.matmul
// CHECK:         moe.gate ins(%{{.+}} : tensor<6x4xbf16>) outs
func.func @rounded_before_bias(%x: tensor<6x8xbf16>, %router: tensor<8x4xbf16>,
                               %b: tensor<4xbf16>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %p = linalg.matmul ins(%x, %router : tensor<6x8xbf16>, tensor<8x4xbf16>)
      outs(%zeros : tensor<6x4xf32>) -> tensor<6x4xf32>
  %r = arith.truncf %p : tensor<6x4xf32> to tensor<6x4xbf16>
  %l = linalg.generic {indexing_maps = [#id, #e, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%r, %b : tensor<6x4xbf16>, tensor<4xbf16>)
      outs(%r : tensor<6x4xbf16>) {
  ^bb0(%left: bf16, %right: bf16, %out: bf16):
    %sum = arith.addf %left, %right : bf16
    linalg.yield %sum : bf16
  } -> tensor<6x4xbf16>
  %e = moe.select #moe.top_k<2> %l : tensor<6x4xbf16> -> tensor<6x2xi32>
  %w = moe.weigh softmax_selected %l, %e
      : tensor<6x4xbf16>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

// A bias in f32 on scores that were rounded: both stay as they are.
#row = affine_map<(t, e) -> (t, e)>
#bias = affine_map<(t, e) -> (e)>
// CHECK-LABEL: func.func @wider_than_the_scores
// CHECK-SAME:    %[[L:.+]]: tensor<6x4xf32>, %[[B:.+]]: tensor<4xf32>
// CHECK-NOT:     linalg
// CHECK:         moe.gate ins(%[[L]] : tensor<6x4xf32>) key_bias(%[[B]] : tensor<4xf32>)
// CHECK-SAME:      on scores weigh value on scores {score_type = bf16}
func.func @wider_than_the_scores(%l: tensor<6x4xf32>, %b: tensor<4xf32>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %s = moe.score sigmoid %l : tensor<6x4xf32> -> tensor<6x4xbf16>
  %wide = arith.extf %s : tensor<6x4xbf16> to tensor<6x4xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                       iterator_types = ["parallel", "parallel"]}
      ins(%wide, %b : tensor<6x4xf32>, tensor<4xf32>)
      outs(%wide : tensor<6x4xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<6x4xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %wide, %e
      : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}
