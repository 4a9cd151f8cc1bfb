// The two best of four; ties go to the lower id, NaN comes first and stays in
// its row, -inf is picked only where nothing else is left.
// RUN: %python %S/save.py %t.k.npy f32 \
// RUN:   "[[.6,.2,.1,0],[1,1,1,1],[0,nan,5,nan],[-inf,-inf,-1,-inf],[-inf]*4,[1,2,inf,2]]"
// RUN: %python %S/save.py %t.e.npy i32 "[[0,1],[0,1],[1,3],[2,0],[0,1],[2,1]]"
// RUN: moe-run %s --entry=two --backend=reference --input=%t.k.npy --expect=%t.e.npy
// RUN: moe-run %s --entry=two --backend=cpu --input=%t.k.npy --expect=%t.e.npy
// RUN: %python %S/save.py %t.k.npy f32 "[]" 0x4
// RUN: %python %S/save.py %t.e.npy i32 "[]" 0x2
// RUN: moe-run %s --entry=two --backend=reference --input=%t.k.npy --expect=%t.e.npy

// k = E is a stable order; bf16 keys tie where f32 ones would not.
// RUN: %python %S/save.py %t.k.npy bf16 "[[1,1.0001,2],[nan,0,inf],[3,2,1]]"
// RUN: %python %S/save.py %t.e.npy i32 "[[2,0,1],[0,2,1],[0,1,2]]"
// RUN: moe-run %s --entry=all --backend=reference --input=%t.k.npy --expect=%t.e.npy

func.func @two(%key: tensor<?x4xf32>) -> tensor<?x2xi32> {
  %e = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  return %e : tensor<?x2xi32>
}

func.func @all(%key: tensor<?x3xbf16>) -> tensor<?x3xi32> {
  %e = moe.select #moe.top_k<3> %key : tensor<?x3xbf16> -> tensor<?x3xi32>
  return %e : tensor<?x3xi32>
}
