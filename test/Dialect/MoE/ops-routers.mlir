// Every clause of the routing ops, as text and as bytecode.

// RUN: moe-opt %s | moe-opt --emit-bytecode | moe-opt | FileCheck %s
// RUN: moe-opt %s --mlir-print-op-generic | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @select
func.func @select(%k: tensor<?x8xf32>, %n: index, %t: f32, %e: tensor<8xbf16>,
                  %v: tensor<?x2xi64>, %i: tensor<?xindex>) {
  // CHECK: moe.select #moe.top_k<2> %{{.+}} count(%{{.+}} : index) groups <n = 4, keep = 2> :
  %0 = moe.select #moe.top_k<2> %k count(%n : index) groups <n = 4, keep = 2, top = 1, fill = minus_infinity>
      : tensor<?x8xf32> -> tensor<?x2xi32>
  // CHECK: moe.select #moe.gap<2, norm = top2> %{{.+}} params(%{{.+}} : f32) groups <n = 2, keep = 1, top = 2, fill = zero> nan last order by_index :
  %1 = moe.select #moe.gap<2, norm = top2> %k params(%t : f32)
      groups <n = 2, keep = 1, top = 2, fill = zero> nan last order by_index
      : tensor<?x8xf32> -> tensor<?x2xi32>
  // CHECK: moe.select #moe.gap<3> %
  %2 = moe.select #moe.gap<3> %k params(%t : f32) : tensor<?x8xf32> -> tensor<?x3xi32>
  // CHECK: moe.select #moe.cumulative %
  %3 = moe.select #moe.cumulative %k params(%t : f32) : tensor<?x8xf32> -> tensor<?x8xi32>
  // CHECK: moe.select #moe.cumulative<max = 2, strict = true> %
  %4 = moe.select #moe.cumulative<max = 2, strict = true> %k params(%t : f32)
      : tensor<?x8xf32> -> tensor<?x2xi32>
  // CHECK: moe.select #moe.positive %
  %5 = moe.select #moe.positive %k : tensor<?x8xf32> -> tensor<?x8xi32>
  // CHECK: moe.select #moe.positive<max = 3> %
  %6 = moe.select #moe.positive<max = 3> %k : tensor<?x8xf32> -> tensor<?x3xi32>
  // CHECK: moe.select #moe.above<min_active = 1> %{{.+}} params(%{{.+}} : tensor<8xbf16>) :
  %7 = moe.select #moe.above<min_active = 1> %k params(%e : tensor<8xbf16>)
      : tensor<?x8xf32> -> tensor<?x8xi32>
  // CHECK: moe.select #moe.table<2> %{{.+}} params(%{{.+}} : tensor<?x2xi64>) token_params(%{{.+}} : tensor<?xindex>) :
  %8 = moe.select #moe.table<2> %k params(%v : tensor<?x2xi64>) token_params(%i : tensor<?xindex>)
      : tensor<?x8xf32> -> tensor<?x2xi32>
  return
}

// CHECK-LABEL: func.func @rest
func.func @rest(%x: tensor<6x4xf32>, %r: tensor<8x4xf32>, %v: tensor<8xf32>,
                %f: bf16, %n: i64, %t: f32, %e: tensor<6x2xi32>, %w: tensor<6x2xf32>,
                %l: tensor<6x8xf32>) {
  // CHECK: moe.score softmax %{{.+}} axis tokens :
  %0 = moe.score softmax %l axis tokens : tensor<6x8xf32> -> tensor<6x8xf32>
  // CHECK: moe.weigh value %{{.+}}, %{{.+}} per_expert(%{{.+}} : tensor<8xf32>) factor(%{{.+}} : bf16) norm sum {clamp = 1.000000e-01 : f64} :
  %1 = moe.weigh value %l, %e per_expert(%v : tensor<8xf32>) factor(%f : bf16) norm sum {clamp = 0.1}
      : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  // CHECK: moe.weigh one %{{.+}}, %{{.+}} norm hits :
  %2 = moe.weigh one %l, %e norm hits : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  // CHECK: moe.weigh band_softmax %{{.+}}, %{{.+}} norm lp {band = 1.000000e-02 : f64, p = 2.000000e+00 : f64} :
  %3 = moe.weigh band_softmax %l, %e norm lp {band = 0.01, p = 2.0}
      : tensor<6x8xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  // CHECK: moe.gate ins(%{{.+}}, %{{.+}} : tensor<6x4xf32>, tensor<8x4xf32>) bias(%{{.+}} : tensor<8xf32>) key_bias(%{{.+}} : tensor<8xf32>) count(%{{.+}} : i64) params(%{{.+}} : f32) per_expert(%{{.+}} : tensor<8xf32>) factor(%{{.+}} : bf16) outs
  // CHECK-SAME: select #moe.gap<2> on scores groups <n = 2, keep = 1> nan last order by_index weigh value on scores norm lp {p = 3.000000e+00 : f64}
  %4:2 = moe.gate ins(%x, %r : tensor<6x4xf32>, tensor<8x4xf32>)
      bias(%v : tensor<8xf32>) key_bias(%v : tensor<8xf32>) count(%n : i64)
      params(%t : f32) per_expert(%v : tensor<8xf32>) factor(%f : bf16)
      outs(%e, %w : tensor<6x2xi32>, tensor<6x2xf32>)
      score softmax select #moe.gap<2> on scores groups <n = 2, keep = 1>
      nan last order by_index weigh value on scores norm lp {p = 3.0}
      -> tensor<6x2xi32>, tensor<6x2xf32>
  return
}
