// RUN: moe-opt %s --moe-outline-parallel-loops | FileCheck %s

// The body becomes a function; what it captures travels in a struct.
// [doc-begin]
// CHECK:       func.func private @moe_parallel_for(!llvm.ptr, !llvm.ptr, i64)
// CHECK-LABEL: func.func @scale
// CHECK-SAME:    %[[BUFFER:[^:]+]]: memref<?xf32>, %[[BY:[^:]+]]: f32, %[[N:[^:]+]]: index
// CHECK:         %[[CONTEXT:.+]] = llvm.alloca
// CHECK:         llvm.store %{{.+}}, %{{.+}} : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>, !llvm.ptr
// CHECK:         llvm.store %[[BY]]
// CHECK:         %[[BODY:.+]] = constant @scale_parallel_0
// CHECK:         %[[POINTER:.+]] = builtin.unrealized_conversion_cast %[[BODY]]
// CHECK:         call @moe_parallel_for(%[[POINTER]], %[[CONTEXT]], %{{.+}})
// CHECK:       func.func private @scale_parallel_0(%{{.+}}: !llvm.ptr, %[[I:.+]]: i64)
// CHECK:         %[[INDEX:.+]] = arith.index_cast %[[I]] : i64 to index
// CHECK:         memref.store %{{.+}}, %{{.+}}[%[[INDEX]]] : memref<?xf32>
func.func @scale(%buffer: memref<?xf32>, %by: f32, %n: index) {
  scf.forall (%i) in (%n) {
    %old = memref.load %buffer[%i] : memref<?xf32>
    %new = arith.mulf %old, %by : f32
    memref.store %new, %buffer[%i] : memref<?xf32>
  }
  return
}
// [doc-end]
