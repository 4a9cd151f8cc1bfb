// RUN: moe-opt %s --moe-attach-cpu-target | FileCheck %s
// RUN: not moe-opt %s --moe-to-cpu=cpu=x86-64-v9 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not moe-opt %s --moe-to-cpu=features=+avx1024 2>&1 | FileCheck %s --check-prefix=FEATURE
// RUN: not moe-opt %s --moe-to-cpu=features=avx2 2>&1 | FileCheck %s --check-prefix=SIGN

// CPU:     negative.mlir:{{.*}} error: unknown cpu 'x86-64-v9'
// FEATURE: negative.mlir:{{.*}} error: unknown cpu feature '+avx1024'; expected +name or -name
// SIGN:    negative.mlir:{{.*}} error: unknown cpu feature 'avx2'; expected +name or -name

// A function that has a target keeps it; a declaration needs none.
// CHECK:     func.func @tuned() attributes {target_cpu = "znver4"} {
// CHECK:     func.func private @elsewhere(){{$}}
func.func @tuned() attributes {target_cpu = "znver4"} {
  return
}
func.func private @elsewhere()
