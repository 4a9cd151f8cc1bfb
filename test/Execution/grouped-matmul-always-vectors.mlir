// Experts that are always on in a matmul with a vector for all experts, one
// of stride 0, a row part and zeroed rows, against numpy.
// RUN: %python %S/always_vectors.py %t/a 0,2,2,5,12,19 21
// RUN: moe-run %s --backend=cpu --input=%t/a/in0.npy --input=%t/a/in1.npy --input=%t/a/in2.npy --input=%t/a/in3.npy \
// RUN:   --input=%t/a/in4.npy --input=%t/a/in5.npy --input=%t/a/in6.npy --expect=%t/a/out0.npy
// RUN: %python %S/always_vectors.py %t/many 0,40,41,41,90,139 139
// RUN: moe-run %s --backend=cpu --input=%t/many/in0.npy --input=%t/many/in1.npy --input=%t/many/in2.npy --input=%t/many/in3.npy \
// RUN:   --input=%t/many/in4.npy --input=%t/many/in5.npy --input=%t/many/in6.npy --expect=%t/many/out0.npy
// RUN: %python %S/always_vectors.py %t/none 0,0,0,0,0,0 0
// RUN: moe-run %s --backend=cpu --input=%t/none/in0.npy --input=%t/none/in1.npy --input=%t/none/in2.npy --input=%t/none/in3.npy \
// RUN:   --input=%t/none/in4.npy --input=%t/none/in5.npy --input=%t/none/in6.npy --expect=%t/none/out0.npy

func.func @main(%x: tensor<?x8xf32>, %w: tensor<3x5x8xf32>,
    %v: tensor<1x5xf32>, %r: tensor<?x1xf32>, %a: tensor<10x8xf32>,
    %av: tensor<10xf32>, %o: tensor<6xi32>) -> tensor<?x5xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %y0 = tensor.empty(%n) : tensor<?x5xf32>
  %y = moe.grouped_matmul ins(%x : tensor<?x8xf32>)
      weights(%w : tensor<3x5x8xf32>) vectors(%v : tensor<1x5xf32>)
      rows(%r : tensor<?x1xf32>) always_on 2
      always_weights(%a : tensor<10x8xf32>) always_vectors(%av : tensor<10xf32>)
      offsets(%o : tensor<6xi32>) outs(%y0 : tensor<?x5xf32>) zero_rest
      parts weights [0, 0] offsets [0, 0] strides [1, 1]
      vector_parts vectors [0, 0, 0, 0] offsets [0, 3, 0, 2] strides [1, 0, 1, 0]
      row_parts rows [0] offsets [0] strides [0] {
  ^epilogue(%sum: f32, %vector: f32, %scalar: f32, %row: f32):
    %product = arith.mulf %sum, %vector : f32
    %more = arith.mulf %scalar, %row : f32
    %result = arith.addf %product, %more : f32
    moe.yield %result : f32
  } -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}
