// RUN: moe-opt %s --moe-serialize-kernels=chip=sm_80 -o %t.mlir
// RUN: moe-translate --mlir-to-ptx %t.mlir -o %t.ptx
// RUN: FileCheck %s < %t.ptx

// CHECK:      .version
// CHECK-NEXT: .target sm_80
// CHECK:      .entry nothing
module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @nothing() attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
}
