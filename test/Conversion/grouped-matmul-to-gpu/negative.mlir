// RUN: moe-opt %s --moe-grouped-matmul-to-gpu --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// Tensors are not bufferized yet.
// CHECK-LABEL: func.func @tensors
// CHECK:         moe.grouped_matmul
func.func @tensors(%x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>,
                   %o: tensor<5xi32>, %h: tensor<?x16xf32>)
    -> tensor<?x16xf32> {
  // expected-remark @below {{works on tensors; bufferize first}}
  %r = moe.grouped_matmul ins(%x : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%o : tensor<5xi32>)
      outs(%h : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  return %r : tensor<?x16xf32>
}

// -----

// No device arithmetic on this type.
// CHECK-LABEL: func.func @narrow
// CHECK:         moe.grouped_matmul
func.func @narrow(%x: memref<?x8xf8E4M3FN>, %w: memref<4x16x8xf8E4M3FN>,
                  %o: memref<5xi32>, %h: memref<?x16xf32>) {
  // expected-remark @below {{elements must be f16, bf16, f32 or f64 on a GPU}}
  moe.grouped_matmul ins(%x : memref<?x8xf8E4M3FN>)
      weights(%w : memref<4x16x8xf8E4M3FN>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// -----

// Rows of 14 bytes are not aligned for asynchronous copies.
// CHECK-LABEL: func.func @odd_depth
// CHECK-NOT:     nvvm.mma.sync
// CHECK:         vector.fma
func.func @odd_depth(%x: memref<?x7xbf16>, %w: memref<4x16x7xbf16>,
                     %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{not on tensor cores: the depth must be a multiple of 8}}
  moe.grouped_matmul ins(%x : memref<?x7xbf16>)
      weights(%w : memref<4x16x7xbf16>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xbf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: bf16):
    moe.yield %a : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @strided
// CHECK-NOT:     nvvm.mma.sync
// CHECK:         vector.fma
func.func @strided(%x: memref<?x8xbf16, strided<[16, 1]>>,
                   %w: memref<4x16x8xbf16>, %o: memref<5xi32>,
                   %h: memref<?x16xbf16>) {
  // expected-remark @below {{lhs and weights must have identity layout}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16, strided<[16, 1]>>)
      weights(%w : memref<4x16x8xbf16>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xbf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: bf16):
    moe.yield %a : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @two_types
// CHECK-NOT:     nvvm.mma.sync
// CHECK:         vector.fma
func.func @two_types(%x: memref<?x8xbf16>, %w: memref<4x16x8xf16>,
                     %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{lhs and weights must have one element type}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w : memref<4x16x8xf16>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xbf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: bf16):
    moe.yield %a : bf16
  }
  return
}

// -----

// A schedule may ask for what the operands do not have.
// CHECK-LABEL: func.func @scheduled_f32
// CHECK-NOT:     nvvm.mma.sync
// CHECK:         vector.fma
func.func @scheduled_f32(%x: memref<?x8xf32>, %w: memref<4x16x8xf32>,
                         %o: memref<5xi32>, %h: memref<?x16xf32>) {
  // expected-remark @below {{not on tensor cores: operands must be bf16 or f16}}
  moe.grouped_matmul ins(%x : memref<?x8xf32>)
      weights(%w : memref<4x16x8xf32>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xf32>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [64, 64, 32]>} {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// -----

// A tile that four warps cannot share is replaced, not refused.
// CHECK-LABEL: func.func @rows_of_a_tile
// CHECK:         nvvm.mma.sync
func.func @rows_of_a_tile(%x: memref<?x8xbf16>, %w: memref<4x16x8xbf16>,
                          %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{scheduled tile replaced: four warps cannot share}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w : memref<4x16x8xbf16>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xbf16>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [40, 64, 32]>} {
  ^epilogue(%a: bf16):
    moe.yield %a : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @registers_of_a_tile
// CHECK:         nvvm.mma.sync
func.func @registers_of_a_tile(%x: memref<?x8xbf16>, %w: memref<4x16x8xbf16>,
                               %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{scheduled tile replaced: the tile needs more registers}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w : memref<4x16x8xbf16>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xbf16>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [128, 256, 32]>} {
  ^epilogue(%a: bf16):
    moe.yield %a : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @shared_memory_of_a_tile
// CHECK:         nvvm.mma.sync
func.func @shared_memory_of_a_tile(%x: memref<?x8xbf16>, %w: memref<4x16x8xbf16>,
                                   %o: memref<5xi32>, %h: memref<?x16xbf16>) {
  // expected-remark @below {{scheduled tile replaced: the tile needs more shared memory}}
  moe.grouped_matmul ins(%x : memref<?x8xbf16>)
      weights(%w : memref<4x16x8xbf16>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xbf16>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [128, 128, 64]>} {
  ^epilogue(%a: bf16):
    moe.yield %a : bf16
  }
  return
}

// -----

// CHECK-LABEL: func.func @depth_of_a_tile
// CHECK:         vector.fma
func.func @depth_of_a_tile(%x: memref<?x8xf32>, %w: memref<4x16x8xf32>,
                           %o: memref<5xi32>, %h: memref<?x16xf32>) {
  // expected-remark @below {{scheduled tile replaced: a tile needs rows and columns}}
  moe.grouped_matmul ins(%x : memref<?x8xf32>)
      weights(%w : memref<4x16x8xf32>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xf32>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<fma, tile = [64, 64, 24]>} {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @cpu_strategy
// CHECK:         vector.fma
func.func @cpu_strategy(%x: memref<?x8xf32>, %w: memref<4x16x8xf32>,
                        %o: memref<5xi32>, %h: memref<?x16xf32>) {
  // expected-remark @below {{strategy dot is none of a GPU}}
  moe.grouped_matmul ins(%x : memref<?x8xf32>)
      weights(%w : memref<4x16x8xf32>) offsets(%o : memref<5xi32>)
      outs(%h : memref<?x16xf32>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<dot, tile = [1, 1, 1]>} {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}
