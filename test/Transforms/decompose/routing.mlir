// RUN: moe-opt %s --moe-decompose | FileCheck %s

// Softmax subtracts the largest logit; bf16 logits are scored in f32 and
// rounded once.
// CHECK-LABEL: func.func @score_softmax
// CHECK:         linalg.generic
// CHECK:           arith.extf
// CHECK:           arith.maximumf
// CHECK:         linalg.generic
// CHECK:           arith.subf
// CHECK:           math.exp
// CHECK:         linalg.generic
// CHECK:           arith.addf
// CHECK:         linalg.generic
// CHECK:           arith.divf
// CHECK:           arith.truncf {{.+}} : f32 to bf16
func.func @score_softmax(%logits: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %s = moe.score softmax %logits : tensor<?x4xbf16> -> tensor<?x4xbf16>
  return %s : tensor<?x4xbf16>
}

// A compute type is the type of the arithmetic.
// CHECK-LABEL: func.func @score_compute_type
// CHECK-NOT:     arith.extf
// CHECK:         math.exp {{.+}} : bf16
// CHECK-NOT:     arith.truncf
// CHECK:         return
func.func @score_compute_type(%logits: tensor<3x4xbf16>) -> tensor<3x4xbf16> {
  %s = moe.score sigmoid %logits {compute_type = bf16}
      : tensor<3x4xbf16> -> tensor<3x4xbf16>
  return %s : tensor<3x4xbf16>
}

// The divisor gets eps, the weight the scale.
// CHECK-LABEL: func.func @weigh_scaled
// CHECK:         tensor.extract
// CHECK:         arith.addf
// CHECK:         %[[EPS:.+]] = arith.constant 9.99999968E-21 : f32
// CHECK:         %[[SUM:.+]] = arith.addf {{.+}}, %[[EPS]]
// CHECK:         arith.divf {{.+}}, %[[SUM]]
// CHECK:         %[[SCALE:.+]] = arith.constant 2.500000e+00 : f32
// CHECK:         arith.mulf {{.+}}, %[[SCALE]]
func.func @weigh_scaled(%s: tensor<?x4xf32>, %e: tensor<?x2xi32>)
    -> tensor<?x2xf32> {
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-20, scale = 2.5}
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

// Ids outside [0, E) are empty slots: one unsigned comparison.
// CHECK-LABEL: func.func @plan
// CHECK:         arith.cmpi ult
// CHECK:         scf.if
func.func @plan(%e: tensor<?x2xi32>) -> (tensor<5xi32>, tensor<?xi32>) {
  %o, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  return %o, %p : tensor<5xi32>, tensor<?xi32>
}
