// Routers that score by a softmax; the rows of this file in the table of
// dialects/moe/README.md.
// RUN: %python %S/table.py --run=softmax --columns=parse,verify,reference,cpu

#id = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (e)>

func.func @mixtral(%l: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @olmoe(%l: tensor<?x8xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %s : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @dbrx(%l: tensor<?x8xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %s : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm lp {p = 1.0}
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @deepseek_v2(%l: tensor<?x8xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %s : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e {scale = 16.0}
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

// The score of a group is that of its best expert.
func.func @deepseek_v2_group(%l: tensor<?x12xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score softmax %l : tensor<?x12xf32> -> tensor<?x12xf32>
  %e = moe.select #moe.top_k<3> %s groups <n = 4, keep = 2, fill = zero>
      : tensor<?x12xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e {scale = 16.0}
      : tensor<?x12xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @mistral_large4(%l: tensor<?x12xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score softmax %l : tensor<?x12xf32> -> tensor<?x12xf32>
  %e = moe.select #moe.top_k<3> %s groups <n = 4, keep = 2, top = 2, fill = zero>
      : tensor<?x12xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum {scale = 2.5}
      : tensor<?x12xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @ernie4_5_moe(%l: tensor<?x8xf32>, %b: tensor<8xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%s : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %k : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum {clamp = 1.0e-12}
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @gemma4(%l: tensor<?x8xf32>, %scales: tensor<8xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e per_expert(%scales : tensor<8xf32>) norm sum
      : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// What goes into the slots, and what comes out of them: the experts run on plain
// rows, in between.
func.func @soft_moe(%l: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %d = moe.score softmax %l axis tokens : tensor<?x8xf32> -> tensor<?x8xf32>
  %c = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  return %d, %c : tensor<?x8xf32>, tensor<?x8xf32>
}
