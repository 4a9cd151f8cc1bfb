// Rows added to their tokens by the matmul that makes them, against the sum in
// slot order: an expert without rows, an empty slot, tokens in several experts;
// on a residual, on zeros and odd widths, and in bf16 with the sum in f32.
// RUN: split-file %s %t
// RUN: moe-opt %t/residual.mlir --moe-fuse | FileCheck %s
// RUN: moe-opt %t/zeros.mlir --moe-fuse | FileCheck %s
// RUN: moe-opt %t/narrow.mlir --moe-fuse | FileCheck %s
// CHECK:     scatter(
// CHECK-NOT: moe.{{gather_sum|combine}}
// RUN: %python %S/save.py %t.e.npy i32 "[[3,0]]+[[2,3],[3,-1]]*40"
// RUN: moe-run %t/residual.mlir --entry=residual --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: moe-run %t/zeros.mlir --entry=zeros --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --compare=reference
// RUN: moe-run %t/narrow.mlir --entry=narrow --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: %python %S/save.py %t.e.npy i32 "[[1,2]]"
// RUN: moe-run %t/residual.mlir --entry=residual --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: moe-run %t/zeros.mlir --entry=zeros --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --compare=reference
// RUN: moe-run %t/narrow.mlir --entry=narrow --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: %python %S/save.py %t.e.npy i32 "[]" 0x2
// RUN: moe-run %t/residual.mlir --entry=residual --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference
// RUN: moe-run %t/zeros.mlir --entry=zeros --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --compare=reference
// RUN: moe-run %t/narrow.mlir --entry=narrow --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference

//--- residual.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
func.func @residual(%ids: tensor<?x2xi32>, %x: tensor<?x8xf32>, %w1: tensor<4x16x8xf32>,
    %w2: tensor<4x8x16xf32>, %weights: tensor<?x2xf32>, %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w1, %w2 : tensor<4x16x8xf32>, tensor<4x8x16xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<16x8xf32>, %b: tensor<8x16xf32>):
    %i0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %i0 : tensor<?x8xf32>
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %d0 = tensor.empty(%n) : tensor<?x8xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%m, %b : tensor<?x16xf32>, tensor<8x16xf32>)
        outs(%d1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %z = moe.combine %y, %pairs, %weights into %residual order atomic
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

//--- zeros.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
func.func @zeros(%ids: tensor<?x2xi32>, %x: tensor<?x13xf32>, %w1: tensor<4x7x13xf32>,
    %w2: tensor<4x13x7xf32>, %weights: tensor<?x2xf32>) -> tensor<?x13xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x13xf32>, tensor<?xi32> -> tensor<?x13xf32>
  %c0 = arith.constant 0 : index
  %none = arith.constant 0.0 : f32
  %tokens = tensor.dim %ids, %c0 : tensor<?x2xi32>
  %blank = tensor.empty(%tokens) : tensor<?x13xf32>
  %nothing = linalg.fill ins(%none : f32) outs(%blank : tensor<?x13xf32>) -> tensor<?x13xf32>
  %y = moe.experts rows(%rows : tensor<?x13xf32>)
      weights(%w1, %w2 : tensor<4x7x13xf32>, tensor<4x13x7xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x13xf32> {
  ^expert(%r: tensor<?x13xf32>, %a: tensor<7x13xf32>, %b: tensor<13x7xf32>):
    %i0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %i0 : tensor<?x13xf32>
    %m0 = tensor.empty(%n) : tensor<?x7xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x7xf32>) -> tensor<?x7xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x13xf32>, tensor<7x13xf32>)
        outs(%m1 : tensor<?x7xf32>) -> tensor<?x7xf32>
    %d0 = tensor.empty(%n) : tensor<?x13xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x13xf32>) -> tensor<?x13xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%m, %b : tensor<?x7xf32>, tensor<13x7xf32>)
        outs(%d1 : tensor<?x13xf32>) -> tensor<?x13xf32>
    moe.yield %d : tensor<?x13xf32>
  }
  %z = moe.combine %y, %pairs, %weights into %nothing order atomic
      : tensor<?x13xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x13xf32>
  return %z : tensor<?x13xf32>
}

//--- narrow.mlir
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
func.func @narrow(%ids: tensor<?x2xi32>, %x: tensor<?x16xbf16>, %w1: tensor<4x24x16xbf16>,
    %w2: tensor<4x16x24xbf16>, %weights: tensor<?x2xf32>, %residual: tensor<?x16xbf16>) -> tensor<?x16xbf16> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x16xbf16>, tensor<?xi32> -> tensor<?x16xbf16>
  %y = moe.experts rows(%rows : tensor<?x16xbf16>)
      weights(%w1, %w2 : tensor<4x24x16xbf16>, tensor<4x16x24xbf16>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x16xbf16> {
  ^expert(%r: tensor<?x16xbf16>, %a: tensor<24x16xbf16>, %b: tensor<16x24xbf16>):
    %i0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %i0 : tensor<?x16xbf16>
    %m0 = tensor.empty(%n) : tensor<?x24xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x24xf32>) -> tensor<?x24xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x16xbf16>, tensor<24x16xbf16>)
        outs(%m1 : tensor<?x24xf32>) -> tensor<?x24xf32>
    %mr0 = tensor.empty(%n) : tensor<?x24xbf16>
    %mr = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%m : tensor<?x24xf32>) outs(%mr0 : tensor<?x24xbf16>) {
    ^bb0(%in: f32, %out: bf16):
      %t = arith.truncf %in : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<?x24xbf16>
    %d0 = tensor.empty(%n) : tensor<?x16xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%mr, %b : tensor<?x24xbf16>, tensor<16x24xbf16>)
        outs(%d1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %dr0 = tensor.empty(%n) : tensor<?x16xbf16>
    %dr = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
        ins(%d : tensor<?x16xf32>) outs(%dr0 : tensor<?x16xbf16>) {
    ^bb0(%in: f32, %out: bf16):
      %t = arith.truncf %in : f32 to bf16
      linalg.yield %t : bf16
    } -> tensor<?x16xbf16>
    moe.yield %dr : tensor<?x16xbf16>
  }
  %z = moe.combine %y, %pairs, %weights into %residual order atomic
      : tensor<?x16xbf16>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x16xbf16>
  return %z : tensor<?x16xbf16>
}
