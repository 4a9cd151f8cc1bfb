// Expert 1 has no row, and its weights are NaN: nothing may read them. Rows
// that belong to no expert come out as zeros. Then one hot expert, one row,
// and no row at all.
// RUN: %python %S/save.py %t.w.npy f32 "[[[1,0],[0,1]],[[nan]*2]*2,[[0,2],[2,0]]]"
// RUN: %python %S/save.py %t.r.npy f32 "[[1,2],[3,4],[5,6],[nan,nan]]"
// RUN: %python %S/save.py %t.o.npy i32 "[0,1,1,3]"
// RUN: %python %S/save.py %t.y.npy f32 "[[1,2],[8,6],[12,10],[0,0]]"
// RUN: moe-run %s --backend=reference --input=%t.r.npy --input=%t.w.npy --input=%t.o.npy --expect=%t.y.npy
// RUN: moe-run %s --backend=cpu --input=%t.r.npy --input=%t.w.npy --input=%t.o.npy --expect=%t.y.npy
// RUN: %python %S/save.py %t.o.npy i32 "[0,0,0,3]"
// RUN: %python %S/save.py %t.y.npy f32 "[[4,2],[8,6],[12,10],[0,0]]"
// RUN: moe-run %s --backend=reference --input=%t.r.npy --input=%t.w.npy --input=%t.o.npy --expect=%t.y.npy
// RUN: moe-run %s --backend=cpu --input=%t.r.npy --input=%t.w.npy --input=%t.o.npy --expect=%t.y.npy
// RUN: %python %S/save.py %t.r.npy f32 "[[1,2]]"
// RUN: %python %S/save.py %t.o.npy i32 "[0,1,1,1]"
// RUN: moe-run %s --backend=reference --input=%t.r.npy --input=%t.w.npy --input=%t.o.npy --expect=%t.r.npy
// RUN: moe-run %s --backend=cpu --input=%t.r.npy --input=%t.w.npy --input=%t.o.npy --expect=%t.r.npy
// RUN: %python %S/save.py %t.r.npy f32 "[]" 0x2
// RUN: %python %S/save.py %t.o.npy i32 "[0,0,0,0]"
// RUN: moe-run %s --backend=reference --input=%t.r.npy --input=%t.w.npy --input=%t.o.npy --expect=%t.r.npy
// RUN: moe-run %s --backend=cpu --input=%t.r.npy --input=%t.w.npy --input=%t.o.npy --expect=%t.r.npy

func.func @main(%rows: tensor<?x2xf32>, %w: tensor<3x2x2xf32>,
                %offsets: tensor<4xi32>) -> tensor<?x2xf32> {
  %y = moe.experts rows(%rows : tensor<?x2xf32>)
      weights(%w : tensor<3x2x2xf32>) offsets(%offsets : tensor<4xi32>)
      -> tensor<?x2xf32> {
  ^expert(%r: tensor<?x2xf32>, %we: tensor<2x2xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x2xf32>
    %t0 = tensor.empty() : tensor<2x2xf32>
    %t = linalg.transpose ins(%we : tensor<2x2xf32>)
        outs(%t0 : tensor<2x2xf32>) permutation = [1, 0]
    %m0 = tensor.empty(%n) : tensor<?x2xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x2xf32>) -> tensor<?x2xf32>
    %m = linalg.matmul ins(%r, %t : tensor<?x2xf32>, tensor<2x2xf32>)
        outs(%m1 : tensor<?x2xf32>) -> tensor<?x2xf32>
    moe.yield %m : tensor<?x2xf32>
  }
  return %y : tensor<?x2xf32>
}
