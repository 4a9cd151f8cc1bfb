// RUN: moe-opt %s --moe-fuse-gate --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// CHECK-NOT: moe.gate

// A bias that steers the choice makes the key neither logits nor scores.
func.func @biased_key(%l: tensor<?x4xf32>, %key: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  // expected-remark @below {{the key of moe.select is neither the logits nor their scores}}
  %w = moe.weigh value %s, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @foreign_source(%l: tensor<?x4xf32>, %other: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  // expected-remark @below {{the source of moe.weigh is neither the logits nor their scores}}
  %w = moe.weigh value %other, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @two_scores(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %p = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  // expected-remark @below {{selected and weighed by different scores}}
  %w = moe.weigh value %p, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @two_roundings(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %r = arith.truncf %s : tensor<?x4xf32> to tensor<?x4xbf16>
  %e = moe.select #moe.top_k<2> %r : tensor<?x4xbf16> -> tensor<?x2xi32>
  // expected-remark @below {{selected and weighed by scores of different types}}
  %w = moe.weigh value %s, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @compute_type(%l: tensor<?x4xbf16>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  // expected-remark @below {{scores are computed in another type than f32}}
  %s = moe.score softmax %l {compute_type = bf16}
      : tensor<?x4xbf16> -> tensor<?x4xbf16>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xbf16> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e
      : tensor<?x4xbf16>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @double(%l: tensor<?x4xf64>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l : tensor<?x4xf64> -> tensor<?x2xi32>
  // expected-remark @below {{the router is computed in f64}}
  %w = moe.weigh softmax_selected %l, %e
      : tensor<?x4xf64>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @experts_from_outside(%s: tensor<?x4xf32>, %e: tensor<?x2xi32>)
    -> tensor<?x2xf32> {
  // expected-remark @below {{the experts do not come from a moe.select}}
  %w = moe.weigh value %s, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

// -----

func.func @no_weigh(%s: tensor<?x4xf32>) -> tensor<?x2xi32> {
  // expected-remark @below {{no moe.weigh weighs the selected experts}}
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  return %e : tensor<?x2xi32>
}
