// RUN: moe-opt %s --moe-simplify-router="allow-reassociation" --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// A bias on the scores makes a key that logits do not have. The weights could do
// without the score, but the bias may let a NaN pass.
// CHECK-LABEL: func.func @bias
// CHECK:         moe.score softmax
// CHECK:         moe.weigh value
func.func @bias(%l: tensor<?x8xf32>, %b: tensor<8xf32>) -> tensor<?x2xf32> {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %k = linalg.generic {indexing_maps = [affine_map<(t, e) -> (t, e)>, affine_map<(t, e) -> (e)>, affine_map<(t, e) -> (t, e)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%s : tensor<?x8xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %z = arith.addf %x, %y : f32
    linalg.yield %z : f32
  } -> tensor<?x8xf32>
  // expected-remark @below {{a bias is added to the scores before the choice}}
  %e = moe.select #moe.top_k<2> %k : tensor<?x8xf32> -> tensor<?x2xi32>
  // expected-remark @below {{a NaN may not be among the selected, which needs assume-finite}}
  %w = moe.weigh value %s, %e norm sum : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

// -----

// CHECK-LABEL: func.func @relu
// CHECK:         moe.select #moe.top_k<2> %[[S:.+]] :
func.func @relu(%l: tensor<?x8xf32>) -> tensor<?x2xi32> {
  %s = moe.score relu %l : tensor<?x8xf32> -> tensor<?x8xf32>
  // expected-remark @below {{relu makes all negative logits tie}}
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  return %e : tensor<?x2xi32>
}

// -----

// CHECK-LABEL: func.func @rules
// CHECK-SAME:    %[[L:.+]]: tensor<?x8xf32>,
// CHECK-NOT:     moe.select {{.*}} %[[L]]
func.func @rules(%l: tensor<?x8xf32>, %t: f32) -> (tensor<?x2xi32>, tensor<?x8xi32>, tensor<?x2xi32>, tensor<?x2xi32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  // expected-remark @below {{the rule computes with the scores}}
  %0 = moe.select #moe.gap<2> %s params(%t : f32) : tensor<?x8xf32> -> tensor<?x2xi32>
  // expected-remark @below {{the rule computes with the scores}}
  %1 = moe.select #moe.cumulative %s params(%t : f32) : tensor<?x8xf32> -> tensor<?x8xi32>
  // expected-remark @below {{sums of scores order groups in another way than sums of logits}}
  %2 = moe.select #moe.top_k<2> %s groups <n = 4, keep = 2, top = 2> : tensor<?x8xf32> -> tensor<?x2xi32>
  // expected-remark @below {{scores are compared with the zeros of other groups}}
  %3 = moe.select #moe.top_k<2> %s groups <n = 4, keep = 2, fill = zero> : tensor<?x8xf32> -> tensor<?x2xi32>
  return %0, %1, %2, %3 : tensor<?x2xi32>, tensor<?x8xi32>, tensor<?x2xi32>, tensor<?x2xi32>
}

// -----

// Each token has a sum of its own, which decides between tokens.
// CHECK-LABEL: func.func @between_tokens
// CHECK:         moe.select #moe.top_k<2> %{{[0-9s]+}} by expert
// CHECK:         moe.select #moe.top_k<2> %{{[0-9s]+}} by expert
func.func @between_tokens(%l: tensor<?x8xf32>) -> (tensor<8x2xi32>, tensor<8x2xi32>, tensor<8x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  // expected-remark @below {{a softmax over experts changes the order of tokens}}
  %0 = moe.select #moe.top_k<2> %s by expert : tensor<?x8xf32> -> tensor<8x2xi32>
  %c = moe.score softmax %l axis tokens : tensor<?x8xf32> -> tensor<?x8xf32>
  // expected-remark @below {{a softmax over tokens changes the order of experts}}
  %1 = moe.select #moe.top_k<2> %c by expert : tensor<?x8xf32> -> tensor<8x2xi32>
  // expected-remark @below {{the softmax runs over the tokens, whose sums differ between the selected}}
  %w = moe.weigh value %c, %1 by expert norm sum : tensor<?x8xf32>, tensor<8x2xi32> -> tensor<8x2xf32>
  return %0, %1, %w : tensor<8x2xi32>, tensor<8x2xi32>, tensor<8x2xf32>
}

// -----

// What guards a sum of shares does not guard one of exponentials.
// CHECK-LABEL: func.func @guards
// CHECK-COUNT-2: moe.weigh value
func.func @guards(%l: tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %l : tensor<?x8xf32> -> tensor<?x2xi32>
  // expected-remark @below {{the guard of the sum is none of a sum of exponentials}}
  %v = moe.weigh value %s, %e norm sum {eps = 1.0e-20} : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  // expected-remark @below {{the guard of the sum is none of a sum of exponentials}}
  %w = moe.weigh value %s, %e norm sum {clamp = 1.0e-12} : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %v, %w : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// A score in f64 is no work of moe.weigh; one that ranks NaN last loses it.
// CHECK-LABEL: func.func @types
// CHECK-COUNT-2: moe.weigh value
func.func @types(%l: tensor<?x8xf64>, %n: tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l {compute_type = f64} : tensor<?x8xf64> -> tensor<?x8xf64>
  %e = moe.select #moe.top_k<2> %l : tensor<?x8xf64> -> tensor<?x2xi32>
  // expected-remark @below {{the scores are computed in f64}}
  %v = moe.weigh value %s, %e norm sum : tensor<?x8xf64>, tensor<?x2xi32> -> tensor<?x2xf32>
  %t = moe.score softmax %n : tensor<?x8xf32> -> tensor<?x8xf32>
  %f = moe.select #moe.top_k<2> %n nan last : tensor<?x8xf32> -> tensor<?x2xi32>
  // expected-remark @below {{a NaN may not be among the selected}}
  %w = moe.weigh value %t, %f norm sum : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %v, %w : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// Factors that are no constants, and sums that are more than the experts'.
// CHECK-LABEL: func.func @factors
// CHECK:         arith.mulf
// CHECK:         arith.mulf
// CHECK:         arith.mulf
// CHECK:         arith.mulf
func.func @factors(%s: tensor<6x8xf32>, %e: tensor<6x2xi32>, %f: tensor<6x2xf32>, %rows: tensor<12x2xf32>, %p: tensor<12xi32>, %init: tensor<6x2xf32>)
    -> (tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x2xf32>) {
  %zero = arith.constant dense<0.0> : tensor<6x2xf32>
  %factor = arith.constant dense<2.5> : tensor<6x2xf32>
  %huge = arith.constant dense<0x7F800000> : tensor<6x2xf32>
  %w = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %0 = arith.mulf %w, %f : tensor<6x2xf32>
  // expected-remark @below {{the scale would not be finite}}
  %v = moe.weigh sigmoid %s, %e : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %1 = arith.mulf %v, %huge : tensor<6x2xf32>
  // expected-remark @below {{a factor of the sum multiplies what it starts from, too}}
  %y = moe.combine %rows, %p, %w into %init : tensor<12x2xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x2xf32>
  %2 = arith.mulf %y, %factor : tensor<6x2xf32>
  // expected-remark @below {{the graph rounds what a factor of the sum would change}}
  %z = moe.combine %rows, %p, %w into %zero {product_type = bf16} : tensor<12x2xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x2xf32>
  %3 = arith.mulf %z, %factor : tensor<6x2xf32>
  return %0, %1, %2, %3 : tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x2xf32>
}

// -----

// CHECK-LABEL: func.func @given_weights
// CHECK:         arith.mulf
func.func @given_weights(%w: tensor<6x2xf32>, %rows: tensor<12x2xf32>, %p: tensor<12xi32>) -> tensor<6x2xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x2xf32>
  %factor = arith.constant dense<2.5> : tensor<6x2xf32>
  // expected-remark @below {{a factor of the sum has no moe.weigh to be part of}}
  %y = moe.combine %rows, %p, %w into %zero : tensor<12x2xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x2xf32>
  %z = arith.mulf %y, %factor : tensor<6x2xf32>
  return %z : tensor<6x2xf32>
}
