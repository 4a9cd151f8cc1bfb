// The body of a gpt-oss expert, with its biases, in a layer against its
// decomposition: an expert without rows, one with more rows than fit a tile, an
// empty slot.
// RUN: moe-opt %s --moe-fuse | FileCheck %s
// CHECK-COUNT-2: moe.grouped_matmul {{.+}} vectors(
// CHECK-NOT:     moe.experts
// RUN: %python %S/save.py %t.e.npy i32 "[[3,0]]+[[2,3],[3,-1]]*40"
// RUN: moe-run %s --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: %python %S/save.py %t.e.npy i32 "[[1,2]]"
// RUN: moe-run %s --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: %python %S/save.py %t.e.npy i32 "[]" 0x2
// RUN: moe-run %s --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @main(%ids: tensor<?x2xi32>, %x: tensor<?x8xf32>, %w1: tensor<4x32x8xf32>,
    %b1: tensor<4x32xf32>, %w2: tensor<4x8x16xf32>, %b2: tensor<4x8xf32>,
    %weights: tensor<?x2xf32>, %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
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
  %z = moe.combine %y, %pairs, %weights into %residual
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}
