// REQUIRES: ptxas
// RUN: moe-opt %S/../../../Execution/GPU/layer.mlir --moe-to-nvptx=chip=sm_80 \
// RUN:   | moe-translate --mlir-to-ptx - -o %t-80.ptx
// RUN: %ptxas -v -arch=sm_80 %t-80.ptx -o %t-80.cubin 2>&1 | FileCheck %s
// RUN: moe-opt %S/../../../Execution/GPU/layer.mlir --moe-to-nvptx=chip=sm_90a \
// RUN:   | moe-translate --mlir-to-ptx - -o %t-90.ptx
// RUN: %ptxas -v -arch=sm_90a %t-90.ptx -o %t-90.cubin 2>&1 | FileCheck %s

// CHECK-NOT:     {{[1-9][0-9]*}} bytes spill
// CHECK-COUNT-5: 0 bytes spill stores, 0 bytes spill loads
// CHECK-NOT:     {{[1-9][0-9]*}} bytes spill
