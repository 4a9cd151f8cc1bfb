// RUN: moe-opt %s --moe-sink-weights \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s
// RUN: not moe-opt %s --moe-sink-weights=to=row 2>&1 | FileCheck %s --check-prefix=PLACE
// PLACE: error: to=row is neither hidden nor input

#all = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>

// Tanh of a sum is no sum.
// CHECK-LABEL: func.func @end(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @end(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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
    %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%d : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %a = math.tanh %v0 : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  // expected-remark @below {{the body does not end in a matmul on zeros, or in one plus a vector}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Where products are rounded, they are those of rows.
// CHECK-LABEL: func.func @rounded(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @rounded(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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
  // expected-remark @below {{the graph rounds the products}}
  %y = moe.combine %out, %p, %w into %init {product_type = bf16} : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// The rows are asked for as they are.
// CHECK-LABEL: func.func @read(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @read(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
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
  // expected-remark @below {{others read the rows of the experts}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y, %out : tensor<?x8xf32>, tensor<?x8xf32>
}

// Rows that no experts made.
// CHECK-LABEL: func.func @rows(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @rows(%r: tensor<?x8xf32>, %p: tensor<?xi32>, %w: tensor<?x2xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // expected-remark @below {{the rows are not those of experts}}
  %y = moe.combine %r, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
