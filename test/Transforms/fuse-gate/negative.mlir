// RUN: moe-opt %s --moe-fuse-gate --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// CHECK-NOT: moe.gate

func.func @foreign_key(%l: tensor<?x4xf32>, %key: tensor<?x4xf32>)
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

// -----

// A bias that is narrower than the keys: what is added is not what is stored.
#row = affine_map<(t, e) -> (t, e)>
#bias = affine_map<(t, e) -> (e)>
func.func @bias_of_another_type(%l: tensor<6x4xf32>, %b: tensor<4xbf16>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %s = moe.score sigmoid %l : tensor<6x4xf32> -> tensor<6x4xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<6x4xf32>, tensor<4xbf16>)
      outs(%s : tensor<6x4xf32>) {
  ^bb0(%left: f32, %right: bf16, %out: f32):
    %wide = arith.extf %right : bf16 to f32
    %sum = arith.addf %left, %wide : f32
    linalg.yield %sum : f32
  } -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<6x4xf32> -> tensor<6x2xi32>
  // expected-remark @below {{the key of moe.select is neither the logits nor their scores}}
  %w = moe.weigh value %s, %e
      : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

func.func @over_tokens(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  // expected-remark @below {{the softmax runs over the tokens, a gate sees one}}
  %s = moe.score softmax %l axis tokens : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @band(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l : tensor<?x4xf32> -> tensor<?x2xi32>
  // expected-remark @below {{band_softmax reads all experts for every slot}}
  %w = moe.weigh band_softmax %l, %e {band = 0.01}
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @factor_of_the_experts(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %e = moe.select #moe.top_k<2> %l : tensor<?x4xf32> -> tensor<?x2xi32>
  %first = tensor.extract %e[%c0, %c0] : tensor<?x2xi32>
  %factor = arith.sitofp %first : i32 to f32
  // expected-remark @below {{a factor of the weights is known only after the experts}}
  %w = moe.weigh value %l, %e factor(%factor : f32)
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

func.func @by_expert(%l: tensor<4x4xf32>)
    -> (tensor<4x2xi32>, tensor<4x2xf32>) {
  %s = moe.score softmax %l : tensor<4x4xf32> -> tensor<4x4xf32>
  // expected-remark @below {{experts select tokens, a gate decides for each token alone}}
  %t = moe.select #moe.top_k<2> %s by expert : tensor<4x4xf32> -> tensor<4x2xi32>
  %w = moe.weigh value %s, %t by expert
      : tensor<4x4xf32>, tensor<4x2xi32> -> tensor<4x2xf32>
  return %t, %w : tensor<4x2xi32>, tensor<4x2xf32>
}

// -----

func.func @limited_first(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %w0 = arith.constant 1.0 : f32
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  // expected-remark @below {{no moe.weigh weighs the selected experts}}
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %l, %c0 : tensor<?x4xf32>
  %ones = tensor.splat %w0[%n] : tensor<?x2xf32>
  // expected-remark @below {{whether an expert has room depends on all tokens, a gate sees one}}
  %f, %v = moe.limit %e, %ones of 4 capacity 3 : tensor<?x2xi32>, tensor<?x2xf32>
  // expected-remark @below {{the experts come from a moe.limit, which looks at all tokens}}
  %w = moe.weigh value %s, %f : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %f, %w : tensor<?x2xi32>, tensor<?x2xf32>
}
