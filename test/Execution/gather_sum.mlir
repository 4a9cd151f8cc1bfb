// The weighted sum against numpy, with empty slots; the row that no slot names
// is NaN.
// RUN: %python %S/reference.py gather_sum --to %t/plain --tokens 129 --depth 72
// RUN: moe-run %s --entry=plain --backend=cpu \
// RUN:   --input=%t/plain/in0.npy --input=%t/plain/in1.npy --input=%t/plain/in2.npy \
// RUN:   --expect=%t/plain/out0.npy
// RUN: %python %S/reference.py gather_sum --to %t/plain-0 --tokens 0 --depth 72
// RUN: moe-run %s --entry=plain --backend=cpu \
// RUN:   --input=%t/plain-0/in0.npy --input=%t/plain-0/in1.npy --input=%t/plain-0/in2.npy \
// RUN:   --expect=%t/plain-0/out0.npy
// RUN: %python %S/reference.py gather_sum --to %t/residual --tokens 7 --slots 8 --depth 100 --residual --type bf16
// RUN: moe-run %s --entry=residual --backend=cpu \
// RUN:   --input=%t/residual/in0.npy --input=%t/residual/in1.npy --input=%t/residual/in2.npy --input=%t/residual/in3.npy \
// RUN:   --expect=%t/residual/out0.npy
// RUN: %python %S/reference.py gather_sum --to %t/half --tokens 64 --slots 1 --depth 5 --residual --type f16
// RUN: moe-run %s --entry=half --backend=cpu \
// RUN:   --input=%t/half/in0.npy --input=%t/half/in1.npy --input=%t/half/in2.npy --input=%t/half/in3.npy \
// RUN:   --expect=%t/half/out0.npy
// RUN: %python %S/reference.py gather_sum --to %t/narrow --tokens 2 --slots 2 --depth 1
// RUN: moe-run %s --entry=narrow --backend=cpu \
// RUN:   --input=%t/narrow/in0.npy --input=%t/narrow/in1.npy --input=%t/narrow/in2.npy \
// RUN:   --expect=%t/narrow/out0.npy

func.func @plain(%h: tensor<?x72xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>)
    -> tensor<?x72xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %q, %c0 : tensor<?x2xi32>
  %y0 = tensor.empty(%t) : tensor<?x72xf32>
  %y = moe.gather_sum ins(%h, %q, %w
      : tensor<?x72xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      outs(%y0 : tensor<?x72xf32>)
      -> tensor<?x72xf32>
  return %y : tensor<?x72xf32>
}

func.func @residual(%h: tensor<?x100xbf16>, %q: tensor<?x8xi32>, %w: tensor<?x8xbf16>,
    %r: tensor<?x100xbf16>)
    -> tensor<?x100xbf16> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %q, %c0 : tensor<?x8xi32>
  %y0 = tensor.empty(%t) : tensor<?x100xbf16>
  %y = moe.gather_sum ins(%h, %q, %w
      : tensor<?x100xbf16>, tensor<?x8xi32>, tensor<?x8xbf16>)
      residual(%r : tensor<?x100xbf16>) outs(%y0 : tensor<?x100xbf16>)
      -> tensor<?x100xbf16>
  return %y : tensor<?x100xbf16>
}

func.func @half(%h: tensor<?x5xf16>, %q: tensor<?x1xi32>, %w: tensor<?x1xf16>,
    %r: tensor<?x5xf16>)
    -> tensor<?x5xf16> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %q, %c0 : tensor<?x1xi32>
  %y0 = tensor.empty(%t) : tensor<?x5xf16>
  %y = moe.gather_sum ins(%h, %q, %w
      : tensor<?x5xf16>, tensor<?x1xi32>, tensor<?x1xf16>)
      residual(%r : tensor<?x5xf16>) outs(%y0 : tensor<?x5xf16>)
      -> tensor<?x5xf16>
  return %y : tensor<?x5xf16>
}

func.func @narrow(%h: tensor<?x1xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>)
    -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %q, %c0 : tensor<?x2xi32>
  %y0 = tensor.empty(%t) : tensor<?x1xf32>
  %y = moe.gather_sum ins(%h, %q, %w
      : tensor<?x1xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      outs(%y0 : tensor<?x1xf32>)
      -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
