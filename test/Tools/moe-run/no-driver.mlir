// RUN: env MOE_CUDA_DRIVER=%t-missing.so not moe-run %s --backend=nvptx 2>&1 \
// RUN:   | FileCheck %s

// CHECK: error: no CUDA driver: cannot load {{.*}}-missing.so (named by MOE_CUDA_DRIVER)
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
