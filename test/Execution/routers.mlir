// What every token-choice router gives, on every back end: routers.py has the
// cases, with published numbers where there are some.
// RUN: %python %S/routers.py %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/routers.py %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

// One op does all of it but for the band of SparseMixer.
// RUN: moe-opt %s --moe-fuse --remarks-filter-missed=none | FileCheck %s
// CHECK:     func.func @v1(
// CHECK-NOT: moe.score
// CHECK-NOT: moe.select
// CHECK-NOT: moe.weigh
// CHECK:     func.func @v15(
// CHECK:     moe.weigh band_softmax
// CHECK:     func.func @v15_narrow(
// CHECK:     moe.weigh band_softmax
// CHECK:     func.func @rest(
// CHECK-NOT: moe.score
// CHECK-NOT: moe.select
// CHECK-NOT: moe.weigh

#row = affine_map<(t, e) -> (t, e)>
#bias = affine_map<(t, e) -> (e)>

func.func @v1(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v2(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v4(%l: tensor<?x4xf32>, %b: tensor<4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                         iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x4xf32>, tensor<4xf32>) outs(%s : tensor<?x4xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum {scale = 2.5} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v4b(%l: tensor<?x4xf32>, %b: tensor<4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                         iterator_types = ["parallel", "parallel"]}
      ins(%l, %b : tensor<?x4xf32>, tensor<4xf32>) outs(%l : tensor<?x4xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh sigmoid %l, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v5(%l: tensor<?x4xf32>, %b: tensor<4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                         iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x4xf32>, tensor<4xf32>) outs(%s : tensor<?x4xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v5b(%l: tensor<?x4xf32>, %b: tensor<4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                         iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x4xf32>, tensor<4xf32>) outs(%s : tensor<?x4xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e {scale = 6.0} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v6(%l: tensor<?x4xf32>, %t: f32)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.gap<2> %s params(%t : f32) : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v6b(%l: tensor<?x4xf32>, %t: f32)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.gap<2, norm = top2> %s params(%t : f32) : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v7(%l: tensor<?x4xf32>, %t: f32)
    -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.cumulative %s params(%t : f32) : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

func.func @v8(%l: tensor<?x4xf32>)
    -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.positive %s : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

func.func @v14(%l: tensor<?x8xf32>, %b: tensor<8xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score sigmoid %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                         iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%s : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %k
      groups <n = 4, keep = 2, top = 2> : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-20, scale = 2.5} : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @v14b_infinity(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l
      groups <n = 2, keep = 1> : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v14b_zero(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l
      groups <n = 2, keep = 1, fill = zero> : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v14b_ones(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l
      groups <n = 2, keep = 1> : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh one %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v15(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh band_softmax %l, %e {band = 0.1} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v15_narrow(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh band_softmax %l, %e {band = 0.01} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @rest(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v16(%l: tensor<?x4xf32>, %b: tensor<4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sqrtsoftplus %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                         iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x4xf32>, tensor<4xf32>) outs(%s : tensor<?x4xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum {scale = 1.5} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v16b(%l: tensor<?x4xf32>, %table: tensor<?x2xi32>, %ids: tensor<?xi64>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sqrtsoftplus %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.table<2> %s params(%table : tensor<?x2xi32>)
      token_params(%ids : tensor<?xi64>) : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum {scale = 1.5} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v17(%l: tensor<?x4xf32>)
    -> (tensor<?x1xi32>, tensor<?x1xf32>) {
  %e = moe.select #moe.top_k<1> %l : tensor<?x4xf32> -> tensor<?x1xi32>
  %w = moe.weigh sigmoid %l, %e : tensor<?x4xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  return %e, %w : tensor<?x1xi32>, tensor<?x1xf32>
}

func.func @v21(%l: tensor<?x4xf32>, %p: f32)
    -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %e = moe.select #moe.cumulative %l params(%p : f32) : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %l, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

func.func @v21_strict(%l: tensor<?x4xf32>, %p: f32)
    -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %e = moe.select #moe.cumulative<strict = true> %l params(%p : f32) : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %l, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

func.func @gemma(%l: tensor<?x4xf32>, %g: tensor<4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e per_expert(%g : tensor<4xf32>) norm sum
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @inkling(%l: tensor<?x4xf32>, %f: f32)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e factor(%f : f32) norm sum {scale = 2.0} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @clamped(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum {clamp = 0.7} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @lp1(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm lp {p = 1.0} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @lp2(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm lp {p = 2.0} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @lp3(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm lp {p = 3.0} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @dynmoe(%l: tensor<?x4xf32>, %t: tensor<4xf32>)
    -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.above<min_active = 1> %s params(%t : tensor<4xf32>)
      : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh one %s, %e norm hits : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

func.func @dynmoe_two(%l: tensor<?x4xf32>, %t: tensor<4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.above<max = 2> %s params(%t : tensor<4xf32>)
      : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh one %s, %e norm hits : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @counted(%l: tensor<?x4xf32>, %k: i32)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l count(%k : i32) : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh one %l, %e norm hits : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @by_index(%l: tensor<?x4xf32>, %t: f32)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.gap<2> %s params(%t : f32) order by_index : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @plain(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh one %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @nan_last(%l: tensor<?x4xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l nan last : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh one %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @gap_ones(%l: tensor<?x4xf32>, %t: f32)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.gap<2> %l params(%t : f32) : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh one %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @positive_ones(%l: tensor<?x4xf32>)
    -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %e = moe.select #moe.positive %l : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh one %l, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

func.func @all(%l: tensor<?x4xf32>)
    -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<4> %s : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

func.func @many(%l: tensor<?x300xf32>)
    -> (tensor<?x100xi32>, tensor<?x100xf32>) {
  %e = moe.select #moe.top_k<100> %l : tensor<?x300xf32> -> tensor<?x100xi32>
  %w = moe.weigh one %l, %e : tensor<?x300xf32>, tensor<?x100xi32> -> tensor<?x100xf32>
  return %e, %w : tensor<?x100xi32>, tensor<?x100xf32>
}

func.func @many_all(%l: tensor<?x300xf32>)
    -> (tensor<?x300xi32>, tensor<?x300xf32>) {
  %e = moe.select #moe.top_k<300> %l : tensor<?x300xf32> -> tensor<?x300xi32>
  %w = moe.weigh one %l, %e : tensor<?x300xf32>, tensor<?x300xi32> -> tensor<?x300xf32>
  return %e, %w : tensor<?x300xi32>, tensor<?x300xf32>
}

func.func @many_cumulative(%l: tensor<?x300xf32>, %p: f32)
    -> (tensor<?x100xi32>, tensor<?x100xf32>) {
  %e = moe.select #moe.cumulative<max = 100> %l params(%p : f32) : tensor<?x300xf32> -> tensor<?x100xi32>
  %w = moe.weigh one %l, %e : tensor<?x300xf32>, tensor<?x100xi32> -> tensor<?x100xf32>
  return %e, %w : tensor<?x100xi32>, tensor<?x100xf32>
}

func.func @kolibri_bf16(%l: tensor<?x12xbf16>, %b: tensor<12xbf16>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                         iterator_types = ["parallel", "parallel"]}
      ins(%l, %b : tensor<?x12xbf16>, tensor<12xbf16>) outs(%l : tensor<?x12xbf16>) {
  ^bb0(%left: bf16, %right: bf16, %out: bf16):
    %sum = arith.addf %left, %right : bf16
    linalg.yield %sum : bf16
  } -> tensor<?x12xbf16>
  %e = moe.select #moe.top_k<3> %k groups <n = 4, keep = 2, top = 3> : tensor<?x12xbf16> -> tensor<?x3xi32>
  %w = moe.weigh sigmoid %l, %e norm sum : tensor<?x12xbf16>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @gpt_oss(%x: tensor<?x24xf32>, %r: tensor<12x24xf32>, %b: tensor<12xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x24xf32>
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty(%n) : tensor<?x12xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x12xf32>) -> tensor<?x12xf32>
  %l = linalg.matmul indexing_maps = [
        affine_map<(t, e, d) -> (t, d)>, affine_map<(t, e, d) -> (e, d)>,
        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<?x24xf32>, tensor<12x24xf32>)
      outs(%l1 : tensor<?x12xf32>) -> tensor<?x12xf32>
  %lb = linalg.generic {indexing_maps = [#row, #bias, #row],
                         iterator_types = ["parallel", "parallel"]}
      ins(%l, %b : tensor<?x12xf32>, tensor<12xf32>) outs(%l : tensor<?x12xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x12xf32>
  %e = moe.select #moe.top_k<3> %lb : tensor<?x12xf32> -> tensor<?x3xi32>
  %w = moe.weigh softmax_selected %lb, %e : tensor<?x12xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @gpt_oss_init(%x: tensor<?x24xf32>, %r: tensor<12x24xf32>, %b: tensor<12xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x24xf32>
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty(%n) : tensor<?x12xf32>
  %l1 = linalg.broadcast ins(%b : tensor<12xf32>) outs(%l0 : tensor<?x12xf32>) dimensions = [0]
  %l = linalg.matmul indexing_maps = [
        affine_map<(t, e, d) -> (t, d)>, affine_map<(t, e, d) -> (e, d)>,
        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<?x24xf32>, tensor<12x24xf32>)
      outs(%l1 : tensor<?x12xf32>) -> tensor<?x12xf32>
  %e = moe.select #moe.top_k<3> %l : tensor<?x12xf32> -> tensor<?x3xi32>
  %w = moe.weigh softmax_selected %l, %e : tensor<?x12xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @deepseek(%x: tensor<?x24xf32>, %r: tensor<12x24xf32>, %b: tensor<12xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x24xf32>
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty(%n) : tensor<?x12xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x12xf32>) -> tensor<?x12xf32>
  %l = linalg.matmul indexing_maps = [
        affine_map<(t, e, d) -> (t, d)>, affine_map<(t, e, d) -> (e, d)>,
        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<?x24xf32>, tensor<12x24xf32>)
      outs(%l1 : tensor<?x12xf32>) -> tensor<?x12xf32>
  %s = moe.score sigmoid %l : tensor<?x12xf32> -> tensor<?x12xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                         iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x12xf32>, tensor<12xf32>) outs(%s : tensor<?x12xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x12xf32>
  %e = moe.select #moe.top_k<3> %k
      groups <n = 4, keep = 2, top = 2> : tensor<?x12xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum {scale = 2.5} : tensor<?x12xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}
