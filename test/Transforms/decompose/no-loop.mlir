// RUN: moe-opt %s --moe-decompose="loop-over-experts=false" --verify-diagnostics

// Whoever runs on a GPU can ask for no loop over experts.
func.func @mean_of_rows(%ids: tensor<?x2xi32>, %x: tensor<?x8xf32>,
    %weights: tensor<?x2xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %t = tensor.dim %x, %c0 : tensor<?x8xf32>
  %offsets, %pairs = moe.plan %ids : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %i0 = tensor.empty(%t) : tensor<?x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%i0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  // expected-error @below {{has a body that became no grouped matmuls (a remark of moe-fuse-experts says why), and a GPU cannot loop over experts}}
  %y = moe.experts rows(%rows : tensor<?x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    %i = arith.constant 0 : index
    %z = arith.constant 0.0 : f32
    %n = tensor.dim %r, %i : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %v0 = tensor.empty() : tensor<8xf32>
    %v1 = linalg.fill ins(%z : f32) outs(%v0 : tensor<8xf32>) -> tensor<8xf32>
    %v = linalg.reduce { arith.addf } ins(%r : tensor<?x8xf32>)
        outs(%v1 : tensor<8xf32>) dimensions = [0]
    %s = linalg.broadcast ins(%v : tensor<8xf32>) outs(%e : tensor<?x8xf32>) dimensions = [0]
    moe.yield %s : tensor<?x8xf32>
  }
  %out = moe.combine %y, %pairs, %weights into %init
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %out : tensor<?x8xf32>
}
