// No tool writes over what it reads: an output is emptied when it is opened and
// deleted on failure.

// RUN: rm -rf %t && mkdir %t && cp %s %t/in.mlir && cp %s %t/other.mlir && ln -s in.mlir %t/link.mlir
// RUN: cd %t && not moe-opt in.mlir --moe-raise=require -o in.mlir 2>&1 | FileCheck %s
// RUN: cd %t && not moe-opt -o=link.mlir in.mlir 2>&1 | FileCheck %s --check-prefix=LINK
// RUN: cd %t && not moe-opt --o ./in.mlir in.mlir 2>&1 | FileCheck %s --check-prefix=DOT
// RUN: cd %t && not moe-translate --mlir-to-ptx in.mlir -o in.mlir 2>&1 | FileCheck %s
// RUN: cd %t && not moe-reduce in.mlir -o in.mlir 2>&1 | FileCheck %s
// RUN: cmp %s %t/in.mlir
// RUN: moe-opt %t/in.mlir -o %t/other.mlir && moe-opt /dev/null -o /dev/null

// CHECK: error: -o in.mlir would overwrite the input
// LINK:  error: -o link.mlir would overwrite the input
// DOT:   error: -o ./in.mlir would overwrite the input
func.func @main(%key: tensor<?x4xf32>) -> tensor<?x2xi32> {
  %ids = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  return %ids : tensor<?x2xi32>
}
