// The plan against numpy: uneven, hot, empty and invalid ids, and no tokens.
// RUN: %python %S/reference.py plan_into --to %t/a
// RUN: moe-run %s --backend=cpu --input=%t/a/in0.npy \
// RUN:   --expect=%t/a/out0.npy --expect=%t/a/out1.npy --expect=%t/a/out2.npy
// RUN: %python %S/reference.py plan_into --to %t/b --tokens 129 --ids junk
// RUN: moe-run %s --backend=cpu --input=%t/b/in0.npy \
// RUN:   --expect=%t/b/out0.npy --expect=%t/b/out1.npy --expect=%t/b/out2.npy
// RUN: %python %S/reference.py plan_into --to %t/c --tokens 64 --ids hot
// RUN: moe-run %s --backend=cpu --input=%t/c/in0.npy \
// RUN:   --expect=%t/c/out0.npy --expect=%t/c/out1.npy --expect=%t/c/out2.npy
// RUN: %python %S/reference.py plan_into --to %t/d --tokens 5 --ids none
// RUN: moe-run %s --backend=cpu --input=%t/d/in0.npy \
// RUN:   --expect=%t/d/out0.npy --expect=%t/d/out1.npy --expect=%t/d/out2.npy
// RUN: %python %S/reference.py plan_into --to %t/e --tokens 0
// RUN: moe-run %s --backend=cpu --input=%t/e/in0.npy \
// RUN:   --expect=%t/e/out0.npy --expect=%t/e/out1.npy --expect=%t/e/out2.npy

func.func @main(%e: tensor<?x2xi32>)
    -> (tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %e, %c0 : tensor<?x2xi32>
  %n = arith.muli %t, %c2 : index
  %o0 = tensor.empty() : tensor<5xi32>
  %p0 = tensor.empty(%n) : tensor<?xi32>
  %q0 = tensor.empty(%t) : tensor<?x2xi32>
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  return %o, %p, %q : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
}
