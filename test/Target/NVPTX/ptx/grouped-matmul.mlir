// RUN: moe-opt %s --moe-to-nvptx="chip=sm_80" -o %t
// RUN: FileCheck %s --input-file=%t
// RUN: moe-opt %s --moe-to-nvptx="chip=sm_90a" | FileCheck %s

// The whole way from tensors: one kernel per grouped matmul, tensor cores and
// asynchronous copies for bf16, shared memory in 16-byte reads for f32.

// CHECK:      .entry up_grouped_matmul
// CHECK-SAME: shfl.sync.up
// CHECK-SAME: vote.sync.ballot
// CHECK-SAME: cp.async.cg.shared.global
// CHECK-SAME: cp.async.commit_group
// CHECK-SAME: cp.async.wait_group
// CHECK-SAME: bar.sync
// CHECK-SAME: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-SAME: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
func.func @up(%x: tensor<?x256xbf16>, %w: tensor<8x256x256xbf16>,
              %o: tensor<9xi32>, %p: tensor<?xi32>, %h: tensor<?x128xbf16>)
    -> tensor<?x128xbf16> {
  %r = moe.grouped_matmul ins(%x : tensor<?x256xbf16>)
      weights(%w : tensor<8x256x256xbf16>) offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h : tensor<?x128xbf16>)
      parts weights [0, 0] offsets [0, 128] strides [1, 1] {
  ^epilogue(%gate: bf16, %up: bf16):
    %product = arith.mulf %gate, %up : bf16
    moe.yield %product : bf16
  } -> tensor<?x128xbf16>
  return %r : tensor<?x128xbf16>
}
