// RUN: moe-opt %s --moe-sink-weights | FileCheck %s
// RUN: moe-opt %s --moe-sink-weights --remarks-filter=moe 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK
// REMARK: weights multiply the hidden rows before the last matmul

#all = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>

// The last matmul multiplies rows that are weighed already.
// [doc-begin]
// CHECK-LABEL: func.func @hidden(
// CHECK:         %[[W:.+]] = moe.weigh
// CHECK:         %[[FLAT:.+]] = tensor.collapse_shape %[[W]] {{\[}}[0, 1]] : tensor<?x2xf32> into tensor<?xf32>
// CHECK:         %[[COLUMN:.+]] = tensor.expand_shape %[[FLAT]]
// CHECK:         %[[ROWS:.+]] = moe.dispatch %[[COLUMN]], %{{.+}} slots 1 : tensor<?x1xf32>, tensor<?xi32> -> tensor<?x1xf32>
// CHECK:         moe.experts rows(%{{.+}}, %[[ROWS]] : tensor<?x8xf32>, tensor<?x1xf32>)
// CHECK:         ^{{.+}}(%{{.+}}: tensor<?x8xf32>, %[[OWN:.+]]: tensor<?x1xf32>, %{{.+}}: tensor<8x8xf32>, %[[DOWN:.+]]: tensor<8x8xf32>):
// CHECK:           %[[SCALED:.+]] = linalg.generic {{.+}} ins(%{{.+}}, %[[OWN]] : tensor<?x8xf32>, tensor<?x1xf32>)
// CHECK:           linalg.matmul ins(%[[SCALED]], %[[DOWN]] :
// CHECK:         %[[ONES:.+]] = linalg.fill ins(%{{.+}} : f32) outs(%{{.+}} : tensor<?x2xf32>)
// CHECK:         moe.combine %{{.+}}, %{{.+}}, %[[ONES]] into
func.func @hidden(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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
// [doc-end]

// A bias is weighed apart. Whatever stands before the last matmul does not matter.
// CHECK-LABEL: func.func @bias(
// CHECK:           %[[SCALED:.+]] = linalg.generic {{.+}} ins(%{{.+}}, %{{.+}} : tensor<?x8xf32>, tensor<?x1xf32>)
// CHECK:           %[[D:.+]] = linalg.matmul ins(%[[SCALED]],
// CHECK:           linalg.generic {{.+}} ins(%[[D]], %{{.+}}, %{{.+}} : tensor<?x8xf32>, tensor<8xf32>, tensor<?x1xf32>)
// CHECK:             arith.mulf
// CHECK:             arith.addf
func.func @bias(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %off, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown, %mb : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<4x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>, %b: tensor<8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %one = arith.constant 1.0 : f32
      %minus = arith.negf %v0 : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %a = arith.divf %v0, %sum : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.generic {indexing_maps = [#all, #column, #all], iterator_types = ["parallel", "parallel"]}
        ins(%d, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %v1: f32, %o: f32):
      %a = arith.addf %v0, %v1 : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
