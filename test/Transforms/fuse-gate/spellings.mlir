// RUN: moe-opt %s --moe-fuse-gate --canonicalize --cse --split-input-file | FileCheck %s

// A matmul that transposes by its maps.
#x = affine_map<(m, n, k) -> (m, k)>
#r = affine_map<(m, n, k) -> (n, k)>
#l = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func.func @indexing_maps
// CHECK-SAME:    %[[X:.+]]: tensor<6x8xf32>, %[[ROUTER:.+]]: tensor<4x8xf32>
// CHECK-NOT:     linalg
// CHECK:         moe.gate ins(%[[X]], %[[ROUTER]] :
func.func @indexing_maps(%x: tensor<6x8xf32>, %router: tensor<4x8xf32>)
    -> (tensor<6x1xi32>, tensor<6x1xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %l = linalg.matmul indexing_maps = [#x, #r, #l]
      ins(%x, %router : tensor<6x8xf32>, tensor<4x8xf32>)
      outs(%zeros : tensor<6x4xf32>) -> tensor<6x4xf32>
  %s = moe.score sigmoid %l : tensor<6x4xf32> -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<1> %l : tensor<6x4xf32> -> tensor<6x1xi32>
  %w = moe.weigh value %s, %e
      : tensor<6x4xf32>, tensor<6x1xi32> -> tensor<6x1xf32>
  return %e, %w : tensor<6x1xi32>, tensor<6x1xf32>
}

// -----

// The same as a generic, factors commuted; picked on logits, weighed by a
// softmax over the picked ones.
#x = affine_map<(m, n, k) -> (m, k)>
#r = affine_map<(m, n, k) -> (n, k)>
#l = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func.func @generic
// CHECK-SAME:    %[[X:.+]]: tensor<6x8xf32>, %[[ROUTER:.+]]: tensor<4x8xf32>
// CHECK:         moe.gate ins(%[[X]], %[[ROUTER]] :
// CHECK-SAME:      score identity select #moe.top_k<2> on logits weigh softmax_selected on logits
func.func @generic(%x: tensor<6x8xf32>, %router: tensor<4x8xf32>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %l = linalg.generic {indexing_maps = [#x, #r, #l],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %router : tensor<6x8xf32>, tensor<4x8xf32>)
      outs(%zeros : tensor<6x4xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %b, %a : f32
    %q = arith.addf %p, %c : f32
    linalg.yield %q : f32
  } -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %l : tensor<6x4xf32> -> tensor<6x2xi32>
  %w = moe.weigh softmax_selected %l, %e
      : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

// A router stored as [D,E] is transposed: it is small.
// CHECK-LABEL: func.func @router_d_e
// CHECK-SAME:    %[[X:.+]]: tensor<6x8xf32>, %[[ROUTER:.+]]: tensor<8x4xf32>
// CHECK:         %[[T:.+]] = linalg.transpose ins(%[[ROUTER]] : tensor<8x4xf32>) outs(%{{.+}} : tensor<4x8xf32>) permutation = [1, 0]
// CHECK-NOT:     linalg.matmul
// CHECK:         moe.gate ins(%[[X]], %[[T]] :
func.func @router_d_e(%x: tensor<6x8xf32>, %router: tensor<8x4xf32>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x4xf32>
  %l = linalg.matmul ins(%x, %router : tensor<6x8xf32>, tensor<8x4xf32>)
      outs(%zeros : tensor<6x4xf32>) -> tensor<6x4xf32>
  %s = moe.score softmax %l : tensor<6x4xf32> -> tensor<6x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<6x4xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %s, %e
      : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

// A bias is part of no matmul: the gate starts at the logits.
// CHECK-LABEL: func.func @logits_only
// CHECK-SAME:    %[[L:.+]]: tensor<?x4xbf16>
// CHECK:         moe.gate ins(%[[L]] : tensor<?x4xbf16>)
// CHECK-SAME:      -> tensor<?x2xi32>, tensor<?x2xf16>
func.func @logits_only(%l: tensor<?x4xbf16>)
    -> (tensor<?x2xi32>, tensor<?x2xf16>) {
  %s = moe.score softmax %l : tensor<?x4xbf16> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf16>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf16>
}

// -----

// A plan between select and weigh reads the experts of the gate.
// CHECK-LABEL: func.func @used_before_weigh
// CHECK:         %[[GATE:.+]]:2 = moe.gate
// CHECK:         moe.plan %[[GATE]]#0
// CHECK:         return %{{.+}}, %[[GATE]]#1
func.func @used_before_weigh(%l: tensor<?x4xf32>)
    -> (tensor<5xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l : tensor<?x4xf32> -> tensor<?x2xi32>
  %o, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %w = moe.weigh sigmoid %l, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %o, %w : tensor<5xi32>, tensor<?x2xf32>
}
