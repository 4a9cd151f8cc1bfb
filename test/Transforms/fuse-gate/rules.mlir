// RUN: moe-opt %s --moe-fuse-gate --split-input-file --remarks-filter-missed=moe 2>&1 \
// RUN:   | FileCheck %s --implicit-check-not=remark --implicit-check-not=moe.score \
// RUN:     --implicit-check-not=moe.select --implicit-check-not=moe.weigh

// Every rule of a token, with what goes on around it, is one op with its router.

// CHECK-LABEL: func.func @groups
// CHECK:         moe.gate ins(%{{.+}}, %{{.+}} : tensor<6x16xf32>, tensor<8x16xf32>) key_bias(
// CHECK-SAME:      score sqrtsoftplus select #moe.top_k<2> on scores groups <n = 4, keep = 2, top = 2> nan last weigh value
func.func @groups(%x: tensor<6x16xf32>, %r: tensor<8x16xf32>, %b: tensor<8xf32>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x8xf32>
  %l = linalg.contract indexing_maps = [affine_map<(t, e, d) -> (t, d)>,
                                        affine_map<(t, e, d) -> (e, d)>,
                                        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<6x16xf32>, tensor<8x16xf32>)
      outs(%zeros : tensor<6x8xf32>) -> tensor<6x8xf32>
  %s = moe.score sqrtsoftplus %l : tensor<6x8xf32> -> tensor<6x8xf32>
  %empty = tensor.empty() : tensor<6x8xf32>
  %k = linalg.generic {indexing_maps = [affine_map<(t, e) -> (t, e)>,
                                        affine_map<(t, e) -> (e)>,
                                        affine_map<(t, e) -> (t, e)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<6x8xf32>, tensor<8xf32>) outs(%empty : tensor<6x8xf32>) {
  ^bb0(%score: f32, %bias: f32, %old: f32):
    %sum = arith.addf %score, %bias : f32
    linalg.yield %sum : f32
  } -> tensor<6x8xf32>
  %e = moe.select #moe.top_k<2> %k groups <n = 4, keep = 2, top = 2> nan last : tensor<6x8xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

// CHECK-LABEL: func.func @gap
// CHECK:         moe.gate ins(%{{.+}}, %{{.+}} : tensor<6x16xf32>, tensor<8x16xf32>) params(
// CHECK-SAME:      select #moe.gap<2, norm = top2> on scores order by_index
func.func @gap(%x: tensor<6x16xf32>, %r: tensor<8x16xf32>, %p: f32)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x8xf32>
  %l = linalg.contract indexing_maps = [affine_map<(t, e, d) -> (t, d)>,
                                        affine_map<(t, e, d) -> (e, d)>,
                                        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<6x16xf32>, tensor<8x16xf32>)
      outs(%zeros : tensor<6x8xf32>) -> tensor<6x8xf32>
  %s = moe.score softmax %l : tensor<6x8xf32> -> tensor<6x8xf32>
  %e = moe.select #moe.gap<2, norm = top2> %s params(%p : f32) order by_index : tensor<6x8xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

// CHECK-LABEL: func.func @cumulative
// CHECK:         moe.gate ins(%{{.+}}, %{{.+}} : tensor<6x16xf32>, tensor<8x16xf32>) params(
// CHECK-SAME:      select #moe.cumulative on scores
func.func @cumulative(%x: tensor<6x16xf32>, %r: tensor<8x16xf32>, %p: f32)
    -> (tensor<6x8xi32>, tensor<6x8xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x8xf32>
  %l = linalg.contract indexing_maps = [affine_map<(t, e, d) -> (t, d)>,
                                        affine_map<(t, e, d) -> (e, d)>,
                                        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<6x16xf32>, tensor<8x16xf32>)
      outs(%zeros : tensor<6x8xf32>) -> tensor<6x8xf32>
  %s = moe.score softmax %l : tensor<6x8xf32> -> tensor<6x8xf32>
  %e = moe.select #moe.cumulative %s params(%p : f32) : tensor<6x8xf32> -> tensor<6x8xi32>
  %w = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x8xi32> -> tensor<6x8xf32>
  return %e, %w : tensor<6x8xi32>, tensor<6x8xf32>
}

// -----

// CHECK-LABEL: func.func @positive
// CHECK:         moe.gate ins(%{{.+}}, %{{.+}} : tensor<6x16xf32>, tensor<8x16xf32>)
// CHECK-SAME:      score relu select #moe.positive on scores
func.func @positive(%x: tensor<6x16xf32>, %r: tensor<8x16xf32>)
    -> (tensor<6x8xi32>, tensor<6x8xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x8xf32>
  %l = linalg.contract indexing_maps = [affine_map<(t, e, d) -> (t, d)>,
                                        affine_map<(t, e, d) -> (e, d)>,
                                        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<6x16xf32>, tensor<8x16xf32>)
      outs(%zeros : tensor<6x8xf32>) -> tensor<6x8xf32>
  %s = moe.score relu %l : tensor<6x8xf32> -> tensor<6x8xf32>
  %e = moe.select #moe.positive %s : tensor<6x8xf32> -> tensor<6x8xi32>
  %w = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x8xi32> -> tensor<6x8xf32>
  return %e, %w : tensor<6x8xi32>, tensor<6x8xf32>
}

// -----

// CHECK-LABEL: func.func @above
// CHECK:         moe.gate ins(%{{.+}}, %{{.+}} : tensor<6x16xf32>, tensor<8x16xf32>) params(
// CHECK-SAME:      select #moe.above<min_active = 1> on scores
func.func @above(%x: tensor<6x16xf32>, %r: tensor<8x16xf32>, %p: tensor<8xf32>)
    -> (tensor<6x8xi32>, tensor<6x8xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x8xf32>
  %l = linalg.contract indexing_maps = [affine_map<(t, e, d) -> (t, d)>,
                                        affine_map<(t, e, d) -> (e, d)>,
                                        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<6x16xf32>, tensor<8x16xf32>)
      outs(%zeros : tensor<6x8xf32>) -> tensor<6x8xf32>
  %s = moe.score sigmoid %l : tensor<6x8xf32> -> tensor<6x8xf32>
  %e = moe.select #moe.above<min_active = 1> %s params(%p : tensor<8xf32>) : tensor<6x8xf32> -> tensor<6x8xi32>
  %w = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x8xi32> -> tensor<6x8xf32>
  return %e, %w : tensor<6x8xi32>, tensor<6x8xf32>
}

// -----

// CHECK-LABEL: func.func @table
// CHECK:         moe.gate ins(%{{.+}}, %{{.+}} : tensor<6x16xf32>, tensor<8x16xf32>) params({{.+}}) token_params(
// CHECK-SAME:      select #moe.table<2> on scores
func.func @table(%x: tensor<6x16xf32>, %r: tensor<8x16xf32>, %p: tensor<100x2xi64>, %ids: tensor<6xi64>)
    -> (tensor<6x2xi32>, tensor<6x2xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x8xf32>
  %l = linalg.contract indexing_maps = [affine_map<(t, e, d) -> (t, d)>,
                                        affine_map<(t, e, d) -> (e, d)>,
                                        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<6x16xf32>, tensor<8x16xf32>)
      outs(%zeros : tensor<6x8xf32>) -> tensor<6x8xf32>
  %s = moe.score softmax %l : tensor<6x8xf32> -> tensor<6x8xf32>
  %e = moe.select #moe.table<2> %s params(%p : tensor<100x2xi64>) token_params(%ids : tensor<6xi64>) : tensor<6x8xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %s, %e : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %e, %w : tensor<6x2xi32>, tensor<6x2xf32>
}

// -----

// CHECK-LABEL: func.func @counted
// CHECK:         moe.gate ins(%{{.+}}, %{{.+}} : tensor<6x16xf32>, tensor<8x16xf32>) count(
// CHECK-SAME:      select #moe.top_k<4> on scores weigh softmax_selected
func.func @counted(%x: tensor<6x16xf32>, %r: tensor<8x16xf32>, %n: index)
    -> (tensor<6x4xi32>, tensor<6x4xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<6x8xf32>
  %l = linalg.contract indexing_maps = [affine_map<(t, e, d) -> (t, d)>,
                                        affine_map<(t, e, d) -> (e, d)>,
                                        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<6x16xf32>, tensor<8x16xf32>)
      outs(%zeros : tensor<6x8xf32>) -> tensor<6x8xf32>
  %s = moe.score softmax %l : tensor<6x8xf32> -> tensor<6x8xf32>
  %e = moe.select #moe.top_k<4> %s count(%n : index) : tensor<6x8xf32> -> tensor<6x4xi32>
  %w = moe.weigh softmax_selected %s, %e : tensor<6x8xf32>, tensor<6x4xi32> -> tensor<6x4xf32>
  return %e, %w : tensor<6x4xi32>, tensor<6x4xf32>
}
