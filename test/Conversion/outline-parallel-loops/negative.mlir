// RUN: moe-opt %s --moe-outline-parallel-loops --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// A loop on tensors has results; it has to be bufferized first.
// CHECK-LABEL: func.func @outline_loop_with_results
// CHECK:         scf.forall
func.func @outline_loop_with_results(%x: tensor<4xf32>, %s: f32) -> tensor<4xf32> {
  // expected-remark @below {{the loop has results; it is not bufferized}}
  %r = scf.forall (%i) in (4) shared_outs(%out = %x) -> tensor<4xf32> {
    %t = tensor.splat %s : tensor<1xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %t into %out[%i] [1] [1]
        : tensor<1xf32> into tensor<4xf32>
    }
  }
  return %r : tensor<4xf32>
}

// -----

// What has no form in the llvm dialect cannot travel in the struct.
// CHECK-LABEL: func.func @outline_foreign_capture
// CHECK:         scf.forall
func.func @outline_foreign_capture(%t: tensor<4xf32>, %m: memref<4xf32>) {
  // expected-remark @below {{captures a value of type tensor<4xf32>, which has no form in the llvm dialect}}
  scf.forall (%i) in (4) {
    %v = tensor.extract %t[%i] : tensor<4xf32>
    memref.store %v, %m[%i] : memref<4xf32>
  }
  return
}

// -----

// The runtime's name is taken.
// expected-error @below {{the name moe_parallel_for belongs to the runtime}}
func.func private @moe_parallel_for(i32)
func.func @outline_name_taken(%m: memref<4xf32>, %v: f32) {
  scf.forall (%i) in (4) {
    memref.store %v, %m[%i] : memref<4xf32>
  }
  return
}
