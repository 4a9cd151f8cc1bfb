// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-grouped-matmul-to-cpu))" \
// RUN:   --split-input-file --remarks-filter-missed=moe --verify-diagnostics

func.func @on_tensors(%x: tensor<?x8xf32>, %w: tensor<2x4x8xf32>,
    %o: tensor<3xi32>, %h0: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // expected-remark @below {{is on tensors: bufferize first}}
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>)
      weights(%w : tensor<2x4x8xf32>) offsets(%o : tensor<3xi32>)
      outs(%h0 : tensor<?x4xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x4xf32>
  return %h : tensor<?x4xf32>
}

// -----

func.func @other_device(%x: memref<?x8xf32>, %w: memref<2x4x8xf32>,
                        %o: memref<3xi32>, %h: memref<?x4xf32>) {
  // expected-error @below {{has a schedule that is not for the CPU: #moe.schedule<mma_sync, tile = [16, 8, 8]>}}
  moe.grouped_matmul ins(%x : memref<?x8xf32>)
      weights(%w : memref<2x4x8xf32>) offsets(%o : memref<3xi32>)
      outs(%h : memref<?x4xf32>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [16, 8, 8]>} {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// -----

func.func @large_tile(%x: memref<?x8xf32>, %w: memref<2x40x8xf32>,
                      %o: memref<3xi32>, %h: memref<?x40xf32>) {
  // expected-error @below {{has a tile of 5 rows and 13 columns of 1 parts, more than 64 accumulators}}
  moe.grouped_matmul ins(%x : memref<?x8xf32>)
      weights(%w : memref<2x40x8xf32>) offsets(%o : memref<3xi32>)
      outs(%h : memref<?x40xf32>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<dot, tile = [5, 13, 8]>} {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// -----

func.func @odd_lanes(%x: memref<?x8xf32>, %w: memref<2x4x8xf32>,
                     %o: memref<3xi32>, %h: memref<?x4xf32>) {
  // expected-error @below {{has accumulators of 12 lanes, expected a power of two of at most 64}}
  moe.grouped_matmul ins(%x : memref<?x8xf32>)
      weights(%w : memref<2x4x8xf32>) offsets(%o : memref<3xi32>)
      outs(%h : memref<?x4xf32>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<dot, tile = [2, 2, 12]>} {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// -----

func.func @gaps(%x: memref<?x8xf32, strided<[16, 2]>>, %w: memref<2x4x8xf32>,
                %o: memref<3xi32>, %h: memref<?x4xf32>) {
  // expected-error @below {{needs rows without gaps on the CPU}}
  moe.grouped_matmul ins(%x : memref<?x8xf32, strided<[16, 2]>>)
      weights(%w : memref<2x4x8xf32>) offsets(%o : memref<3xi32>)
      outs(%h : memref<?x4xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// -----

func.func @odd_panel(%x: memref<?x8xf32>, %w: memref<2x40x8xf32>,
                     %o: memref<3xi32>, %h: memref<?x40xf32>) {
  // expected-error @below {{has panels of 12 columns, expected a multiple of the 8 lanes}}
  moe.grouped_matmul ins(%x : memref<?x8xf32>)
      weights(%w : memref<2x40x8xf32>) offsets(%o : memref<3xi32>)
      outs(%h : memref<?x40xf32>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<fma, tile = [6, 12, 8]>} {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// -----

func.func @dot_of_both_layouts(%x: memref<?x8xf32>, %w: memref<2x4x8xf32>, %v: memref<2x8x4xf32>,
                               %o: memref<3xi32>, %h: memref<?x4xf32>) {
  // expected-error @below {{takes weights of both layouts, which the dot strategy does not}}
  moe.grouped_matmul ins(%x : memref<?x8xf32>)
      weights(%w, %v : memref<2x4x8xf32>, memref<2x8x4xf32>) layouts [out_in, in_out]
      offsets(%o : memref<3xi32>) outs(%h : memref<?x4xf32>)
      parts weights [0, 1] offsets [0, 0] strides [1, 1]
      attributes {schedule = #moe.schedule<dot, tile = [2, 2, 8]>} {
  ^epilogue(%a: f32, %b: f32):
    moe.yield %a : f32
  }
  return
}
