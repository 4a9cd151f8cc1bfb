// Falling keys with their places; equal keys keep their order, also with a
// comparator that is true for them. Then the other dimension, and no column.
// RUN: %python %S/save.py %t.a.npy f32 "[[2,1,3,2],[1,1,1,1],[1,2,3,4]]"
// RUN: %python %S/save.py %t.i.npy i32 "[[0,1,2,3]]*3"
// RUN: %python %S/save.py %t.v.npy f32 "[[3,2,2,1],[1,1,1,1],[4,3,2,1]]"
// RUN: %python %S/save.py %t.j.npy i32 "[[2,0,3,1],[0,1,2,3],[3,2,1,0]]"
// RUN: moe-run %s --entry=strict --backend=reference --input=%t.a.npy --input=%t.i.npy --expect=%t.v.npy --expect=%t.j.npy
// RUN: moe-run %s --entry=loose --backend=reference --input=%t.a.npy --input=%t.i.npy --expect=%t.v.npy --expect=%t.j.npy
// RUN: moe-run %s --entry=loose --backend=cpu --input=%t.a.npy --input=%t.i.npy --expect=%t.v.npy --expect=%t.j.npy
// RUN: %python %S/save.py %t.v.npy f32 "[[1,1,1,1],[1,1,3,2],[2,2,3,4]]"
// RUN: moe-run %s --entry=columns --backend=reference --input=%t.a.npy --expect=%t.v.npy
// RUN: %python %S/save.py %t.a.npy f32 "[]" 3x0
// RUN: moe-run %s --entry=columns --backend=reference --input=%t.a.npy --expect=%t.a.npy

func.func @strict(%a: tensor<?x?xf32>, %b: tensor<?x?xi32>)
    -> (tensor<?x?xf32>, tensor<?x?xi32>) {
  %v, %i = moe.sort %a, %b dimension 1 : tensor<?x?xf32>, tensor<?x?xi32> {
  ^compare(%a0: f32, %b0: f32, %a1: i32, %b1: i32):
    %before = arith.cmpf ogt, %a0, %b0 : f32
    moe.yield %before : i1
  }
  return %v, %i : tensor<?x?xf32>, tensor<?x?xi32>
}

func.func @loose(%a: tensor<?x?xf32>, %b: tensor<?x?xi32>)
    -> (tensor<?x?xf32>, tensor<?x?xi32>) {
  %v, %i = moe.sort %a, %b dimension 1 : tensor<?x?xf32>, tensor<?x?xi32> {
  ^compare(%a0: f32, %b0: f32, %a1: i32, %b1: i32):
    %before = arith.cmpf oge, %a0, %b0 : f32
    moe.yield %before : i1
  }
  return %v, %i : tensor<?x?xf32>, tensor<?x?xi32>
}

func.func @columns(%a: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %v = moe.sort %a dimension 0 : tensor<?x?xf32> {
  ^compare(%a0: f32, %b0: f32):
    %before = arith.cmpf olt, %a0, %b0 : f32
    moe.yield %before : i1
  }
  return %v : tensor<?x?xf32>
}
