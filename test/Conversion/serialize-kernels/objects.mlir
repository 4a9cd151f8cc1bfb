// REQUIRES: ptxas
// RUN: moe-opt %s --moe-serialize-kernels="chip=sm_80 format=bin" | FileCheck %s

// CHECK:     gpu.binary @kernels
// CHECK-SAME: bin = "\7FELF
module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @nothing() attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
}
