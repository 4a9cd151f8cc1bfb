// Addresses beyond 2^32 bytes are computed in 64 bits: of weights (8.6 GB), of a
// view that starts at byte 6710886400, and of elements of a whole tensor (10 GB).
// RUN: moe-opt %s --moe-to-nvptx=chip=sm_90a --remarks-filter-missed=none -o %t.mlir
// RUN: moe-translate --mlir-to-ptx %t.mlir -o %t.ptx
// RUN: FileCheck %s --input-file=%t.ptx --check-prefix=WEIGHTS
// RUN: FileCheck %s --input-file=%t.ptx --check-prefix=VIEW
// RUN: FileCheck %s --input-file=%t.ptx --check-prefix=ELEMENTS

// (expert * 4096 columns + column) * 8192 bytes.
// WEIGHTS-LABEL: .entry weights_grouped_matmul
// WEIGHTS:         mul.wide.u32 [[EXPERT:%rd[0-9]+]], {{%r[0-9]+}}, 4096;
// WEIGHTS:         or.b64 [[COLUMN:%rd[0-9]+]], [[EXPERT]],
// WEIGHTS-NEXT:    shl.b64 [[BYTE:%rd[0-9]+]], [[COLUMN]], 13;
// WEIGHTS:         add.s64 [[SOURCE:%rd[0-9]+]], {{%rd[0-9]+}}, [[BYTE]];
// WEIGHTS:         cp.async.cg.shared.global [{{%rd[0-9]+}}], {{\[}}[[SOURCE]]], 16;
func.func @weights(%x: tensor<?x4096xbf16>, %w: tensor<256x4096x4096xbf16>,
    %o: tensor<257xi32>, %p: tensor<?xi32>) -> tensor<?x4096xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x4096xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x4096xbf16>)
      weights(%w : tensor<256x4096x4096xbf16>) offsets(%o : tensor<257xi32>)
      gather(%p : tensor<?xi32>) slots 8 outs(%h0 : tensor<?x4096xbf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    %r = arith.truncf %a : f32 to bf16
    moe.yield %r : bf16
  } -> tensor<?x4096xbf16>
  return %h : tensor<?x4096xbf16>
}

// VIEW-LABEL: .entry view_add
// VIEW:         add.s64 [[ADDRESS:%rd[0-9]+]], {{%rd[0-9]+}}, 6710886400;
// VIEW:         ld.global.b16 {{%rs[0-9]+}}, {{\[}}[[ADDRESS]]];
func.func @view(%w: tensor<256x4096x4096xbf16>) -> tensor<4096x4096xbf16> {
  %s = tensor.extract_slice %w[200, 0, 0] [1, 4096, 4096] [1, 1, 1]
      : tensor<256x4096x4096xbf16> to tensor<4096x4096xbf16>
  %e = tensor.empty() : tensor<4096x4096xbf16>
  %y = linalg.add ins(%s, %s : tensor<4096x4096xbf16>, tensor<4096x4096xbf16>)
      outs(%e : tensor<4096x4096xbf16>) -> tensor<4096x4096xbf16>
  return %y : tensor<4096x4096xbf16>
}

// 128 threads of 2 bytes each per block.
// ELEMENTS-LABEL: .entry elements_exp
// ELEMENTS:         mul.wide.u32 [[BLOCK:%rd[0-9]+]], {{%r[0-9]+}}, 256;
// ELEMENTS:         or.b64 [[BYTE:%rd[0-9]+]], [[BLOCK]],
// ELEMENTS:         add.s64 [[FROM:%rd[0-9]+]], {{%rd[0-9]+}}, [[BYTE]];
// ELEMENTS:         ld.global.b16 {{%rs[0-9]+}}, {{\[}}[[FROM]]];
func.func @elements(%w: tensor<300x4096x4096xbf16>, %v: tensor<300x4096x4096xbf16>)
    -> tensor<300x4096x4096xbf16> {
  %y = linalg.exp ins(%v : tensor<300x4096x4096xbf16>)
      outs(%w : tensor<300x4096x4096xbf16>) -> tensor<300x4096x4096xbf16>
  return %y : tensor<300x4096x4096xbf16>
}
