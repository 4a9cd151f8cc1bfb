// Reduces a module to what still shows a symptom: here, a moe.select.

// RUN: printf '#!/bin/sh\n! grep -q moe.select "$1"\n' > %t.sh && chmod +x %t.sh
// RUN: not %t.sh %s
// RUN: moe-reduce %s --reduction-tree='traversal-mode=0 test=%t.sh' | FileCheck %s
// CHECK:     moe.select
// CHECK-NOT: func.func @other
func.func @main(%key: tensor<?x4xf32>) -> tensor<?x2xi32> {
  %ids = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  return %ids : tensor<?x2xi32>
}
func.func @other(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
