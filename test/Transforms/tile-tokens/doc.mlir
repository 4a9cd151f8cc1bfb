// RUN: moe-opt %s --moe-tile-tokens=tile=4 | FileCheck %s
// RUN: moe-opt %s --moe-tile-tokens=tile=4 --remarks-filter=moe 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK
// REMARK: the block runs on tiles of 4 tokens

#all = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>

// Whatever T is, the hidden rows are those of at most 4 tokens.
// [doc-begin]
// CHECK-LABEL: func.func @tiles(
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[L:.+]]: tensor<?x4xf32>,
// CHECK:         %[[Y:.+]] = scf.for %[[T:.+]] = %{{.+}} to %{{.+}} step %{{.+}} iter_args(%[[SUMS:.+]] = %{{.+}}) -> (tensor<?x8xf32>) {
// CHECK:           %[[SIZE:.+]] = arith.minsi
// CHECK:           %[[I:.+]] = tensor.extract_slice %[[SUMS]][%[[T]], 0] [%[[SIZE]], 8]
// CHECK:           %[[TILE:.+]] = tensor.extract_slice %[[L]][%[[T]], 0] [%[[SIZE]], 4]
// CHECK:           moe.score softmax %[[TILE]]
// CHECK:           moe.select
// CHECK:           moe.weigh
// CHECK:           moe.plan
// CHECK:           moe.dispatch
// CHECK:           moe.experts
// CHECK:           %[[PART:.+]] = moe.combine %{{.+}} into %[[I]]
// CHECK:           tensor.insert_slice %[[PART]] into %[[SUMS]][%[[T]], 0] [%[[SIZE]], 8]
// CHECK:         return %[[Y]]
func.func @tiles(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
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

// Tiles that come out even have a static size.
// CHECK-LABEL: func.func @even(
// CHECK:         scf.for
// CHECK-NOT:       minsi
// CHECK:           moe.select #moe.top_k<2> %{{.+}} : tensor<4x4xf32> -> tensor<4x2xi32>
// CHECK:           moe.plan %{{.+}} : tensor<4x2xi32> -> tensor<5xi32>, tensor<8xi32>
// CHECK:           moe.combine {{.+}} into tensor<4x8xf32>
func.func @even(%x: tensor<8x8xf32>, %l: tensor<8x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %s = moe.score softmax %l : tensor<8x4xf32> -> tensor<8x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<8x4xf32> -> tensor<8x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<8x4xf32>, tensor<8x2xi32> -> tensor<8x2xf32>
  %off, %p = moe.plan %e : tensor<8x2xi32> -> tensor<5xi32>, tensor<16xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<8x8xf32>, tensor<16xi32> -> tensor<16x8xf32>
  %out = moe.experts rows(%rows : tensor<16x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<16x8xf32> {
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
  %y = moe.combine %out, %p, %w into %init : tensor<16x8xf32>, tensor<16xi32>, tensor<8x2xf32> into tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// A key that is made between the stages is cut as it is, and so are the scores.
// CHECK-LABEL: func.func @key_bias(
// CHECK:         %[[S:.+]] = moe.score
// CHECK:         %[[KEY:.+]] = linalg.generic
// CHECK:         scf.for
// CHECK:           %[[K:.+]] = tensor.extract_slice %[[KEY]]
// CHECK:           moe.select #moe.top_k<2> %[[K]]
// CHECK:           %[[V:.+]] = tensor.extract_slice %[[S]]
// CHECK:           moe.weigh value %[[V]]
func.func @key_bias(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>, %kb: tensor<4xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
    %key = linalg.generic {indexing_maps = [#all, #column, #all], iterator_types = ["parallel", "parallel"]}
        ins(%s, %kb : tensor<?x4xf32>, tensor<4xf32>) outs(%s : tensor<?x4xf32>) {
    ^bb0(%v0: f32, %v1: f32, %o: f32):
      %a = arith.addf %v0, %v1 : f32
      linalg.yield %a : f32
    } -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
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
