// RUN: moe-opt %s --moe-schedule="target=cpu lanes=16" | FileCheck %s

// Four vectors of columns in all, for six rows.
// CHECK-LABEL: func.func @in_out
// CHECK:         schedule = #moe.schedule<dot, tile = [6, 32, 16]>
func.func @in_out(%rows: tensor<32x64xf16>, %w: tensor<4x64x96xf16>,
                  %o: tensor<5xi32>, %init: tensor<32x32xf16>)
    -> tensor<32x32xf16> {
  %h = moe.grouped_matmul ins(%rows : tensor<32x64xf16>)
      weights(%w : tensor<4x64x96xf16>) layouts [in_out] offsets(%o : tensor<5xi32>)
      outs(%init : tensor<32x32xf16>)
      parts weights [0, 0] offsets [0, 32] strides [1, 1] {
  ^epilogue(%a: f16, %b: f16):
    moe.yield %a : f16
  } -> tensor<32x32xf16>
  return %h : tensor<32x32xf16>
}

// Both layouts meet in a panel.
// CHECK-LABEL: func.func @mixed
// CHECK:         schedule = #moe.schedule<fma, tile = [6, 32, 16]>
func.func @mixed(%rows: tensor<32x64xf16>, %w: tensor<4x64x32xf16>, %v: tensor<4x32x64xf16>,
                 %o: tensor<5xi32>, %init: tensor<32x32xf16>)
    -> tensor<32x32xf16> {
  %h = moe.grouped_matmul ins(%rows : tensor<32x64xf16>)
      weights(%w, %v : tensor<4x64x32xf16>, tensor<4x32x64xf16>) layouts [in_out, out_in]
      offsets(%o : tensor<5xi32>) outs(%init : tensor<32x32xf16>)
      parts weights [0, 1] offsets [0, 0] strides [1, 1] {
  ^epilogue(%a: f16, %b: f16):
    moe.yield %a : f16
  } -> tensor<32x32xf16>
  return %h : tensor<32x32xf16>
}
