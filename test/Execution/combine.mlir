// Token 0 has both rows, token 1 one of two, token 2 none: it keeps init. The
// NaN of a row that no pair names stays out. In bf16 the sum is rounded once:
// 1 + 256 + 0.5 + 0.5 is 258, but 256 if rounded after every slot.
// RUN: %python %S/save.py %t.r.npy f32 "[[1,10],[2,20],[4,40],[nan,nan],[nan,nan],[nan,nan]]"
// RUN: %python %S/save.py %t.p.npy i32 "[1,3,0,-1,-1,-1]"
// RUN: %python %S/save.py %t.w.npy f32 "[[.5,.25],[nan,1.5],[nan,nan]]"
// RUN: %python %S/save.py %t.i.npy f32 "[[0,0],[100,100],[7,8]]"
// RUN: %python %S/save.py %t.y.npy f32 "[[2.25,22.5],[103,130],[7,8]]"
// RUN: moe-run %s --entry=f32 --backend=reference --input=%t.r.npy --input=%t.p.npy \
// RUN:   --input=%t.w.npy --input=%t.i.npy --expect=%t.y.npy --rtol=0 --atol=0
// RUN: moe-run %s --entry=f32 --backend=cpu --input=%t.r.npy --input=%t.p.npy \
// RUN:   --input=%t.w.npy --input=%t.i.npy --expect=%t.y.npy --rtol=0 --atol=0
// RUN: %python %S/save.py %t.r.npy bf16 "[[.5],[256.0],[.5]]"
// RUN: %python %S/save.py %t.p.npy i32 "[1,0,2]"
// RUN: %python %S/save.py %t.w.npy f32 "[[1,1,1]]"
// RUN: %python %S/save.py %t.i.npy bf16 "[[1]]"
// RUN: %python %S/save.py %t.y.npy bf16 "[[258]]"
// RUN: moe-run %s --entry=bf16 --backend=reference --input=%t.r.npy --input=%t.p.npy \
// RUN:   --input=%t.w.npy --input=%t.i.npy --expect=%t.y.npy --rtol=0 --atol=0
// RUN: %python %S/save.py %t.r.npy f32 "[]" 0x2
// RUN: %python %S/save.py %t.p.npy i32 "[]"
// RUN: moe-run %s --entry=f32 --backend=reference --input=%t.r.npy --input=%t.p.npy \
// RUN:   --input=%t.r.npy --input=%t.r.npy --expect=%t.r.npy

func.func @f32(%rows: tensor<?x2xf32>, %p: tensor<?xi32>, %w: tensor<?x2xf32>,
               %init: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %y = moe.combine %rows, %p, %w into %init
      : tensor<?x2xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

func.func @bf16(%rows: tensor<?x1xbf16>, %p: tensor<?xi32>, %w: tensor<?x3xf32>,
                %init: tensor<?x1xbf16>) -> tensor<?x1xbf16> {
  %y = moe.combine %rows, %p, %w into %init
      : tensor<?x1xbf16>, tensor<?xi32>, tensor<?x3xf32> into tensor<?x1xbf16>
  return %y : tensor<?x1xbf16>
}
