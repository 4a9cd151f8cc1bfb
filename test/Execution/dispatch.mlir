// Pair n is token n / 2; a pair of -1 is a row of zeros. The last token is
// never picked, so its NaN is never seen.
// RUN: %python %S/save.py %t.x.npy f32 "[[1,2,3],[4,5,6],[nan,nan,nan]]"
// RUN: %python %S/save.py %t.p.npy i32 "[3,0,1,-1,2,-1]"
// RUN: %python %S/save.py %t.r.npy f32 "[[4,5,6],[1,2,3],[1,2,3],[0,0,0],[4,5,6],[0,0,0]]"
// RUN: moe-run %s --backend=reference --input=%t.x.npy --input=%t.p.npy --expect=%t.r.npy --rtol=0 --atol=0
// RUN: moe-run %s --backend=cpu --input=%t.x.npy --input=%t.p.npy --expect=%t.r.npy --rtol=0 --atol=0
// RUN: %python %S/save.py %t.x.npy f32 "[]" 0x3
// RUN: %python %S/save.py %t.p.npy i32 "[]"
// RUN: moe-run %s --backend=reference --input=%t.x.npy --input=%t.p.npy --expect=%t.x.npy

func.func @main(%x: tensor<?x3xf32>, %p: tensor<?xi32>) -> tensor<?x3xf32> {
  %rows = moe.dispatch %x, %p slots 2
      : tensor<?x3xf32>, tensor<?xi32> -> tensor<?x3xf32>
  return %rows : tensor<?x3xf32>
}
