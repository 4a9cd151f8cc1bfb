// RUN: moe-opt %s --moe-fuse-bins --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// Sums over the experts of a token are known only when all experts have picked.
// CHECK-LABEL: func.func @normalised
// CHECK:         moe.select_into 3 ins(%{{.+}}) outs(%{{.+}} : tensor<4x3xi32>)
// CHECK:         moe.weigh value
func.func @normalised(%s: tensor<?x4xf32>) -> (tensor<4x3xi32>, tensor<4x3xf32>) {
  %t = moe.select #moe.top_k<3> %s by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  // expected-remark @below {{the weights are not just the values of the entries: they are made after the bins}}
  %w = moe.weigh value %s, %t by expert norm hits
      : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %t, %w : tensor<4x3xi32>, tensor<4x3xf32>
}

// -----

// CHECK-LABEL: func.func @later_values
// CHECK:         moe.select_into 3 ins(%{{.+}}) outs(%{{.+}} : tensor<4x3xi32>)
// CHECK:         moe.weigh value
func.func @later_values(%s: tensor<6x4xf32>) -> tensor<4x3xf32> {
  %c0 = arith.constant 0 : index
  %t = moe.select #moe.top_k<3> %s by expert : tensor<6x4xf32> -> tensor<4x3xi32>
  %first = tensor.extract %t[%c0, %c0] : tensor<4x3xi32>
  %f = arith.sitofp %first : i32 to f32
  %v = tensor.insert %f into %s[%c0, %c0] : tensor<6x4xf32>
  // expected-remark @below {{what is weighed is known only after the bins}}
  %w = moe.weigh value %v, %t by expert
      : tensor<6x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
}
