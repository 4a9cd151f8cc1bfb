// RUN: moe-opt %s --moe-fuse-gate --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// Gates that leave something of the router outside, and say what.

// CHECK-LABEL: func.func @capacity
// CHECK:         moe.gate ins(%{{.+}}, %{{.+}} : tensor<6x8xf32>, tensor<4x8xf32>)
// CHECK:         moe.limit
func.func @capacity(%x: tensor<6x8xf32>, %r: tensor<4x8xf32>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %empty = tensor.empty() : tensor<8x4xf32>
  %t = linalg.transpose ins(%r : tensor<4x8xf32>) outs(%empty : tensor<8x4xf32>) permutation = [1, 0]
  %l = linalg.matmul ins(%x, %t : tensor<6x8xf32>, tensor<8x4xf32>)
      outs(%zeros : tensor<6x4xf32>) -> tensor<6x4xf32>
  %s = moe.score softmax %l : tensor<6x4xf32> -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<6x4xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %s, %e : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  // expected-remark @below {{whether an expert has room depends on all tokens, a gate sees one}}
  %f, %v = moe.limit %e, %w of 4 factor 1.25 : tensor<6x2xi32>, tensor<6x2xf32>
  return %f, %v : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

// CHECK-LABEL: func.func @logits_are_read
// CHECK:         %[[L:.+]] = linalg.matmul
// CHECK:         moe.gate ins(%[[L]] : tensor<6x4xf32>)
func.func @logits_are_read(%x: tensor<6x8xf32>, %r: tensor<8x4xf32>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>, tensor<6x4xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %l = linalg.matmul ins(%x, %r : tensor<6x8xf32>, tensor<8x4xf32>)
      outs(%zeros : tensor<6x4xf32>) -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %l : tensor<6x4xf32> -> tensor<6x2xi32>
  // expected-remark @below {{the router matmul stays apart: others read the logits}}
  %w = moe.weigh softmax_selected %l, %e
      : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w, %l : tensor<6x2xi32>, tensor<6x2xf32>, tensor<6x4xf32>
}

// -----

#id = affine_map<(t, e) -> (t, e)>
#e = affine_map<(t, e) -> (e)>
// CHECK-LABEL: func.func @rounded_before_bias
// CHECK:         linalg.matmul
// CHECK:         moe.gate ins(%{{.+}} : tensor<6x4xbf16>) outs
func.func @rounded_before_bias(%x: tensor<6x8xbf16>, %r: tensor<8x4xbf16>,
                               %b: tensor<4xbf16>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xbf16>
  %p = linalg.matmul ins(%x, %r : tensor<6x8xbf16>, tensor<8x4xbf16>)
      outs(%zeros : tensor<6x4xbf16>) -> tensor<6x4xbf16>
  %empty = tensor.empty() : tensor<6x4xbf16>
  %l = linalg.generic {indexing_maps = [#id, #e, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%p, %b : tensor<6x4xbf16>, tensor<4xbf16>)
      outs(%empty : tensor<6x4xbf16>) {
  ^bb0(%product: bf16, %bias: bf16, %out: bf16):
    %sum = arith.addf %product, %bias : bf16
    linalg.yield %sum : bf16
  } -> tensor<6x4xbf16>
  %e = moe.select #moe.top_k<2> %l : tensor<6x4xbf16> -> tensor<6x2xi32>
  // expected-remark @below {{the router matmul stays apart: a bias is added after the product was rounded}}
  %w = moe.weigh softmax_selected %l, %e
      : tensor<6x4xbf16>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}
