// RUN: moe-opt %s --moe-attach-cpu-target='cpu=x86-64-v3 features=+avx512f,-fma' | FileCheck %s
// RUN: moe-opt %s --moe-to-cpu='cpu=x86-64-v3 features=+avx512f,-fma' \
// RUN:   | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=IR
// RUN: moe-opt %s --moe-attach-cpu-target=cpu=native | FileCheck %s --check-prefix=NATIVE

// LLVM's back end takes the target from the function.
// [doc-begin]
// CHECK-LABEL: func.func @main
// CHECK-SAME:    target_cpu = "x86-64-v3"
// CHECK-SAME:    target_features = #llvm.target_features<["+avx512f", "-fma"]>
// IR:          "target-cpu"="x86-64-v3" "target-features"="+avx512f,-fma"
// NATIVE:      target_cpu = "
// NATIVE-NOT:  native
// NATIVE-SAME: "+sse2"
func.func @main(%s: f32) -> f32 {
  return %s : f32
}
// [doc-end]
