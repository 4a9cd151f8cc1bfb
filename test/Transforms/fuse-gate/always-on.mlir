// RUN: moe-opt %s --moe-fuse-gate --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// The key is the scores without the columns that are always on.
// CHECK-LABEL: func.func @scores
// CHECK:         %[[G:.+]]:3 = moe.gate ins(%arg0 : tensor<?x6xf32>)
// CHECK-SAME:      outs(%{{.+}}, %{{.+}}, %{{.+}} : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xbf16>)
// CHECK-SAME:      score sigmoid select #moe.top_k<2> on scores weigh value on scores columns 3 always_on 2 norm sum
// CHECK:         return %[[G]]#0, %[[G]]#1, %[[G]]#2
func.func @scores(%l: tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xbf16>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %l, %c0 : tensor<?x6xf32>
  %s = moe.score sigmoid %l : tensor<?x6xf32> -> tensor<?x6xf32>
  %k = tensor.extract_slice %s[0, 0] [%n, 4] [1, 1] : tensor<?x6xf32> to tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  %w, %a = moe.weigh value %s, %e columns 3 always_on 2 norm sum
      : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x2xbf16>
  return %e, %w, %a : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xbf16>
}

// -----

// Without a score: logits are read.
// CHECK-LABEL: func.func @logits
// CHECK:         moe.gate ins(%arg0 : tensor<?x6xf32>)
// CHECK-SAME:      score identity select #moe.top_k<2> on logits weigh softmax_selected on logits always_on 2
func.func @logits(%l: tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %l, %c0 : tensor<?x6xf32>
  %k = tensor.extract_slice %l[0, 0] [%n, 4] [1, 1] : tensor<?x6xf32> to tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  %w, %a = moe.weigh softmax_selected %l, %e always_on 2
      : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x2xf32>
  return %e, %w, %a : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// Other columns than the first.
// CHECK-LABEL: func.func @last
// CHECK-NOT:     moe.gate
func.func @last(%l: tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %l, %c0 : tensor<?x6xf32>
  %s = moe.score sigmoid %l : tensor<?x6xf32> -> tensor<?x6xf32>
  %k = tensor.extract_slice %s[0, 2] [%n, 4] [1, 1] : tensor<?x6xf32> to tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  // expected-remark @below {{the key of moe.select is neither the logits nor their scores}}
  %w, %a = moe.weigh value %s, %e always_on 2
      : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>, tensor<?x2xf32>
  return %e, %w, %a : tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>
}
