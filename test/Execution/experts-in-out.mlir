// Experts whose weights lie in both layouts against their decomposition: up as
// [out, in] with down as [in, out], gate and up that differ, one column of
// three, bf16. An expert without rows, one with enough rows for a panel, an
// empty slot; one token; none.
// RUN: moe-opt %s --moe-fuse | FileCheck %s
// CHECK:         moe.grouped_matmul
// CHECK-NOT:     layouts
// CHECK:         moe.grouped_matmul {{.+}} layouts [in_out]
// CHECK:         moe.grouped_matmul {{.+}} layouts [out_in, in_out]
// CHECK:         moe.grouped_matmul {{.+}} layouts [in_out] {{.+}} strides [3]
// CHECK-NOT:     moe.experts
// RUN: %python %S/save.py %t.e.npy i32 "[[3,0]]+[[2,3],[3,-1]]*40"
// RUN: moe-run %s --entry=down --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --compare=reference
// RUN: moe-run %s --entry=gate --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: moe-run %s --entry=third --backend=cpu --input=%t.e.npy --dim=81 --dim=81 --dim=81 --compare=reference
// RUN: %python %S/save.py %t.e.npy i32 "[[1,2]]"
// RUN: moe-run %s --entry=down --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --compare=reference
// RUN: moe-run %s --entry=gate --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: moe-run %s --entry=third --backend=cpu --input=%t.e.npy --dim=1 --dim=1 --dim=1 --compare=reference
// RUN: %python %S/save.py %t.e.npy i32 "[]" 0x2
// RUN: moe-run %s --entry=down --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --compare=reference
// RUN: moe-run %s --entry=gate --backend=cpu --input=%t.e.npy --dim=0 --dim=0 --dim=0 --compare=reference

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
func.func @down(%ids: tensor<?x2xi32>, %x: tensor<?x24xbf16>, %w1: tensor<4x40x24xbf16>,
    %w2: tensor<4x40x24xbf16>, %weights: tensor<?x2xf32>) -> tensor<?x24xbf16> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : bf16
  %t = tensor.dim %x, %c0 : tensor<?x24xbf16>
  %i0 = tensor.empty(%t) : tensor<?x24xbf16>
  %init = linalg.fill ins(%zero : bf16) outs(%i0 : tensor<?x24xbf16>) -> tensor<?x24xbf16>
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x24xbf16>, tensor<?xi32> -> tensor<?x24xbf16>
  %y = moe.experts rows(%rows : tensor<?x24xbf16>)
      weights(%w1, %w2 : tensor<4x40x24xbf16>, tensor<4x40x24xbf16>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x24xbf16> {
  ^expert(%r: tensor<?x24xbf16>, %a: tensor<40x24xbf16>, %b: tensor<40x24xbf16>):
    %d0 = arith.constant 0 : index
    %z = arith.constant 0.0 : f32
    %n = tensor.dim %r, %d0 : tensor<?x24xbf16>
    %e = tensor.empty(%n) : tensor<?x40xf32>
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x40xf32>) -> tensor<?x40xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x24xbf16>, tensor<40x24xbf16>) outs(%f : tensor<?x40xf32>) -> tensor<?x40xf32>
    %h = arith.truncf %m : tensor<?x40xf32> to tensor<?x40xbf16>
    %e2 = tensor.empty(%n) : tensor<?x24xf32>
    %f2 = linalg.fill ins(%z : f32) outs(%e2 : tensor<?x24xf32>) -> tensor<?x24xf32>
    %o = linalg.matmul ins(%h, %b : tensor<?x40xbf16>, tensor<40x24xbf16>) outs(%f2 : tensor<?x24xf32>) -> tensor<?x24xf32>
    %p = arith.truncf %o : tensor<?x24xf32> to tensor<?x24xbf16>
    moe.yield %p : tensor<?x24xbf16>
  }
  %sum = moe.combine %y, %pairs, %weights into %init
      : tensor<?x24xbf16>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x24xbf16>
  return %sum : tensor<?x24xbf16>
}

func.func @gate(%ids: tensor<?x2xi32>, %x: tensor<?x9xf32>, %wg: tensor<4x21x9xf32>,
    %wu: tensor<4x9x42xf32>, %weights: tensor<?x2xf32>, %init: tensor<?x21xf32>)
    -> tensor<?x21xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x9xf32>, tensor<?xi32> -> tensor<?x9xf32>
  %y = moe.experts rows(%rows : tensor<?x9xf32>)
      weights(%wg, %wu : tensor<4x21x9xf32>, tensor<4x9x42xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x21xf32> {
  ^expert(%r: tensor<?x9xf32>, %a: tensor<21x9xf32>, %b: tensor<9x42xf32>):
    %c0 = arith.constant 0 : index
    %z = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x9xf32>
    %e = tensor.empty(%n) : tensor<?x21xf32>
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x21xf32>) -> tensor<?x21xf32>
    %g = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x9xf32>, tensor<21x9xf32>) outs(%f : tensor<?x21xf32>) -> tensor<?x21xf32>
    %odd = tensor.extract_slice %b[0, 1] [9, 21] [1, 2] : tensor<9x42xf32> to tensor<9x21xf32>
    %u = linalg.matmul ins(%r, %odd : tensor<?x9xf32>, tensor<9x21xf32>) outs(%f : tensor<?x21xf32>) -> tensor<?x21xf32>
    %h = arith.mulf %g, %u : tensor<?x21xf32>
    moe.yield %h : tensor<?x21xf32>
  }
  %sum = moe.combine %y, %pairs, %weights into %init
      : tensor<?x21xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x21xf32>
  return %sum : tensor<?x21xf32>
}

func.func @third(%ids: tensor<?x2xi32>, %x: tensor<?x9xf32>, %w: tensor<4x9x63xf32>,
    %weights: tensor<?x2xf32>, %init: tensor<?x21xf32>) -> tensor<?x21xf32> {
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x9xf32>, tensor<?xi32> -> tensor<?x9xf32>
  %y = moe.experts rows(%rows : tensor<?x9xf32>)
      weights(%w : tensor<4x9x63xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x21xf32> {
  ^expert(%r: tensor<?x9xf32>, %b: tensor<9x63xf32>):
    %c0 = arith.constant 0 : index
    %z = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x9xf32>
    %e = tensor.empty(%n) : tensor<?x21xf32>
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x21xf32>) -> tensor<?x21xf32>
    %third = tensor.extract_slice %b[0, 1] [9, 21] [1, 3] : tensor<9x63xf32> to tensor<9x21xf32>
    %u = linalg.matmul ins(%r, %third : tensor<?x9xf32>, tensor<9x21xf32>) outs(%f : tensor<?x21xf32>) -> tensor<?x21xf32>
    moe.yield %u : tensor<?x21xf32>
  }
  %sum = moe.combine %y, %pairs, %weights into %init
      : tensor<?x21xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x21xf32>
  return %sum : tensor<?x21xf32>
}
