// RUN: moe-opt %s --moe-loops-to-gpu --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics

func.func @scalar_read(%x: memref<f32>) -> f32 {
  // expected-error @below {{works on device memory from scalar host code}}
  %v = memref.load %x[] : memref<f32>
  return %v : f32
}

// -----

func.func @dynamic_scratch(%x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  // expected-remark @below {{runs as a plain kernel}}
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    // expected-error @below {{needs memory inside a kernel, which must have a static size}}
    %buffer = memref.alloc(%n) : memref<?xf32>
    %v = memref.load %x[%i] : memref<?xf32>
    memref.store %v, %buffer[%c0] : memref<?xf32>
    scf.reduce
  }
  return
}

// -----

func.func @reduction(%x: memref<?xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %x, %c0 : memref<?xf32>
  // expected-error @below {{reduces to a scalar on the host}}
  %sum = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%zero) -> f32 {
    %v = memref.load %x[%i] : memref<?xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.addf %a, %b : f32
      scf.reduce.return %s : f32
    }
  }
  return %sum : f32
}

// -----

func.func @tensors(%x: tensor<?x4xf32>, %zero: f32) -> tensor<?x4xf32> {
  // expected-error @below {{works on tensors; bufferize it first}}
  %y = linalg.fill ins(%zero : f32) outs(%x : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
