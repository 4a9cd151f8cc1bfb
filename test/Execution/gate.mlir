// The gate against numpy: ties, NaN and infinite tokens, odd widths, k = E.
// RUN: %python %S/reference.py gate --to %t/mixtral --tokens 129 --experts 8 --depth 72 --norm --special
// RUN: moe-run %s --entry=mixtral --backend=cpu \
// RUN:   --input=%t/mixtral/in0.npy --input=%t/mixtral/in1.npy \
// RUN:   --expect=%t/mixtral/out0.npy --expect=%t/mixtral/out1.npy
// RUN: %python %S/reference.py gate --to %t/mixtral0 --tokens 0 --experts 8 --depth 72 --norm
// RUN: moe-run %s --entry=mixtral --backend=cpu \
// RUN:   --input=%t/mixtral0/in0.npy --input=%t/mixtral0/in1.npy \
// RUN:   --expect=%t/mixtral0/out0.npy --expect=%t/mixtral0/out1.npy
// RUN: %python %S/reference.py gate --to %t/every --tokens 7 --experts 3 --slots 3 --depth 5 --score sigmoid \
// RUN:   --norm --eps 1e-3 --scale 2.5
// RUN: moe-run %s --entry=every --backend=cpu \
// RUN:   --input=%t/every/in0.npy --input=%t/every/in1.npy \
// RUN:   --expect=%t/every/out0.npy --expect=%t/every/out1.npy
// RUN: %python %S/reference.py gate --to %t/one --tokens 3 --experts 1 --slots 1 --depth 1 --special
// RUN: moe-run %s --entry=one --backend=cpu \
// RUN:   --input=%t/one/in0.npy --input=%t/one/in1.npy \
// RUN:   --expect=%t/one/out0.npy --expect=%t/one/out1.npy
// RUN: %python %S/reference.py gate --to %t/selected --tokens 64 --experts 60 --slots 8 --depth 100 --type bf16 \
// RUN:   --logits-type bf16 --score identity --weigh softmax_selected
// RUN: moe-run %s --entry=selected --backend=cpu \
// RUN:   --input=%t/selected/in0.npy --input=%t/selected/in1.npy \
// RUN:   --expect=%t/selected/out0.npy --expect=%t/selected/out1.npy
// RUN: %python %S/reference.py gate --to %t/deepseek --tokens 64 --experts 60 --slots 6 --depth 100 --type f16 \
// RUN:   --score sqrtsoftplus --select-on logits --norm --eps 1e-6
// RUN: moe-run %s --entry=deepseek --backend=cpu \
// RUN:   --input=%t/deepseek/in0.npy --input=%t/deepseek/in1.npy \
// RUN:   --expect=%t/deepseek/out0.npy --expect=%t/deepseek/out1.npy

func.func @mixtral(%x: tensor<?x72xf32>, %r: tensor<8x72xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x72xf32>
  %e0 = tensor.empty(%t) : tensor<?x2xi32>
  %w0 = tensor.empty(%t) : tensor<?x2xf32>
  %e, %w = moe.gate ins(%x, %r : tensor<?x72xf32>, tensor<8x72xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      norm sum
      -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @every(%x: tensor<?x5xf32>, %r: tensor<3x5xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x5xf32>
  %e0 = tensor.empty(%t) : tensor<?x3xi32>
  %w0 = tensor.empty(%t) : tensor<?x3xf32>
  %e, %w = moe.gate ins(%x, %r : tensor<?x5xf32>, tensor<3x5xf32>)
      outs(%e0, %w0 : tensor<?x3xi32>, tensor<?x3xf32>)
      score sigmoid select #moe.top_k<3> on scores weigh value on scores
      norm sum {eps = 1.0e-3 : f64, scale = 2.5 : f64}
      -> tensor<?x3xi32>, tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @one(%x: tensor<?x1xf32>, %r: tensor<1x1xf32>)
    -> (tensor<?x1xi32>, tensor<?x1xf32>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x1xf32>
  %e0 = tensor.empty(%t) : tensor<?x1xi32>
  %w0 = tensor.empty(%t) : tensor<?x1xf32>
  %e, %w = moe.gate ins(%x, %r : tensor<?x1xf32>, tensor<1x1xf32>)
      outs(%e0, %w0 : tensor<?x1xi32>, tensor<?x1xf32>)
      score softmax select #moe.top_k<1> on scores weigh value on scores
      -> tensor<?x1xi32>, tensor<?x1xf32>
  return %e, %w : tensor<?x1xi32>, tensor<?x1xf32>
}

func.func @selected(%x: tensor<?x100xbf16>, %r: tensor<60x100xbf16>)
    -> (tensor<?x8xi32>, tensor<?x8xbf16>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x100xbf16>
  %e0 = tensor.empty(%t) : tensor<?x8xi32>
  %w0 = tensor.empty(%t) : tensor<?x8xbf16>
  %e, %w = moe.gate ins(%x, %r : tensor<?x100xbf16>, tensor<60x100xbf16>)
      outs(%e0, %w0 : tensor<?x8xi32>, tensor<?x8xbf16>)
      score identity select #moe.top_k<8> on scores
      weigh softmax_selected on scores {logits_type = bf16}
      -> tensor<?x8xi32>, tensor<?x8xbf16>
  return %e, %w : tensor<?x8xi32>, tensor<?x8xbf16>
}

func.func @deepseek(%x: tensor<?x100xf16>, %r: tensor<60x100xf16>)
    -> (tensor<?x6xi32>, tensor<?x6xf16>) {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x100xf16>
  %e0 = tensor.empty(%t) : tensor<?x6xi32>
  %w0 = tensor.empty(%t) : tensor<?x6xf16>
  %e, %w = moe.gate ins(%x, %r : tensor<?x100xf16>, tensor<60x100xf16>)
      outs(%e0, %w0 : tensor<?x6xi32>, tensor<?x6xf16>)
      score sqrtsoftplus select #moe.top_k<6> on logits
      weigh value on scores norm sum {eps = 1.0e-6 : f64}
      -> tensor<?x6xi32>, tensor<?x6xf16>
  return %e, %w : tensor<?x6xi32>, tensor<?x6xf16>
}
