// RUN: moe-opt %s --moe-sink-weights=to=input \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

#all = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>

// silu(w x) is not w silu(x).
// CHECK-LABEL: func.func @swiglu(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @swiglu(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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
      %one = arith.constant 1.0 : f32
      %minus = arith.negf %v0 : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %a = arith.divf %v0, %sum : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  // expected-remark @below {{linalg.generic of the body does not scale with its rows}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Nor is the square of relu: it grows by w * w.
// CHECK-LABEL: func.func @square(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @square(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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
      %pos = arith.maximumf %v0, %none : f32
      %a = arith.mulf %pos, %pos : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  // expected-remark @below {{linalg.generic of the body does not scale with its rows}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// A bias does not grow with the rows.
// CHECK-LABEL: func.func @bias(
// CHECK-NOT:     slots 1 :
// CHECK:         return
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
      %a = arith.maximumf %v0, %none : f32
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
  // expected-remark @below {{linalg.generic of the body does not scale with its rows}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @inner_bias(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @inner_bias(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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
    %h = linalg.generic {indexing_maps = [#all, #column, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %v1: f32, %o: f32):
      %z = arith.addf %v0, %v1 : f32
      %a = arith.maximumf %z, %none : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  // expected-remark @below {{linalg.generic of the body does not scale with its rows}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// This one makes zero of a weight that is NaN.
// CHECK-LABEL: func.func @maxnum(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @maxnum(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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
      %a = arith.maxnumf %v0, %none : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  // expected-remark @below {{linalg.generic of the body does not scale with its rows}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// relu(w x) of a negative w is the relu of the other side.
// CHECK-LABEL: func.func @negative(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @negative(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score identity %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
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
  // expected-remark @below {{weights may be negative}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @factor(
// CHECK-NOT:     slots 1 :
// CHECK:         return
func.func @factor(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>, %f: f32) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e factor(%f : f32) norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
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
  // expected-remark @below {{weights may be negative}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
