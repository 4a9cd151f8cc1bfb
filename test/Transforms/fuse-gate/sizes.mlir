// RUN: moe-opt %s --moe-fuse-gate | FileCheck %s

// Exporters ask results for their number of tokens; that keeps no op alive, and
// does not count as a use of the logits.
// CHECK-LABEL: func.func @size
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[ROUTER:.+]]: tensor<4x8xf32>
// CHECK:         %[[T:.+]] = tensor.dim %[[X]]
// CHECK-NOT:     moe.score
// CHECK-NOT:     linalg.matmul
// CHECK:         moe.gate ins(%[[X]], %[[ROUTER]] :
#x = affine_map<(m, n, k) -> (m, k)>
#r = affine_map<(m, n, k) -> (n, k)>
#l = affine_map<(m, n, k) -> (m, n)>
func.func @size(%x: tensor<?x8xf32>, %router: tensor<4x8xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>, index, index) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %t = tensor.dim %x, %c0 : tensor<?x8xf32>
  %l0 = tensor.empty(%t) : tensor<?x4xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %l = linalg.matmul indexing_maps = [#x, #r, #l]
      ins(%x, %router : tensor<?x8xf32>, tensor<4x8xf32>)
      outs(%l1 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %ts = tensor.dim %s, %c0 : tensor<?x4xf32>
  %tw = tensor.dim %w, %c0 : tensor<?x2xf32>
  return %e, %w, %ts, %tw : tensor<?x2xi32>, tensor<?x2xf32>, index, index
}
