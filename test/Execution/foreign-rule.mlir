// A rule of another dialect, with an operand of its own, on every back end: it
// is fused like the rules of this one.
// RUN: moe-opt %s --load-dialect-plugin=%test_rules --moe-fuse-gate | FileCheck %s
// CHECK: moe.gate
// CHECK-SAME: params(%{{.+}} : i32)
// CHECK-SAME: select #test_rules.rotated<3> on scores

// RUN: %python %S/save.py %t.l.npy f32 "[[0,1,3,2,0],[5,1,3,2,5],[0,0,0,0,1]]"
// RUN: %python %S/save.py %t.step.npy i32 "3"
// RUN: %python %S/save.py %t.e.npy i32 "[[2,0,3],[0,3,1],[4,2,0]]"
// RUN: %python %S/save.py %t.w.npy f32 "[[3,0,2],[5,2,1],[1,0,0]]"
// RUN: moe-run %s --load-dialect-plugin=%test_rules --backend=reference \
// RUN:   --input=%t.l.npy --input=%t.step.npy --expect=%t.e.npy --expect=%t.w.npy
// RUN: moe-run %s --load-dialect-plugin=%test_rules --backend=cpu \
// RUN:   --input=%t.l.npy --input=%t.step.npy --expect=%t.e.npy --expect=%t.w.npy

// RUN: not moe-run %s --load-dialect-plugin=%t.none --backend=cpu 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NONE
// NONE: error: Could not load library

func.func @main(%l: tensor<?x5xf32>, %step: i32)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score relu %l : tensor<?x5xf32> -> tensor<?x5xf32>
  %e = moe.select #test_rules.rotated<3> %s params(%step : i32)
      : tensor<?x5xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e
      : tensor<?x5xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}
