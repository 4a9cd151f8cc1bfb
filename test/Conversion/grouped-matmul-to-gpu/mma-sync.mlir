// RUN: moe-opt %s --moe-grouped-matmul-to-gpu --cse --split-input-file | FileCheck %s

// Four warps, 32 x 32 columns of both parts each; three stages of 8 KiB for
// three blocks of depth.
// CHECK-LABEL: func.func @up
// CHECK:         %[[THREADS:.+]] = arith.constant 128
// CHECK:         gpu.launch
// CHECK-SAME:      in (%{{.+}} = %[[THREADS]],
// CHECK-SAME:      workgroup(%[[RING:[^ ]+]] : memref<1536xvector<8xbf16>, #gpu.address_space<workgroup>>)
// CHECK:           memref.extract_aligned_pointer_as_index %[[RING]]
// Two blocks are on their way before the first is waited for: a pass copies 32
// rows, so two of lhs and two of weights each.
// CHECK-COUNT-4:   nvvm.cp.async.shared.global %{{.+}}, %{{.+}}, 16, cache = cg :
// CHECK-NOT:       nvvm.cp.async.shared.global
// CHECK:           nvvm.cp.async.commit.group
// CHECK-COUNT-4:   nvvm.cp.async.shared.global
// CHECK-NOT:       nvvm.cp.async.shared.global
// CHECK:           nvvm.cp.async.commit.group
// CHECK:           nvvm.cp.async.wait.group 1
// CHECK-NEXT:      nvvm.barrier
// CHECK-COUNT-4:   nvvm.ldmatrix
// CHECK-NOT:       nvvm.ldmatrix
// CHECK:           scf.for
// CHECK:             scf.if
// CHECK-COUNT-4:       nvvm.cp.async.shared.global
// CHECK:             nvvm.cp.async.commit.group
// CHECK-COUNT-4:     nvvm.ldmatrix
// CHECK-COUNT-8:     nvvm.mma.sync {{.+}}shape<m = 16, n = 8, k = 16>
// CHECK-NOT:         nvvm.mma.sync
// CHECK:             nvvm.cp.async.wait.group 1
// CHECK-NEXT:        nvvm.barrier
// CHECK-COUNT-4:     nvvm.ldmatrix
// CHECK-COUNT-8:     nvvm.mma.sync
// CHECK:             scf.yield
// The last block loads nothing ahead.
// CHECK-COUNT-8:   nvvm.mma.sync
// CHECK-COUNT-4:   nvvm.ldmatrix
// CHECK-COUNT-8:   nvvm.mma.sync
// CHECK-NOT:       nvvm.cp.async
// Gate and up are in one thread; neighbours are stored together.
// CHECK:           scf.if
// CHECK-COUNT-2:     arith.truncf %{{.+}} : f32 to bf16
// CHECK:             arith.mulf
// CHECK:             vector.store %{{.+}} {alignment = 4 : i64} : memref<?x96xbf16>, vector<2xbf16>
func.func @up(%x: memref<?x96xbf16>, %w: memref<4x192x96xbf16>,
              %o: memref<5xi32>, %p: memref<?xi32>, %h: memref<?x96xbf16>) {
  moe.grouped_matmul ins(%x : memref<?x96xbf16>)
      weights(%w : memref<4x192x96xbf16>) offsets(%o : memref<5xi32>)
      gather(%p : memref<?xi32>) slots 2 outs(%h : memref<?x96xbf16>)
      parts weights [0, 0] offsets [0, 96] strides [1, 1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [64, 64, 32]>} {
  ^epilogue(%gate: bf16, %up: bf16):
    %product = arith.mulf %gate, %up : bf16
    moe.yield %product : bf16
  }
  return
}

// -----

// The depth ends inside a block: chunks beyond it are filled with zeros, and no
// address lies past a row. One block needs no loop over copies.
// CHECK-LABEL: func.func @short
// CHECK:         %[[SIZE:.+]] = arith.select %{{.+}}, %c16_i32, %c0_i32
// CHECK:         nvvm.cp.async.shared.global %{{.+}}, %{{.+}}, 16, cache = cg, %[[SIZE]]
// CHECK:         nvvm.cp.async.wait.group 0
// For f16 the operands are pairs.
// CHECK:         llvm.bitcast %{{.+}} : i32 to vector<2xf16>
// CHECK:         nvvm.mma.sync {{.+}} (vector<2xf16>, vector<2xf16>, f32)
// An odd width keeps neighbours apart.
// CHECK-NOT:     vector.store
// CHECK:         memref.store %{{.+}} : memref<?x5xf16>
func.func @short(%x: memref<?x24xf16>, %w: memref<2x5x24xf16>,
                 %o: memref<3xi32>, %h: memref<?x5xf16>) {
  moe.grouped_matmul ins(%x : memref<?x24xf16>)
      weights(%w : memref<2x5x24xf16>)
      offsets(%o : memref<3xi32>) outs(%h : memref<?x5xf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f16):
    moe.yield %a : f16
  }
  return
}

// -----

// With 16 columns a part, one pass of the copy meets several parts and chooses
// the source by the row.
// CHECK-LABEL: func.func @three_matrices
// CHECK-DAG:     %[[U:.+]] = memref.extract_aligned_pointer_as_index %arg1
// CHECK-DAG:     %[[V:.+]] = memref.extract_aligned_pointer_as_index %arg2
// CHECK-DAG:     arith.select %{{.+}}, %{{.+}}, %{{.+}} : i64
// CHECK:         nvvm.cp.async.shared.global
func.func @three_matrices(%x: memref<?x32xbf16>, %u: memref<2x16x32xbf16>,
                          %v: memref<2x20x32xbf16>, %w: memref<2x48x32xbf16>,
                          %o: memref<3xi32>, %h: memref<?x16xf32>) {
  moe.grouped_matmul ins(%x : memref<?x32xbf16>)
      weights(%u, %v, %w
        : memref<2x16x32xbf16>, memref<2x20x32xbf16>, memref<2x48x32xbf16>)
      offsets(%o : memref<3xi32>) outs(%h : memref<?x16xf32>)
      parts weights [0, 1, 2] offsets [0, 4, 2] strides [1, 1, 3]
      attributes {schedule = #moe.schedule<mma_sync, tile = [64, 64, 32]>} {
  ^epilogue(%a: f32, %b: f32, %c: f32):
    %ab = arith.addf %a, %b : f32
    %abc = arith.addf %ab, %c : f32
    moe.yield %abc : f32
  }
  return
}
