// RUN: moe-opt %s --verify-diagnostics \
// RUN:   --pass-pipeline="builtin.module(gpu.module(moe-expand-device-math))"

gpu.module @kernels {
  gpu.func @double(%x: memref<f64>) kernel {
    %v = memref.load %x[] : memref<f64>
    // expected-error @below {{has no GPU code for type 'f64'}}
    %e = math.exp %v : f64
    memref.store %e, %x[] : memref<f64>
    gpu.return
  }
}
