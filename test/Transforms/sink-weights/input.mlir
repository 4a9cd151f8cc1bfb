// RUN: moe-opt %s --moe-sink-weights=to=input | FileCheck %s
// RUN: moe-opt %s --moe-sink-weights=to=input --remarks-filter=moe 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK
// REMARK: weights multiply the rows before their experts

#all = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>

// Matmuls and relu without a bias: body(w r) = w body(r) for w >= 0.
// CHECK-LABEL: func.func @input(
// CHECK:         ^{{.+}}(%[[R:.+]]: tensor<?x8xf32>, %[[OWN:.+]]: tensor<?x1xf32>, %[[UP:.+]]: tensor<8x8xf32>, %{{.+}}: tensor<8x8xf32>):
// CHECK:           %[[SCALED:.+]] = linalg.generic {{.+}} ins(%[[R]], %[[OWN]] :
// CHECK:           linalg.matmul ins(%[[SCALED]], %[[UP]] :
func.func @input(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %off, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %a = arith.maximumf %v0, %none : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
