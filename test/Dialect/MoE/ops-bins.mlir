// Expert choice, as text and as bytecode.

// RUN: moe-opt %s | moe-opt --emit-bytecode | moe-opt | FileCheck %s
// RUN: moe-opt %s --mlir-print-op-generic | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @whole
func.func @whole(%x: tensor<?x8xf32>, %k: tensor<?x4xf32>, %n: index,
                 %i: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: moe.select #moe.top_k<3> %{{.+}} by expert count(%{{.+}} : index) nan first order by_index : tensor<?x4xf32> -> tensor<4x3xi32>
  %0 = moe.select #moe.top_k<3> %k by expert count(%n : index) nan first order by_index
      : tensor<?x4xf32> -> tensor<4x3xi32>
  // More tokens than experts.
  // CHECK: moe.select #moe.top_k<9> %{{.+}} by expert : tensor<?x4xf32> -> tensor<4x9xi32>
  %1 = moe.select #moe.top_k<9> %k by expert : tensor<?x4xf32> -> tensor<4x9xi32>
  // CHECK: moe.weigh value %{{.+}}, %{{.+}} by expert norm hits :
  %2 = moe.weigh value %k, %1 by expert norm hits
      : tensor<?x4xf32>, tensor<4x9xi32> -> tensor<4x9xf32>
  // CHECK: moe.plan %{{.+}} by expert : tensor<4x9xi32> -> tensor<5xi32>, tensor<36xi32>
  %o, %p = moe.plan %1 by expert : tensor<4x9xi32> -> tensor<5xi32>, tensor<36xi32>
  // CHECK: moe.dispatch %{{.+}}, %{{.+}} tokens(%{{.+}} : tensor<4x9xi32>) :
  %r = moe.dispatch %x, %p tokens(%1 : tensor<4x9xi32>)
      : tensor<?x8xf32>, tensor<36xi32> -> tensor<36x8xf32>
  // CHECK: moe.combine %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} tokens(%{{.+}} : tensor<4x9xi32>) :
  %y = moe.combine %r, %p, %2 into %i tokens(%1 : tensor<4x9xi32>)
      : tensor<36x8xf32>, tensor<36xi32>, tensor<4x9xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @groups
func.func @groups(%k: tensor<?x4xf32>, %s: tensor<7x4xf32>) {
  // CHECK: moe.select #moe.top_k<3> %{{.+}} by expert scope 4 : tensor<?x4xf32> -> tensor<4x?xi32>
  %0 = moe.select #moe.top_k<3> %k by expert scope 4 : tensor<?x4xf32> -> tensor<4x?xi32>
  // CHECK: moe.plan %{{.+}} by expert : tensor<4x?xi32>
  %o, %p = moe.plan %0 by expert : tensor<4x?xi32> -> tensor<5xi32>, tensor<?xi32>
  // CHECK: moe.select #moe.top_k<3> %{{.+}} by expert scope 4 : tensor<7x4xf32> -> tensor<4x6xi32>
  %1 = moe.select #moe.top_k<3> %s by expert scope 4 : tensor<7x4xf32> -> tensor<4x6xi32>
  return
}

// Both forms. What is the default may be said; it is not printed.
// CHECK-LABEL: func.func @defaults
func.func @defaults(%key: tensor<?x4xf32>) {
  // CHECK: moe.select #moe.top_k<2> %{{[^ ]+}} : tensor
  // CHECK: moe.select #moe.top_k<3> %{{[^ ]+}} by expert : tensor
  // CHECK: moe.select #moe.top_k<2> %{{[^ ]+}} : tensor
  %e = moe.select #moe.top_k<2> %key : tensor<?x4xf32> -> tensor<?x2xi32>
  %t = moe.select #moe.top_k<3> %key by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  %f = moe.select #moe.top_k<2> %key by token : tensor<?x4xf32> -> tensor<?x2xi32>
  return
}

// CHECK-LABEL: func.func @select_into
func.func @select_into(%k: tensor<?x4xf32>, %n: index, %t0: tensor<4x?xi32>,
                       %w0: tensor<4x?xbf16>) {
  // CHECK: moe.select_into 3 scope 8 ins(%{{.+}} : tensor<?x4xf32>) count(%{{.+}} : index) weigh(%{{.+}} : tensor<?x4xf32>) nan first order by_index outs(%{{.+}}, %{{.+}} : tensor<4x?xi32>, tensor<4x?xbf16>) -> tensor<4x?xi32>, tensor<4x?xbf16>
  %0:2 = moe.select_into 3 scope 8 ins(%k : tensor<?x4xf32>) count(%n : index)
      weigh(%k : tensor<?x4xf32>) nan first order by_index
      outs(%t0, %w0 : tensor<4x?xi32>, tensor<4x?xbf16>)
      -> tensor<4x?xi32>, tensor<4x?xbf16>
  return
}

// CHECK-LABEL: func.func @select_into_buffers
func.func @select_into_buffers(%k: memref<?x4xf32>, %t: memref<4x3xi32>) {
  // CHECK: moe.select_into 3 ins(%{{.+}} : memref<?x4xf32>) outs(%{{.+}} : memref<4x3xi32>)
  moe.select_into 3 ins(%k : memref<?x4xf32>) outs(%t : memref<4x3xi32>)
  return
}

// CHECK-LABEL: func.func @sum_of_entries
func.func @sum_of_entries(%r: tensor<?x8xf32>, %q: tensor<4x?xi32>,
    %w: tensor<4x?xf32>, %o: tensor<?xi32>, %n: tensor<?xi32>,
    %y0: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: moe.gather_sum ins({{.+}}) tokens(%{{.+}}, %{{.+}} : tensor<?xi32>, tensor<?xi32>) outs(
  %y = moe.gather_sum ins(%r, %q, %w : tensor<?x8xf32>, tensor<4x?xi32>, tensor<4x?xf32>)
      tokens(%o, %n : tensor<?xi32>, tensor<?xi32>) outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @choice
func.func @choice(%k: tensor<?x4xf32>, %s: tensor<?x4xf32>, %t0: tensor<4x3xi32>,
                  %w0: tensor<4x3xf32>) {
  // CHECK: moe.select_into 3 ins(%{{.+}} : tensor<?x4xf32>) weigh(%{{.+}} : tensor<?x4xf32>) outs(%{{.+}}, %{{.+}} :
  %t, %w = moe.select_into 3 ins(%k : tensor<?x4xf32>) weigh(%s : tensor<?x4xf32>)
      outs(%t0, %w0 : tensor<4x3xi32>, tensor<4x3xf32>)
      -> tensor<4x3xi32>, tensor<4x3xf32>
  return
}
