// RUN: moe-opt %s --moe-hoist-host-code --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

// What the host does with memory stays where it is, and so does what follows.
// CHECK-LABEL: func.func @store
// CHECK:         gpu.dealloc
// CHECK-NEXT:    memref.store
// CHECK:         cf.assert
func.func @store(%x: memref<4xf32>, %f: f32, %ok: i1) {
  %c0 = arith.constant 0 : index
  %device = gpu.alloc () : memref<4xf32>
  gpu.dealloc %device : memref<4xf32>
  // expected-remark @below {{the host waits for the device here}}
  memref.store %f, %x[%c0] : memref<4xf32>
  cf.assert %ok, "after the store"
  return
}

// -----

// No device, nothing to do.
// CHECK-LABEL: func.func @host
// CHECK-NEXT:    memref.alloc
// CHECK-NEXT:    cf.assert
func.func @host(%ok: i1) -> memref<4xf32> {
  %x = memref.alloc() : memref<4xf32>
  cf.assert %ok, "host only"
  return %x : memref<4xf32>
}
