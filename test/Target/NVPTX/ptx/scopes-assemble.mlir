// The kernels of routers that look across tokens, and of a warp with hundreds of
// experts: they assemble and need no stack.
// REQUIRES: ptxas
// RUN: split-file %s %t
// RUN: moe-opt %t/choice.mlir --moe-to-nvptx="chip=sm_90a format=isa" --remarks-filter-missed=none -o %t/choice.out
// RUN: moe-translate --mlir-to-ptx %t/choice.out -o %t/choice.ptx
// RUN: %ptxas -arch=sm_90a -v %t/choice.ptx -o %t/choice.cubin 2>&1 | FileCheck %s --check-prefix=CHOICE --implicit-check-not="{{[1-9][0-9]*}} bytes stack"
// RUN: moe-opt %t/experts.mlir --moe-to-nvptx="chip=sm_80 format=isa" --remarks-filter-missed=none -o %t/experts.out
// RUN: moe-translate --mlir-to-ptx %t/experts.out -o %t/experts.ptx
// RUN: %ptxas -arch=sm_80 -v %t/experts.ptx -o %t/experts.cubin 2>&1 | FileCheck %s --check-prefix=EXPERTS --implicit-check-not="{{[1-9][0-9]*}} bytes stack"

// CHOICE:  main_select
// EXPERTS: main_gate

//--- choice.mlir
func.func @main(%s: tensor<?x64xbf16>) -> (tensor<64x?xi32>, tensor<64x?xf32>, tensor<65xi32>, tensor<?xi32>) {
  %t = moe.select #moe.top_k<128> %s by expert scope 4096 : tensor<?x64xbf16> -> tensor<64x?xi32>
  %w = moe.weigh value %s, %t by expert : tensor<?x64xbf16>, tensor<64x?xi32> -> tensor<64x?xf32>
  %o, %p = moe.plan %t by expert : tensor<64x?xi32> -> tensor<65xi32>, tensor<?xi32>
  return %t, %w, %o, %p : tensor<64x?xi32>, tensor<64x?xf32>, tensor<65xi32>, tensor<?xi32>
}

//--- experts.mlir
func.func @main(%l: tensor<?x512xf32>) -> (tensor<?x128xi32>, tensor<?x128xf32>) {
  %s = moe.score sigmoid %l : tensor<?x512xf32> -> tensor<?x512xf32>
  %e = moe.select #moe.top_k<128> %s groups <n = 16, keep = 8, top = 2> : tensor<?x512xf32> -> tensor<?x128xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x512xf32>, tensor<?x128xi32> -> tensor<?x128xf32>
  return %e, %w : tensor<?x128xi32>, tensor<?x128xf32>
}
