// RUN: moe-opt %s --moe-fuse-combine --split-input-file | FileCheck %s

// Where any order will do, the matmul adds its rows to the tokens.
// CHECK-LABEL: func.func @scatter
// CHECK-SAME:    %{{.+}}: tensor<?x8xf32>, %{{.+}}: tensor<4x16x8xf32>, %{{.+}}: tensor<?x2xi32>, %[[W:[^:]+]]: tensor<?x2xf32>, %[[I:[^:]+]]: tensor<?x16xf32>,
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into
// CHECK:         %[[Y:.+]] = moe.grouped_matmul
// CHECK-SAME:      scatter(%[[PLAN]]#1, %[[W]] : tensor<?xi32>, tensor<?x2xf32>) outs(%[[I]] : tensor<?x16xf32>) parts
// CHECK-NOT:     moe.combine
// CHECK:         return %[[Y]]
func.func @scatter(%x: tensor<?x8xf32>, %w: tensor<4x16x8xf32>, %e: tensor<?x2xi32>,
    %weights: tensor<?x2xf32>, %init: tensor<?x16xf32>, %o0: tensor<5xi32>,
    %p0: tensor<?xi32>, %q0: tensor<?x2xi32>, %h0: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>) weights(%w : tensor<4x16x8xf32>)
      offsets(%o : tensor<5xi32>) outs(%h0 : tensor<?x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  } -> tensor<?x16xf32>
  %y = moe.combine %h, %p, %weights into %init order atomic
      : tensor<?x16xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

// Narrow floats are added in f32, on zeros of that type, and rounded at the end.
// CHECK-LABEL: func.func @narrow
// CHECK:         %[[E:.+]] = tensor.empty(%{{.+}}) : tensor<?x16xf32>
// CHECK:         %[[Z:.+]] = linalg.fill {{.+}} outs(%[[E]] : tensor<?x16xf32>)
// CHECK:         %[[S:.+]] = moe.grouped_matmul
// CHECK-SAME:      gather({{.+}} slots 2 scatter({{.+}}) outs(%[[Z]] : tensor<?x16xf32>)
// CHECK:         ^bb0(%[[A:.+]]: bf16):
// CHECK-NEXT:      %[[W:.+]] = arith.extf %[[A]] : bf16 to f32
// CHECK-NEXT:      moe.yield %[[W]]
// CHECK:         %[[Y:.+]] = arith.truncf %[[S]] : tensor<?x16xf32> to tensor<?x16xbf16>
// CHECK:         return %[[Y]]
func.func @narrow(%x: tensor<?x8xbf16>, %w: tensor<4x16x8xbf16>, %e: tensor<?x2xi32>,
    %weights: tensor<?x2xf32>, %o0: tensor<5xi32>, %p0: tensor<?xi32>,
    %q0: tensor<?x2xi32>, %h0: tensor<?x16xbf16>, %y0: tensor<?x16xbf16>) -> tensor<?x16xbf16> {
  %zero = arith.constant 0.0 : bf16
  %o, %p, %q = moe.plan_into ins(%e : tensor<?x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>)
      -> tensor<5xi32>, tensor<?xi32>, tensor<?x2xi32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xbf16>) weights(%w : tensor<4x16x8xbf16>)
      offsets(%o : tensor<5xi32>) gather(%p : tensor<?xi32>) slots 2
      outs(%h0 : tensor<?x16xbf16>) parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: bf16):
    moe.yield %a : bf16
  } -> tensor<?x16xbf16>
  %init = linalg.fill ins(%zero : bf16) outs(%y0 : tensor<?x16xbf16>) -> tensor<?x16xbf16>
  %y = moe.combine %h, %p, %weights into %init order atomic
      : tensor<?x16xbf16>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x16xbf16>
  return %y : tensor<?x16xbf16>
}
