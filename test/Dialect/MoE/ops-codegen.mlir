// Every codegen op in every form, on tensors and on memrefs; the first case of
// each op is the example of its description.

// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt %s --verify-roundtrip -o /dev/null
// RUN: moe-opt %s --mlir-print-op-generic | moe-opt | FileCheck %s
// RUN: moe-opt %s --emit-bytecode | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @gate
func.func @gate(%x: tensor<?x8xf32>, %router: tensor<4x8xf32>, %e0: tensor<?x2xi32>, %w0: tensor<?x2xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  // CHECK:      moe.gate ins(%{{.+}}, %{{.+}} : tensor<?x8xf32>, tensor<4x8xf32>)
  // CHECK-SAME:   outs(%{{.+}}, %{{.+}} : tensor<?x2xi32>, tensor<?x2xf32>)
  // CHECK-SAME:   score softmax select #moe.top_k<2> on scores weigh value on scores norm sum
  // CHECK-SAME:   -> tensor<?x2xi32>, tensor<?x2xf32>
  %e, %w = moe.gate ins(%x, %router : tensor<?x8xf32>, tensor<4x8xf32>)
      outs(%e0, %w0 : tensor<?x2xi32>, tensor<?x2xf32>)
      score softmax select #moe.top_k<2> on scores weigh value on scores
      norm sum -> tensor<?x2xi32>, tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// The first operand holds logits where there is no router.
// CHECK-LABEL: func.func @gate_of_logits
func.func @gate_of_logits(%l: tensor<6x4xbf16>, %e0: tensor<6x4xi32>, %w0: tensor<6x4xbf16>) -> tensor<6x4xi32> {
  // CHECK:      moe.gate ins(%{{.+}} : tensor<6x4xbf16>)
  // CHECK-SAME:   score identity select #moe.top_k<4> on logits weigh softmax_selected on logits
  // CHECK-SAME:   {logits_type = bf16, schedule = #moe.schedule<fma, tile = [1, 2, 3]>, score_type = bf16} ->
  %e, %w = moe.gate ins(%l : tensor<6x4xbf16>) outs(%e0, %w0 : tensor<6x4xi32>, tensor<6x4xbf16>)
      score identity select #moe.top_k<4> on logits weigh softmax_selected on logits
      {logits_type = bf16, score_type = bf16, schedule = #moe.schedule<fma, tile = [1, 2, 3]>}
      -> tensor<6x4xi32>, tensor<6x4xbf16>
  return %e : tensor<6x4xi32>
}

// CHECK-LABEL: func.func @gate_memref
func.func @gate_memref(%x: memref<?x8xf32, strided<[?, 1], offset: ?>>, %router: memref<4x8xf32>, %e: memref<?x1xi32>, %w: memref<?x1xf32>) {
  // CHECK:      moe.gate ins(%{{.+}}, %{{.+}} : memref<?x8xf32, strided<[?, 1], offset: ?>>, memref<4x8xf32>)
  // CHECK-SAME:   outs(%{{.+}}, %{{.+}} : memref<?x1xi32>, memref<?x1xf32>)
  // CHECK-SAME:   score sigmoid select #moe.top_k<1> on scores weigh sigmoid on logits norm sum {eps = {{.+}}, scale = 2.500000e+00 : f64}{{$}}
  moe.gate ins(%x, %router : memref<?x8xf32, strided<[?, 1], offset: ?>>, memref<4x8xf32>)
      outs(%e, %w : memref<?x1xi32>, memref<?x1xf32>)
      score sigmoid select #moe.top_k<1> on scores weigh sigmoid on logits norm sum {eps = 1.0e-20, scale = 2.5}
  return
}

// CHECK-LABEL: func.func @plan_into
func.func @plan_into(%e: tensor<?x2xi32>, %o0: tensor<5xi32>, %p0: tensor<?xi32>, %q0: tensor<?x2xi32>) -> tensor<?x2xi32> {
  // CHECK:      moe.plan_into ins(%{{.+}} : tensor<?x2xi32>)
  // CHECK-SAME:   outs(%{{.+}}, %{{.+}}, %{{.+}} : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
  // CHECK-SAME:   -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  return %q : tensor<?x2xi32>
}

// CHECK-LABEL: func.func @plan_into_memref
func.func @plan_into_memref(%e: memref<6x2xi32>, %o: memref<5xi32>, %p: memref<12xi32>, %q: memref<6x2xi32>) {
  // CHECK: moe.plan_into ins(%{{.+}} : memref<6x2xi32>) outs(%{{.+}}, %{{.+}}, %{{.+}} : memref<5xi32>, memref<12xi32>, memref<6x2xi32>) {origin = "here"}{{$}}
  moe.plan_into ins(%e : memref<6x2xi32>) outs(%o, %p, %q : memref<5xi32>, memref<12xi32>, memref<6x2xi32>) {origin = "here"}
  return
}

// CHECK-LABEL: func.func @grouped_matmul
func.func @grouped_matmul(%x: tensor<?x8xf32>, %w: tensor<4x32x8xf32>, %o: tensor<5xi32>, %p: tensor<?xi32>, %h0: tensor<?x16xf32>) -> tensor<?x16xf32> {
  // CHECK:      moe.grouped_matmul ins(%{{.+}} : tensor<?x8xf32>) weights(%{{.+}} : tensor<4x32x8xf32>)
  // CHECK-SAME:   offsets(%{{.+}} : tensor<5xi32>) gather(%{{.+}} : tensor<?xi32>) slots 2 outs(%{{.+}} : tensor<?x16xf32>)
  // CHECK-SAME:   parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  // CHECK-NEXT: ^{{.+}}(%[[GATE:.+]]: f32, %[[UP:.+]]: f32):
  // CHECK-NEXT:   %[[H:.+]] = arith.mulf %[[GATE]], %[[UP]] : f32
  // CHECK-NEXT:   moe.yield %[[H]] : f32
  // CHECK-NEXT: } -> tensor<?x16xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>)
      weights(%w : tensor<4x32x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%gate: f32, %up: f32):
    %h = arith.mulf %gate, %up : f32
    moe.yield %h : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}

// Gate and up interleaved in one matrix; the last column read is the last there is.
// CHECK-LABEL: func.func @grouped_matmul_interleaved
func.func @grouped_matmul_interleaved(%x: tensor<12x8xbf16>, %w: tensor<4x32x8xbf16>, %o: tensor<5xi32>, %h0: tensor<12x16xbf16>) -> tensor<12x16xbf16> {
  // CHECK: parts weights [0, 0] offsets [0, 1] strides [2, 2]
  // CHECK-SAME: attributes {schedule = #moe.schedule<mma_sync, tile = [64, 64, 32]>} {
  %h = moe.grouped_matmul ins(%x : tensor<12x8xbf16>) weights(%w : tensor<4x32x8xbf16>) offsets(%o : tensor<5xi32>)
      outs(%h0 : tensor<12x16xbf16>) parts weights [0, 0] offsets [0, 1] strides [2, 2]
      attributes {schedule = #moe.schedule<mma_sync, tile = [64, 64, 32]>} {
  ^epilogue(%gate: f32, %up: f32):
    %m = arith.mulf %gate, %up : f32
    %h = arith.truncf %m : f32 to bf16
    moe.yield %h : bf16
  } -> tensor<12x16xbf16>
  return %h : tensor<12x16xbf16>
}

// A bias per expert for each part, interleaved like the columns; two vectors.
// CHECK-LABEL: func.func @grouped_matmul_vectors
func.func @grouped_matmul_vectors(%x: tensor<12x8xbf16>, %w: tensor<4x32x8xbf16>, %bias: tensor<4x32xbf16>, %scale: tensor<4x20xf32>, %o: tensor<5xi32>, %h0: tensor<12x16xbf16>) -> tensor<12x16xbf16> {
  // CHECK: weights(%{{.+}} : tensor<4x32x8xbf16>) vectors(%{{.+}}, %{{.+}} : tensor<4x32xbf16>, tensor<4x20xf32>) offsets(
  // CHECK-SAME: parts weights [0, 0] offsets [0, 1] strides [2, 2]
  // CHECK-SAME: vector_parts vectors [0, 0, 1] offsets [0, 1, 4] strides [2, 2, 1]
  // CHECK-SAME: attributes {schedule = #moe.schedule<mma_sync, tile = [64, 64, 32]>} {
  // CHECK-NEXT: ^{{.+}}(%{{.+}}: f32, %{{.+}}: f32, %{{.+}}: bf16, %{{.+}}: bf16, %{{.+}}: f32):
  %h = moe.grouped_matmul ins(%x : tensor<12x8xbf16>) weights(%w : tensor<4x32x8xbf16>)
      vectors(%bias, %scale : tensor<4x32xbf16>, tensor<4x20xf32>) offsets(%o : tensor<5xi32>)
      outs(%h0 : tensor<12x16xbf16>) parts weights [0, 0] offsets [0, 1] strides [2, 2]
      vector_parts vectors [0, 0, 1] offsets [0, 1, 4] strides [2, 2, 1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [64, 64, 32]>} {
  ^epilogue(%gate: f32, %up: f32, %gate_bias: bf16, %up_bias: bf16, %factor: f32):
    %gb = arith.extf %gate_bias : bf16 to f32
    %ub = arith.extf %up_bias : bf16 to f32
    %g = arith.addf %gate, %gb : f32
    %u = arith.addf %up, %ub : f32
    %p = arith.mulf %g, %u : f32
    %m = arith.mulf %p, %factor : f32
    %h = arith.truncf %m : f32 to bf16
    moe.yield %h : bf16
  } -> tensor<12x16xbf16>
  return %h : tensor<12x16xbf16>
}

// Two matrices; an accumulator rounded to bf16; a value from outside.
// CHECK-LABEL: func.func @grouped_matmul_two_weights
func.func @grouped_matmul_two_weights(%x: tensor<?x8xbf16>, %wg: tensor<4x16x8xbf16>, %wu: tensor<4x16x8xbf16>, %o: tensor<5xi32>, %h0: tensor<?x16xbf16>, %limit: bf16) -> tensor<?x16xbf16> {
  // CHECK: weights(%{{.+}}, %{{.+}} : tensor<4x16x8xbf16>, tensor<4x16x8xbf16>)
  // CHECK: parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  // CHECK-NEXT: ^{{.+}}(%{{.+}}: bf16, %{{.+}}: bf16):
  %h = moe.grouped_matmul ins(%x : tensor<?x8xbf16>) weights(%wg, %wu : tensor<4x16x8xbf16>, tensor<4x16x8xbf16>)
      offsets(%o : tensor<5xi32>) outs(%h0 : tensor<?x16xbf16>) parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%gate: bf16, %up: bf16):
    %g = arith.minimumf %gate, %limit : bf16
    %h = arith.mulf %g, %up : bf16
    moe.yield %h : bf16
  } -> tensor<?x16xbf16>
  return %h : tensor<?x16xbf16>
}

// Weights of both layouts.
// CHECK-LABEL: func.func @grouped_matmul_layouts
func.func @grouped_matmul_layouts(%x: tensor<?x8xf32>, %wg: tensor<4x16x8xf32>, %wu: tensor<4x8x32xf32>, %o: tensor<5xi32>, %h0: tensor<?x16xf32>) -> tensor<?x16xf32> {
  // CHECK: weights(%{{.+}}, %{{.+}} : tensor<4x16x8xf32>, tensor<4x8x32xf32>) layouts [out_in, in_out] offsets(
  // CHECK-SAME: parts weights [0, 1] offsets [0, 1] strides [1, 2] {
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%wg, %wu : tensor<4x16x8xf32>, tensor<4x8x32xf32>)
      layouts [out_in, in_out] offsets(%o : tensor<5xi32>)
      outs(%h0 : tensor<?x16xf32>) parts weights [0, 1] offsets [0, 1] strides [1, 2] {
  ^epilogue(%gate: f32, %up: f32):
    %h = arith.mulf %gate, %up : f32
    moe.yield %h : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}

// The down projection: one part, rows in plan order.
// CHECK-LABEL: func.func @grouped_matmul_memref
func.func @grouped_matmul_memref(%x: memref<?x16xf16>, %w: memref<4x8x16xf16>, %o: memref<5xi32>, %y: memref<?x8xf32>) {
  // CHECK:      moe.grouped_matmul ins(%{{.+}} : memref<?x16xf16>) weights(%{{.+}} : memref<4x8x16xf16>)
  // CHECK-SAME:   offsets(%{{.+}} : memref<5xi32>) outs(%{{.+}} : memref<?x8xf32>)
  // CHECK-SAME:   parts weights [0] offsets [0] strides [1] {
  // CHECK:        moe.yield %{{.+}} : f32
  // CHECK-NEXT: }{{$}}
  moe.grouped_matmul ins(%x : memref<?x16xf16>) weights(%w : memref<4x8x16xf16>) offsets(%o : memref<5xi32>)
      outs(%y : memref<?x8xf32>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%acc: f32):
    moe.yield %acc : f32
  }
  return
}

// What belongs to a row, a vector for all experts; zeros where no expert is.
// CHECK-LABEL: func.func @grouped_matmul_rows
func.func @grouped_matmul_rows(%x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<1x16xf32>, %s: tensor<?x1xbf16>, %r: tensor<?x32xf32>, %o: tensor<5xi32>, %h0: tensor<?x16xf32>) -> tensor<?x16xf32> {
  // CHECK:      moe.grouped_matmul ins(%{{.+}} : tensor<?x8xf32>) weights(%{{.+}} : tensor<4x16x8xf32>)
  // CHECK-SAME:   vectors(%{{.+}} : tensor<1x16xf32>) rows(%{{.+}}, %{{.+}} : tensor<?x1xbf16>, tensor<?x32xf32>) offsets(%{{.+}} : tensor<5xi32>)
  // CHECK-SAME:   outs(%{{.+}} : tensor<?x16xf32>) zero_rest parts weights [0] offsets [0] strides [1]
  // CHECK-SAME:   vector_parts vectors [0] offsets [0] strides [1] row_parts rows [0, 1] offsets [0, 1] strides [0, 2] {
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%w : tensor<4x16x8xf32>)
      vectors(%v : tensor<1x16xf32>) rows(%s, %r : tensor<?x1xbf16>, tensor<?x32xf32>)
      offsets(%o : tensor<5xi32>) outs(%h0 : tensor<?x16xf32>) zero_rest
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1]
      row_parts rows [0, 1] offsets [0, 1] strides [0, 2] {
  ^epilogue(%a: f32, %b: f32, %c: bf16, %d: f32):
    moe.yield %d : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}

// CHECK-LABEL: func.func @grouped_matmul_scatter
func.func @grouped_matmul_scatter(%x: memref<?x8xbf16>, %w: memref<4x16x8xbf16>, %o: memref<5xi32>, %p: memref<?xi32>, %s: memref<?x2xf32>, %y: memref<?x16xf32>) {
  // CHECK: gather(%{{.+}} : memref<?xi32>) slots 2 scatter(%{{.+}}, %{{.+}} : memref<?xi32>, memref<?x2xf32>) outs(%{{.+}} : memref<?x16xf32>) parts
  moe.grouped_matmul ins(%x : memref<?x8xbf16>) weights(%w : memref<4x16x8xbf16>)
      offsets(%o : memref<5xi32>) gather(%p : memref<?xi32>) slots 2
      scatter(%p, %s : memref<?xi32>, memref<?x2xf32>) outs(%y : memref<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// CHECK-LABEL: func.func @gather_sum
func.func @gather_sum(%rows: tensor<?x8xf32>, %q: tensor<?x2xi32>, %w: tensor<?x2xf32>, %y0: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK:      moe.gather_sum ins(%{{.+}}, %{{.+}}, %{{.+}} : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
  // CHECK-SAME:   outs(%{{.+}} : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = moe.gather_sum ins(%rows, %q, %w
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @gather_sum_residual
func.func @gather_sum_residual(%rows: memref<12x8xbf16>, %q: memref<6x2xi32>, %w: memref<6x2xf32>, %r: memref<6x8xbf16>, %y: memref<6x8xbf16>) {
  // CHECK:      moe.gather_sum ins(%{{.+}}, %{{.+}}, %{{.+}} : memref<12x8xbf16>, memref<6x2xi32>, memref<6x2xf32>)
  // CHECK-SAME:   residual(%{{.+}} : memref<6x8xbf16>) outs(%{{.+}} : memref<6x8xbf16>)
  // CHECK-SAME:   {schedule = #moe.schedule<dot, tile = [1, 8, 1]>}{{$}}
  moe.gather_sum ins(%rows, %q, %w : memref<12x8xbf16>, memref<6x2xi32>, memref<6x2xf32>)
      residual(%r : memref<6x8xbf16>) outs(%y : memref<6x8xbf16>) {schedule = #moe.schedule<dot, tile = [1, 8, 1]>}
  return
}

// CHECK-LABEL: func.func @always_on
func.func @always_on(%e: tensor<?x2xi32>, %x: tensor<?x8xf32>, %w: tensor<4x32x8xf32>, %b: tensor<4x16xf32>, %sg: tensor<32x8xf32>, %su: tensor<32x8xf32>, %sb: tensor<32xf32>, %g: tensor<?x2xf32>, %gate: tensor<?x1xf32>, %o0: tensor<7xi32>, %p0: tensor<?xi32>, %q0: tensor<?x4xi32>, %h0: tensor<?x16xf32>, %y0: tensor<?x16xf32>) -> tensor<?x16xf32> {
  // CHECK:      moe.plan_into ins(%{{.+}} : tensor<?x2xi32>) always_on 2 outs(
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>) always_on 2
      outs(%o0, %p0, %q0 : tensor<7xi32>, tensor<?xi32>, tensor<?x4xi32>)
      -> tensor<7xi32>, tensor<?xi32>, tensor<?x4xi32>
  // CHECK:      moe.grouped_matmul
  // CHECK-SAME:   vectors(%{{.+}} : tensor<4x16xf32>) always_on 2 always_weights(%{{.+}}, %{{.+}} : tensor<32x8xf32>, tensor<32x8xf32>)
  // CHECK-SAME:   always_vectors(%{{.+}} : tensor<32xf32>) offsets(
  // CHECK-SAME:   parts weights [0, 0, 0, 1] offsets [0, 16, 0, 0] strides [1, 1, 1, 1]
  // CHECK-SAME:   vector_parts vectors [0, 0] offsets [0, 0] strides [1, 1]
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%w : tensor<4x32x8xf32>)
      vectors(%b : tensor<4x16xf32>) always_on 2
      always_weights(%sg, %su : tensor<32x8xf32>, tensor<32x8xf32>)
      always_vectors(%sb : tensor<32xf32>) offsets(%o : tensor<7xi32>)
      gather(%p : tensor<?xi32>) slots 4 outs(%h0 : tensor<?x16xf32>)
      parts weights [0, 0, 0, 1] offsets [0, 16, 0, 0] strides [1, 1, 1, 1]
      vector_parts vectors [0, 0] offsets [0, 0] strides [1, 1] {
  ^epilogue(%a: f32, %u: f32, %v: f32):
    %s = arith.addf %a, %v : f32
    %m = arith.mulf %s, %u : f32
    moe.yield %m : f32
  } -> tensor<?x16xf32>
  // CHECK:      moe.gather_sum
  // CHECK-SAME:   gate(%{{.+}} : tensor<?x1xf32>) outs(%{{.+}} : tensor<?x16xf32>) {always_type = bf16}
  %y = moe.gather_sum ins(%h, %q, %g
      : tensor<?x16xf32>, tensor<?x4xi32>, tensor<?x2xf32>)
      gate(%gate : tensor<?x1xf32>) outs(%y0 : tensor<?x16xf32>)
      {always_type = bf16} -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// CHECK-LABEL: func.func @masked_ffn
func.func @masked_ffn(%x: tensor<4x8xf32>, %u: tensor<8x3xi32>, %c: tensor<8x3xf32>, %w1: tensor<16x8xf32>, %w2: tensor<16x8xf32>, %y: tensor<4x8xf32>, %h: tensor<4x16xf32>, %f: tensor<4x16xf32>, %k: tensor<4x16xi32>, %l: tensor<1x16xi32>, %n: tensor<1x1xi32>) -> tensor<4x8xf32> {
  // CHECK:      moe.masked_ffn post ins(%{{.+}}, %{{.+}}, %{{.+}} : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
  // CHECK-SAME:   samples 2 up(%{{.+}} : tensor<16x8xf32>) down(%{{.+}} : tensor<16x8xf32>) tile 4 outs(
  // CHECK:        moe.yield %{{.+}} : f32
  // CHECK-NEXT: } -> tensor<4x8xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>
  %r:6 = moe.masked_ffn post
      ins(%x, %u, %c : tensor<4x8xf32>, tensor<8x3xi32>, tensor<8x3xf32>)
      samples 2 up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x8xf32>) tile 4
      outs(%y, %h, %f, %k, %l, %n : tensor<4x8xf32>, tensor<4x16xf32>,
           tensor<4x16xf32>, tensor<4x16xi32>, tensor<1x16xi32>, tensor<1x1xi32>) {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  } -> tensor<4x8xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xi32>,
       tensor<1x16xi32>, tensor<1x1xi32>
  return %r#0 : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @masked_ffn_all
func.func @masked_ffn_all(%x: memref<?x8xbf16>, %u: memref<?x3xi32>, %c: memref<?x3xbf16>, %i: index, %w1: memref<16x8xbf16>, %b1: memref<16xbf16>, %w2: memref<16x6xbf16>, %b2: memref<6xf32>, %s: memref<?x2xf32>, %y: memref<?x6xbf16>, %h: memref<?x16xf32>, %f: memref<?x16xf32>, %k: memref<?x16xi32>, %l: memref<?x16xi32>, %n: memref<?x1xi32>) {
  // CHECK:      moe.masked_ffn pre ins(
  // CHECK-SAME:   samples 2 count(%{{.+}} : index) up(%{{.+}}, %{{.+}} : memref<16x8xbf16>, memref<16xbf16>)
  // CHECK-SAME:   down(%{{.+}}, %{{.+}} : memref<16x6xbf16>, memref<6xf32>) sample_weights(%{{.+}} : memref<?x2xf32>) tile 1 outs(
  moe.masked_ffn pre ins(%x, %u, %c : memref<?x8xbf16>, memref<?x3xi32>, memref<?x3xbf16>)
      samples 2 count(%i : index) up(%w1, %b1 : memref<16x8xbf16>, memref<16xbf16>)
      down(%w2, %b2 : memref<16x6xbf16>, memref<6xf32>) sample_weights(%s : memref<?x2xf32>) tile 1
      outs(%y, %h, %f, %k, %l, %n : memref<?x6xbf16>, memref<?x16xf32>, memref<?x16xf32>, memref<?x16xi32>, memref<?x16xi32>, memref<?x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}
