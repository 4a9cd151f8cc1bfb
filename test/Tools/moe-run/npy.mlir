// What goes in comes out, bit by bit, of every type and both versions of the
// format; NumPy reads what moe-run writes.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %S/make_inputs.py
// RUN: moe-run %s --backend=reference --input=float16.npy --input=bfloat16.npy \
// RUN:   --input=float32.npy --input=float64.npy --input=bool.npy --input=int8.npy \
// RUN:   --input=int32.npy --input=int64.npy --input=scalar.npy \
// RUN:   --output=o0.npy --output=o1.npy --output=o2.npy --output=o3.npy \
// RUN:   --output=o4.npy --output=o5.npy --output=o6.npy --output=o7.npy --output=o8.npy
// RUN: cmp o0.npy float16.npy
// RUN: cmp o1.npy bfloat16.npy
// RUN: cmp o2.npy float32.npy
// RUN: cmp o3.npy float64.npy
// RUN: cmp o4.npy bool.npy
// RUN: cmp o5.npy int8.npy
// RUN: cmp o6.npy int32.npy
// RUN: cmp o7.npy int64.npy
// RUN: cmp o8.npy scalar.npy

// The same from version 2, and the outputs of the first run as expectation.
// RUN: moe-run %s --backend=cpu --input=float16-v2.npy --input=bfloat16-v2.npy \
// RUN:   --input=float32-v2.npy --input=float64-v2.npy --input=bool-v2.npy --input=int8-v2.npy \
// RUN:   --input=int32-v2.npy --input=int64-v2.npy --input=scalar.npy \
// RUN:   --expect=o0.npy --expect=o1.npy --expect=o2.npy --expect=o3.npy --expect=o4.npy \
// RUN:   --expect=o5.npy --expect=o6.npy --expect=o7.npy --expect=o8.npy --rtol=0 --atol=0

func.func @main(%h: tensor<2x3xf16>, %b: tensor<?x3xbf16>, %f: tensor<2x3xf32>,
                %d: tensor<2x?xf64>, %i1: tensor<2x3xi1>, %i8: tensor<2x3xi8>,
                %i32: tensor<2x3xi32>, %i64: tensor<?x?xi64>, %s: f32)
    -> (tensor<2x3xf16>, tensor<?x3xbf16>, tensor<2x3xf32>, tensor<2x?xf64>, tensor<2x3xi1>,
        tensor<2x3xi8>, tensor<2x3xi32>, tensor<?x?xi64>, f32) {
  return %h, %b, %f, %d, %i1, %i8, %i32, %i64, %s
    : tensor<2x3xf16>, tensor<?x3xbf16>, tensor<2x3xf32>, tensor<2x?xf64>, tensor<2x3xi1>,
      tensor<2x3xi8>, tensor<2x3xi32>, tensor<?x?xi64>, f32
}
