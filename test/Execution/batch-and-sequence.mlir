// Tokens of an unknown number become a batch of sequences, both of unknown size: whole
// tensors, and every other row of one.
// DEFINE: %{run} = moe-run %s --input=%t.x.npy --input=%t.b.npy --expect=%t.y.npy --remarks-filter-missed=none
// RUN: %python %S/save.py %t.x.npy f32 "[[1,2],[3,4],[5,6],[7,8],[9,10],[11,12]]"
// RUN: %python -c "import numpy as np; np.save('%t.b.npy', np.int64(2))"
// RUN: %python %S/save.py %t.y.npy f32 "[[[1,2],[7,8]],[[3,4],[9,10]],[[5,6],[11,12]]]"
// RUN: %{run} --entry=transposed --backend=reference
// RUN: %{run} --entry=transposed --backend=cpu
// RUN: %python %S/save.py %t.y.npy f32 "[[[1,2]],[[5,6]],[[9,10]]]"
// RUN: %python -c "import numpy as np; np.save('%t.b.npy', np.int64(3))"
// RUN: %{run} --entry=every_other --backend=reference
// RUN: %{run} --entry=every_other --backend=cpu
// RUN: %python %S/save.py %t.x.npy f32 "[]" 0x2
// RUN: %python %S/save.py %t.y.npy f32 "[]" 0x3x2
// RUN: %{run} --entry=transposed --backend=reference
// RUN: %{run} --entry=transposed --backend=cpu

func.func @transposed(%x: tensor<?x2xf32>, %batch: i64) -> tensor<?x?x2xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x2xf32>
  %b = arith.index_cast %batch : i64 to index
  %s = arith.divui %n, %b : index
  %e = tensor.expand_shape %x [[0, 1], [2]] output_shape [%b, %s, 2] : tensor<?x2xf32> into tensor<?x?x2xf32>
  %y0 = tensor.empty(%s, %b) : tensor<?x?x2xf32>
  %y = linalg.transpose ins(%e : tensor<?x?x2xf32>) outs(%y0 : tensor<?x?x2xf32>) permutation = [1, 0, 2]
  return %y : tensor<?x?x2xf32>
}

func.func @every_other(%x: tensor<?x2xf32>, %batch: i64) -> tensor<?x?x2xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c0 : tensor<?x2xf32>
  %b = arith.index_cast %batch : i64 to index
  %m = arith.divui %n, %c2 : index
  %s = arith.divui %m, %b : index
  %v = tensor.extract_slice %x[0, 0] [%m, 2] [2, 1] : tensor<?x2xf32> to tensor<?x2xf32>
  %e = tensor.expand_shape %v [[0, 1], [2]] output_shape [%b, %s, 2] : tensor<?x2xf32> into tensor<?x?x2xf32>
  %y0 = tensor.empty(%b, %s) : tensor<?x?x2xf32>
  %y = linalg.copy ins(%e : tensor<?x?x2xf32>) outs(%y0 : tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
  return %y : tensor<?x?x2xf32>
}
