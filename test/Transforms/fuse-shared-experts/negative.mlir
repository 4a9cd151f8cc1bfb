// RUN: moe-opt %s --moe-fuse-shared-experts --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// Neither as wide as a routed expert nor a multiple of it.
// CHECK-LABEL: func.func @width
// CHECK-NOT:     always_on
// CHECK:         return
func.func @width(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<20x8xf32>,
    %su: tensor<20x8xf32>, %sd: tensor<8x20xf32>) -> tensor<6x8xf32> {
  %all = arith.constant dense<[0, 6]> : tensor<2xi32>
  %o0 = tensor.empty() : tensor<5xi32>
  %p0 = tensor.empty() : tensor<12xi32>
  %q0 = tensor.empty() : tensor<6x2xi32>
  %h0 = tensor.empty() : tensor<12x16xf32>
  %r0 = tensor.empty() : tensor<12x8xf32>
  %y0 = tensor.empty() : tensor<6x8xf32>
  %sh0 = tensor.empty() : tensor<6x20xf32>
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
  %up = tensor.expand_shape %su [[0, 1], [2]] output_shape [1, 20, 8] : tensor<20x8xf32> into tensor<1x20x8xf32>
  %gate = tensor.expand_shape %sg [[0, 1], [2]] output_shape [1, 20, 8] : tensor<20x8xf32> into tensor<1x20x8xf32>
  %down = tensor.expand_shape %sd [[0, 1], [2]] output_shape [1, 8, 20] : tensor<8x20xf32> into tensor<1x8x20xf32>
  %sh = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%up, %gate : tensor<1x20x8xf32>, tensor<1x20x8xf32>) offsets(%all : tensor<2xi32>)
      outs(%sh0 : tensor<6x20xf32>) parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%b: f32, %a: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %b, %t : f32
    moe.yield %prod : f32
  } -> tensor<6x20xf32>
  %s = moe.grouped_matmul ins(%sh : tensor<6x20xf32>) weights(%down : tensor<1x8x20xf32>) offsets(%all : tensor<2xi32>)
      outs(%y0 : tensor<6x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<6x8xf32>
  // expected-remark @below {{the shared expert stays a matmul of its own: it is 20 wide, which is no multiple of the 16 of a routed expert}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// Routed weights stored as [in, out].
// CHECK-LABEL: func.func @layout
// CHECK-NOT:     always_on
// CHECK:         return
func.func @layout(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x8x32xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> tensor<6x8xf32> {
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
  %h = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w1 : tensor<4x8x32xf32>) layouts [in_out] offsets(%o : tensor<5xi32>) gather(%p : tensor<12xi32>) slots 2
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
  // expected-remark @below {{the shared expert stays a matmul of its own: only weights stored as [out, in] can be always on}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// Another function between the matmuls.
// CHECK-LABEL: func.func @activation
// CHECK-NOT:     always_on
// CHECK:         return
func.func @activation(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> tensor<6x8xf32> {
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
    %t = math.exp %a : f32
    %prod = arith.mulf %b, %t : f32
    moe.yield %prod : f32
  } -> tensor<6x16xf32>
  %s = moe.grouped_matmul ins(%sh : tensor<6x16xf32>) weights(%down : tensor<1x8x16xf32>) offsets(%all : tensor<2xi32>)
      outs(%y0 : tensor<6x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<6x8xf32>
  // expected-remark @below {{the shared expert stays a matmul of its own: it computes something else between or after its matmuls than a routed expert}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// The routed one does not square its gate.
// CHECK-LABEL: func.func @same_part
// CHECK-NOT:     always_on
// CHECK:         return
func.func @same_part(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> tensor<6x8xf32> {
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
    %plus = arith.addf %b, %a : f32
    %prod = arith.mulf %plus, %t : f32
    moe.yield %prod : f32
  } -> tensor<6x16xf32>
  %s = moe.grouped_matmul ins(%sh : tensor<6x16xf32>) weights(%down : tensor<1x8x16xf32>) offsets(%all : tensor<2xi32>)
      outs(%y0 : tensor<6x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<6x8xf32>
  // expected-remark @below {{the shared expert stays a matmul of its own: it computes something else between or after its matmuls than a routed expert}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// Other tokens.
// CHECK-LABEL: func.func @tokens
// CHECK-NOT:     always_on
// CHECK:         return
func.func @tokens(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>, %z: tensor<6x8xf32>) -> tensor<6x8xf32> {
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
  %sh = moe.grouped_matmul ins(%z : tensor<6x8xf32>) weights(%up, %gate : tensor<1x16x8xf32>, tensor<1x16x8xf32>) offsets(%all : tensor<2xi32>)
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
  // expected-remark @below {{the shared expert stays a matmul of its own: it reads other tokens than the routed experts}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// Not all of the rows.
// CHECK-LABEL: func.func @some_rows
// CHECK-NOT:     always_on
// CHECK:         return
func.func @some_rows(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> tensor<6x8xf32> {
  %all = arith.constant dense<[0, 5]> : tensor<2xi32>
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
  // expected-remark @below {{the shared expert stays a matmul of its own: it is not known to have all rows}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// Its result is read elsewhere, so it must be there.
// CHECK-LABEL: func.func @readers
// CHECK-NOT:     always_on
// CHECK:         return
func.func @readers(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> (tensor<6x8xf32>, tensor<6x8xf32>) {
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
  // expected-remark @below {{the shared expert stays a matmul of its own: its sum, or that of the routed experts, has other readers}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y, %s : tensor<6x8xf32>, tensor<6x8xf32>
}

// -----

// Someone reads the plan.
// CHECK-LABEL: func.func @plan_readers
// CHECK-NOT:     always_on
// CHECK:         return
func.func @plan_readers(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> (tensor<6x8xf32>, tensor<12xi32>) {
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
  // expected-remark @below {{the shared expert stays a matmul of its own: the plan has other readers than its experts}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y, %p : tensor<6x8xf32>, tensor<12xi32>
}

// -----

// Work after the last matmul cannot be cut.
// CHECK-LABEL: func.func @after
// CHECK-NOT:     always_on
// CHECK:         return
func.func @after(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<32x8xf32>,
    %su: tensor<32x8xf32>, %sd: tensor<8x32xf32>) -> tensor<6x8xf32> {
  %all = arith.constant dense<[0, 6]> : tensor<2xi32>
  %o0 = tensor.empty() : tensor<5xi32>
  %p0 = tensor.empty() : tensor<12xi32>
  %q0 = tensor.empty() : tensor<6x2xi32>
  %h0 = tensor.empty() : tensor<12x16xf32>
  %r0 = tensor.empty() : tensor<12x8xf32>
  %y0 = tensor.empty() : tensor<6x8xf32>
  %sh0 = tensor.empty() : tensor<6x32xf32>
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
  %up = tensor.expand_shape %su [[0, 1], [2]] output_shape [1, 32, 8] : tensor<32x8xf32> into tensor<1x32x8xf32>
  %gate = tensor.expand_shape %sg [[0, 1], [2]] output_shape [1, 32, 8] : tensor<32x8xf32> into tensor<1x32x8xf32>
  %down = tensor.expand_shape %sd [[0, 1], [2]] output_shape [1, 8, 32] : tensor<8x32xf32> into tensor<1x8x32xf32>
  %sh = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%up, %gate : tensor<1x32x8xf32>, tensor<1x32x8xf32>) offsets(%all : tensor<2xi32>)
      outs(%sh0 : tensor<6x32xf32>) parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%b: f32, %a: f32):
    %t = math.tanh %a : f32
    %prod = arith.mulf %b, %t : f32
    moe.yield %prod : f32
  } -> tensor<6x32xf32>
  %s = moe.grouped_matmul ins(%sh : tensor<6x32xf32>) weights(%down : tensor<1x8x32xf32>) offsets(%all : tensor<2xi32>)
      outs(%y0 : tensor<6x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    %t = math.tanh %a : f32
    moe.yield %t : f32
  } -> tensor<6x8xf32>
  // expected-remark @below {{the shared expert stays a matmul of its own: it computes something else between or after its matmuls than a routed expert}}
  %y = arith.addf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// The graph rounds one of the two results.
// CHECK-LABEL: func.func @rounded_sum
// CHECK-NOT:     always_on
// CHECK:         return
func.func @rounded_sum(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> tensor<6x8xf32> {
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
  %back = arith.extf %n : tensor<6x8xbf16> to tensor<6x8xf32>
  // expected-remark @below {{the shared expert stays a matmul of its own: the sum of all experts would be rounded in other places}}
  %y = arith.addf %back, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// What is subtracted is nothing to add, and nothing is said of it.
// CHECK-LABEL: func.func @difference
// CHECK-NOT:     always_on
// CHECK:         return
func.func @difference(%x: tensor<6x8xf32>, %e: tensor<6x2xi32>, %g: tensor<6x2xf32>,
    %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %sg: tensor<16x8xf32>,
    %su: tensor<16x8xf32>, %sd: tensor<8x16xf32>) -> tensor<6x8xf32> {
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
  %y = arith.subf %sum, %s : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
