// Comparing with a file, and with another back end.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python -c "import numpy as np; \
// RUN:   np.save('same.npy', np.float32([1, np.nan, np.inf, 0])); \
// RUN:   np.save('near.npy', np.float32([1.0001, np.nan, np.inf, 5e-5])); \
// RUN:   np.save('far.npy', np.float32([1, np.nan, np.inf, 0.5])); \
// RUN:   np.save('nan.npy', np.float32([np.nan, np.nan, np.inf, 0])); \
// RUN:   np.save('ids.npy', np.int64([2**53 + 1])); \
// RUN:   np.save('odd.npy', np.int64([2**53]))"

// RUN: moe-run %s --backend=reference --expect=same.npy --expect=ids.npy | FileCheck %s --check-prefix=SAME
// SAME:      result 0 against same.npy: all 4 elements agree{{$}}
// SAME-NEXT: result 1 against ids.npy: all 1 elements agree{{$}}
// RUN: moe-run %s --backend=reference --expect=near.npy | FileCheck %s --check-prefix=NEAR
// NEAR: all 4 elements agree; largest error 0.0001{{[0-9]*}} at [0]: got 1, expected 1.0001
// RUN: not moe-run %s --backend=reference --expect=near.npy --rtol=0 --atol=1e-6 2>&1 | FileCheck %s --check-prefix=STRICT
// STRICT: error: result 0 against near.npy: 2 of 4 elements differ; largest error 0.0001{{[0-9]*}} at [0]
// RUN: not moe-run %s --backend=reference --expect=far.npy 2>&1 | FileCheck %s --check-prefix=FAR
// FAR: error: result 0 against far.npy: 1 of 4 elements differ; largest error 0.5 at [3]: got 0, expected 0.5
// RUN: moe-run %s --backend=reference --expect=far.npy --atol=1
// RUN: not moe-run %s --backend=reference --expect=nan.npy --atol=1 2>&1 | FileCheck %s --check-prefix=NAN
// NAN: 1 of 4 elements differ; largest error inf at [0]: got 1, expected nan
// Integers agree or they do not, even where they are one as floats.
// RUN: not moe-run %s --backend=reference --expect=same.npy --expect=odd.npy --atol=9 2>&1 | FileCheck %s --check-prefix=INT
// INT: error: result 1 against odd.npy: 1 of 1 elements differ; largest error 1 at [0]: got 9007199254740993, expected 9007199254740992

// RUN: moe-run %s --backend=cpu --compare=reference | FileCheck %s --check-prefix=REFERENCE
// REFERENCE:      result 0 against reference: all 4 elements agree
// REFERENCE-NEXT: result 1 against reference: all 1 elements agree
func.func @main() -> (tensor<4xf32>, tensor<1xi64>) {
  %x = arith.constant dense<[1.0, 0x7FC00000, 0x7F800000, 0.0]> : tensor<4xf32>
  %n = arith.constant dense<9007199254740993> : tensor<1xi64>
  return %x, %n : tensor<4xf32>, tensor<1xi64>
}
