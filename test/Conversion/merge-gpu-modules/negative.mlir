// RUN: moe-opt %s --moe-merge-gpu-modules | FileCheck %s

// Without kernels there is nothing to merge.
// CHECK-NOT: gpu.module
// CHECK:     func.func @main
func.func @main() {
  return
}
