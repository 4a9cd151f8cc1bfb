// Rows of a dispatch times their weights; columns.py has the cases.
// RUN: %python %S/columns.py --only dispatch %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/columns.py --only dispatch %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

func.func @slots_f32(%x: tensor<?x8xf32>, %p: tensor<?xi32>, %w: tensor<?x2xf32>) -> tensor<?x8xf32> {
  %r = moe.dispatch %x, %p slots 2 weights(%w : tensor<?x2xf32>)
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

func.func @slots_bf16(%x: tensor<?x8xbf16>, %p: tensor<?xi32>, %w: tensor<?x2xf32>) -> tensor<?x8xbf16> {
  %r = moe.dispatch %x, %p slots 2 weights(%w : tensor<?x2xf32>)
      : tensor<?x8xbf16>, tensor<?xi32> -> tensor<?x8xbf16>
  return %r : tensor<?x8xbf16>
}

func.func @slots_f16(%x: tensor<?x8xf16>, %p: tensor<?xi32>, %w: tensor<?x2xf32>) -> tensor<?x8xf16> {
  %r = moe.dispatch %x, %p slots 2 weights(%w : tensor<?x2xf32>)
      : tensor<?x8xf16>, tensor<?xi32> -> tensor<?x8xf16>
  return %r : tensor<?x8xf16>
}

func.func @bins(%x: tensor<?x8xf32>, %p: tensor<6xi32>, %t: tensor<2x3xi32>,
    %w: tensor<2x3xf32>) -> tensor<6x8xf32> {
  %r = moe.dispatch %x, %p tokens(%t : tensor<2x3xi32>) weights(%w : tensor<2x3xf32>)
      : tensor<?x8xf32>, tensor<6xi32> -> tensor<6x8xf32>
  return %r : tensor<6x8xf32>
}
