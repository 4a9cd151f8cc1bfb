// Without allow-reassociation no tie and no rounding changes.
// RUN: moe-opt %s --moe-simplify-router \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @mixtral
// CHECK:         %[[S:.+]] = moe.score softmax
// CHECK:         moe.select #moe.top_k<2> %[[S]]
// CHECK:         moe.weigh value %[[S]]
func.func @mixtral(%l: tensor<?x8xf32>) -> tensor<?x2xf32> {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  // expected-remark @below {{logits may differ where their scores are equal, which needs allow-reassociation}}
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  // expected-remark @below {{a softmax over the selected rounds in other places, which needs allow-reassociation}}
  %w = moe.weigh value %s, %e norm sum : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

// CHECK-LABEL: func.func @factors
// CHECK-COUNT-3: arith.mulf
func.func @factors(%s: tensor<6x8xf32>, %e: tensor<6x2xi32>, %rows: tensor<12x2xf32>, %p: tensor<12xi32>)
    -> (tensor<6x2xf32>, tensor<6x2xbf16>, tensor<6x2xf32>) {
  %zero = arith.constant dense<0.0> : tensor<6x2xf32>
  %factor = arith.constant dense<2.5> : tensor<6x2xf32>
  %narrow = arith.constant dense<2.5> : tensor<6x2xbf16>
  // expected-remark @below {{the weights are rounded before they are scaled, which needs allow-reassociation}}
  %w = moe.weigh value %s, %e {scale = 3.0} : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %0 = arith.mulf %w, %factor : tensor<6x2xf32>
  // expected-remark @below {{the weights are rounded before they are scaled, which needs allow-reassociation}}
  %v = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xbf16>
  %1 = arith.mulf %v, %narrow : tensor<6x2xbf16>
  // expected-remark @below {{a factor of the sum would round each of its terms, which needs allow-reassociation}}
  %y = moe.combine %rows, %p, %w into %zero : tensor<12x2xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x2xf32>
  %2 = arith.mulf %y, %factor : tensor<6x2xf32>
  return %0, %1, %2 : tensor<6x2xf32>, tensor<6x2xbf16>, tensor<6x2xf32>
}
