// Arithmetic in bf16 and f16 rounds after every operation, bit by bit as NumPy
// does it; bf16 goes through integer code on every CPU.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %S/narrow_floats.py
// RUN: moe-run %s --backend=reference --input=b0.npy --input=b1.npy --input=h0.npy --input=h1.npy \
// RUN:   --expect=b2.npy --expect=h2.npy --expect=ints.npy --expect=cast.npy --rtol=0 --atol=0
// RUN: moe-run %s --backend=cpu --cpu=x86-64-v3 --input=b0.npy --input=b1.npy --input=h0.npy --input=h1.npy \
// RUN:   --expect=b2.npy --expect=h2.npy --expect=ints.npy --expect=cast.npy --rtol=0 --atol=0
func.func @main(%a: tensor<?xbf16>, %b: tensor<?xbf16>, %c: tensor<?xf16>, %d: tensor<?xf16>)
    -> (tensor<?xbf16>, tensor<?xf16>, tensor<?xi32>, tensor<?xbf16>) {
  %0 = arith.mulf %a, %b : tensor<?xbf16>
  %1 = arith.addf %0, %a : tensor<?xbf16>
  %2 = arith.divf %1, %b : tensor<?xbf16>
  %3 = arith.maximumf %2, %a : tensor<?xbf16>
  %4 = arith.mulf %c, %d : tensor<?xf16>
  %5 = arith.addf %4, %c : tensor<?xf16>
  %6 = arith.divf %5, %d : tensor<?xf16>
  %less = arith.cmpf olt, %a, %b : tensor<?xbf16>
  %7 = arith.extui %less : tensor<?xi1> to tensor<?xi32>
  %wide = arith.extf %c : tensor<?xf16> to tensor<?xf64>
  %8 = arith.truncf %wide : tensor<?xf64> to tensor<?xbf16>
  return %3, %6, %7, %8 : tensor<?xbf16>, tensor<?xf16>, tensor<?xi32>, tensor<?xbf16>
}
