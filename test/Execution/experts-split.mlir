// Bodies of experts with work on whole rows between their matmuls, or with
// operands of rows and shared ones, in a layer against its decomposition: an
// expert without rows, one with more rows than fit a tile, an empty slot.
// RUN: split-file %s %t
// RUN: moe-opt %t/norm.mlir --moe-fuse | FileCheck %s
// RUN: moe-opt %t/layer_norm.mlir --moe-fuse | FileCheck %s
// RUN: moe-opt %t/softmax.mlir --moe-fuse | FileCheck %s
// RUN: moe-opt %t/scaled_rows.mlir --moe-fuse | FileCheck %s
// RUN: moe-opt %t/hidden_weight.mlir --moe-fuse | FileCheck %s
// RUN: moe-opt %t/inner_residual.mlir --moe-fuse | FileCheck %s
// RUN: moe-opt %t/narrow_rows.mlir --moe-fuse | FileCheck %s
// RUN: moe-opt %t/returned.mlir --moe-fuse | FileCheck %s
// CHECK:     moe.grouped_matmul
// CHECK-NOT: moe.experts
// RUN: %python %S/save.py %t.e.npy i32 "[[3,0]]+[[2,3],[3,-1]]*40"
// RUN: moe-run %t/norm.mlir --entry=norm --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: moe-run %t/layer_norm.mlir --entry=layer_norm --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: moe-run %t/softmax.mlir --entry=softmax --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: moe-run %t/scaled_rows.mlir --entry=scaled_rows --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: moe-run %t/hidden_weight.mlir --entry=hidden_weight --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: moe-run %t/inner_residual.mlir --entry=inner_residual --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: moe-run %t/narrow_rows.mlir --entry=narrow_rows --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: moe-run %t/returned.mlir --entry=returned --backend=cpu --input=%t.e.npy --dim=81 --compare=reference
// RUN: %python %S/save.py %t.e.npy i32 "[[1,2]]"
// RUN: moe-run %t/norm.mlir --entry=norm --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: moe-run %t/layer_norm.mlir --entry=layer_norm --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: moe-run %t/softmax.mlir --entry=softmax --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: moe-run %t/scaled_rows.mlir --entry=scaled_rows --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: moe-run %t/hidden_weight.mlir --entry=hidden_weight --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: moe-run %t/inner_residual.mlir --entry=inner_residual --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: moe-run %t/narrow_rows.mlir --entry=narrow_rows --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: moe-run %t/returned.mlir --entry=returned --backend=cpu --input=%t.e.npy --dim=1 --compare=reference
// RUN: %python %S/save.py %t.e.npy i32 "[]" 0x2
// RUN: moe-run %t/norm.mlir --entry=norm --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference
// RUN: moe-run %t/layer_norm.mlir --entry=layer_norm --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference
// RUN: moe-run %t/softmax.mlir --entry=softmax --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference
// RUN: moe-run %t/scaled_rows.mlir --entry=scaled_rows --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference
// RUN: moe-run %t/hidden_weight.mlir --entry=hidden_weight --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference
// RUN: moe-run %t/inner_residual.mlir --entry=inner_residual --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference
// RUN: moe-run %t/narrow_rows.mlir --entry=narrow_rows --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference
// RUN: moe-run %t/returned.mlir --entry=returned --backend=cpu --input=%t.e.npy --dim=0 --compare=reference

//--- norm.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#first = affine_map<(i, j) -> (i)>
#unit = affine_map<(i, j) -> (i, 0)>
#none = affine_map<(i, j) -> ()>
// RMSNorm of the hidden rows: they are made once, their squares and the norm on
// the rows of all experts.
func.func @norm(%ids: tensor<?x2xi32>, %x: tensor<?x8xf32>, %w1: tensor<4x32x8xf32>, %w2: tensor<4x8x16xf32>, %weights: tensor<?x2xf32>, %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w1, %w2 : tensor<4x32x8xf32>, tensor<4x8x16xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<32x8xf32>, %b: tensor<8x16xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %one = arith.constant 1.0 : f32
    %width = arith.constant 16.0 : f32
    %eps = arith.constant 1.0e-5 : f32
    %m0 = tensor.empty(%n) : tensor<?x32xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<32x8xf32>)
        outs(%m1 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %gate = tensor.extract_slice %m[0, 0] [%n, 16] [1, 1]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %up = tensor.extract_slice %m[0, 16] [%n, 16] [1, 1]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %h_0 = tensor.empty(%n) : tensor<?x16xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x16xf32>, tensor<?x16xf32>) outs(%h_0 : tensor<?x16xf32>) {
    ^bb0(%g: f32, %u: f32, %out: f32):
      %minus = arith.negf %g : f32
      %exp = math.exp %minus : f32
      %below = arith.addf %exp, %one : f32
      %glu = arith.divf %g, %below : f32
      %p = arith.mulf %glu, %u : f32
      linalg.yield %p : f32
    } -> tensor<?x16xf32>
    %squares = arith.mulf %h, %h : tensor<?x16xf32>
    %sum0 = tensor.empty(%n) : tensor<?xf32>
    %sum1 = linalg.fill ins(%zero : f32) outs(%sum0 : tensor<?xf32>) -> tensor<?xf32>
    %sum = linalg.reduce { arith.addf } ins(%squares : tensor<?x16xf32>)
        outs(%sum1 : tensor<?xf32>) dimensions = [1]
    %normed_0 = tensor.empty(%n) : tensor<?x16xf32>
    %normed = linalg.generic {indexing_maps = [#id, #first, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%h, %sum : tensor<?x16xf32>, tensor<?xf32>) outs(%normed_0 : tensor<?x16xf32>) {
    ^bb0(%in: f32, %s: f32, %out: f32):
      %mean = arith.divf %s, %width : f32
      %more = arith.addf %mean, %eps : f32
      %scale = math.rsqrt %more : f32
      %p = arith.mulf %in, %scale : f32
      linalg.yield %p : f32
    } -> tensor<?x16xf32>
    %d0 = tensor.empty(%n) : tensor<?x8xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%normed, %b : tensor<?x16xf32>, tensor<8x16xf32>)
        outs(%d1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %z = moe.combine %y, %pairs, %weights into %residual
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

//--- layer_norm.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#first = affine_map<(i, j) -> (i)>
#unit = affine_map<(i, j) -> (i, 0)>
#none = affine_map<(i, j) -> ()>
// LayerNorm with a weight and a bias that all experts share, in bf16.
func.func @layer_norm(%ids: tensor<?x2xi32>, %x: tensor<?x8xbf16>, %w1: tensor<4x16x8xbf16>, %w2: tensor<4x8x16xbf16>, %gain: tensor<16xf32>, %shift: tensor<16xf32>, %weights: tensor<?x2xf32>, %residual: tensor<?x8xbf16>) -> tensor<?x8xbf16> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xbf16>, tensor<?xi32> -> tensor<?x8xbf16>
  %y = moe.experts rows(%rows : tensor<?x8xbf16>)
      weights(%w1, %w2 : tensor<4x16x8xbf16>, tensor<4x8x16xbf16>)
      shared(%gain, %shift : tensor<16xf32>, tensor<16xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xbf16> {
  ^expert(%r: tensor<?x8xbf16>, %a: tensor<16x8xbf16>, %b: tensor<8x16xbf16>, %g: tensor<16xf32>, %c: tensor<16xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xbf16>
    %width = arith.constant 16.0 : f32
    %eps = arith.constant 1.0e-5 : f32
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xbf16>, tensor<16x8xbf16>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %h_0 = tensor.empty(%n) : tensor<?x16xbf16>
    %h = linalg.generic {indexing_maps = [#id, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m : tensor<?x16xf32>) outs(%h_0 : tensor<?x16xbf16>) {
    ^bb0(%in: f32, %out: bf16):
      %t = arith.truncf %in : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<?x16xbf16>
    %wide = arith.extf %h : tensor<?x16xbf16> to tensor<?x16xf32>
    %sum0 = tensor.empty(%n) : tensor<?xf32>
    %sum1 = linalg.fill ins(%zero : f32) outs(%sum0 : tensor<?xf32>) -> tensor<?xf32>
    %sum = linalg.reduce { arith.addf } ins(%wide : tensor<?x16xf32>)
        outs(%sum1 : tensor<?xf32>) dimensions = [1]
    %sum2 = tensor.expand_shape %sum [[0, 1]] output_shape [%n, 1] : tensor<?xf32> into tensor<?x1xf32>
    %centred_0 = tensor.empty(%n) : tensor<?x16xf32>
    %centred = linalg.generic {indexing_maps = [#id, #unit, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%wide, %sum2 : tensor<?x16xf32>, tensor<?x1xf32>) outs(%centred_0 : tensor<?x16xf32>) {
    ^bb0(%in: f32, %s: f32, %out: f32):
      %mean = arith.divf %s, %width : f32
      %p = arith.subf %in, %mean : f32
      linalg.yield %p : f32
    } -> tensor<?x16xf32>
    %squares = arith.mulf %centred, %centred : tensor<?x16xf32>
    %var0 = tensor.empty(%n) : tensor<?xf32>
    %var1 = linalg.fill ins(%zero : f32) outs(%var0 : tensor<?xf32>) -> tensor<?xf32>
    %var = linalg.reduce { arith.addf } ins(%squares : tensor<?x16xf32>)
        outs(%var1 : tensor<?xf32>) dimensions = [1]
    %normed_0 = tensor.empty(%n) : tensor<?x16xbf16>
    %normed = linalg.generic {indexing_maps = [#id, #first, #row, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%centred, %var, %g, %c : tensor<?x16xf32>, tensor<?xf32>, tensor<16xf32>, tensor<16xf32>) outs(%normed_0 : tensor<?x16xbf16>) {
    ^bb0(%in: f32, %s: f32, %gw: f32, %cw: f32, %out: bf16):
      %mean = arith.divf %s, %width : f32
      %more = arith.addf %mean, %eps : f32
      %scale = math.rsqrt %more : f32
      %p = arith.mulf %in, %scale : f32
      %q = arith.mulf %p, %gw : f32
      %v = arith.addf %q, %cw : f32
      %t = arith.truncf %v : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<?x16xbf16>
    %d0 = tensor.empty(%n) : tensor<?x8xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%normed, %b : tensor<?x16xbf16>, tensor<8x16xbf16>)
        outs(%d1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %o_0 = tensor.empty(%n) : tensor<?x8xbf16>
    %o = linalg.generic {indexing_maps = [#id, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%d : tensor<?x8xf32>) outs(%o_0 : tensor<?x8xbf16>) {
    ^bb0(%in: f32, %out: bf16):
      %t = arith.truncf %in : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<?x8xbf16>
    moe.yield %o : tensor<?x8xbf16>
  }
  %z = moe.combine %y, %pairs, %weights into %residual
      : tensor<?x8xbf16>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xbf16>
  return %z : tensor<?x8xbf16>
}

//--- softmax.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#first = affine_map<(i, j) -> (i)>
#unit = affine_map<(i, j) -> (i, 0)>
#none = affine_map<(i, j) -> ()>
// A softmax along the row.
func.func @softmax(%ids: tensor<?x2xi32>, %x: tensor<?x8xf32>, %w1: tensor<4x16x8xf32>, %w2: tensor<4x8x16xf32>, %weights: tensor<?x2xf32>, %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w1, %w2 : tensor<4x16x8xf32>, tensor<4x8x16xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<16x8xf32>, %b: tensor<8x16xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %low = arith.constant 0xFF800000 : f32
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %max0 = tensor.empty(%n) : tensor<?xf32>
    %max1 = linalg.fill ins(%low : f32) outs(%max0 : tensor<?xf32>) -> tensor<?xf32>
    %max = linalg.reduce { arith.maximumf } ins(%m : tensor<?x16xf32>)
        outs(%max1 : tensor<?xf32>) dimensions = [1]
    %e_0 = tensor.empty(%n) : tensor<?x16xf32>
    %e = linalg.generic {indexing_maps = [#id, #first, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %max : tensor<?x16xf32>, tensor<?xf32>) outs(%e_0 : tensor<?x16xf32>) {
    ^bb0(%in: f32, %s: f32, %out: f32):
      %p = arith.subf %in, %s : f32
      %q = math.exp %p : f32
      linalg.yield %q : f32
    } -> tensor<?x16xf32>
    %sum0 = tensor.empty(%n) : tensor<?xf32>
    %sum1 = linalg.fill ins(%zero : f32) outs(%sum0 : tensor<?xf32>) -> tensor<?xf32>
    %sum = linalg.reduce { arith.addf } ins(%e : tensor<?x16xf32>)
        outs(%sum1 : tensor<?xf32>) dimensions = [1]
    %all0 = tensor.empty(%n) : tensor<?x16xf32>
    %all = linalg.broadcast ins(%sum : tensor<?xf32>) outs(%all0 : tensor<?x16xf32>) dimensions = [1]
    %soft = arith.divf %e, %all : tensor<?x16xf32>
    %d0 = tensor.empty(%n) : tensor<?x8xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%soft, %b : tensor<?x16xf32>, tensor<8x16xf32>)
        outs(%d1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %z = moe.combine %y, %pairs, %weights into %residual
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

//--- scaled_rows.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#first = affine_map<(i, j) -> (i)>
#unit = affine_map<(i, j) -> (i, 0)>
#none = affine_map<(i, j) -> ()>
// Llama 4 multiplies the rows by their weights before the first matmul.
func.func @scaled_rows(%ids: tensor<?x2xi32>, %x: tensor<?x8xf32>, %w1: tensor<4x16x8xf32>, %w2: tensor<4x8x16xf32>, %weights: tensor<?x2xf32>, %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %flat = tensor.collapse_shape %weights [[0, 1]] : tensor<?x2xf32> into tensor<?xf32>
  %i0 = arith.constant 0 : index
  %num = tensor.dim %flat, %i0 : tensor<?xf32>
  %column = tensor.expand_shape %flat [[0, 1]] output_shape [%num, 1] : tensor<?xf32> into tensor<?x1xf32>
  %scales = moe.dispatch %column, %pairs slots 1 : tensor<?x1xf32>, tensor<?xi32> -> tensor<?x1xf32>
  %y = moe.experts rows(%rows, %scales : tensor<?x8xf32>, tensor<?x1xf32>)
      weights(%w1, %w2 : tensor<4x16x8xf32>, tensor<4x8x16xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %s: tensor<?x1xf32>, %a: tensor<16x8xf32>, %b: tensor<8x16xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %scaled_0 = tensor.empty(%n) : tensor<?x8xf32>
    %scaled = linalg.generic {indexing_maps = [#id, #unit, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%r, %s : tensor<?x8xf32>, tensor<?x1xf32>) outs(%scaled_0 : tensor<?x8xf32>) {
    ^bb0(%in: f32, %f: f32, %out: f32):
      %p = arith.mulf %in, %f : f32
      linalg.yield %p : f32
    } -> tensor<?x8xf32>
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%scaled, %a : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %d0 = tensor.empty(%n) : tensor<?x8xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%m, %b : tensor<?x16xf32>, tensor<8x16xf32>)
        outs(%d1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %z = moe.combine %y, %pairs, %weights into %residual
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

//--- hidden_weight.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#first = affine_map<(i, j) -> (i)>
#unit = affine_map<(i, j) -> (i, 0)>
#none = affine_map<(i, j) -> ()>
// The weight on the hidden rows, a limit and a vector that all experts share, a
// number of each expert, and the rows once more: all of it in epilogues.
func.func @hidden_weight(%ids: tensor<?x2xi32>, %x: tensor<?x8xf32>, %w1: tensor<4x16x8xf32>, %w2: tensor<4x8x16xf32>, %number: tensor<4xf32>, %most: f32, %bias: tensor<8xf32>, %weights: tensor<?x2xf32>, %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %flat = tensor.collapse_shape %weights [[0, 1]] : tensor<?x2xf32> into tensor<?xf32>
  %i0 = arith.constant 0 : index
  %num = tensor.dim %flat, %i0 : tensor<?xf32>
  %column = tensor.expand_shape %flat [[0, 1]] output_shape [%num, 1] : tensor<?xf32> into tensor<?x1xf32>
  %scales = moe.dispatch %column, %pairs slots 1 : tensor<?x1xf32>, tensor<?xi32> -> tensor<?x1xf32>
  %y = moe.experts rows(%rows, %scales : tensor<?x8xf32>, tensor<?x1xf32>)
      weights(%w1, %w2, %number : tensor<4x16x8xf32>, tensor<4x8x16xf32>, tensor<4xf32>)
      shared(%most, %bias : f32, tensor<8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %s: tensor<?x1xf32>, %a: tensor<16x8xf32>, %b: tensor<8x16xf32>, %c: tensor<f32>, %limit: f32, %shift: tensor<8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %s1 = tensor.collapse_shape %s [[0, 1]] : tensor<?x1xf32> into tensor<?xf32>
    %h_0 = tensor.empty(%n) : tensor<?x16xf32>
    %h = linalg.generic {indexing_maps = [#id, #first, #none, #none, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %s1, %limit, %c : tensor<?x16xf32>, tensor<?xf32>, f32, tensor<f32>) outs(%h_0 : tensor<?x16xf32>) {
    ^bb0(%in: f32, %f: f32, %top: f32, %own: f32, %out: f32):
      %q = arith.minimumf %in, %top : f32
      %p = arith.mulf %q, %f : f32
      %v = arith.addf %p, %own : f32
      linalg.yield %v : f32
    } -> tensor<?x16xf32>
    %d0 = tensor.empty(%n) : tensor<?x8xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%h, %b : tensor<?x16xf32>, tensor<8x16xf32>)
        outs(%d1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %o_0 = tensor.empty(%n) : tensor<?x8xf32>
    %o = linalg.generic {indexing_maps = [#id, #id, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%d, %r, %shift : tensor<?x8xf32>, tensor<?x8xf32>, tensor<8xf32>) outs(%o_0 : tensor<?x8xf32>) {
    ^bb0(%in: f32, %f: f32, %v: f32, %out: f32):
      %p = arith.addf %in, %f : f32
      %q = arith.addf %p, %v : f32
      linalg.yield %q : f32
    } -> tensor<?x8xf32>
    moe.yield %o : tensor<?x8xf32>
  }
  %z = moe.combine %y, %pairs, %weights into %residual
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

//--- inner_residual.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#first = affine_map<(i, j) -> (i)>
#unit = affine_map<(i, j) -> (i, 0)>
#none = affine_map<(i, j) -> ()>
// What one matmul makes is added to the result of the next.
func.func @inner_residual(%ids: tensor<?x2xi32>, %x: tensor<?x8xf32>, %w1: tensor<4x8x8xf32>, %w2: tensor<4x8x8xf32>, %weights: tensor<?x2xf32>, %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w1, %w2 : tensor<4x8x8xf32>, tensor<4x8x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %b: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %m0 = tensor.empty(%n) : tensor<?x8xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%m1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %t = math.tanh %m : tensor<?x8xf32>
    %d0 = tensor.empty(%n) : tensor<?x8xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%t, %b : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%d1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %o = arith.addf %t, %d : tensor<?x8xf32>
    moe.yield %o : tensor<?x8xf32>
  }
  %z = moe.combine %y, %pairs, %weights into %residual
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

//--- narrow_rows.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#first = affine_map<(i, j) -> (i)>
#unit = affine_map<(i, j) -> (i, 0)>
#none = affine_map<(i, j) -> ()>
// What belongs to a row, in bf16; rows of no expert are zero to whoever looks.
func.func @narrow_rows(%ids: tensor<?x2xi32>, %x: tensor<?x24xbf16>, %w: tensor<4x40x24xbf16>,
    %scales: tensor<?x1xf32>, %others: tensor<?x80xbf16>) -> tensor<?x40xbf16> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x24xbf16>, tensor<?xi32> -> tensor<?x24xbf16>
  %s = moe.dispatch %scales, %pairs slots 2 : tensor<?x1xf32>, tensor<?xi32> -> tensor<?x1xf32>
  %o = moe.dispatch %others, %pairs slots 2 : tensor<?x80xbf16>, tensor<?xi32> -> tensor<?x80xbf16>
  %y = moe.experts rows(%rows, %s, %o : tensor<?x24xbf16>, tensor<?x1xf32>, tensor<?x80xbf16>)
      weights(%w : tensor<4x40x24xbf16>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x40xbf16> {
  ^expert(%r: tensor<?x24xbf16>, %f: tensor<?x1xf32>, %more: tensor<?x80xbf16>, %a: tensor<40x24xbf16>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x24xbf16>
    %m0 = tensor.empty(%n) : tensor<?x40xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x40xf32>) -> tensor<?x40xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x24xbf16>, tensor<40x24xbf16>)
        outs(%m1 : tensor<?x40xf32>) -> tensor<?x40xf32>
    %odd = tensor.extract_slice %more[0, 1] [%n, 40] [1, 2] : tensor<?x80xbf16> to tensor<?x40xbf16>
    %h0 = tensor.empty(%n) : tensor<?x40xbf16>
    %h = linalg.generic {indexing_maps = [#id, #unit, #id, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %f, %odd : tensor<?x40xf32>, tensor<?x1xf32>, tensor<?x40xbf16>) outs(%h0 : tensor<?x40xbf16>) {
    ^bb0(%in: f32, %scale: f32, %b: bf16, %out: bf16):
      %p = arith.mulf %in, %scale : f32
      %wide = arith.extf %b : bf16 to f32
      %q = arith.addf %p, %wide : f32
      %t = arith.truncf %q : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<?x40xbf16>
    moe.yield %h : tensor<?x40xbf16>
  }
  return %y : tensor<?x40xbf16>
}

//--- returned.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#first = affine_map<(i, j) -> (i)>
#unit = affine_map<(i, j) -> (i, 0)>
#none = affine_map<(i, j) -> ()>
// The last thing in the body is work on whole rows, which makes a NaN of zeros.
func.func @returned(%ids: tensor<?x2xi32>, %x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>) -> tensor<?x16xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %y = moe.experts rows(%rows : tensor<?x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x16xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<16x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %squares = arith.mulf %m, %m : tensor<?x16xf32>
    %s0 = tensor.empty(%n) : tensor<?xf32>
    %s1 = linalg.fill ins(%zero : f32) outs(%s0 : tensor<?xf32>) -> tensor<?xf32>
    %s = linalg.reduce { arith.addf } ins(%squares : tensor<?x16xf32>)
        outs(%s1 : tensor<?xf32>) dimensions = [1]
    %h = linalg.generic {indexing_maps = [#id, #first, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %s : tensor<?x16xf32>, tensor<?xf32>) outs(%m0 : tensor<?x16xf32>) {
    ^bb0(%in: f32, %sum: f32, %out: f32):
      %root = math.sqrt %sum : f32
      %p = arith.divf %in, %root : f32
      linalg.yield %p : f32
    } -> tensor<?x16xf32>
    moe.yield %h : tensor<?x16xf32>
  }
  return %y : tensor<?x16xf32>
}
