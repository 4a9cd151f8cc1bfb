// RUN: moe-opt %s --moe-optimize="validate=2 validate-dim=5" --remarks-filter-passed=moe 2>&1 | FileCheck %s
// RUN: moe-opt %s --moe-validate="target=nvptx dim=0" --remarks-filter=moe -o %t.mlir 2>&1 \
// RUN:   | FileCheck %s --check-prefix=EMPTY
// RUN: FileCheck %s --check-prefix=IR < %t.mlir

// Two seeds of random arguments, and three edges of routing of each. What is
// fused says so once, although the module is also compiled for this machine.
// CHECK:     remark: {{.*}}moe-fuse-gate
// CHECK-NOT: moe-fuse-gate
// CHECK:     doc.mlir:{{[0-9]+}}:1:{{.*}}moe-validate{{.*}}Function=block | Remark="agrees with the graph it came from on 8 sets of arguments"
// CHECK:     func.func @block
// CHECK:       moe.gate

// EMPTY: agrees with the graph it came from on 4 sets of arguments
// IR:    moe.grouped_matmul{{.*}}#moe.schedule<fma
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
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %g = moe.weigh value %s, %e norm sum
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
    moe.yield %m : tensor<?x8xf32>
  }
  %y = moe.combine %ys, %pairs, %g into %x
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
