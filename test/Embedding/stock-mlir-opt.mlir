// The dialect, passes and pipelines in the stock optimizer, through the plugin.

// UNSUPPORTED: asan
// RUN: mlir-opt %s --load-dialect-plugin=%moe_plugin --load-pass-plugin=%moe_plugin \
// RUN:   --pass-pipeline='builtin.module(moe-decompose)' | FileCheck %s
// RUN: mlir-opt %s --load-dialect-plugin=%moe_plugin --load-pass-plugin=%moe_plugin \
// RUN:   --pass-pipeline='builtin.module(moe-to-cpu{cpu=x86-64-v4})' \
// RUN:   | FileCheck %s --check-prefix=CPU

// CHECK-LABEL: func.func @select
// CHECK-NOT:     moe.
// CPU:         llvm.func @select
// CPU-SAME:      target_cpu = "x86-64-v4"
func.func @select(%key: tensor<?x4xf32>) -> tensor<?x2xi32> {
  %ids = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  return %ids : tensor<?x2xi32>
}
