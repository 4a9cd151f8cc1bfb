// RUN: moe-opt %s --moe-tile-tokens=tile=4 \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s
// RUN: not moe-opt %s --moe-tile-tokens=tile=0 2>&1 | FileCheck %s --check-prefix=TILE
// TILE: error: tile=0 is not positive

#all = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>

// The first tokens take the room of those in other tiles.
// CHECK-LABEL: func.func @capacity(
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @capacity(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %f, %v = moe.limit %e, %w of 4 capacity 2 : tensor<?x2xi32>, tensor<?x2xf32>
  %off, %p = moe.plan %f : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
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
  // expected-remark @below {{a capacity counts the slots of all tokens}}
  %y = moe.combine %out, %p, %v into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Every token is in the sum.
// CHECK-LABEL: func.func @axis_tokens(
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @axis_tokens(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l axis tokens : tensor<?x4xf32> -> tensor<?x4xf32>
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
  // expected-remark @below {{a softmax runs over the tokens}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Row 0 of the run is one of its tokens.
// CHECK-LABEL: func.func @mixes(
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @mixes(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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
    %row = tensor.extract_slice %u[0, 0] [1, 8] [1, 1] : tensor<?x8xf32> to tensor<8xf32>
    %h = linalg.broadcast ins(%row : tensor<8xf32>) outs(%blank : tensor<?x8xf32>) dimensions = [0]
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  // expected-remark @below {{the body mixes the rows of its expert}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Nothing is cut.
// CHECK-LABEL: func.func @few(
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @few(%x: tensor<4x8xf32>, %l: tensor<4x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %s = moe.score softmax %l : tensor<4x4xf32> -> tensor<4x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<4x4xf32> -> tensor<4x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<4x4xf32>, tensor<4x2xi32> -> tensor<4x2xf32>
  %off, %p = moe.plan %e : tensor<4x2xi32> -> tensor<5xi32>, tensor<8xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<4x8xf32>, tensor<8xi32> -> tensor<8x8xf32>
  %out = moe.experts rows(%rows : tensor<8x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<8x8xf32> {
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
  // expected-remark @below {{there are no more tokens than in a tile}}
  %y = moe.combine %out, %p, %w into %init : tensor<8x8xf32>, tensor<8xi32>, tensor<4x2xf32> into tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// Pairs of a tile are none of the batch.
// CHECK-LABEL: func.func @pairs(
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @pairs(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?xi32>) {
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
  // expected-remark @below {{others read the plan}}
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y, %p : tensor<?x8xf32>, tensor<?xi32>
}

// Bins hold tokens of all tiles.
// CHECK-LABEL: func.func @bins(
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @bins(%x: tensor<?x8xf32>, %s: tensor<?x4xf32>, %m: tensor<4x8x8xf32>, %i: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %t = moe.select #moe.top_k<3> %s by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  %w = moe.weigh value %s, %t by expert : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x3xi32>) : tensor<?x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  %out = moe.experts rows(%r : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%rows: tensor<?x8xf32>):
    moe.yield %rows : tensor<?x8xf32>
  }
  // expected-remark @below {{experts select tokens}}
  %y = moe.combine %out, %p, %w into %i tokens(%t : tensor<4x3xi32>)
      : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
