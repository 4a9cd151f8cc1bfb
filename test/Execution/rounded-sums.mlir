// Products and partial sums are rounded where the op says so. 1.0078125 squared
// is 1.01568603515625, in bf16 1.015625; 1 + 256 + 0.5 is 256 when every
// sum is rounded. A slot of token 1 is empty.
// RUN: %python %S/save.py %t.r.npy bf16 "[[1.0078125,0],[1.0078125,256.0],[0,0.5],[1.0078125,1]]"
// RUN: %python %S/save.py %t.w.npy f32 "[[1.0078125,1,1],[1.0078125,1,1]]"
// RUN: %python %S/save.py %t.i.npy f32 "[[0,1],[0,1]]"
// RUN: %python %S/save.py %t.q.npy i32 "[[0,1,2],[3,-1,-1]]"
// RUN: %python %S/save.py %t.exact.npy f32 "[[2.02349853515625,257.5],[1.01568603515625,2.0078125]]"
// RUN: %python %S/save.py %t.products.npy f32 "[[2.0234375,257.5],[1.015625,2.0078125]]"
// RUN: %python %S/save.py %t.sums.npy f32 "[[2.03125,256],[1.015625,2.0]]"
//
// DEFINE: %{sum} = --input=%t.r.npy --input=%t.q.npy --input=%t.w.npy --input=%t.i.npy --rtol=0 --atol=0
// RUN: moe-run %s --entry=sum_exact --backend=cpu %{sum} --expect=%t.exact.npy
// RUN: moe-run %s --entry=sum_products --backend=cpu %{sum} --expect=%t.products.npy
// RUN: moe-run %s --entry=sum_sums --backend=cpu %{sum} --expect=%t.sums.npy

func.func @sum_exact(%r: tensor<?x2xbf16>, %q: tensor<?x3xi32>, %w: tensor<?x3xf32>, %init: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %q, %c0 : tensor<?x3xi32>
  %y0 = tensor.empty(%t) : tensor<?x2xf32>
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x2xbf16>, tensor<?x3xi32>, tensor<?x3xf32>)
      residual(%init : tensor<?x2xf32>) outs(%y0 : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

func.func @sum_products(%r: tensor<?x2xbf16>, %q: tensor<?x3xi32>, %w: tensor<?x3xf32>, %init: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %q, %c0 : tensor<?x3xi32>
  %y0 = tensor.empty(%t) : tensor<?x2xf32>
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x2xbf16>, tensor<?x3xi32>, tensor<?x3xf32>)
      residual(%init : tensor<?x2xf32>) outs(%y0 : tensor<?x2xf32>) {product_type = bf16} -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

func.func @sum_sums(%r: tensor<?x2xbf16>, %q: tensor<?x3xi32>, %w: tensor<?x3xf32>, %init: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %q, %c0 : tensor<?x3xi32>
  %y0 = tensor.empty(%t) : tensor<?x2xf32>
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x2xbf16>, tensor<?x3xi32>, tensor<?x3xf32>)
      residual(%init : tensor<?x2xf32>) outs(%y0 : tensor<?x2xf32>) {sum_type = bf16} -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
