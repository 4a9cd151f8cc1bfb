// RUN: moe-opt %s --moe-loops-to-gpu --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics \
// RUN:   | FileCheck %s

// One thread per row; the reduction is a loop inside.
// CHECK-LABEL: func.func @row_sums
// CHECK:         gpu.launch
// CHECK-SAME:      function(@row_sums_generic)
// CHECK:           scf.for
// CHECK-NOT:     linalg.generic
func.func @row_sums(%x: memref<?x16xf32>, %sums: memref<?xf32>) {
  // expected-remark @below {{runs as a plain kernel}}
  linalg.generic {indexing_maps = [affine_map<(i, k) -> (i, k)>,
                                   affine_map<(i, k) -> (i)>],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x16xf32>) outs(%sums : memref<?xf32>) {
  ^bb0(%v: f32, %sum: f32):
    %next = arith.addf %v, %sum : f32
    linalg.yield %next : f32
  }
  return
}

// -----

// A loop over scalar code runs on one thread.
// CHECK-LABEL: func.func @prefix
// CHECK:         gpu.launch
// CHECK-SAME:      function(@prefix_for)
// CHECK:           scf.for
func.func @prefix(%counts: memref<9xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  // expected-remark @below {{runs on one GPU thread}}
  scf.for %i = %c0 to %c8 step %c1 {
    %next = arith.addi %i, %c1 : index
    %a = memref.load %counts[%i] : memref<9xi32>
    %b = memref.load %counts[%next] : memref<9xi32>
    %sum = arith.addi %a, %b : i32
    memref.store %sum, %counts[%next] : memref<9xi32>
  }
  return
}

// -----

// What a parallel loop allocates for itself goes on its threads' stacks.
// CHECK-LABEL: func.func @scratch
// CHECK:         gpu.launch
// CHECK:           memref.alloca() : memref<4xf32>
// CHECK-NOT:     memref.alloc()
func.func @scratch(%x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  // expected-remark @below {{runs as a plain kernel}}
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %buffer = memref.alloc() : memref<4xf32>
    %v = memref.load %x[%i] : memref<?xf32>
    memref.store %v, %buffer[%c0] : memref<4xf32>
    %u = memref.load %buffer[%c0] : memref<4xf32>
    memref.store %u, %x[%i] : memref<?xf32>
    memref.dealloc %buffer : memref<4xf32>
    scf.reduce
  }
  return
}
