// Every bad input is one clear error that names the file or argument, and exit
// code 1.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %S/make_inputs.py

// RUN: not moe-run no.mlir --backend=reference 2>&1 | FileCheck %s --check-prefix=NO-FILE
// NO-FILE: error: cannot open 'no.mlir': No such file or directory
// RUN: echo 'func.func @main() {' > broken.mlir
// RUN: not moe-run broken.mlir --backend=reference 2>&1 | FileCheck %s --check-prefix=BROKEN
// BROKEN: broken.mlir:1:{{[0-9]+}}: error:
// BROKEN-NOT: error:
// RUN: not moe-run %s --entry=foo --backend=reference 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: error: no function 'foo' to run; the module has main, other
// RUN: not moe-run %s --entry=other --backend=reference 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: error: argument 1 has type tensor<*xf32>; ranked tensors and scalars of
// RUN: not moe-run %s --entry=odd --backend=reference 2>&1 | FileCheck %s --check-prefix=RESULT-TYPE
// RESULT-TYPE: error: result 0 has type i7;
// RUN: not moe-run %S/../../Execution/rounded-sums.mlir --entry=sum_exact --backend=reference --dim=1 --dim=1 --dim=1 --dim=1 2>&1 | FileCheck %s --check-prefix=CODEGEN
// CODEGEN: rounded-sums.mlir:{{[0-9]+:[0-9]+}}: error: 'moe.gather_sum' op has no reference; run the graph that it was made from
// CODEGEN-NOT: error:
// RUN: not moe-run %s --backend=tpu 2>&1 | FileCheck %s --check-prefix=BACKEND
// BACKEND: error: unknown backend 'tpu'; expected
// RUN: not moe-run %s 2>&1 | FileCheck %s --check-prefix=NO-BACKEND
// NO-BACKEND: backend
// RUN: not moe-run %s --backend=cpu --compare=tpu 2>&1 | FileCheck %s --check-prefix=BACKEND
// RUN: not moe-run %s --backend=cpu --cpu=pdp11 --dim=2 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: error: unknown cpu 'pdp11'
// RUN: not moe-run %s --backend=cpu --cpu=bdver4 --dim=2 2>&1 | FileCheck %s --check-prefix=HOST
// HOST: error: this machine lacks {{.*}}xop, which code for 'bdver4' uses

// RUN: not moe-run %s --backend=reference --input=x.npy --input=n.npy --input=x.npy 2>&1 \
// RUN:   | FileCheck %s --check-prefix=COUNT
// COUNT: error: 3 times --input, but 'main' has 2 arguments
// RUN: not moe-run %s --backend=reference --input=no.npy 2>&1 | FileCheck %s --check-prefix=NO-NPY
// NO-NPY: error: argument 0: no.npy: No such file or directory
// RUN: not moe-run %s --backend=reference --input=%s 2>&1 | FileCheck %s --check-prefix=NOT-NPY
// NOT-NPY: error: argument 0: {{.*}}errors.mlir: not a .npy file
// RUN: not moe-run %s --backend=reference --input=short.npy 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: error: argument 0: short.npy: truncated: holds {{[0-9]+}} bytes of data, 32 expected
// RUN: not moe-run %s --backend=reference --input=header.npy 2>&1 | FileCheck %s --check-prefix=HEADER
// HEADER: error: argument 0: header.npy: truncated
// RUN: not moe-run %s --backend=reference --input=long.npy 2>&1 | FileCheck %s --check-prefix=LONG
// LONG: error: argument 0: long.npy: 4 bytes too long
// RUN: not moe-run %s --backend=reference --input=fortran.npy 2>&1 | FileCheck %s --check-prefix=FORTRAN
// FORTRAN: error: argument 0: fortran.npy: is in Fortran order
// RUN: not moe-run %s --backend=reference --input=complex.npy 2>&1 | FileCheck %s --check-prefix=DTYPE
// DTYPE: error: argument 0: complex.npy: unsupported dtype '<c8'
// RUN: not moe-run %s --backend=reference --input=uint16.npy 2>&1 | FileCheck %s --check-prefix=UINT16
// UINT16: error: argument 0: uint16.npy: unsupported dtype '<u2', which counts as bf16 only where bf16 is wanted
// RUN: not moe-run %s --backend=reference --input=wide.npy 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: error: wide.npy holds 2x5xf32, but argument 0 is tensor<?x4xf32>
// RUN: not moe-run %s --backend=reference --input=x.npy --input=x.npy 2>&1 | FileCheck %s --check-prefix=ELEMENT
// ELEMENT: error: x.npy holds 2x4xf32, but argument 1 is i32

// RUN: not moe-run %s --backend=reference 2>&1 | FileCheck %s --check-prefix=NO-DIM
// NO-DIM: error: argument 0 is tensor<?x4xf32>; give its dynamic sizes with --dim
// RUN: not moe-run %s --backend=reference --dim=-3 2>&1 | FileCheck %s --check-prefix=DIM
// DIM: error: --dim=-3 is negative
// RUN: not moe-run %s --backend=reference --dim=many 2>&1 | FileCheck %s --check-prefix=DIM-TEXT
// DIM-TEXT: 'many' value invalid
// RUN: not moe-run %s --backend=reference --dim=2 --dim=3 2>&1 | FileCheck %s --check-prefix=DIMS
// DIMS: error: 2 times --dim, but only 1 dynamic sizes to choose
// RUN: not moe-run %s --backend=reference --dim=2 --int-max=-1 2>&1 | FileCheck %s --check-prefix=INT-MAX
// INT-MAX: error: --int-max=-1 is negative
// RUN: not moe-run %s --backend=reference --dim=2 --int-max=3000000000 2>&1 \
// RUN:   | FileCheck %s --check-prefix=INT-FITS
// INT-FITS: error: integers up to 3000000000 do not fit argument 1, which is i32
// RUN: not moe-run %s --backend=reference --dim=9223372036854775807 2>&1 \
// RUN:   | FileCheck %s --check-prefix=TOO-LARGE
// TOO-LARGE: error: argument 0: no memory for 9223372036854775807x4xf32
// RUN: not moe-run %s --backend=reference --dim=2 --repeat=0 2>&1 | FileCheck %s --check-prefix=REPEAT
// REPEAT: error: --repeat=0 is not positive
// RUN: not moe-run %s --backend=reference --dim=2 --rtol=-1 2>&1 | FileCheck %s --check-prefix=RTOL
// RTOL: error: --rtol has to be 0 or more

// RUN: not moe-run %s --backend=reference --input=x.npy --output=./x.npy 2>&1 \
// RUN:   | FileCheck %s --check-prefix=OVERWRITE
// OVERWRITE: error: --output=./x.npy would overwrite x.npy
// RUN: not moe-run %s --backend=reference --dim=2 --output=a.npy --output=b.npy 2>&1 \
// RUN:   | FileCheck %s --check-prefix=OUTPUTS
// OUTPUTS: error: 2 times --output, but 'main' has 1 results
// RUN: not moe-run %s --backend=reference --dim=2 --output=no/such/a.npy 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNWRITABLE
// UNWRITABLE: error: no/such/a.npy: No such file or directory
// RUN: not moe-run %s --backend=reference --dim=2 --expect=n.npy 2>&1 | FileCheck %s --check-prefix=EXPECT
// EXPECT: error: n.npy holds i32, but result 0 is tensor<?x4xf32>
// RUN: not moe-run %s --backend=reference --dim=3 --expect=x.npy 2>&1 | FileCheck %s --check-prefix=EXPECT-SIZE
// EXPECT-SIZE: error: x.npy holds 2x4xf32, but result 0 is 3x4xf32
// RUN: not moe-run %s --backend=reference --dim=2 --expect=no.npy 2>&1 | FileCheck %s --check-prefix=NO-EXPECT
// NO-EXPECT: error: result 0: no.npy: No such file or directory

func.func @main(%x: tensor<?x4xf32>, %n: i32) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}
func.func @other(%x: tensor<4xf32>, %y: tensor<*xf32>) {
  return
}
func.func private @odd() -> i7 {
  %c = arith.constant 1 : i7
  return %c : i7
}
