// Routers that score by a sigmoid or the root of a softplus, most of them with a
// bias on the key; the rows of this file in the table of dialects/moe/README.md.
// RUN: %python %S/table.py --run=sigmoid --columns=parse,verify,reference,cpu

#id = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (e)>

func.func @deepseek_v3(%l: tensor<?x16xf32>, %b: tensor<16xf32>)
    -> (tensor<?x5xi32>, tensor<?x5xf32>) {
  %s = moe.score sigmoid %l : tensor<?x16xf32> -> tensor<?x16xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x16xf32>, tensor<16xf32>) outs(%s : tensor<?x16xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x16xf32>
  %e = moe.select #moe.top_k<5> %k groups <n = 4, keep = 2, top = 2>
      : tensor<?x16xf32> -> tensor<?x5xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-20, scale = 2.5}
      : tensor<?x16xf32>, tensor<?x5xi32> -> tensor<?x5xf32>
  return %e, %w : tensor<?x5xi32>, tensor<?x5xf32>
}

// Keys below zero in the groups that stay lose to the zeros of the others.
func.func @axk2(%l: tensor<?x16xf32>, %b: tensor<16xf32>)
    -> (tensor<?x5xi32>, tensor<?x5xf32>) {
  %s = moe.score sigmoid %l : tensor<?x16xf32> -> tensor<?x16xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x16xf32>, tensor<16xf32>) outs(%s : tensor<?x16xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x16xf32>
  %e = moe.select #moe.top_k<5> %k groups <n = 4, keep = 2, top = 2, fill = zero>
      : tensor<?x16xf32> -> tensor<?x5xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-20, scale = 2.5}
      : tensor<?x16xf32>, tensor<?x5xi32> -> tensor<?x5xf32>
  return %e, %w : tensor<?x5xi32>, tensor<?x5xf32>
}

func.func @deepseek_inference(%l: tensor<?x16xf32>, %b: tensor<16xf32>)
    -> (tensor<?x5xi32>, tensor<?x5xf32>) {
  %s = moe.score sigmoid %l : tensor<?x16xf32> -> tensor<?x16xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x16xf32>, tensor<16xf32>) outs(%s : tensor<?x16xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x16xf32>
  %e = moe.select #moe.top_k<5> %k groups <n = 4, keep = 2, top = 2>
      : tensor<?x16xf32> -> tensor<?x5xi32>
  %w = moe.weigh value %s, %e norm sum {scale = 2.5}
      : tensor<?x16xf32>, tensor<?x5xi32> -> tensor<?x5xf32>
  return %e, %w : tensor<?x5xi32>, tensor<?x5xf32>
}

func.func @minimax_m2(%l: tensor<?x8xf32>, %b: tensor<8xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score sigmoid %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%s : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %k : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @hy_v3(%l: tensor<?x8xf32>, %b: tensor<8xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score sigmoid %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%s : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %k : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-20, scale = 2.826}
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @lfm2_moe(%l: tensor<?x8xf32>, %b: tensor<8xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score sigmoid %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%s : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %k : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-6}
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

// The logits are scaled down first.
func.func @muse_spark(%l: tensor<?x8xf32>, %b: tensor<8xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %factor = arith.constant 0.1768 : f32
  %scaled = linalg.generic {indexing_maps = [#id, #id],
                            iterator_types = ["parallel", "parallel"]}
      ins(%l : tensor<?x8xf32>) outs(%l : tensor<?x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %product = arith.mulf %in, %factor : f32
    linalg.yield %product : f32
  } -> tensor<?x8xf32>
  %s = moe.score sigmoid %scaled : tensor<?x8xf32> -> tensor<?x8xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%s : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %k : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-15}
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

// The bias joins the logits.
func.func @kolibri1(%l: tensor<?x8xf32>, %b: tensor<8xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%l, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%l : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %k : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh sigmoid %l, %e norm sum
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

// Two experts are always on, and part of the sum; a learned scalar scales all.
func.func @inkling(%l: tensor<?x10xf32>, %b: tensor<8xf32>, %f: f32)
    -> (tensor<?x3xi32>, tensor<?x3xf32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %l, %c0 : tensor<?x10xf32>
  %s = moe.score sigmoid %l : tensor<?x10xf32> -> tensor<?x10xf32>
  %routed = tensor.extract_slice %s[0, 0] [%n, 8] [1, 1]
      : tensor<?x10xf32> to tensor<?x8xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%routed, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%routed : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %k : tensor<?x8xf32> -> tensor<?x3xi32>
  %w, %a = moe.weigh value %s, %e always_on 2 factor(%f : f32) norm sum {scale = 2.5}
      : tensor<?x10xf32>, tensor<?x3xi32> -> tensor<?x3xf32>, tensor<?x2xf32>
  return %e, %w, %a : tensor<?x3xi32>, tensor<?x3xf32>, tensor<?x2xf32>
}

func.func @deepseek_v4(%l: tensor<?x8xf32>, %b: tensor<8xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score sqrtsoftplus %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%s : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %k : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-20, scale = 1.5}
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}
