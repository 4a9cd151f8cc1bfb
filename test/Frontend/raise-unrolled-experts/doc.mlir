// RUN: moe-opt %s --moe-raise-unrolled-experts | FileCheck %s

#id = affine_map<(t, d) -> (t, d)>
#t = affine_map<(t, d) -> (t)>
#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>

// Three experts on every token; the last but one is added first.
// CHECK-LABEL: func.func @in_any_order
// CHECK-SAME:    %[[X:.+]]: tensor<6x8xf32>, %[[KEY:.+]]: tensor<6x3xf32>, %[[U:.+]]: tensor<3x8x4xf32>, %[[V:.+]]: tensor<3x4x8xf32>
// CHECK:         %[[IDS:.+]] = moe.select
// CHECK:         %[[WEIGHTS:.+]] = moe.weigh
// CHECK:         %[[OFFSETS:.+]], %[[PAIRS:.+]] = moe.plan %[[IDS]]
// CHECK:         %[[ROWS:.+]] = moe.dispatch %[[X]], %[[PAIRS]] slots 2
// CHECK:         %[[YS:.+]] = moe.experts rows(%[[ROWS]] : tensor<12x8xf32>)
// CHECK-SAME:      weights(%[[U]], %[[V]] : tensor<3x8x4xf32>, tensor<3x4x8xf32>)
// CHECK:           linalg.matmul
// CHECK:           math.tanh
// CHECK:           linalg.matmul
// CHECK-NOT:     linalg.matmul
// CHECK:         moe.combine %[[YS]], %[[PAIRS]], %[[WEIGHTS]]
func.func @in_any_order(%x: tensor<6x8xf32>, %key: tensor<6x3xf32>, %u: tensor<3x8x4xf32>, %v: tensor<3x4x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<6x4xf32>) -> tensor<6x4xf32>
  %yr = tensor.empty() : tensor<6x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<6x8xf32>) -> tensor<6x8xf32>
  %us0 = tensor.extract_slice %u[1, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs0 = tensor.extract_slice %v[1, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h0 = linalg.matmul ins(%x, %us0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a0 = math.tanh %h0 : tensor<6x4xf32>
  %r0 = linalg.matmul ins(%a0, %vs0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w0 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us1 = tensor.extract_slice %u[0, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs1 = tensor.extract_slice %v[0, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h1 = linalg.matmul ins(%x, %us1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a1 = math.tanh %h1 : tensor<6x4xf32>
  %r1 = linalg.matmul ins(%a1, %vs1 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w1 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us2 = tensor.extract_slice %u[2, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs2 = tensor.extract_slice %v[2, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h2 = linalg.matmul ins(%x, %us2 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a2 = math.tanh %h2 : tensor<6x4xf32>
  %r2 = linalg.matmul ins(%a2, %vs2 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  return %y2 : tensor<6x8xf32>
}

// Matrices of their own are stacked; the sum starts from the tokens.
// CHECK-LABEL: func.func @separate
// CHECK-SAME:    %[[X:.+]]: tensor<6x8xf32>, %{{.+}}: tensor<6x3xf32>, %[[U0:[a-z0-9]+]]: tensor<8x4xf32>, %{{[a-z0-9]+}}: tensor<4x8xf32>, %[[U1:[a-z0-9]+]]: tensor<8x4xf32>
// CHECK:         tensor.insert_slice %[[U0]] into %{{.+}}[0, 0, 0] [1, 8, 4]
// CHECK:         tensor.insert_slice %[[U1]] into %{{.+}}[1, 0, 0] [1, 8, 4]
// CHECK:         moe.experts
// CHECK:         moe.combine {{.+}} into %[[X]]
func.func @separate(%x: tensor<6x8xf32>, %key: tensor<6x3xf32>, %u0: tensor<8x4xf32>, %v0: tensor<4x8xf32>, %u1: tensor<8x4xf32>, %v1: tensor<4x8xf32>, %u2: tensor<8x4xf32>, %v2: tensor<4x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<6x4xf32>) -> tensor<6x4xf32>
  %yr = tensor.empty() : tensor<6x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<6x8xf32>) -> tensor<6x8xf32>
  %h0 = linalg.matmul ins(%x, %u0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a0 = math.tanh %h0 : tensor<6x4xf32>
  %r0 = linalg.matmul ins(%a0, %v0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %r0, %w0 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %h1 = linalg.matmul ins(%x, %u1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a1 = math.tanh %h1 : tensor<6x4xf32>
  %r1 = linalg.matmul ins(%a1, %v1 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w1 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %h2 = linalg.matmul ins(%x, %u2 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a2 = math.tanh %h2 : tensor<6x4xf32>
  %r2 = linalg.matmul ins(%a2, %v2 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  return %y2 : tensor<6x8xf32>
}
