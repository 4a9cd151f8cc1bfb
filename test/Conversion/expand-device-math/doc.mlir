// RUN: moe-opt %s --pass-pipeline="builtin.module(gpu.module(moe-expand-device-math))" \
// RUN:   | FileCheck %s

// exp is 2^n * 2^r with a small r: only there 2^r is exact enough.
// CHECK-LABEL: gpu.func @exponential
// CHECK:         llvm.call_intrinsic "llvm.fma"
// CHECK:         llvm.call_intrinsic "llvm.exp2"
// CHECK:         arith.shli
// CHECK-NOT:   math.
gpu.module @kernels {
  gpu.func @exponential(%x: memref<f32>) kernel {
    %v = memref.load %x[] : memref<f32>
    %e = math.exp %v : f32
    %r = math.rsqrt %e : f32
    %l = math.log %r : f32
    %t = math.tanh %l : f32
    memref.store %t, %x[] : memref<f32>
    gpu.return
  }
}
