// Pathological inputs, on every back end: pathological.py has the cases, and
// README.md says which row of its table each belongs to.
// RUN: %python %S/pathological.py %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/pathological.py %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

func.func @softmax_sum(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @softmax_raw(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @sigmoid_sum(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @sigmoid_eps(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-20 : f64} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @selected(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh softmax_selected %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @relu_sum(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @relu_eps(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-20 : f64} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @relu_clamp(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum {clamp = 1.0e-12 : f64} : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @positive(%l: tensor<?x4xf32>) -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.positive %s : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

func.func @gap(%l: tensor<?x4xf32>, %gap: f32) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.gap<2> %s params(%gap : f32) : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @fill_infinity(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l groups <n = 2, keep = 1> : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh one %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @fill_zero(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l groups <n = 2, keep = 1, fill = zero> : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh one %l, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @table(%l: tensor<?x4xf32>, %rows: tensor<?x2xi32>, %ids: tensor<?xi64>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.table<2> %s
      params(%rows : tensor<?x2xi32>) token_params(%ids : tensor<?xi64>) : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @bins(%k: tensor<?x4xf32>) -> tensor<4x3xi32> {
  %t = moe.select #moe.top_k<3> %k by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  return %t : tensor<4x3xi32>
}

func.func @limit_none(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @limit_zero(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 capacity 0 renormalize : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func private @experts(%x: tensor<?x4xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %m: tensor<4x4x4xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %o, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %r = moe.dispatch %x, %p slots 2 : tensor<?x4xf32>, tensor<?xi32> -> tensor<?x4xf32>
  %out = moe.experts rows(%r : tensor<?x4xf32>) weights(%m : tensor<4x4x4xf32>) offsets(%o : tensor<5xi32>) -> tensor<?x4xf32> {
  ^expert(%rows: tensor<?x4xf32>, %me: tensor<4x4xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %rows, %c0 : tensor<?x4xf32>
    %y0 = tensor.empty(%n) : tensor<?x4xf32>
    %y1 = linalg.fill ins(%zero : f32) outs(%y0 : tensor<?x4xf32>) -> tensor<?x4xf32>
    %y = linalg.matmul ins(%rows, %me : tensor<?x4xf32>, tensor<4x4xf32>) outs(%y1 : tensor<?x4xf32>) -> tensor<?x4xf32>
    moe.yield %y : tensor<?x4xf32>
  }
  %y = moe.combine %out, %p, %w into %init
      : tensor<?x4xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

func.func @block(%x: tensor<?x4xf32>, %l: tensor<?x4xf32>, %m: tensor<4x4x4xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %y = call @experts(%x, %e, %w, %m, %init) : (tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<4x4x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

func.func @block_zero(%x: tensor<?x4xf32>, %l: tensor<?x4xf32>, %m: tensor<4x4x4xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %f, %v = moe.limit %e, %w of 4 capacity 0 : tensor<?x2xi32>, tensor<?x2xf32>
  %y = call @experts(%x, %f, %v, %m, %init) : (tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<4x4x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Ids come from outside, in a table.
func.func @block_table(%x: tensor<?x4xf32>, %rows: tensor<?x2xi32>, %ids: tensor<?xi64>, %m: tensor<4x4x4xf32>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %e = moe.select #moe.table<2> %x params(%rows : tensor<?x2xi32>)
      token_params(%ids : tensor<?xi64>) : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh sigmoid %x, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %y = call @experts(%x, %e, %w, %m, %init) : (tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<4x4x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
