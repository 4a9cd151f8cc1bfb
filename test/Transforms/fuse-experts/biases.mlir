// RUN: moe-opt %s --moe-fuse-experts --split-input-file | FileCheck %s

// The body of a gpt-oss expert: a bias on both matmuls, gate and up columns
// interleaved, clamps between. Here the bias is added before the halves part.
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// CHECK-LABEL: func.func @bias_then_slices
// CHECK-SAME:    %[[ROWS:[^:]+]]: tensor<?x8xf32>, %[[W1:[^:]+]]: tensor<4x32x8xf32>, %[[B1:[^:]+]]: tensor<4x32xf32>, %[[W2:[^:]+]]: tensor<4x8x16xf32>, %[[B2:[^:]+]]: tensor<4x8xf32>
// CHECK-NOT:     moe.experts
// CHECK:         %[[H:.+]] = moe.grouped_matmul ins(%[[ROWS]] : tensor<?x8xf32>) weights(%[[W1]] : tensor<4x32x8xf32>) vectors(%[[B1]] : tensor<4x32xf32>)
// CHECK-SAME:      parts weights [0, 0] offsets [0, 1] strides [2, 2]
// CHECK-SAME:      vector_parts vectors [0, 0] offsets [0, 1] strides [2, 2] {
// CHECK:         ^bb0(%[[G:.+]]: f32, %[[U:.+]]: f32, %[[GB:.+]]: f32, %[[UB:.+]]: f32):
// CHECK-DAG:       %[[GATE:.+]] = arith.addf %[[G]], %[[GB]]
// CHECK-DAG:       %[[UP:.+]] = arith.addf %[[U]], %[[UB]]
// CHECK-DAG:       arith.minimumf %[[GATE]],
// CHECK-DAG:       arith.minimumf %[[UP]],
// CHECK:           arith.maximumf
// CHECK:         moe.grouped_matmul ins(%[[H]] : tensor<?x16xf32>) weights(%[[W2]] : tensor<4x8x16xf32>) vectors(%[[B2]] : tensor<4x8xf32>)
// CHECK-SAME:      parts weights [0] offsets [0] strides [1]
// CHECK-SAME:      vector_parts vectors [0] offsets [0] strides [1] {
// CHECK:         ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32):
// CHECK-NEXT:      %[[S:.+]] = arith.addf %[[A]], %[[B]]
// CHECK-NEXT:      moe.yield %[[S]]
func.func @bias_then_slices(%rows: tensor<?x8xf32>, %w1: tensor<4x32x8xf32>,
    %b1: tensor<4x32xf32>, %w2: tensor<4x8x16xf32>, %b2: tensor<4x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w1, %b1, %w2, %b2 : tensor<4x32x8xf32>, tensor<4x32xf32>,
              tensor<4x8x16xf32>, tensor<4x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<32x8xf32>, %ab: tensor<32xf32>,
          %b: tensor<8x16xf32>, %bb: tensor<8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %limit = arith.constant 7.0 : f32
    %low = arith.constant -7.0 : f32
    %alpha = arith.constant 1.702 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e32 = tensor.empty(%n) : tensor<?x32xf32>
    %z32 = linalg.fill ins(%zero : f32) outs(%e32 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<32x8xf32>)
        outs(%z32 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %e16 = tensor.empty(%n) : tensor<?x16xf32>
    %mb = linalg.generic {indexing_maps = [#id, #row, #id],
                          iterator_types = ["parallel", "parallel"]}
        ins(%m, %ab : tensor<?x32xf32>, tensor<32xf32>) outs(%e32 : tensor<?x32xf32>) {
    ^bb0(%in: f32, %bias: f32, %out: f32):
      %sum = arith.addf %in, %bias : f32
      linalg.yield %sum : f32
    } -> tensor<?x32xf32>
    %gate = tensor.extract_slice %mb[0, 0] [%n, 16] [1, 2]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %up = tensor.extract_slice %mb[0, 1] [%n, 16] [1, 2]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x16xf32>, tensor<?x16xf32>)
        outs(%e16 : tensor<?x16xf32>) {
    ^bb0(%g: f32, %u: f32, %out: f32):
      %gm = arith.minimumf %g, %limit : f32
      %um = arith.minimumf %u, %limit : f32
      %uc = arith.maximumf %um, %low : f32
      %scaled = arith.mulf %gm, %alpha : f32
      %minus = arith.negf %scaled : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %one : f32
      %glu = arith.divf %gm, %below : f32
      %more = arith.addf %uc, %one : f32
      %p = arith.mulf %more, %glu : f32
      linalg.yield %p : f32
    } -> tensor<?x16xf32>
    %e8 = tensor.empty(%n) : tensor<?x8xf32>
    %z8 = linalg.fill ins(%zero : f32) outs(%e8 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %b : tensor<?x16xf32>, tensor<8x16xf32>)
        outs(%z8 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %s = linalg.generic {indexing_maps = [#id, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%d, %bb : tensor<?x8xf32>, tensor<8xf32>) outs(%e8 : tensor<?x8xf32>) {
    ^bb0(%in: f32, %bias: f32, %out: f32):
      %sum = arith.addf %in, %bias : f32
      linalg.yield %sum : f32
    } -> tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

// Here the halves part first, and the bias with them.
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// CHECK-LABEL: func.func @slices_then_bias
// CHECK:         moe.grouped_matmul
// CHECK-SAME:      parts weights [0, 0] offsets [0, 1] strides [2, 2]
// CHECK-SAME:      vector_parts vectors [0, 0] offsets [0, 1] strides [2, 2] {
// CHECK:         ^bb0(%[[G:.+]]: f32, %[[U:.+]]: f32, %[[GB:.+]]: f32, %[[UB:.+]]: f32):
// CHECK-DAG:       arith.addf %[[G]], %[[GB]]
// CHECK-DAG:       arith.addf %[[U]], %[[UB]]
// CHECK:         moe.grouped_matmul
// CHECK-SAME:      vector_parts vectors [0] offsets [0] strides [1] {
func.func @slices_then_bias(%rows: tensor<?x8xf32>, %w1: tensor<4x32x8xf32>,
    %b1: tensor<4x32xf32>, %w2: tensor<4x8x16xf32>, %b2: tensor<4x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w1, %b1, %w2, %b2 : tensor<4x32x8xf32>, tensor<4x32xf32>,
              tensor<4x8x16xf32>, tensor<4x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<32x8xf32>, %ab: tensor<32xf32>,
          %b: tensor<8x16xf32>, %bb: tensor<8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %limit = arith.constant 7.0 : f32
    %low = arith.constant -7.0 : f32
    %alpha = arith.constant 1.702 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e32 = tensor.empty(%n) : tensor<?x32xf32>
    %z32 = linalg.fill ins(%zero : f32) outs(%e32 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<32x8xf32>)
        outs(%z32 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %e16 = tensor.empty(%n) : tensor<?x16xf32>
    %gate = tensor.extract_slice %m[0, 0] [%n, 16] [1, 2]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %up = tensor.extract_slice %m[0, 1] [%n, 16] [1, 2]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %gb = tensor.extract_slice %ab[0] [16] [2] : tensor<32xf32> to tensor<16xf32>
    %ub = tensor.extract_slice %ab[1] [16] [2] : tensor<32xf32> to tensor<16xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #row, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up, %gb, %ub : tensor<?x16xf32>, tensor<?x16xf32>, tensor<16xf32>, tensor<16xf32>)
        outs(%e16 : tensor<?x16xf32>) {
    ^bb0(%g0: f32, %u0: f32, %gbias: f32, %ubias: f32, %out: f32):
      %g = arith.addf %g0, %gbias : f32
      %u = arith.addf %u0, %ubias : f32
      %gm = arith.minimumf %g, %limit : f32
      %um = arith.minimumf %u, %limit : f32
      %uc = arith.maximumf %um, %low : f32
      %scaled = arith.mulf %gm, %alpha : f32
      %minus = arith.negf %scaled : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %one : f32
      %glu = arith.divf %gm, %below : f32
      %more = arith.addf %uc, %one : f32
      %p = arith.mulf %more, %glu : f32
      linalg.yield %p : f32
    } -> tensor<?x16xf32>
    %e8 = tensor.empty(%n) : tensor<?x8xf32>
    %z8 = linalg.fill ins(%zero : f32) outs(%e8 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %b : tensor<?x16xf32>, tensor<8x16xf32>)
        outs(%z8 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %s = linalg.generic {indexing_maps = [#id, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%d, %bb : tensor<?x8xf32>, tensor<8xf32>) outs(%e8 : tensor<?x8xf32>) {
    ^bb0(%in: f32, %bias: f32, %out: f32):
      %sum = arith.addf %in, %bias : f32
      linalg.yield %sum : f32
    } -> tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

// Work on the vector alone, and a broadcast of it; a vector read twice is one
// part. In bf16 the sum is rounded by the type of its accumulator, the vector
// keeps its type.
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#v = affine_map<(j) -> (j)>
// CHECK-LABEL: func.func @broadcast
// CHECK:         moe.grouped_matmul
// CHECK-SAME:      vectors(%{{.+}} : tensor<4x16xf32>)
// CHECK-SAME:      vector_parts vectors [0] offsets [0] strides [1] {
// CHECK:         ^bb0(%[[A:.+]]: bf16, %[[V:.+]]: f32):
// CHECK-DAG:       %[[WIDE:.+]] = arith.extf %[[A]] : bf16 to f32
// CHECK-DAG:       %[[TWICE:.+]] = arith.addf %[[V]], %[[V]] : f32
// CHECK-DAG:       %[[NARROW:.+]] = arith.truncf %[[V]] : f32 to bf16
// CHECK-DAG:       %[[AGAIN:.+]] = arith.extf %[[NARROW]] : bf16 to f32
// CHECK-DAG:       %[[P:.+]] = arith.mulf %[[WIDE]], %[[TWICE]] : f32
// CHECK-DAG:       %[[Q:.+]] = arith.addf %[[P]], %[[AGAIN]] : f32
// CHECK:           %[[R:.+]] = arith.truncf %[[Q]] : f32 to bf16
// CHECK:           moe.yield %[[R]] : bf16
func.func @broadcast(%rows: tensor<?x8xbf16>, %w: tensor<4x16x8xbf16>,
    %v: tensor<4x16xf32>, %offsets: tensor<5xi32>) -> tensor<?x16xbf16> {
  %y = moe.experts rows(%rows : tensor<?x8xbf16>)
      weights(%w, %v : tensor<4x16x8xbf16>, tensor<4x16xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x16xbf16> {
  ^expert(%r: tensor<?x8xbf16>, %a: tensor<16x8xbf16>, %c: tensor<16xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xbf16>
    %e = tensor.empty(%n) : tensor<?x16xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xbf16>, tensor<16x8xbf16>)
        outs(%z : tensor<?x16xf32>) -> tensor<?x16xf32>
    %v0 = tensor.empty() : tensor<16xf32>
    %twice = linalg.generic {indexing_maps = [#v, #v], iterator_types = ["parallel"]}
        ins(%c : tensor<16xf32>) outs(%v0 : tensor<16xf32>) {
    ^bb0(%in: f32, %out: f32):
      %t = arith.addf %in, %in : f32
      linalg.yield %t : f32
    } -> tensor<16xf32>
    %everywhere = linalg.broadcast ins(%twice : tensor<16xf32>)
        outs(%e : tensor<?x16xf32>) dimensions = [0]
    %narrow = arith.truncf %c : tensor<16xf32> to tensor<16xbf16>
    %o = tensor.empty(%n) : tensor<?x16xbf16>
    %s = linalg.generic {indexing_maps = [#id, #id, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %everywhere, %narrow : tensor<?x16xf32>, tensor<?x16xf32>, tensor<16xbf16>)
        outs(%o : tensor<?x16xbf16>) {
    ^bb0(%in: f32, %f: f32, %b: bf16, %out: bf16):
      %rounded = arith.truncf %in : f32 to bf16
      %wide = arith.extf %rounded : bf16 to f32
      %p = arith.mulf %wide, %f : f32
      %bw = arith.extf %b : bf16 to f32
      %q = arith.addf %p, %bw : f32
      %t = arith.truncf %q : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<?x16xbf16>
    moe.yield %s : tensor<?x16xbf16>
  }
  return %y : tensor<?x16xbf16>
}
