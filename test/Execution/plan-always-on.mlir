// Plans with experts that are always on, against numpy: they have every token,
// also one whose other slots are empty.
// RUN: %python %S/reference.py plan_into --to %t/a --always-on 1
// RUN: moe-run %S/plan-always-on.mlir --entry=one --backend=cpu --input=%t/a/in0.npy \
// RUN:   --expect=%t/a/out0.npy --expect=%t/a/out1.npy --expect=%t/a/out2.npy
// RUN: %python %S/reference.py plan_into --to %t/b --always-on 1 --tokens 129 --ids junk
// RUN: moe-run %S/plan-always-on.mlir --entry=one --backend=cpu --input=%t/b/in0.npy \
// RUN:   --expect=%t/b/out0.npy --expect=%t/b/out1.npy --expect=%t/b/out2.npy
// RUN: %python %S/reference.py plan_into --to %t/c --always-on 1 --tokens 5 --ids none
// RUN: moe-run %S/plan-always-on.mlir --entry=one --backend=cpu --input=%t/c/in0.npy \
// RUN:   --expect=%t/c/out0.npy --expect=%t/c/out1.npy --expect=%t/c/out2.npy
// RUN: %python %S/reference.py plan_into --to %t/d --always-on 1 --tokens 0
// RUN: moe-run %S/plan-always-on.mlir --entry=one --backend=cpu --input=%t/d/in0.npy \
// RUN:   --expect=%t/d/out0.npy --expect=%t/d/out1.npy --expect=%t/d/out2.npy
// RUN: %python %S/reference.py plan_into --to %t/e --always-on 3 --tokens 300 --ids junk
// RUN: moe-run %S/plan-always-on.mlir --entry=three --backend=cpu --input=%t/e/in0.npy \
// RUN:   --expect=%t/e/out0.npy --expect=%t/e/out1.npy --expect=%t/e/out2.npy
// RUN: %python %S/reference.py plan_into --to %t/f --always-on 3 --tokens 1
// RUN: moe-run %S/plan-always-on.mlir --entry=three --backend=cpu --input=%t/f/in0.npy \
// RUN:   --expect=%t/f/out0.npy --expect=%t/f/out1.npy --expect=%t/f/out2.npy

func.func @one(%e: tensor<?x2xi32>)
    -> (tensor<6xi32>, tensor<?xi32>, tensor<?x3xi32>) {
  %c0 = arith.constant 0 : index
  %slots = arith.constant 3 : index
  %t = tensor.dim %e, %c0 : tensor<?x2xi32>
  %n = arith.muli %t, %slots : index
  %o0 = tensor.empty() : tensor<6xi32>
  %p0 = tensor.empty(%n) : tensor<?xi32>
  %q0 = tensor.empty(%t) : tensor<?x3xi32>
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>) always_on 1
      outs(%o0, %p0, %q0 : tensor<6xi32>, tensor<?xi32>, tensor<?x3xi32>)
      -> tensor<6xi32>, tensor<?xi32>, tensor<?x3xi32>
  return %o, %p, %q : tensor<6xi32>, tensor<?xi32>, tensor<?x3xi32>
}

func.func @three(%e: tensor<?x2xi32>)
    -> (tensor<8xi32>, tensor<?xi32>, tensor<?x5xi32>) {
  %c0 = arith.constant 0 : index
  %slots = arith.constant 5 : index
  %t = tensor.dim %e, %c0 : tensor<?x2xi32>
  %n = arith.muli %t, %slots : index
  %o0 = tensor.empty() : tensor<8xi32>
  %p0 = tensor.empty(%n) : tensor<?xi32>
  %q0 = tensor.empty(%t) : tensor<?x5xi32>
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>) always_on 3
      outs(%o0, %p0, %q0 : tensor<8xi32>, tensor<?xi32>, tensor<?x5xi32>)
      -> tensor<8xi32>, tensor<?xi32>, tensor<?x5xi32>
  return %o, %p, %q : tensor<8xi32>, tensor<?xi32>, tensor<?x5xi32>
}
