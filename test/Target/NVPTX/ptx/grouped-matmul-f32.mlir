// RUN: moe-opt %s --moe-to-nvptx="chip=sm_80" | FileCheck %s

// The fma kernel reads shared memory four elements at a time.
// CHECK:      .entry down_grouped_matmul
// CHECK-SAME: st.shared.b32
// CHECK-SAME: bar.sync
// CHECK-SAME: ld.shared.v4.b32
// CHECK-SAME: fma.rn.f32
// CHECK-SAME: bar.sync
func.func @down(%x: tensor<?x100xf32>, %w: tensor<8x72x100xf32>,
                %o: tensor<9xi32>, %h: tensor<?x72xf32>) -> tensor<?x72xf32> {
  %r = moe.grouped_matmul ins(%x : tensor<?x100xf32>)
      weights(%w : tensor<8x72x100xf32>) offsets(%o : tensor<9xi32>)
      outs(%h : tensor<?x72xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x72xf32>
  return %r : tensor<?x72xf32>
}
