// The routers of pathological.mlir as the one op they are fused into, with the
// same cases.
// RUN: %python %S/pathological.py %t/cpu --gate -- moe-run %s --backend=cpu

func.func @softmax_sum(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores norm sum
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @softmax_raw(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @sigmoid_sum(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score sigmoid select #moe.top_k<2> on scores weigh value on scores norm sum
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @sigmoid_eps(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score sigmoid select #moe.top_k<2> on scores weigh value on scores norm sum {eps = 1.0e-20 : f64}
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @selected(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score identity select #moe.top_k<2> on scores weigh softmax_selected on scores
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @relu_sum(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score relu select #moe.top_k<2> on scores weigh value on scores norm sum
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @relu_eps(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score relu select #moe.top_k<2> on scores weigh value on scores norm sum {eps = 1.0e-20 : f64}
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @relu_clamp(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score relu select #moe.top_k<2> on scores weigh value on scores norm sum {clamp = 1.0e-12 : f64}
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @positive(%l: tensor<?x4xf32>) -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x4xi32>
  %w0 = tensor.empty(%t) : tensor<?x4xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x4xi32>, tensor<?x4xf32>)
      score relu select #moe.positive on scores weigh value on scores norm sum
      -> tensor<?x4xi32>, tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

func.func @gap(%l: tensor<?x4xf32>, %gap: f32) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>) params(%gap : f32)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score softmax select #moe.gap<2> on scores weigh value on scores
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @fill_infinity(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score identity select #moe.top_k<2> on scores groups <n = 2, keep = 1> weigh one on scores
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @fill_zero(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score identity select #moe.top_k<2> on scores groups <n = 2, keep = 1, fill = zero> weigh one on scores
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @table(%l: tensor<?x4xf32>, %rows: tensor<?x2xi32>, %ids: tensor<?xi64>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %l, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%l : tensor<?x4xf32>) params(%rows : tensor<?x2xi32>) token_params(%ids : tensor<?xi64>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score sigmoid select #moe.table<2> on scores weigh value on scores norm sum
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// Logits from a product: a NaN of a token is one in all of them.
func.func @product(%x: tensor<?x4xf32>, %r: tensor<4x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%x, %r : tensor<?x4xf32>, tensor<4x4xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score sigmoid select #moe.top_k<2> on scores weigh value on scores norm sum
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}
