// RUN: moe-opt %s --moe-serialize-kernels --verify-diagnostics

gpu.module @kernels {
  // expected-error @below {{a kernel calls __nv_sinf of CUDA's device library}}
  llvm.func @__nv_sinf(f32) -> f32
  llvm.func @sine(%x: f32) attributes {gpu.kernel, nvvm.kernel} {
    %y = llvm.call @__nv_sinf(%x) : (f32) -> f32
    llvm.return
  }
}
