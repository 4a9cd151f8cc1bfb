// The graph rounds its logits to bf16, where experts 0 and 1 tie and 0 wins;
// without that cast 1 wins token 0. Its logits are 1, 1 + 2^-10 and 0.5.
// RUN: %python %S/save.py %t.x.npy bf16 "[[1,1],[1,0]]"
// RUN: %python %S/save.py %t.r.npy bf16 "[[1,0],[1,0.0009765625],[0.5,0]]"
// RUN: %python %S/save.py %t.kept.npy i32 "[[0],[0]]"
// RUN: %python %S/save.py %t.dropped.npy i32 "[[1],[0]]"
// DEFINE: %{data} = --input=%t.x.npy --input=%t.r.npy --rtol=0 --atol=0 --remarks-filter-missed=none
// RUN: moe-run %s --entry=kept --backend=reference %{data} --expect=%t.kept.npy
// RUN: moe-run %s --entry=kept --backend=cpu %{data} --expect=%t.kept.npy
// RUN: moe-run %s --entry=dropped --backend=reference %{data} --expect=%t.dropped.npy
// RUN: moe-run %s --entry=dropped --backend=cpu %{data} --expect=%t.dropped.npy
// RUN: moe-opt %s --moe-fuse | FileCheck %s

// CHECK-LABEL: func.func @kept
// CHECK-NOT:     linalg.matmul
// CHECK:         moe.gate ins({{.*}} {logits_type = bf16{{[,}]}}
func.func @kept(%x: tensor<?x2xbf16>, %r: tensor<3x2xbf16>)
    -> (tensor<?x1xi32>, tensor<?x1xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %t = tensor.dim %x, %c0 : tensor<?x2xbf16>
  %l0 = tensor.empty(%t) : tensor<?x3xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x3xf32>) -> tensor<?x3xf32>
  %l = linalg.matmul
      indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>,
                       affine_map<(d0, d1, d2) -> (d1, d2)>,
                       affine_map<(d0, d1, d2) -> (d0, d1)>]
      ins(%x, %r : tensor<?x2xbf16>, tensor<3x2xbf16>)
      outs(%l1 : tensor<?x3xf32>) -> tensor<?x3xf32>
  %b = arith.truncf %l : tensor<?x3xf32> to tensor<?x3xbf16>
  %k = arith.extf %b : tensor<?x3xbf16> to tensor<?x3xf32>
  %s = moe.score softmax %k : tensor<?x3xf32> -> tensor<?x3xf32>
  %e = moe.select #moe.top_k<1> %s : tensor<?x3xf32> -> tensor<?x1xi32>
  %w = moe.weigh value %s, %e : tensor<?x3xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  return %e, %w : tensor<?x1xi32>, tensor<?x1xf32>
}

// CHECK-LABEL: func.func @dropped
// CHECK-NOT:     logits_type
// CHECK:         return
func.func @dropped(%x: tensor<?x2xbf16>, %r: tensor<3x2xbf16>)
    -> (tensor<?x1xi32>, tensor<?x1xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %t = tensor.dim %x, %c0 : tensor<?x2xbf16>
  %l0 = tensor.empty(%t) : tensor<?x3xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x3xf32>) -> tensor<?x3xf32>
  %l = linalg.matmul
      indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>,
                       affine_map<(d0, d1, d2) -> (d1, d2)>,
                       affine_map<(d0, d1, d2) -> (d0, d1)>]
      ins(%x, %r : tensor<?x2xbf16>, tensor<3x2xbf16>)
      outs(%l1 : tensor<?x3xf32>) -> tensor<?x3xf32>
  %s = moe.score softmax %l : tensor<?x3xf32> -> tensor<?x3xf32>
  %e = moe.select #moe.top_k<1> %s : tensor<?x3xf32> -> tensor<?x1xi32>
  %w = moe.weigh value %s, %e : tensor<?x3xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  return %e, %w : tensor<?x1xi32>, tensor<?x1xf32>
}
