// Missed remarks of category moe are shown, unless a flag says otherwise or
// diagnostics are verified.

// RUN: moe-opt %s --moe-outline-parallel-loops 2>&1 >/dev/null | FileCheck %s
// CHECK: remark: [Missed] moe-outline-parallel-loops | Category:moe
// CHECK-SAME: the loop has results; it is not bufferized
// RUN: moe-opt %s --moe-outline-parallel-loops --remarks-filter-passed=moe 2>&1 >/dev/null | count 0
// RUN: moe-opt %s --moe-outline-parallel-loops --verify-diagnostics
func.func @main(%x: tensor<4xf32>, %t: tensor<1xf32>) -> tensor<4xf32> {
  %r = scf.forall (%i) in (4) shared_outs(%out = %x) -> tensor<4xf32> {
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %t into %out[%i] [1] [1]
        : tensor<1xf32> into tensor<4xf32>
    }
  }
  return %r : tensor<4xf32>
}
