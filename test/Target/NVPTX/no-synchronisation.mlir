// The host waits once, for the result: nothing inside a layer makes it wait, the
// checks of sizes in a graph with a dynamic number of tokens included.

// RUN: moe-opt %moe_models/hf_mixtral_batched/tosa.mlir --moe-to-nvptx | FileCheck %s
// RUN: moe-opt %moe_models/hf_mixtral_batched_dyn/linalg.generic.mlir --moe-to-nvptx | FileCheck %s

// CHECK-LABEL: llvm.func @main
// CHECK-NOT:     llvm.call @mgpuStreamSynchronize
// CHECK:         gpu.launch_func {{.*}}@main_gate
// CHECK-NOT:     llvm.call @mgpuStreamSynchronize
// CHECK:         gpu.launch_func {{.*}}@main_gather_sum
// CHECK-NOT:     llvm.call @mgpuStreamSynchronize
// CHECK:         llvm.call @mgpuMemcpy
// CHECK:         llvm.call @mgpuStreamSynchronize
// CHECK-NOT:     llvm.call @mgpuStreamSynchronize
// CHECK:         llvm.return
