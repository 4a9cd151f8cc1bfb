// RUN: moe-opt %s --moe-decompose="report-unfused" --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s
// RUN: moe-opt %s --moe-decompose --cse --eliminate-empty-tensors \
// RUN:   --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   --canonicalize --cse --canonicalize | FileCheck %s --check-prefix=BUFFER

// Two products in f32, whatever the operands are, and one pass over the gates,
// which rounds at its end.
// CHECK-LABEL: func.func @gru
// CHECK-SAME:    %[[X:.+]]: tensor<?x5xbf16>, %[[H:.+]]: tensor<?x3xbf16>, %[[W:.+]]: tensor<9x5xbf16>, %[[U:.+]]: tensor<9x3xbf16>
// CHECK:         linalg.matmul {{.*}} ins(%[[X]], %[[W]] : {{.*}}) outs(%{{.+}} : tensor<?x9xf32>)
// CHECK:         linalg.matmul {{.*}} ins(%[[H]], %[[U]] : {{.*}}) outs(%{{.+}} : tensor<?x9xf32>)
// CHECK-NOT:     linalg.matmul
// CHECK:         linalg.generic
// CHECK-COUNT-2:   arith.divf
// CHECK:           math.tanh
// CHECK-NOT:       arith.divf
// CHECK:           arith.truncf
// CHECK-NOT:     linalg.generic
// CHECK:         return
func.func @gru(%x: tensor<?x5xbf16>, %h: tensor<?x3xbf16>,
               %w: tensor<9x5xbf16>, %u: tensor<9x3xbf16>) -> tensor<?x3xbf16> {
  // expected-remark @below {{no fusion took this moe.router_cell; it runs unfused}}
  %0 = moe.router_cell gru %x, %h
      weights(%w, %u : tensor<9x5xbf16>, tensor<9x3xbf16>)
      : tensor<?x5xbf16>, tensor<?x3xbf16> -> tensor<?x3xbf16>
  return %0 : tensor<?x3xbf16>
}

// Every number on its own: nothing is carried from one to the next.
// CHECK-LABEL: func.func @counter
// CHECK-NOT:     scf.for
// CHECK:         linalg.generic
// CHECK-SAME:      iterator_types = ["parallel", "parallel"]
// CHECK:           arith.xori
// CHECK:           math.log
// CHECK:           math.sin
// CHECK-NOT:     scf.for
// CHECK:         return
func.func @counter(%mean: tensor<?x3xf32>, %deviation: tensor<?x3xf32>,
                   %seed: i64) -> tensor<?x3xf32> {
  // expected-remark @below {{no fusion took this moe.sample; it runs unfused}}
  %z = moe.sample gaussian counter %mean deviation(%deviation : tensor<?x3xf32>)
      seed(%seed) samples 3 : tensor<?x3xf32> -> tensor<?x3xf32>
  return %z : tensor<?x3xf32>
}

// With side post the samples are one row of factors per token.
// CHECK-LABEL: func.func @post
// CHECK:         scf.for
// CHECK:         -> tensor<5x12xf32>
// CHECK:         -> tensor<5x12xi1>
// CHECK:         linalg.generic
// CHECK:         return

// What the slots say is written in place.
// BUFFER-LABEL: func.func @post
// BUFFER:         memref.alloc() {{.*}} : memref<5x12xf32>
// BUFFER:         scf.for
// BUFFER-NOT:     memref.copy
// BUFFER:         return
func.func @post(%x: tensor<5x7xf32>, %u: tensor<15x4xi32>, %c: tensor<15x4xf32>,
                %up: tensor<12x7xf32>, %down: tensor<12x5xf32>)
    -> tensor<5x5xf32> {
  // expected-remark @below {{no fusion took this moe.neurons; it runs unfused}}
  %y = moe.neurons post %x, %u, %c samples 3
      up(%up : tensor<12x7xf32>) down(%down : tensor<12x5xf32>)
      : tensor<5x7xf32>, tensor<15x4xi32>, tensor<15x4xf32> -> tensor<5x5xf32> {
  ^unit(%p: f32):
    %a = math.absf %p : f32
    moe.yield %a : f32
  }
  return %y : tensor<5x5xf32>
}

// With side pre they are not.
// CHECK-LABEL: func.func @pre
// CHECK:         scf.for
// CHECK:         -> tensor<15x12xf32>
// CHECK:         -> tensor<15x12xi1>
// CHECK:         return
func.func @pre(%x: tensor<5x7xf32>, %u: tensor<15x4xi32>, %c: tensor<15x4xf32>,
               %up: tensor<12x7xf32>, %down: tensor<12x5xf32>)
    -> tensor<5x5xf32> {
  // expected-remark @below {{no fusion took this moe.neurons; it runs unfused}}
  %y = moe.neurons pre %x, %u, %c samples 3
      up(%up : tensor<12x7xf32>) down(%down : tensor<12x5xf32>)
      : tensor<5x7xf32>, tensor<15x4xi32>, tensor<15x4xf32> -> tensor<5x5xf32> {
  ^unit(%p: f32):
    %a = math.absf %p : f32
    moe.yield %a : f32
  }
  return %y : tensor<5x5xf32>
}
