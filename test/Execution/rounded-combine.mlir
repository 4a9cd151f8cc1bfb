// Products and partial sums are rounded where the op says so. 1.0078125 squared
// is 1.01568603515625, in bf16 1.015625; 1 + 256 + 0.5 is 256 when every
// sum is rounded. A slot of token 1 is empty.
// RUN: %python %S/save.py %t.r.npy bf16 "[[1.0078125,0],[1.0078125,256.0],[0,0.5],[1.0078125,1]]"
// RUN: %python %S/save.py %t.w.npy f32 "[[1.0078125,1,1],[1.0078125,1,1]]"
// RUN: %python %S/save.py %t.i.npy f32 "[[0,1],[0,1]]"
// RUN: %python %S/save.py %t.p.npy i32 "[0,1,2,3,-1,-1]"
// RUN: %python %S/save.py %t.exact.npy f32 "[[2.02349853515625,257.5],[1.01568603515625,2.0078125]]"
// RUN: %python %S/save.py %t.products.npy f32 "[[2.0234375,257.5],[1.015625,2.0078125]]"
// RUN: %python %S/save.py %t.sums.npy f32 "[[2.03125,256],[1.015625,2.0]]"
//
// DEFINE: %{combine} = --input=%t.r.npy --input=%t.p.npy --input=%t.w.npy --input=%t.i.npy --rtol=0 --atol=0
// RUN: moe-run %s --entry=combine_exact --backend=reference %{combine} --expect=%t.exact.npy
// RUN: moe-run %s --entry=combine_products --backend=reference %{combine} --expect=%t.products.npy
// RUN: moe-run %s --entry=combine_sums --backend=reference %{combine} --expect=%t.sums.npy

func.func @combine_exact(%r: tensor<?x2xbf16>, %p: tensor<?xi32>, %w: tensor<?x3xf32>, %init: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %y = moe.combine %r, %p, %w into %init : tensor<?x2xbf16>, tensor<?xi32>, tensor<?x3xf32> into tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

func.func @combine_products(%r: tensor<?x2xbf16>, %p: tensor<?xi32>, %w: tensor<?x3xf32>, %init: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %y = moe.combine %r, %p, %w into %init {product_type = bf16} : tensor<?x2xbf16>, tensor<?xi32>, tensor<?x3xf32> into tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

func.func @combine_sums(%r: tensor<?x2xbf16>, %p: tensor<?xi32>, %w: tensor<?x3xf32>, %init: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %y = moe.combine %r, %p, %w into %init {sum_type = bf16} : tensor<?x2xbf16>, tensor<?xi32>, tensor<?x3xf32> into tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
