// RUN: moe-opt %s --moe-outline-parallel-loops --split-input-file | FileCheck %s
// RUN: moe-opt %s --moe-lower-to-llvm --split-input-file \
// RUN:   | FileCheck %s --check-prefix=LLVM

// Several dimensions with bounds and steps run over the product of their trip
// counts, and the body splits the index again.
// LLVM-NOT:    unrealized_conversion_cast
// CHECK-LABEL: func.func @nest
// CHECK:         arith.ceildivsi
// CHECK:         %[[TOTAL:.+]] = arith.muli
// CHECK:         %[[COUNT:.+]] = arith.index_cast %[[TOTAL]]
// CHECK:         call @moe_parallel_for(%{{.+}}, %{{.+}}, %[[COUNT]])
// CHECK:       func.func private @nest_parallel_0
// CHECK:         %[[REM:.+]] = arith.remsi
// CHECK:         %[[I:.+]] = arith.divsi
// CHECK:         %[[STEPS:.+]] = arith.muli %[[REM]]
// CHECK:         %[[J:.+]] = arith.addi %[[STEPS]]
// CHECK:         memref.store %{{.+}}, %{{.+}}[%[[I]], %[[J]]]
func.func @nest(%m: memref<?x16xf32>, %v: f32, %n: index) {
  scf.forall (%i, %j) = (0, 1) to (%n, 16) step (1, 2) {
    memref.store %v, %m[%i, %j] : memref<?x16xf32>
  }
  return
}

// -----

// A parallel loop inside becomes a plain one, and buffers of the body stay in
// it: every iteration has its own.
// CHECK-LABEL: func.func @nested
// CHECK-NOT:     memref.alloc
// CHECK:       func.func private @nested_parallel_0
// CHECK:         memref.alloc()
// CHECK:         scf.for
// CHECK-NOT:     scf.forall
func.func @nested(%m: memref<8xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  scf.forall (%i) in (8) {
    %scratch = memref.alloc() : memref<4xf32>
    scf.forall (%j) in (4) {
      memref.store %v, %scratch[%j] : memref<4xf32>
    }
    %w = memref.load %scratch[%c0] : memref<4xf32>
    memref.store %w, %m[%i] : memref<8xf32>
    memref.dealloc %scratch : memref<4xf32>
  }
  return
}

// -----

// Constants are cloned, and the struct lies in the entry block even if the loop
// stands in another. Two loops make two functions, in order, with the target of
// the function they come from.
// CHECK-LABEL: func.func @two
// CHECK:         llvm.alloca
// CHECK:         llvm.alloca
// CHECK:         scf.for
// CHECK-NOT:       llvm.alloca
// CHECK:           func.call @moe_parallel_for
// CHECK:         return
// CHECK:       func.func private @two_parallel_0
// CHECK-SAME:    target_cpu = "x86-64-v3"
// CHECK:         arith.constant 2.000000e+00 : f32
// CHECK:       func.func private @two_parallel_1
// CHECK:         arith.constant 2.000000e+00 : f32
// LLVM:        llvm.func internal @two_parallel_0
// LLVM-SAME:     target_cpu = "x86-64-v3"
func.func @two(%m: memref<8xf32>) attributes {target_cpu = "x86-64-v3"} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %v = arith.constant 2.0 : f32
  scf.for %k = %c0 to %c8 step %c1 {
    scf.forall (%i) in (8) {
      memref.store %v, %m[%i] : memref<8xf32>
    }
  }
  scf.forall (%i) in (8) {
    memref.store %v, %m[%i] : memref<8xf32>
  }
  return
}

// -----

// A body that captures nothing gets a null pointer.
// CHECK-LABEL: func.func @captures_nothing
// CHECK-NOT:     llvm.alloca
// CHECK:         %[[NULL:.+]] = llvm.mlir.zero
// CHECK:         call @moe_parallel_for(%{{.+}}, %[[NULL]], %{{.+}})
func.func private @work(index)
func.func @captures_nothing() {
  scf.forall (%i) in (8) {
    func.call @work(%i) : (index) -> ()
  }
  return
}
