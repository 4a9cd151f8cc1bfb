// RUN: moe-opt %s --moe-check-nvptx-options="chip=sm_80 format=isa" | FileCheck %s

// CHECK: func.func @main
func.func @main() {
  return
}
