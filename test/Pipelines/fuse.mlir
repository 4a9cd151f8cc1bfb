// RUN: moe-opt %s --moe-fuse --remarks-filter-missed=moe 2>&1 | FileCheck %s
// RUN: moe-opt %s --moe-optimize="target=nvptx chip=sm_80" | FileCheck %s --check-prefix=SCHEDULED

// A whole block of stage ops: nothing of it is left but codegen ops.
// CHECK-NOT:     remark
// CHECK-LABEL: func.func @block
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[ROUTER:.+]]: tensor<4x8xf32>,
// CHECK-NOT:     linalg
// CHECK-NOT:     moe.{{(score|select|weigh|dispatch|experts|combine)}}
// CHECK:         %[[GATE:.+]]:2 = moe.gate ins(%[[X]], %[[ROUTER]] :
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into ins(%[[GATE]]#0 :
// CHECK:         %[[Y:.+]] = moe.grouped_matmul ins(%[[X]] :
// CHECK-SAME:      offsets(%[[PLAN]]#0 : tensor<5xi32>) gather(%[[PLAN]]#1 : tensor<?xi32>) slots 2
// CHECK-NOT:     linalg
// CHECK:         %[[OUT:.+]] = moe.gather_sum ins(%[[Y]], %[[PLAN]]#2, %[[GATE]]#1 :
// CHECK-SAME:      residual(%[[X]] :
// CHECK:         return %[[OUT]]

// SCHEDULED:     moe.gate
// SCHEDULED-SAME:  #moe.schedule<fma
// SCHEDULED:     moe.grouped_matmul
// SCHEDULED-SAME:  #moe.schedule<fma
// SCHEDULED:     moe.gather_sum
// SCHEDULED-SAME:  #moe.schedule<fma
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
func.func @block(%x: tensor<?x8xf32>, %router: tensor<4x8xf32>,
                 %w: tensor<4x8x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %t = tensor.dim %x, %c0 : tensor<?x8xf32>
  %l0 = tensor.empty(%t) : tensor<?x4xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %l = linalg.matmul indexing_maps = [#x, #w, #y]
      ins(%x, %router : tensor<?x8xf32>, tensor<4x8xf32>)
      outs(%l1 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %again = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %g = moe.weigh value %again, %e norm sum
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %ys = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    %c0_in = arith.constant 0 : index
    %zero_in = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0_in : tensor<?x8xf32>
    %m0 = tensor.empty(%n) : tensor<?x8xf32>
    %m1 = linalg.fill ins(%zero_in : f32) outs(%m0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%m1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %relu = arith.maximumf %m, %m1 : tensor<?x8xf32>
    moe.yield %relu : tensor<?x8xf32>
  }
  %out = moe.combine %ys, %pairs, %g into %x
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %out : tensor<?x8xf32>
}
