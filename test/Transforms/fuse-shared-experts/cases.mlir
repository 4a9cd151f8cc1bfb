// RUN: moe-opt %s --moe-fuse-shared-experts --split-input-file | FileCheck %s

// A factor per token between the expert and the sum, as in Qwen2-MoE.
// CHECK-LABEL: func.func @gate
// CHECK-SAME:    %[[FACTOR:[a-z0-9]+]]: tensor<6x1xf32>
// CHECK:         moe.gather_sum
// CHECK-SAME:      gate(%[[FACTOR]] : tensor<6x1xf32>)
// CHECK-NOT:     linalg.generic
// CHECK:         return
func.func @gate(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>, %f: tensor<6x1xf32>) -> tensor<6x8xf32> {
  %all = arith.constant dense<[0, 6]> : tensor<2xi32>
  %o0 = tensor.empty() : tensor<5xi32>
  %p0 = tensor.empty() : tensor<12xi32>
  %q0 = tensor.empty() : tensor<6x2xi32>
  %h0 = tensor.empty() : tensor<12x16xf32>
  %r0 = tensor.empty() : tensor<12x8xf32>
  %y0 = tensor.empty() : tensor<6x8xf32>
  %sh0 = tensor.empty() : tensor<6x16xf32>
  %o, %p, %q = moe.plan_into ins(%e : tensor<6x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w1 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>) gather(%p : tensor<12xi32>) slots 2
      outs(%h0 : tensor<12x16xf32>) parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%a: f32, %b: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %t, %b : f32
    moe.yield %prod : f32
  } -> tensor<12x16xf32>
  %r = moe.grouped_matmul ins(%h : tensor<12x16xf32>) weights(%w2 : tensor<4x8x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%r0 : tensor<12x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<12x8xf32>
  %sum = moe.gather_sum ins(%r, %q, %g : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>)
      outs(%y0 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %up = tensor.expand_shape %su [[0, 1], [2]] output_shape [1, 16, 8] : tensor<16x8xf32> into tensor<1x16x8xf32>
  %gate = tensor.expand_shape %sg [[0, 1], [2]] output_shape [1, 16, 8] : tensor<16x8xf32> into tensor<1x16x8xf32>
  %down = tensor.expand_shape %sd [[0, 1], [2]] output_shape [1, 8, 16] : tensor<8x16xf32> into tensor<1x8x16xf32>
  %sh = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%up, %gate : tensor<1x16x8xf32>, tensor<1x16x8xf32>) offsets(%all : tensor<2xi32>)
      outs(%sh0 : tensor<6x16xf32>) parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%b: f32, %a: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %b, %t : f32
    moe.yield %prod : f32
  } -> tensor<6x16xf32>
  %s = moe.grouped_matmul ins(%sh : tensor<6x16xf32>) weights(%down : tensor<1x8x16xf32>) offsets(%all : tensor<2xi32>)
      outs(%y0 : tensor<6x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<6x8xf32>
  %gated = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%f, %s : tensor<6x1xf32>, tensor<6x8xf32>) outs(%y0 : tensor<6x8xf32>) {
  ^bb0(%factor: f32, %in: f32, %out: f32):
    %m = arith.mulf %factor, %in : f32
    linalg.yield %m : f32
  } -> tensor<6x8xf32>
  %y = arith.addf %sum, %gated : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// Both results are rounded before they are added, and so they are afterwards.
// CHECK-LABEL: func.func @rounded
// CHECK:         moe.gather_sum
// CHECK-SAME:      outs({{.+}} : tensor<6x8xbf16>) {always_type = bf16}
// CHECK-NOT:     arith.truncf
// CHECK:         return
func.func @rounded(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> tensor<6x8xbf16> {
  %all = arith.constant dense<[0, 6]> : tensor<2xi32>
  %o0 = tensor.empty() : tensor<5xi32>
  %p0 = tensor.empty() : tensor<12xi32>
  %q0 = tensor.empty() : tensor<6x2xi32>
  %h0 = tensor.empty() : tensor<12x16xf32>
  %r0 = tensor.empty() : tensor<12x8xf32>
  %y0 = tensor.empty() : tensor<6x8xf32>
  %sh0 = tensor.empty() : tensor<6x16xf32>
  %o, %p, %q = moe.plan_into ins(%e : tensor<6x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w1 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>) gather(%p : tensor<12xi32>) slots 2
      outs(%h0 : tensor<12x16xf32>) parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%a: f32, %b: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %t, %b : f32
    moe.yield %prod : f32
  } -> tensor<12x16xf32>
  %r = moe.grouped_matmul ins(%h : tensor<12x16xf32>) weights(%w2 : tensor<4x8x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%r0 : tensor<12x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<12x8xf32>
  %sum = moe.gather_sum ins(%r, %q, %g : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>)
      outs(%y0 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %up = tensor.expand_shape %su [[0, 1], [2]] output_shape [1, 16, 8] : tensor<16x8xf32> into tensor<1x16x8xf32>
  %gate = tensor.expand_shape %sg [[0, 1], [2]] output_shape [1, 16, 8] : tensor<16x8xf32> into tensor<1x16x8xf32>
  %down = tensor.expand_shape %sd [[0, 1], [2]] output_shape [1, 8, 16] : tensor<8x16xf32> into tensor<1x8x16xf32>
  %sh = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%up, %gate : tensor<1x16x8xf32>, tensor<1x16x8xf32>) offsets(%all : tensor<2xi32>)
      outs(%sh0 : tensor<6x16xf32>) parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%b: f32, %a: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %b, %t : f32
    moe.yield %prod : f32
  } -> tensor<6x16xf32>
  %s = moe.grouped_matmul ins(%sh : tensor<6x16xf32>) weights(%down : tensor<1x8x16xf32>) offsets(%all : tensor<2xi32>)
      outs(%y0 : tensor<6x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<6x8xf32>
  %n = arith.truncf %sum : tensor<6x8xf32> to tensor<6x8xbf16>
  %sn = arith.truncf %s : tensor<6x8xf32> to tensor<6x8xbf16>
  %y = arith.addf %n, %sn : tensor<6x8xbf16>
  return %y : tensor<6x8xbf16>
}

// -----

// The addition is done in the shape of a batch.
// CHECK-LABEL: func.func @batch
// CHECK:         %[[Y:.+]] = moe.gather_sum
// CHECK:         %[[B:.+]] = tensor.expand_shape %[[Y]]
// CHECK-NOT:     arith.addf
// CHECK:         return %[[B]]
func.func @batch(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> tensor<2x3x8xf32> {
  %all = arith.constant dense<[0, 6]> : tensor<2xi32>
  %o0 = tensor.empty() : tensor<5xi32>
  %p0 = tensor.empty() : tensor<12xi32>
  %q0 = tensor.empty() : tensor<6x2xi32>
  %h0 = tensor.empty() : tensor<12x16xf32>
  %r0 = tensor.empty() : tensor<12x8xf32>
  %y0 = tensor.empty() : tensor<6x8xf32>
  %sh0 = tensor.empty() : tensor<6x16xf32>
  %o, %p, %q = moe.plan_into ins(%e : tensor<6x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w1 : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>) gather(%p : tensor<12xi32>) slots 2
      outs(%h0 : tensor<12x16xf32>) parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%a: f32, %b: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %t, %b : f32
    moe.yield %prod : f32
  } -> tensor<12x16xf32>
  %r = moe.grouped_matmul ins(%h : tensor<12x16xf32>) weights(%w2 : tensor<4x8x16xf32>) offsets(%o : tensor<5xi32>)
      outs(%r0 : tensor<12x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<12x8xf32>
  %sum = moe.gather_sum ins(%r, %q, %g : tensor<12x8xf32>, tensor<6x2xi32>, tensor<6x2xf32>)
      outs(%y0 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %up = tensor.expand_shape %su [[0, 1], [2]] output_shape [1, 16, 8] : tensor<16x8xf32> into tensor<1x16x8xf32>
  %gate = tensor.expand_shape %sg [[0, 1], [2]] output_shape [1, 16, 8] : tensor<16x8xf32> into tensor<1x16x8xf32>
  %down = tensor.expand_shape %sd [[0, 1], [2]] output_shape [1, 8, 16] : tensor<8x16xf32> into tensor<1x8x16xf32>
  %sh = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%up, %gate : tensor<1x16x8xf32>, tensor<1x16x8xf32>) offsets(%all : tensor<2xi32>)
      outs(%sh0 : tensor<6x16xf32>) parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%b: f32, %a: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %b, %t : f32
    moe.yield %prod : f32
  } -> tensor<6x16xf32>
  %s = moe.grouped_matmul ins(%sh : tensor<6x16xf32>) weights(%down : tensor<1x8x16xf32>) offsets(%all : tensor<2xi32>)
      outs(%y0 : tensor<6x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<6x8xf32>
  %a = tensor.expand_shape %sum [[0, 1], [2]] output_shape [2, 3, 8] : tensor<6x8xf32> into tensor<2x3x8xf32>
  %b = tensor.expand_shape %s [[0, 1], [2]] output_shape [2, 3, 8] : tensor<6x8xf32> into tensor<2x3x8xf32>
  %y = arith.addf %b, %a : tensor<2x3x8xf32>
  return %y : tensor<2x3x8xf32>
}
