// Capacity on every back end: limit.py has the cases, with published numbers where
// there are some.
// RUN: %python %S/limit.py %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/limit.py %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

// What is behind the limit is fused all the same.
// RUN: moe-opt %s --moe-fuse --remarks-filter-missed=none | FileCheck %s
// CHECK:     func.func @block(
// CHECK:     moe.gate
// CHECK:     moe.limit
// CHECK:     moe.plan_into
// CHECK:     moe.grouped_matmul
// CHECK:     moe.gather_sum

func.func @v10(%l: tensor<?x4xf32>) -> (tensor<?x1xi32>, tensor<?x1xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<1> %s : tensor<?x4xf32> -> tensor<?x1xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  %f, %v = moe.limit %e, %w of 4 capacity 1 : tensor<?x1xi32>, tensor<?x1xf32>
  return %f, %v : tensor<?x1xi32>, tensor<?x1xf32>
}

func.func @v11(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %f, %v = moe.limit %e, %w of 4 capacity 2 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v11_after(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %f, %v = moe.limit %e, %w of 4 capacity 2 renormalize : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v12(%l: tensor<?x4xf32>, %p: tensor<?xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %f, %v = moe.limit %e, %w of 4 capacity 2 priority(%p : tensor<?xf32>) : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @v13(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %f, %v = moe.limit %e, %w of 4 capacity 2 order by_weight : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @mesh(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 factor 1.25 round floor {cap_at_scope, min = 4} : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @flaxformer(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 factor 1.25 round nearest {min = 1} : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @vmoe(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 factor 1.05 {times_k, multiple_of = 4} : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @megatron(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 factor 1.0 {times_k} : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @megablocks(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 factor 1.25 round floor {times_k} : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @nearest(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 factor 1.0 round nearest : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @nothing(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 capacity 0 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @unlimited(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @huge(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 factor 1.0e+30 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @scoped(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 factor 1.0 scope 5 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @slot_major(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 capacity 2 order slot_major : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @token_major(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 capacity 2 order token_major : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @by_weight(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 capacity 2 order by_weight : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @slot_major_priority(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %p: tensor<?xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 capacity 2 order slot_major priority(%p : tensor<?xf32>) : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @token_major_priority(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>, %p: tensor<?xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 capacity 2 order token_major priority(%p : tensor<?xf32>) : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @narrow(%e: tensor<?x2xi32>, %w: tensor<?x2xbf16>) -> (tensor<?x2xi32>, tensor<?x2xbf16>) {
  %f, %v = moe.limit %e, %w of 4 capacity 2 order by_weight : tensor<?x2xi32>, tensor<?x2xbf16>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xbf16>
}

func.func @clamped(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 capacity 2 renormalize {clamp = 0.75} : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @block(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %m: tensor<4x8x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %f, %v = moe.limit %e, %w of 4 factor 1.0 renormalize : tensor<?x2xi32>, tensor<?x2xf32>
  %o, %p = moe.plan %f : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %r = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%r : tensor<?x8xf32>) weights(%m : tensor<4x8x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%rows: tensor<?x8xf32>, %me: tensor<8x8xf32>):
    %d0 = arith.constant 0 : index
    %0 = arith.constant 0.0 : f32
    %n = tensor.dim %rows, %d0 : tensor<?x8xf32>
    %t = tensor.empty(%n) : tensor<?x8xf32>
    %init = linalg.fill ins(%0 : f32) outs(%t : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.matmul ins(%rows, %me : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %tokens = tensor.dim %x, %c0 : tensor<?x8xf32>
  %t = tensor.empty(%tokens) : tensor<?x8xf32>
  %none = linalg.fill ins(%zero : f32) outs(%t : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = moe.combine %out, %p, %v into %none
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
