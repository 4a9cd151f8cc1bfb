// RUN: moe-opt %s --pass-pipeline='builtin.module(func.func(moe-expand-aggregates))' \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// The sizes of the pads would not be known.
// CHECK-LABEL: func.func @dynamic_tiles
// CHECK:         linalg.pack
func.func @dynamic_tiles(%x: tensor<?x?xf32>, %init: tensor<?x?x?x?xf32>, %a: index, %b: index,
                         %pad: f32) -> tensor<?x?x?x?xf32> {
  // expected-remark @below {{upstream cannot take it apart}}
  %r = linalg.pack %x padding_value(%pad : f32) inner_dims_pos = [0, 1] inner_tiles = [%a, %b]
    into %init : tensor<?x?xf32> -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}

// Operations with loops of their own stay.
// CHECK-LABEL: func.func @exp
// CHECK:         linalg.exp
func.func @exp(%x: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.exp ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
