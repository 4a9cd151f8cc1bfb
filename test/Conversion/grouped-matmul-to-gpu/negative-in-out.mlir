// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-grouped-matmul-to-gpu))" \
// RUN:   --split-input-file --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// Weights stored as [in, out] that tensor cores do not take.
// CHECK-LABEL: func.func @both_layouts
// CHECK:         vector.fma
func.func @both_layouts(%x: memref<?x8xbf16>, %w0: memref<4x16x8xbf16>, %w1: memref<4x8x16xbf16>,
    %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{not on tensor cores: all weights must have one layout}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w0, %w1 : memref<4x16x8xbf16>, memref<4x8x16xbf16>)
      layouts [out_in, in_out] offsets(%o : memref<5xi32>) outs(%h : memref<?x16xbf16>)
      parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%a0: bf16, %a1: bf16):
    moe.yield %a0 : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @odd_width
// CHECK:         vector.fma
func.func @odd_width(%x: memref<?x8xbf16>, %w0: memref<4x8x20xbf16>,
    %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{not on tensor cores: [in, out] weights must begin, and their parts start, at a multiple of 8 columns}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w0 : memref<4x8x20xbf16>)
      layouts [in_out] offsets(%o : memref<5xi32>) outs(%h : memref<?x16xbf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a0: bf16):
    moe.yield %a0 : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @odd_start
// CHECK:         vector.fma
func.func @odd_start(%x: memref<?x8xbf16>, %w0: memref<4x8x24xbf16>,
    %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{not on tensor cores: [in, out] weights must begin, and their parts start, at a multiple of 8 columns}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w0 : memref<4x8x24xbf16>)
      layouts [in_out] offsets(%o : memref<5xi32>) outs(%h : memref<?x16xbf16>)
      parts weights [0] offsets [4] strides [1] {
  ^epilogue(%a0: bf16):
    moe.yield %a0 : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @one_of_two
// CHECK:         vector.fma
func.func @one_of_two(%x: memref<?x8xbf16>, %w0: memref<4x8x32xbf16>,
    %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{not on tensor cores: parts of [in, out] weights must be columns side by side or two by two interleaved}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w0 : memref<4x8x32xbf16>)
      layouts [in_out] offsets(%o : memref<5xi32>) outs(%h : memref<?x16xbf16>)
      parts weights [0] offsets [0] strides [2] {
  ^epilogue(%a0: bf16):
    moe.yield %a0 : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @three
// CHECK:         vector.fma
func.func @three(%x: memref<?x8xbf16>, %w0: memref<4x8x48xbf16>,
    %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{not on tensor cores: parts of [in, out] weights must be columns side by side or two by two interleaved}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w0 : memref<4x8x48xbf16>)
      layouts [in_out] offsets(%o : memref<5xi32>) outs(%h : memref<?x16xbf16>)
      parts weights [0, 0, 0] offsets [0, 1, 2] strides [3, 3, 3] {
  ^epilogue(%a0: bf16, %a1: bf16, %a2: bf16):
    moe.yield %a0 : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @two_strides
// CHECK:         vector.fma
func.func @two_strides(%x: memref<?x8xbf16>, %w0: memref<4x8x48xbf16>,
    %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{not on tensor cores: parts of [in, out] weights must be columns side by side or two by two interleaved}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w0 : memref<4x8x48xbf16>)
      layouts [in_out] offsets(%o : memref<5xi32>) outs(%h : memref<?x16xbf16>)
      parts weights [0, 0, 0] offsets [0, 1, 32] strides [2, 2, 1] {
  ^epilogue(%a0: bf16, %a1: bf16, %a2: bf16):
    moe.yield %a0 : bf16
  }
  return
}
