// The header of a compiled module says what the llvm dialect no longer does.

// RUN: split-file %s %t
// RUN: moe-opt %t/block.mlir --moe-to-cpu=prefix=block_ | moe-translate --moe-to-c-header | FileCheck %s
// RUN: not moe-translate --moe-to-c-header %t/none.mlir 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: moe-opt %t/block.mlir --moe-to-cpu -o %t/main.mlir
// RUN: not moe-translate --moe-to-c-header %t/main.mlir 2>&1 | FileCheck %s --check-prefix=MAIN
// RUN: not moe-translate --moe-to-c-header %t/name.mlir 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not moe-translate --moe-to-c-header %t/scalar.mlir 2>&1 | FileCheck %s --check-prefix=SCALAR
// RUN: not moe-translate --moe-to-c-header %t/layout.mlir 2>&1 | FileCheck %s --check-prefix=LAYOUT
// RUN: not moe-translate --moe-to-c-header %t/unranked.mlir 2>&1 | FileCheck %s --check-prefix=UNRANKED

// CHECK:      #ifndef BLOCK_MAIN_H
// CHECK:      struct moe_memref_2 {
// CHECK:      /* block_main
// CHECK-NEXT:  *   arg0: tensor<?x4xbf16>, unknown sizes in parameters of their own
// CHECK-NEXT:  *   arg1: f32
// CHECK-NEXT:  *   result0: tensor<?x2xi32>, sizes written to result0_shape; free() it
// CHECK-NEXT:  */
// CHECK-NEXT: void _mlir_ciface_block_main(struct moe_memref_2 *results,
// CHECK-NEXT:   struct moe_memref_2 *arg0,
// CHECK-NEXT:   float arg1);
// CHECK:      static inline int block_main(const uint16_t *arg0,
// CHECK-NEXT:   int64_t arg0_dim0,
// CHECK-NEXT:   float arg1,
// CHECK-NEXT:   int32_t **result0,
// CHECK-NEXT:   int64_t result0_shape[2]) {
// A private function is nobody's entry.
// CHECK-NOT:  helper
//--- block.mlir
func.func @main(%key: tensor<?x4xbf16>, %unused: f32) -> tensor<?x2xi32> {
  %0 = call @helper(%key) : (tensor<?x4xbf16>) -> tensor<?x2xi32>
  return %0 : tensor<?x2xi32>
}
func.func private @helper(%key: tensor<?x4xbf16>) -> tensor<?x2xi32> {
  %ids = moe.select #moe.top_k<2> %key : tensor<?x4xbf16> -> tensor<?x2xi32>
  return %ids : tensor<?x2xi32>
}

// NONE: error: holds no entry; expected the output of moe-opt --moe-to-cpu
//--- none.mlir
func.func @f() {
  return
}

// MAIN: main.mlir:{{.*}}: error: 'main' is the name of a C program's own entry; give moe-to-cpu a prefix

// NAME: name.mlir:1:1: error: 'a.b' is not a name in C
//--- name.mlir
llvm.func @a.b() attributes {moe.signature = () -> ()} {
  llvm.return
}

// SCALAR: scalar.mlir:1:1: error: arg1 has type 'bf16', which the header cannot say in C
//--- scalar.mlir
llvm.func @f() attributes {moe.signature = (f32, bf16) -> ()} {
  llvm.return
}

// LAYOUT: layout.mlir:1:1: error: result0 has type 'memref<4xf32, strided<[2]>>', which the header cannot say in C
//--- layout.mlir
llvm.func @f() attributes {moe.signature = () -> memref<4xf32, strided<[2]>>} {
  llvm.return
}

// UNRANKED: unranked.mlir:1:1: error: arg0 has type 'tensor<*xf32>', which the header cannot say in C
//--- unranked.mlir
llvm.func @f() attributes {moe.signature = (tensor<*xf32>) -> ()} {
  llvm.return
}
