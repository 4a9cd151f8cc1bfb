// RUN: moe-opt %s --moe-place-on-device --split-input-file --verify-diagnostics

func.func private @other(%x: memref<4xf32>)
func.func @call(%x: memref<4xf32>) {
  // expected-error @below {{passes buffers to another function}}
  call @other(%x) : (memref<4xf32>) -> ()
  return
}

// -----

// expected-error @below {{argument 0 of type 'memref<4xf32, strided<[2]>>' is not contiguous}}
func.func @strided(%x: memref<4xf32, strided<[2]>>) -> f32 {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<4xf32, strided<[2]>>
  return %v : f32
}

// -----

memref.global "private" @state : memref<4xf32> = uninitialized
func.func @mutable_global() {
  // expected-error @below {{reads a global that may change}}
  %g = memref.get_global @state : memref<4xf32>
  linalg.exp ins(%g : memref<4xf32>) outs(%g : memref<4xf32>)
  return
}

// -----

// expected-error @below {{has control flow between blocks}}
func.func @blocks(%x: memref<4xf32>) {
  cf.br ^next
^next:
  return
}
