// RUN: moe-opt %s --moe-serialize-kernels=chip=sm_80 | FileCheck %s
// RUN: moe-opt %s --moe-serialize-kernels=chip=sm_90a \
// RUN:   | FileCheck %s --check-prefix=SM90

// CHECK:     gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_80"
// CHECK-SAME: .target sm_80
// CHECK-SAME: .entry nothing
// CHECK-NOT: gpu.module
// SM90:      .target sm_90a
module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @nothing() attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
}
