// RUN: moe-opt %s --moe-grouped-matmul-to-gpu --cse --split-input-file | FileCheck %s

// 64 x 64 in 256 threads of 4 x 4; gate and up columns of a thread lie side by
// side, so a tile has 32 columns of the result.
// CHECK-LABEL: func.func @up
// CHECK-SAME:    %[[X:[^:]+]]: memref<?x72xf32>, %[[W:[^:]+]]: memref<4x32x72xf32>
// CHECK-SAME:    %[[OFFSETS:[^:]+]]: memref<5xi32>, %[[PAIRS:[^:]+]]: memref<?xi32>
// CHECK-SAME:    %[[H:[^:]+]]: memref<?x16xf32>
// CHECK:         %[[ROWS:.+]] = memref.dim %[[H]]
// The grid: floor((rows - m) / 64) + m for m experts with rows.
// CHECK:         %[[C4:.+]] = arith.constant 4 : index
// CHECK:         %[[M:.+]] = arith.minui %[[ROWS]], %[[C4]]
// CHECK:         %[[REST:.+]] = arith.subi %[[ROWS]], %[[M]]
// CHECK:         %[[C64:.+]] = arith.constant 64 : index
// CHECK:         %[[FULL:.+]] = arith.divui %[[REST]], %[[C64]]
// CHECK:         %[[TILES:.+]] = arith.addi %[[FULL]], %[[M]]
// CHECK:         %[[THREADS:.+]] = arith.constant 256
// CHECK:         gpu.launch blocks
// CHECK-SAME:      in (%{{.+}} = %[[TILES]], %{{.+}} = %{{.+}}, %{{.+}} = %{{.+}}) threads
// CHECK-SAME:      in (%{{.+}} = %[[THREADS]],
// CHECK-SAME:      workgroup(%[[LHS:[^ ]+]] : memref<16x68xf32, #gpu.address_space<workgroup>>,
// CHECK-SAME:                %[[COLUMNS:[^ ]+]] : memref<16x68xf32, #gpu.address_space<workgroup>>)
// CHECK:           scf.while
// CHECK:           nvvm.vote.sync ballot
// CHECK:           scf.if
// A thread copies four rows; the slot is divided away.
// CHECK:             %[[PAIR:.+]] = memref.load %[[PAIRS]]
// CHECK:             arith.divui %[[PAIR]], %c2_i32
// CHECK-COUNT-3:     memref.load %[[PAIRS]]
// CHECK-NOT:         memref.load %[[PAIRS]]
// The depth ends inside a block: zeros beyond it.
// CHECK:             %[[VALUE:.+]] = memref.load %[[X]]
// CHECK:             arith.select %{{.+}}, %[[VALUE]]
// CHECK:             %[[SUMS:.+]]:12 = scf.for
// CHECK-COUNT-4:       memref.store %{{.+}}, %[[LHS]]
// CHECK-COUNT-4:       memref.store %{{.+}}, %[[COLUMNS]]
// CHECK-NOT:           memref.store
// CHECK:               gpu.barrier
// CHECK-COUNT-4:       memref.load %[[X]]
// CHECK-COUNT-4:       memref.load %[[W]]
// CHECK:               scf.for
// CHECK:                 vector.load %[[LHS]]
// CHECK:                 vector.load %[[COLUMNS]]
// CHECK-COUNT-4:         vector.fma
// CHECK:               gpu.barrier
// CHECK:             %[[GATE:.+]] = vector.extract %[[SUMS]]#0[0]
// CHECK:             %[[UP:.+]] = vector.extract %[[SUMS]]#0[2]
// CHECK:             %[[PRODUCT:.+]] = arith.mulf %[[GATE]], %[[UP]]
// CHECK:             memref.store %[[PRODUCT]], %[[H]]
func.func @up(%x: memref<?x72xf32>, %w: memref<4x32x72xf32>,
              %o: memref<5xi32>, %p: memref<?xi32>, %h: memref<?x16xf32>) {
  moe.grouped_matmul ins(%x : memref<?x72xf32>)
      weights(%w : memref<4x32x72xf32>) offsets(%o : memref<5xi32>)
      gather(%p : memref<?xi32>) slots 2 outs(%h : memref<?x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%gate: f32, %up: f32):
    %product = arith.mulf %gate, %up : f32
    moe.yield %product : f32
  }
  return
}

// -----

// Interleaved columns of one matrix, and a second matrix.
// CHECK-LABEL: func.func @parts
// CHECK-SAME:    %{{[^:]+}}: memref<?x16xf32>, %[[V:[^:]+]]: memref<2x9x16xf32>, %[[W:[^:]+]]: memref<2x4x16xf32>
// CHECK:         scf.if
// CHECK:           %[[J:.+]] = arith.minui %{{.+}}, %c3
// CHECK:           %[[TWICE:.+]] = arith.muli %[[J]], %c2
// CHECK:           %[[PART0:.+]] = arith.addi %[[TWICE]], %c1
// CHECK:           memref.load %[[V]][%{{.+}}, %[[PART0]],
// CHECK:           memref.load %[[W]][%{{.+}}, %[[J]],
func.func @parts(%x: memref<?x16xf32>, %v: memref<2x9x16xf32>,
                 %w: memref<2x4x16xf32>, %o: memref<3xi32>,
                 %h: memref<?x4xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>)
      weights(%v, %w : memref<2x9x16xf32>, memref<2x4x16xf32>)
      offsets(%o : memref<3xi32>) outs(%h : memref<?x4xf32>)
      parts weights [0, 1] offsets [1, 0] strides [2, 1] {
  ^epilogue(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    moe.yield %sum : f32
  }
  return
}

// -----

// Accumulators are rounded to what the epilogue takes.
// CHECK-LABEL: func.func @types
// CHECK:         %[[SUM:.+]] = vector.extract %{{.+}}#0[0] : f32 from
// CHECK:         %[[ROUNDED:.+]] = arith.truncf %[[SUM]] : f32 to bf16
// CHECK:         %[[WIDE:.+]] = arith.extf %[[ROUNDED]] : bf16 to f32
// CHECK:         memref.store %[[WIDE]]
func.func @types(%x: memref<?x16xf16>, %w: memref<2x4x16xf64>,
                 %o: memref<3xi32>, %h: memref<?x4xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf16>)
      weights(%w : memref<2x4x16xf64>)
      offsets(%o : memref<3xi32>) outs(%h : memref<?x4xf32>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<fma, tile = [32, 64, 8]>} {
  ^epilogue(%a: bf16):
    %wide = arith.extf %a : bf16 to f32
    moe.yield %wide : f32
  }
  return
}

// -----

// Nothing to sum over: the epilogue of zeros; nothing is read.
// CHECK-LABEL: func.func @no_depth
// CHECK:         gpu.launch
// CHECK-NOT:     gpu.barrier
// CHECK:         memref.store
func.func @no_depth(%x: memref<?x0xf32>, %w: memref<2x4x0xf32>,
                    %o: memref<3xi32>, %h: memref<?x4xf32>) {
  moe.grouped_matmul ins(%x : memref<?x0xf32>)
      weights(%w : memref<2x4x0xf32>)
      offsets(%o : memref<3xi32>) outs(%h : memref<?x4xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}

// -----

// A result without columns needs no kernel.
// CHECK-LABEL: func.func @no_columns
// CHECK-NEXT:    return
func.func @no_columns(%x: memref<?x8xf32>, %w: memref<2x4x8xf32>,
                      %o: memref<3xi32>, %h: memref<?x0xf32>) {
  moe.grouped_matmul ins(%x : memref<?x8xf32>)
      weights(%w : memref<2x4x8xf32>)
      offsets(%o : memref<3xi32>) outs(%h : memref<?x0xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}
