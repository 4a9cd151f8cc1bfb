// RUN: moe-opt %s --moe-schedule="target=nvptx" | FileCheck %s

// 32 rows for 4 experts are 8 each; three parts need 64 columns each then.
// CHECK-LABEL: func.func @few_rows
// CHECK:         schedule = #moe.schedule<mma_sync, tile = [16, 192, 64]>
func.func @few_rows(%rows: tensor<32x64xf16>, %w: tensor<4x96x64xf16>,
                    %o: tensor<5xi32>, %init: tensor<32x32xf16>)
    -> tensor<32x32xf16> {
  %h = moe.grouped_matmul ins(%rows : tensor<32x64xf16>)
      weights(%w : tensor<4x96x64xf16>) offsets(%o : tensor<5xi32>)
      outs(%init : tensor<32x32xf16>)
      parts weights [0, 0, 0] offsets [0, 32, 64] strides [1, 1, 1] {
  ^epilogue(%a: f16, %b: f16, %c: f16):
    moe.yield %a : f16
  } -> tensor<32x32xf16>
  return %h : tensor<32x32xf16>
}

// Rows of 30 halves cannot be copied by 16 bytes.
// CHECK-LABEL: func.func @odd_depth
// CHECK:         schedule = #moe.schedule<fma, tile = [32, 64, 16]>
func.func @odd_depth(%rows: tensor<90x30xf16>, %w: tensor<4x32x30xf16>,
                     %o: tensor<5xi32>, %init: tensor<90x32xf16>)
    -> tensor<90x32xf16> {
  %h = moe.grouped_matmul ins(%rows : tensor<90x30xf16>)
      weights(%w : tensor<4x32x30xf16>) offsets(%o : tensor<5xi32>)
      outs(%init : tensor<90x32xf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f16):
    moe.yield %a : f16
  } -> tensor<90x32xf16>
  return %h : tensor<90x32xf16>
}
