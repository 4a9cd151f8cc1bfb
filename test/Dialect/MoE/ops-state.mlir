// Every form of the ops for router state, samples and units, as text and as
// bytecode.

// RUN: moe-opt %s | moe-opt --emit-bytecode | moe-opt | FileCheck %s
// RUN: moe-opt %s --mlir-print-op-generic | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @router_cell
func.func @router_cell(%x: tensor<?x4xf32>, %h: tensor<?x2xf32>,
                       %w: tensor<6x4xf32>, %u: tensor<6x2xf32>,
                       %b: tensor<6xf32>, %c: tensor<6xf32>)
    -> tensor<?x2xf32> {
  // CHECK: moe.router_cell gru %{{.+}}, %{{.+}} weights(%{{.+}}, %{{.+}} : tensor<6x4xf32>, tensor<6x2xf32>) biases(%{{.+}}, %{{.+}} : tensor<6xf32>, tensor<6xf32>) : tensor<?x4xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  %h1 = moe.router_cell gru %x, %h
      weights(%w, %u : tensor<6x4xf32>, tensor<6x2xf32>)
      biases(%b, %c : tensor<6xf32>, tensor<6xf32>)
      : tensor<?x4xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return %h1 : tensor<?x2xf32>
}

// CHECK-LABEL: func.func @other_cells
func.func @other_cells(%x: tensor<5x3xbf16>, %h: tensor<5x2xf32>,
                       %w2: tensor<2x3xf16>, %u2: tensor<2x2xf32>,
                       %w8: tensor<8x3xbf16>, %u8: tensor<8x2xbf16>,
                       %v: tensor<2xf32>) {
  // CHECK: moe.router_cell rnn %{{.+}}, %{{.+}} weights(%{{.+}}, %{{.+}} : tensor<2x3xf16>, tensor<2x2xf32>) : tensor<5x3xbf16>, tensor<5x2xf32> -> tensor<5x2xf32>
  %0 = moe.router_cell rnn %x, %h
      weights(%w2, %u2 : tensor<2x3xf16>, tensor<2x2xf32>)
      : tensor<5x3xbf16>, tensor<5x2xf32> -> tensor<5x2xf32>
  // CHECK: %{{.+}}, %{{.+}} = moe.router_cell lstm %{{.+}}, %{{.+}} cell(%{{.+}} : tensor<5x2xf32>) weights(%{{.+}}) : tensor<5x3xbf16>, tensor<5x2xf32> -> tensor<5x2xf32>, tensor<5x2xf32>
  %1, %2 = moe.router_cell lstm %x, %h cell(%h : tensor<5x2xf32>)
      weights(%w8, %u8 : tensor<8x3xbf16>, tensor<8x2xbf16>)
      : tensor<5x3xbf16>, tensor<5x2xf32> -> tensor<5x2xf32>, tensor<5x2xf32>
  // CHECK: moe.router_cell ema %{{.+}}, %{{.+}} weights(%{{.+}} : tensor<2xf32>) :
  %3 = moe.router_cell ema %h, %h weights(%v : tensor<2xf32>)
      : tensor<5x2xf32>, tensor<5x2xf32> -> tensor<5x2xf32>
  // CHECK: moe.router_cell linear %{{.+}}, %{{.+}} weights(%{{.+}} : tensor<2x2xf32>) :
  %4 = moe.router_cell linear %h, %h weights(%u2 : tensor<2x2xf32>)
      : tensor<5x2xf32>, tensor<5x2xf32> -> tensor<5x2xf32>
  // CHECK: moe.router_cell rnn %{{.+}}, %{{.+}} recurrent(%{{.+}} : tensor<5x2xf32>) weights(%{{.+}} : tensor<2x3xf16>) :
  %5 = moe.router_cell rnn %x, %h recurrent(%h : tensor<5x2xf32>) weights(%w2 : tensor<2x3xf16>)
      : tensor<5x3xbf16>, tensor<5x2xf32> -> tensor<5x2xf32>
  // CHECK: moe.router_cell linear %{{.+}}, %{{.+}} recurrent(%{{.+}} : tensor<5x2xf32>) :
  %6 = moe.router_cell linear %h, %h recurrent(%h : tensor<5x2xf32>)
      : tensor<5x2xf32>, tensor<5x2xf32> -> tensor<5x2xf32>
  return
}

// CHECK-LABEL: func.func @sample
func.func @sample(%mean: tensor<?x4xf32>, %sigma: tensor<?x4xf32>, %eps: tensor<?x4xf32>,
                  %seed: i64, %at: i64) {
  // CHECK: moe.sample gaussian counter %{{.+}} deviation(%{{.+}} : tensor<?x4xf32>) seed(%{{.+}}) samples 2 : tensor<?x4xf32> -> tensor<?x4xf32>
  %z = moe.sample gaussian counter %mean deviation(%sigma : tensor<?x4xf32>)
      seed(%seed) samples 2 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: moe.sample gaussian counter %{{.+}} deviation(%{{.+}}) seed(%{{.+}}) position(%{{.+}}) samples 2 stream 7 :
  %0 = moe.sample gaussian counter %mean deviation(%sigma : tensor<?x4xf32>)
      seed(%seed) position(%at) samples 2 stream 7 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: moe.sample gaussian given %{{.+}} deviation(%{{.+}} : tensor<?x4xf32>) noise(%{{.+}} : tensor<?x4xf32>) samples 3 :
  %1 = moe.sample gaussian given %mean deviation(%sigma : tensor<?x4xf32>)
      noise(%eps : tensor<?x4xf32>) samples 3 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: moe.sample gaussian mean %{{.+}} samples 1 : tensor<?x4xf32> -> tensor<?x4xbf16>
  %2 = moe.sample gaussian mean %mean samples 1 : tensor<?x4xf32> -> tensor<?x4xbf16>
  return
}

// CHECK-LABEL: func.func @neurons
func.func @neurons(%x: tensor<?x8xf32>, %units: tensor<?x4xi32>,
                   %coefficients: tensor<?x4xf32>, %w1: tensor<16x8xf32>,
                   %w2: tensor<16x8xf32>, %b1: tensor<16xf32>,
                   %b2: tensor<8xbf16>, %s: tensor<?x2xf32>) -> tensor<?x8xf32> {
  // CHECK: moe.neurons post %{{.+}}, %{{.+}}, %{{.+}} samples 2 up(%{{.+}} : tensor<16x8xf32>) down(%{{.+}} : tensor<16x8xf32>) : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  // CHECK-NEXT: ^bb0(%{{.+}}: f32):
  %y = moe.neurons post %x, %units, %coefficients samples 2
      up(%w1 : tensor<16x8xf32>) down(%w2 : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  // CHECK: moe.neurons pre %{{.+}}, %{{.+}}, %{{.+}} samples 2 up(%{{.+}}, %{{.+}} : tensor<16x8xf32>, tensor<16xf32>) down(%{{.+}}, %{{.+}} : tensor<16x8xf32>, tensor<8xbf16>) sample_weights(%{{.+}} : tensor<?x2xf32>) :
  %z = moe.neurons pre %y, %units, %coefficients samples 2
      up(%w1, %b1 : tensor<16x8xf32>, tensor<16xf32>)
      down(%w2, %b2 : tensor<16x8xf32>, tensor<8xbf16>)
      sample_weights(%s : tensor<?x2xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: bf16):
    %a = math.tanh %p : bf16
    moe.yield %a : bf16
  }
  return %z : tensor<?x8xf32>
}
