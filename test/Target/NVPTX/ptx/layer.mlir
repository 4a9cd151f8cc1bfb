// RUN: moe-opt %S/../../../Execution/GPU/layer.mlir --moe-to-nvptx=chip=sm_80 \
// RUN:   | moe-translate --mlir-to-ptx - | FileCheck %s --check-prefixes=CHECK,SM80
// RUN: moe-opt %S/../../../Execution/GPU/layer.mlir --moe-to-nvptx=chip=sm_90a \
// RUN:   | moe-translate --mlir-to-ptx - | FileCheck %s --check-prefixes=CHECK,SM90

// One PTX file with a kernel per stage, and nothing of CUDA's device library.
// SM80:      .target sm_80
// SM90:      .target sm_90a
// CHECK-NOT: .extern .func
// CHECK-NOT: __nv_
// CHECK:     .entry main_gate(
// CHECK:     ld.global{{.*}}.v4.b32
// CHECK:     shfl.sync.bfly.b32
// CHECK:     redux.sync.max.u32
// CHECK:     redux.sync.min.u32
// CHECK:     .entry main_plan(
// CHECK-NOT: atom.
// CHECK:     vote.sync.ballot.b32
// CHECK:     .entry main_gather_sum
// CHECK:     st.global.v4.b32
