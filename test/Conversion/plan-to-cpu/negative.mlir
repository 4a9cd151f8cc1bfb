// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-plan-to-cpu))" \
// RUN:   --split-input-file --remarks-filter-missed=moe --verify-diagnostics

func.func @on_tensors(%e: tensor<?x2xi32>, %o: tensor<3xi32>,
    %p: tensor<?xi32>, %q: tensor<?x2xi32>)
    -> (tensor<3xi32>, tensor<?xi32>, tensor<?x2xi32>) {
  // expected-remark @below {{is on tensors: bufferize first}}
  %r:3 = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o, %p, %q : tensor<3xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<3xi32>, tensor<?xi32>, tensor<?x2xi32>
  return %r#0, %r#1, %r#2 : tensor<3xi32>, tensor<?xi32>, tensor<?x2xi32>
}

// -----

func.func @gaps(%e: memref<?x2xi32, strided<[4, 2]>>, %o: memref<3xi32>,
                %p: memref<?xi32>, %q: memref<?x2xi32>) {
  // expected-error @below {{needs rows without gaps on the CPU, found 'memref<?x2xi32, strided<[4, 2]>>'}}
  moe.plan_into ins(%e : memref<?x2xi32, strided<[4, 2]>>)
      outs(%o, %p, %q : memref<3xi32>, memref<?xi32>, memref<?x2xi32>)
  return
}
