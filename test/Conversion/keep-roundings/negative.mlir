// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-keep-roundings))' | FileCheck %s

// Only casts between floats lose their flags.
// CHECK-LABEL: func.func @others
// CHECK:         arith.addf %{{.+}}, %{{.+}} fastmath<contract> : f32
// CHECK:         arith.sitofp %{{.+}} : i32 to f32
func.func @others(%x: f32, %i: i32) -> (f32, f32) {
  %s = arith.addf %x, %x fastmath<contract> : f32
  %f = arith.sitofp %i : i32 to f32
  return %s, %f : f32, f32
}
