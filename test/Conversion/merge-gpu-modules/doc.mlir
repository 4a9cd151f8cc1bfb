// RUN: moe-opt %s --moe-merge-gpu-modules | FileCheck %s

// The second kernel of the same name gets a number.
// CHECK:         func.func @main
// CHECK:           gpu.launch_func @moe_kernels::@main_plan blocks
// CHECK:           gpu.launch_func @moe_kernels::@main_plan_1 blocks
// CHECK:         gpu.module @moe_kernels {
// CHECK:           gpu.func @main_plan(
// CHECK:           gpu.func @main_plan_1() workgroup(%{{.+}} : memref<3xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK-NOT:     gpu.module
module attributes {gpu.container_module} {
  func.func @main() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @main_plan::@main_plan blocks in (%c1, %c1, %c1)
        threads in (%c1, %c1, %c1)
    gpu.launch_func @main_plan_0::@main_plan blocks in (%c1, %c1, %c1)
        threads in (%c1, %c1, %c1)
    return
  }
  gpu.module @main_plan {
    gpu.func @main_plan() kernel { gpu.return }
  }
  gpu.module @main_plan_0 {
    gpu.func @main_plan()
        workgroup(%shared: memref<3xf32, #gpu.address_space<workgroup>>) kernel {
      gpu.return
    }
  }
}
