// Every stage op and primitive in every form it can be written; the first case
// of each op is the example of its description. `ops-codegen.mlir` has the rest.

// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt %s --verify-roundtrip -o /dev/null
// RUN: moe-opt %s --mlir-print-op-generic | moe-opt | FileCheck %s
// RUN: moe-opt %s --emit-bytecode | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @score
func.func @score(%logits: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: moe.score softmax %{{.+}} : tensor<?x4xf32> -> tensor<?x4xf32>
  %s = moe.score softmax %logits : tensor<?x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @score_functions
func.func @score_functions(%logits: tensor<6x4xbf16>) {
  // CHECK: moe.score identity %{{.+}} : tensor<6x4xbf16> -> tensor<6x4xf32>
  %0 = moe.score identity %logits : tensor<6x4xbf16> -> tensor<6x4xf32>
  // CHECK: moe.score sigmoid %{{.+}} : tensor<6x4xbf16> -> tensor<6x4xbf16>
  %1 = moe.score sigmoid %logits : tensor<6x4xbf16> -> tensor<6x4xbf16>
  // CHECK: moe.score sqrtsoftplus %{{.+}} : tensor<6x4xbf16> -> tensor<6x4xf16>
  %2 = moe.score sqrtsoftplus %logits : tensor<6x4xbf16> -> tensor<6x4xf16>
  // CHECK: moe.score relu %{{.+}} : tensor<6x4xbf16> -> tensor<6x4xf64>
  %3 = moe.score relu %logits : tensor<6x4xbf16> -> tensor<6x4xf64>
  return
}

// CHECK-LABEL: func.func @score_compute_types
func.func @score_compute_types(%a: tensor<6x4xbf16>, %b: tensor<6x4xf64>, %c: tensor<6x4xf8E4M3FN>) {
  // CHECK: moe.score softmax %{{.+}} {compute_type = bf16} : tensor<6x4xbf16>
  %0 = moe.score softmax %a {compute_type = bf16} : tensor<6x4xbf16> -> tensor<6x4xbf16>
  // CHECK: moe.score softmax %{{.+}} {compute_type = f64} : tensor<6x4xf64>
  %1 = moe.score softmax %b {compute_type = f64} : tensor<6x4xf64> -> tensor<6x4xf32>
  // CHECK: moe.score softmax %{{.+}} {compute_type = f16, origin = "here"} : tensor<6x4xf8E4M3FN>
  %2 = moe.score softmax %c {compute_type = f16, origin = "here"} : tensor<6x4xf8E4M3FN> -> tensor<6x4xf8E5M2>
  return
}

// No tokens and one token are ordinary.
// CHECK-LABEL: func.func @score_few_tokens
func.func @score_few_tokens(%none: tensor<0x4xf32>, %one: tensor<1x1xf32>) {
  // CHECK: moe.score softmax %{{.+}} : tensor<0x4xf32>
  %0 = moe.score softmax %none : tensor<0x4xf32> -> tensor<0x4xf32>
  // CHECK: moe.score softmax %{{.+}} : tensor<1x1xf32>
  %1 = moe.score softmax %one : tensor<1x1xf32> -> tensor<1x1xf32>
  return
}

// CHECK-LABEL: func.func @select
func.func @select(%key: tensor<?x4xf32>) -> tensor<?x2xi32> {
  // CHECK: moe.select #moe.top_k<2> %{{.+}} : tensor<?x4xf32> -> tensor<?x2xi32>
  %e = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  return %e : tensor<?x2xi32>
}

// From one slot to as many as there are experts.
// CHECK-LABEL: func.func @select_sizes
func.func @select_sizes(%key: tensor<6x4xbf16>, %one: tensor<0x1xf16>) {
  // CHECK: moe.select #moe.top_k<1> %{{.+}} : tensor<6x4xbf16> -> tensor<6x1xi32>
  %0 = moe.select #moe.top_k<1> %key : tensor<6x4xbf16> -> tensor<6x1xi32>
  // CHECK: moe.select #moe.top_k<4> %{{.+}} : tensor<6x4xbf16> -> tensor<6x4xi32>
  %1 = moe.select #moe.top_k<4> %key : tensor<6x4xbf16> -> tensor<6x4xi32>
  // CHECK: moe.select #moe.top_k<1> %{{.+}} {origin = "here"} : tensor<0x1xf16> -> tensor<0x1xi32>
  %2 = moe.select #moe.top_k<1> %one {origin = "here"} : tensor<0x1xf16> -> tensor<0x1xi32>
  return
}

// CHECK-LABEL: func.func @weigh
func.func @weigh(%s: tensor<?x4xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
  // CHECK: moe.weigh value %{{.+}}, %{{.+}} norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %w = moe.weigh value %s, %e norm sum
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

// CHECK-LABEL: func.func @weigh_functions
func.func @weigh_functions(%s: tensor<6x4xf32>, %e: tensor<6x2xi32>) {
  // CHECK: moe.weigh value %{{.+}}, %{{.+}} : tensor<6x4xf32>
  %0 = moe.weigh value %s, %e norm none : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  // CHECK: moe.weigh softmax_selected %{{.+}}, %{{.+}} : tensor<6x4xf32>
  %1 = moe.weigh softmax_selected %s, %e : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xbf16>
  // CHECK: moe.weigh sigmoid %{{.+}}, %{{.+}} {scale = 2.500000e+00 : f64}
  %2 = moe.weigh sigmoid %s, %e {scale = 2.5} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  // CHECK: moe.weigh one %{{.+}}, %{{.+}} norm sum : tensor<6x4xf32>
  %3 = moe.weigh one %s, %e norm sum : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  // CHECK: moe.weigh value %{{.+}}, %{{.+}} norm sum {eps = {{.+}} : f64, scale = 2.500000e+00 : f64}
  %4 = moe.weigh value %s, %e norm sum {eps = 1.0e-20, scale = 2.5} : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return
}

// One side of the token count may be dynamic.
// CHECK-LABEL: func.func @weigh_mixed_tokens
func.func @weigh_mixed_tokens(%s: tensor<?x4xf32>, %e: tensor<6x2xi32>) -> tensor<6x2xf32> {
  // CHECK: moe.weigh value %{{.+}}, %{{.+}} : tensor<?x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %w : tensor<6x2xf32>
}

// CHECK-LABEL: func.func @plan
func.func @plan(%e: tensor<?x2xi32>) -> (tensor<5xi32>, tensor<?xi32>) {
  // CHECK: moe.plan %{{.+}} : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %offsets, %pairs = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  return %offsets, %pairs : tensor<5xi32>, tensor<?xi32>
}

// CHECK-LABEL: func.func @plan_sizes
func.func @plan_sizes(%e: tensor<6x2xi32>, %none: tensor<0x4xi32>, %most: tensor<2147483647x1xi32>) {
  // CHECK: moe.plan %{{.+}} : tensor<6x2xi32> -> tensor<5xi32>, tensor<12xi32>
  %o, %p = moe.plan %e : tensor<6x2xi32> -> tensor<5xi32>, tensor<12xi32>
  // CHECK: moe.plan %{{.+}} : tensor<6x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %o1, %p1 = moe.plan %e : tensor<6x2xi32> -> tensor<5xi32>, tensor<?xi32>
  // CHECK: moe.plan %{{.+}} : tensor<0x4xi32> -> tensor<2xi32>, tensor<0xi32>
  %o2, %p2 = moe.plan %none : tensor<0x4xi32> -> tensor<2xi32>, tensor<0xi32>
  // CHECK: moe.plan %{{.+}} : tensor<2147483647x1xi32>
  %o3, %p3 = moe.plan %most : tensor<2147483647x1xi32> -> tensor<2xi32>, tensor<?xi32>
  return
}

// CHECK-LABEL: func.func @dispatch
func.func @dispatch(%x: tensor<?x8xf32>, %pairs: tensor<?xi32>) -> tensor<?x8xf32> {
  // CHECK: moe.dispatch %{{.+}}, %{{.+}} slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %rows = moe.dispatch %x, %pairs slots 2
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  return %rows : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @dispatch_static
func.func @dispatch_static(%x: tensor<6x8xbf16>, %pairs: tensor<12xi32>) -> tensor<12x8xbf16> {
  // CHECK: moe.dispatch %{{.+}}, %{{.+}} slots 2 : tensor<6x8xbf16>, tensor<12xi32> -> tensor<12x8xbf16>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<6x8xbf16>, tensor<12xi32> -> tensor<12x8xbf16>
  return %rows : tensor<12x8xbf16>
}

// CHECK-LABEL: func.func @experts
func.func @experts(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>, %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  // CHECK:      moe.experts rows(%{{.+}} : tensor<?x8xf32>) weights(%{{.+}} : tensor<4x8x8xf32>)
  // CHECK-SAME:   offsets(%{{.+}} : tensor<5xi32>) -> tensor<?x8xf32> {
  // CHECK-NEXT: ^{{.+}}(%{{.+}}: tensor<?x8xf32>, %{{.+}}: tensor<8x8xf32>):
  // CHECK:        moe.yield %{{.+}} : tensor<?x8xf32>
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %we: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %m = linalg.add ins(%r, %r : tensor<?x8xf32>, tensor<?x8xf32>)
        outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %m : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// Several row operands of any rank, shared operands of any type, a result of
// another width and element type.
// CHECK-LABEL: func.func @experts_all_operands
func.func @experts_all_operands(%rows: tensor<12x8xbf16>, %w: tensor<12xf32>, %tags: tensor<12x2x3xi64>,
                                %up: tensor<4x3x8xbf16>, %bias: tensor<4xbf16>,
                                %norm: tensor<?xbf16>, %limit: f32, %offsets: tensor<5xi32>) -> tensor<12x5xf32> {
  // CHECK:      moe.experts rows(%{{.+}}, %{{.+}}, %{{.+}} : tensor<12x8xbf16>, tensor<12xf32>, tensor<12x2x3xi64>)
  // CHECK-SAME:   weights(%{{.+}}, %{{.+}} : tensor<4x3x8xbf16>, tensor<4xbf16>)
  // CHECK-SAME:   shared(%{{.+}}, %{{.+}} : tensor<?xbf16>, f32)
  // CHECK-SAME:   offsets(%{{.+}} : tensor<5xi32>) -> tensor<12x5xf32> attributes {origin = "here"} {
  // CHECK-NEXT: ^{{.+}}(%{{.+}}: tensor<?x8xbf16>, %{{.+}}: tensor<?xf32>, %{{.+}}: tensor<?x2x3xi64>,
  // CHECK-SAME:   %{{.+}}: tensor<3x8xbf16>, %{{.+}}: tensor<bf16>, %{{.+}}: tensor<?xbf16>, %{{.+}}: f32):
  %y = moe.experts rows(%rows, %w, %tags : tensor<12x8xbf16>, tensor<12xf32>, tensor<12x2x3xi64>)
      weights(%up, %bias : tensor<4x3x8xbf16>, tensor<4xbf16>)
      shared(%norm, %limit : tensor<?xbf16>, f32)
      offsets(%offsets : tensor<5xi32>) -> tensor<12x5xf32> attributes {origin = "here"} {
  ^expert(%r: tensor<?x8xbf16>, %rw: tensor<?xf32>, %rt: tensor<?x2x3xi64>,
          %eu: tensor<3x8xbf16>, %eb: tensor<bf16>, %sn: tensor<?xbf16>, %sl: f32):
    %c0 = arith.constant 0 : index
    %n = tensor.dim %r, %c0 : tensor<?x8xbf16>
    // An integer division may trap, but touches no memory.
    %d = arith.divsi %n, %n : index
    %e = tensor.splat %sl[%n] : tensor<?x5xf32>
    moe.yield %e : tensor<?x5xf32>
  }
  return %y : tensor<12x5xf32>
}

// CHECK-LABEL: func.func @experts_rows_only
func.func @experts_rows_only(%rows: tensor<?x8xf32>, %offsets: tensor<2xi32>) -> tensor<?x8xf32> {
  // CHECK: moe.experts rows(%{{.+}} : tensor<?x8xf32>) offsets(%{{.+}} : tensor<2xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>) offsets(%offsets : tensor<2xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @combine
func.func @combine(%rows: tensor<?x8xf32>, %pairs: tensor<?xi32>, %w: tensor<?x2xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK:      moe.combine %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32>
  // CHECK-SAME:   into tensor<?x8xf32>
  %y = moe.combine %rows, %pairs, %w into %init
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @combine_rounded
func.func @combine_rounded(%rows: tensor<12x8xbf16>, %pairs: tensor<12xi32>, %w: tensor<6x2xbf16>, %init: tensor<6x8xbf16>) -> tensor<6x8xbf16> {
  // CHECK: moe.combine %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} {product_type = bf16, sum_type = bf16} : tensor<12x8xbf16>
  %y = moe.combine %rows, %pairs, %w into %init {product_type = bf16, sum_type = bf16} : tensor<12x8xbf16>, tensor<12xi32>, tensor<6x2xbf16> into tensor<6x8xbf16>
  return %y : tensor<6x8xbf16>
}

// CHECK-LABEL: func.func @combine_atomic
func.func @combine_atomic(%rows: tensor<12x8xf32>, %pairs: tensor<12xi32>, %w: tensor<6x2xf32>, %init: tensor<6x8xf32>) -> tensor<6x8xf32> {
  // CHECK: moe.combine %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} order atomic : tensor<12x8xf32>
  %y = moe.combine %rows, %pairs, %w into %init order atomic : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Rows, weights and result each have their own element type.
// CHECK-LABEL: func.func @combine_mixed_types
func.func @combine_mixed_types(%rows: tensor<12x8xbf16>, %pairs: tensor<12xi32>, %w: tensor<6x2xf32>, %init: tensor<6x8xf16>) -> tensor<6x8xf16> {
  // CHECK: moe.combine %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} {origin = "here"} : tensor<12x8xbf16>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf16>
  %y = moe.combine %rows, %pairs, %w into %init {origin = "here"} : tensor<12x8xbf16>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf16>
  return %y : tensor<6x8xf16>
}

// CHECK-LABEL: func.func @sort
func.func @sort(%a: tensor<6x4xf32>, %b: tensor<6x4xi64>) -> (tensor<6x4xf32>, tensor<6x4xi64>) {
  // CHECK:      moe.sort %{{.+}}, %{{.+}} dimension 1 : tensor<6x4xf32>, tensor<6x4xi64> {
  // CHECK-NEXT: ^{{.+}}(%[[A0:.+]]: f32, %[[B0:.+]]: f32, %{{.+}}: i64, %{{.+}}: i64):
  // CHECK-NEXT:   %[[BEFORE:.+]] = arith.cmpf ogt, %[[A0]], %[[B0]] : f32
  // CHECK-NEXT:   moe.yield %[[BEFORE]] : i1
  %v, %i = moe.sort %a, %b dimension 1
      : tensor<6x4xf32>, tensor<6x4xi64> {
  ^compare(%a0: f32, %b0: f32, %a1: i64, %b1: i64):
    %before = arith.cmpf ogt, %a0, %b0 : f32
    moe.yield %before : i1
  }
  return %v, %i : tensor<6x4xf32>, tensor<6x4xi64>
}

// CHECK-LABEL: func.func @sort_vector
func.func @sort_vector(%a: tensor<?xi32>) -> tensor<?xi32> {
  // CHECK: moe.sort %{{.+}} dimension 0 attributes {origin = "here"} : tensor<?xi32> {
  %v = moe.sort %a dimension 0 attributes {origin = "here"} : tensor<?xi32> {
  ^compare(%a0: i32, %b0: i32):
    %before = arith.cmpi slt, %a0, %b0 : i32
    moe.yield %before : i1
  }
  return %v : tensor<?xi32>
}
