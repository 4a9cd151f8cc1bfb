// Six tokens over four experts, expert 1 without a token; then empty slots, one
// hot expert, ids that do not exist, and no token at all.
// RUN: %python %S/save.py %t.e.npy i32 "[[0,2],[0,3],[2,3],[0,3],[3,2],[2,0]]"
// RUN: %python %S/save.py %t.o.npy i32 "[0,4,4,8,12]"
// RUN: %python %S/save.py %t.p.npy i32 "[0,2,6,11,1,4,9,10,3,5,7,8]"
// RUN: moe-run %s --backend=reference --input=%t.e.npy --expect=%t.o.npy --expect=%t.p.npy
// RUN: moe-run %s --backend=cpu --input=%t.e.npy --expect=%t.o.npy --expect=%t.p.npy
// RUN: %python %S/save.py %t.e.npy i32 "[[2,-1],[2,2],[-1,-1],[4,2]]"
// RUN: %python %S/save.py %t.o.npy i32 "[0,0,0,4,4]"
// RUN: %python %S/save.py %t.p.npy i32 "[0,2,3,7,-1,-1,-1,-1]"
// RUN: moe-run %s --backend=reference --input=%t.e.npy --expect=%t.o.npy --expect=%t.p.npy
// RUN: moe-run %s --backend=cpu --input=%t.e.npy --expect=%t.o.npy --expect=%t.p.npy
// RUN: %python %S/save.py %t.e.npy i32 "[]" 0x2
// RUN: %python %S/save.py %t.o.npy i32 "[0,0,0,0,0]"
// RUN: %python %S/save.py %t.p.npy i32 "[]"
// RUN: moe-run %s --backend=reference --input=%t.e.npy --expect=%t.o.npy --expect=%t.p.npy
// RUN: moe-run %s --backend=cpu --input=%t.e.npy --expect=%t.o.npy --expect=%t.p.npy

func.func @main(%e: tensor<?x2xi32>) -> (tensor<5xi32>, tensor<?xi32>) {
  %offsets, %pairs = moe.plan %e
      : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  return %offsets, %pairs : tensor<5xi32>, tensor<?xi32>
}
