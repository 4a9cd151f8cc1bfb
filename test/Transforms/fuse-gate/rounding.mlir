// RUN: moe-opt %s --moe-fuse-gate --canonicalize --cse --split-input-file | FileCheck %s

// Logits rounded to bf16 and widened again: the gate rounds them, too. Scores
// rounded before the choice (Switch) pick other experts than those in f32.
#id = affine_map<(i, j) -> (i, j)>
// CHECK-LABEL: func.func @rounded_logits_and_scores
// CHECK-SAME:    %[[X:.+]]: tensor<6x8xbf16>, %[[ROUTER:.+]]: tensor<4x8xbf16>
// CHECK-NOT:     linalg
// CHECK:         moe.gate ins(%[[X]], %[[ROUTER]] :
// CHECK-SAME:      on scores {logits_type = bf16, score_type = bf16}
func.func @rounded_logits_and_scores(%x: tensor<6x8xbf16>,
                                     %router: tensor<4x8xbf16>)
    -> (tensor<6x1xi32>, tensor<6x1xbf16>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %t0 = tensor.empty() : tensor<8x4xbf16>
  %rt = linalg.transpose ins(%router : tensor<4x8xbf16>)
      outs(%t0 : tensor<8x4xbf16>) permutation = [1, 0]
  %l = linalg.matmul ins(%x, %rt : tensor<6x8xbf16>, tensor<8x4xbf16>)
      outs(%zeros : tensor<6x4xf32>) -> tensor<6x4xf32>
  %narrow = arith.truncf %l : tensor<6x4xf32> to tensor<6x4xbf16>
  %wide0 = tensor.empty() : tensor<6x4xf32>
  %wide = linalg.generic {indexing_maps = [#id, #id],
                          iterator_types = ["parallel", "parallel"]}
      ins(%narrow : tensor<6x4xbf16>) outs(%wide0 : tensor<6x4xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %e = arith.extf %in : bf16 to f32
    linalg.yield %e : f32
  } -> tensor<6x4xf32>
  %s = moe.score softmax %wide : tensor<6x4xf32> -> tensor<6x4xf32>
  %rounded = arith.truncf %s : tensor<6x4xf32> to tensor<6x4xbf16>
  %e = moe.select #moe.top_k<1> %rounded : tensor<6x4xbf16> -> tensor<6x1xi32>
  %w = moe.weigh value %rounded, %e
      : tensor<6x4xbf16>, tensor<6x1xi32> -> tensor<6x1xbf16>
  return %e, %w : tensor<6x1xi32>, tensor<6x1xbf16>
}

// -----

// Tokens and router widened to f32 before the matmul: products of bf16 are
// exact in f32 anyway.
// CHECK-LABEL: func.func @widened_operands
// CHECK-SAME:    %[[X:.+]]: tensor<6x8xbf16>, %[[ROUTER:.+]]: tensor<4x8xbf16>
// CHECK-NOT:     arith.extf
// CHECK:         moe.gate ins(%[[X]], %[[ROUTER]] :
// CHECK-NOT:     logits_type
func.func @widened_operands(%x: tensor<6x8xbf16>, %router: tensor<4x8xbf16>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %xw = arith.extf %x : tensor<6x8xbf16> to tensor<6x8xf32>
  %rw = arith.extf %router : tensor<4x8xbf16> to tensor<4x8xf32>
  %t0 = tensor.empty() : tensor<8x4xf32>
  %rt = linalg.transpose ins(%rw : tensor<4x8xf32>)
      outs(%t0 : tensor<8x4xf32>) permutation = [1, 0]
  %l = linalg.matmul ins(%xw, %rt : tensor<6x8xf32>, tensor<8x4xf32>)
      outs(%zeros : tensor<6x4xf32>) -> tensor<6x4xf32>
  %s = moe.score softmax %l : tensor<6x4xf32> -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<6x4xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %s, %e
      : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

// Rounded to f16 and then to bf16: no one type stands for that, so the gate
// reads what was rounded twice.
// CHECK-LABEL: func.func @rounded_twice
// CHECK:         linalg.matmul
// CHECK:         arith.truncf
// CHECK:         moe.gate ins(%{{.+}} : tensor<6x4xbf16>)
func.func @rounded_twice(%x: tensor<6x8xf32>, %router: tensor<8x4xf32>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %l = linalg.matmul ins(%x, %router : tensor<6x8xf32>, tensor<8x4xf32>)
      outs(%zeros : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a = arith.truncf %l : tensor<6x4xf32> to tensor<6x4xf16>
  %b = arith.extf %a : tensor<6x4xf16> to tensor<6x4xf32>
  %c = arith.truncf %b : tensor<6x4xf32> to tensor<6x4xbf16>
  %s = moe.score softmax %c : tensor<6x4xbf16> -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<6x4xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %s, %e
      : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

// Logits that the caller gets as well are read, not computed twice; scores that
// others read stay.
// CHECK-LABEL: func.func @shared
// CHECK:         %[[L:.+]] = linalg.matmul
// CHECK:         %[[S:.+]] = moe.score softmax %[[L]]
// CHECK:         %[[GATE:.+]]:2 = moe.gate ins(%[[L]] : tensor<6x4xf32>)
// CHECK:         return %[[GATE]]#0, %[[GATE]]#1, %[[S]]
func.func @shared(%x: tensor<6x8xf32>, %router: tensor<8x4xf32>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>, tensor<6x4xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %l = linalg.matmul ins(%x, %router : tensor<6x8xf32>, tensor<8x4xf32>)
      outs(%zeros : tensor<6x4xf32>) -> tensor<6x4xf32>
  %s = moe.score softmax %l : tensor<6x4xf32> -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<6x4xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %s, %e
      : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w, %s : tensor<6x2xi32>, tensor<6x2xf32>, tensor<6x4xf32>
}
