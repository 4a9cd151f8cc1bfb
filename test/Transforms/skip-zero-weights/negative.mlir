// RUN: moe-opt %s --moe-skip-zero-weights=assume-finite \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

#all = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>

// The best of a softmax are above zero.
// CHECK-LABEL: func.func @softmax(
// CHECK-NOT:     arith.cmpf
// CHECK:         return
func.func @softmax(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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
  // expected-remark @below {{no weight is known to be zero}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Who counts selected slots counts those of no weight.
// CHECK-LABEL: func.func @stats(
// CHECK-NOT:     arith.cmpf
// CHECK:         return
func.func @stats(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<4> %s : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %n, %live, %mean = moe.stats %e, %s : tensor<?x4xi32>, tensor<?x4xf32> -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  %off, %p = moe.plan %e : tensor<?x4xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 4 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
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
  // expected-remark @below {{statistics count the slots}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x4xf32> into tensor<?x8xf32>
  call @use(%n) : (tensor<4xi32>) -> ()
  return %y : tensor<?x8xf32>
}

// A slot of no weight takes the room of another.
// CHECK-LABEL: func.func @capacity(
// CHECK-NOT:     arith.cmpf
// CHECK:         return
func.func @capacity(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<4> %s : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %f, %v = moe.limit %e, %w of 4 capacity 2 : tensor<?x4xi32>, tensor<?x4xf32>
  %off, %p = moe.plan %e : tensor<?x4xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 4 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
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
  // expected-remark @below {{a capacity counts the slots}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x4xf32> into tensor<?x8xf32>
  call @use4(%f) : (tensor<?x4xi32>) -> ()
  return %y : tensor<?x8xf32>
}

// Row 0 decides what becomes of the others.
// CHECK-LABEL: func.func @mixes(
// CHECK-NOT:     arith.cmpf
// CHECK:         return
func.func @mixes(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<4> %s : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %off, %p = moe.plan %e : tensor<?x4xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 4 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %row = tensor.extract_slice %u[0, 0] [1, 8] [1, 1] : tensor<?x8xf32> to tensor<8xf32>
    %h = linalg.broadcast ins(%row : tensor<8xf32>) outs(%blank : tensor<?x8xf32>) dimensions = [0]
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  // expected-remark @below {{the body mixes the rows of its expert}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x4xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @pairs(
// CHECK-NOT:     arith.cmpf
// CHECK:         return
func.func @pairs(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?xi32>) {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<4> %s : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %off, %p = moe.plan %e : tensor<?x4xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 4 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
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
  // expected-remark @below {{others read the plan}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x4xf32> into tensor<?x8xf32>
  return %y, %p : tensor<?x8xf32>, tensor<?xi32>
}

func.func private @use(tensor<4xi32>)
func.func private @use4(tensor<?x4xi32>)
