// Sizes that are known at run time only, on functions of elements, reductions,
// products and sorts; none and one row, too.
// RUN: moe-run %s --backend=cpu --compare=reference --dim=5 --seed=1
// RUN: moe-run %s --backend=cpu --compare=reference --dim=0 --seed=1
// RUN: moe-run %s --backend=reference --dim=1 --seed=1
// RUN: %python %S/../save.py %t.x.npy f32 "[[1,2,3],[4,6,5]]"
// RUN: %python %S/../save.py %t.w.npy f32 "[[1,0],[0,1],[1,1]]"
// RUN: %python %S/../save.py %t.sums.npy f32 "[12,30]"
// RUN: %python %S/../save.py %t.product.npy f32 "[[8,10],[18,22]]"
// RUN: %python %S/../save.py %t.top.npy f32 "[[6],[12]]"
// RUN: %python %S/../save.py %t.place.npy i32 "[[2],[1]]"
// RUN: moe-run %s --backend=reference --input=%t.x.npy --input=%t.w.npy --expect=%t.sums.npy --expect=%t.product.npy --expect=%t.top.npy --expect=%t.place.npy

func.func @main(%x: tensor<?x3xf32>, %w: tensor<3x2xf32>)
    -> (tensor<?xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?x1xi32>) {
  %twice = "stablehlo.add"(%x, %x) : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %zero = "stablehlo.constant"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  %sums = "stablehlo.reduce"(%twice, %zero) <{dimensions = array<i64: 1>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %sum = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%sum) : (tensor<f32>) -> ()
  }) : (tensor<?x3xf32>, tensor<f32>) -> tensor<?xf32>
  %product = "stablehlo.dot_general"(%twice, %w) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}>
    : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
  %top:2 = "chlo.top_k"(%twice) <{k = 1 : i64}> : (tensor<?x3xf32>) -> (tensor<?x1xf32>, tensor<?x1xi32>)
  return %sums, %product, %top#0, %top#1 : tensor<?xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?x1xi32>
}
