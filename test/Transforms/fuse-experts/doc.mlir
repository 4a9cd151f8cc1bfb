// RUN: moe-opt %s --moe-fuse-experts | FileCheck %s

// The body of a Mixtral expert as exporters write it: gate and up projection in
// one matrix, SwiGLU, down projection. Two grouped matmuls; all scalar code is
// in the epilogue of the first.
// [doc-begin]
// CHECK-LABEL: func.func @swiglu
// CHECK-SAME:    %[[ROWS:.+]]: tensor<?x8xf32>, %[[W1:.+]]: tensor<4x32x8xf32>, %[[W2:.+]]: tensor<4x8x16xf32>
// CHECK-NOT:     moe.experts
// CHECK:         %[[H:.+]] = moe.grouped_matmul ins(%[[ROWS]] : tensor<?x8xf32>) weights(%[[W1]] : tensor<4x32x8xf32>)
// CHECK-SAME:      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
// CHECK:         ^bb0(%[[GATE:.+]]: f32, %[[UP:.+]]: f32):
// CHECK:           %[[N:.+]] = arith.negf %[[GATE]]
// CHECK:           math.exp %[[N]]
// CHECK:           %[[SILU:.+]] = arith.divf %[[GATE]],
// CHECK:           %[[M:.+]] = arith.mulf %[[SILU]], %[[UP]]
// CHECK:           moe.yield %[[M]]
// CHECK:         moe.grouped_matmul ins(%[[H]] : tensor<?x16xf32>) weights(%[[W2]] : tensor<4x8x16xf32>)
// CHECK-SAME:      parts weights [0] offsets [0] strides [1] {
// CHECK:         ^bb0(%[[A:.+]]: f32):
// CHECK-NEXT:      moe.yield %[[A]]
#id = affine_map<(i, j) -> (i, j)>
func.func @swiglu(%rows: tensor<?x8xf32>, %w1: tensor<4x32x8xf32>,
                  %w2: tensor<4x8x16xf32>, %offsets: tensor<5xi32>)
    -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w1, %w2 : tensor<4x32x8xf32>, tensor<4x8x16xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%x: tensor<?x8xf32>, %a: tensor<32x8xf32>, %b: tensor<8x16xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %n = tensor.dim %x, %c0 : tensor<?x8xf32>
    %at0 = tensor.empty() : tensor<8x32xf32>
    %at = linalg.transpose ins(%a : tensor<32x8xf32>)
        outs(%at0 : tensor<8x32xf32>) permutation = [1, 0]
    %m0 = tensor.empty(%n) : tensor<?x32xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %m = linalg.matmul ins(%x, %at : tensor<?x8xf32>, tensor<8x32xf32>)
        outs(%m1 : tensor<?x32xf32>) -> tensor<?x32xf32>
    %gate = tensor.extract_slice %m[0, 0] [%n, 16] [1, 1]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %up = tensor.extract_slice %m[0, 16] [%n, 16] [1, 1]
        : tensor<?x32xf32> to tensor<?x16xf32>
    %h0 = tensor.empty(%n) : tensor<?x16xf32>
    %h = linalg.generic {indexing_maps = [#id, #id, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x16xf32>, tensor<?x16xf32>)
        outs(%h0 : tensor<?x16xf32>) {
    ^bb0(%g: f32, %u: f32, %out: f32):
      %minus = arith.negf %g : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %silu = arith.divf %g, %sum : f32
      %p = arith.mulf %silu, %u : f32
      linalg.yield %p : f32
    } -> tensor<?x16xf32>
    %bt0 = tensor.empty() : tensor<16x8xf32>
    %bt = linalg.transpose ins(%b : tensor<8x16xf32>)
        outs(%bt0 : tensor<16x8xf32>) permutation = [1, 0]
    %d0 = tensor.empty(%n) : tensor<?x8xf32>
    %d1 = linalg.fill ins(%zero : f32) outs(%d0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %bt : tensor<?x16xf32>, tensor<16x8xf32>)
        outs(%d1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}
// [doc-end]
