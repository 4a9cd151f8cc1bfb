// RUN: moe-opt %s --cse --one-shot-bufferize="bufferize-function-boundaries" | FileCheck %s

// With tiles of one token `kept` and `lists` have one type, as `hidden` and
// `factors` have: their tensors become one, their buffers must not.
// CHECK-LABEL: func.func @layer
// CHECK-DAG:     %[[H:.+]] = memref.alloc(%{{.+}}) {{.*}}: memref<?x16xf32>
// CHECK-DAG:     %[[F:.+]] = memref.alloc(%{{.+}}) {{.*}}: memref<?x16xf32>
// CHECK-DAG:     %[[K:.+]] = memref.alloc(%{{.+}}) {{.*}}: memref<?x16xi32>
// CHECK-DAG:     %[[L:.+]] = memref.alloc(%{{.+}}) {{.*}}: memref<?x16xi32>
// CHECK:         moe.masked_ffn post
// CHECK-SAME:      outs(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} :
// CHECK-NOT:     memref.alloc
func.func @layer(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>,
                 %t: index, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>)
    -> tensor<?x8xf32> {
  %y0 = tensor.empty(%t) : tensor<?x8xf32>
  %h0 = tensor.empty(%t) : tensor<?x16xf32>
  %f0 = tensor.empty(%t) : tensor<?x16xf32>
  %k0 = tensor.empty(%t) : tensor<?x16xi32>
  %l0 = tensor.empty(%t) : tensor<?x16xi32>
  %n0 = tensor.empty(%t) : tensor<?x1xi32>
  %y:6 = moe.masked_ffn post
      ins(%x, %u, %c : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32>)
      samples 2 up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>) tile 1
      outs(%y0, %h0, %f0, %k0, %l0, %n0 : tensor<?x8xf32>, tensor<?x16xf32>,
           tensor<?x16xf32>, tensor<?x16xi32>, tensor<?x16xi32>, tensor<?x1xi32>) {
  ^unit(%p: f32):
    moe.yield %p : f32
  } -> tensor<?x8xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xi32>,
       tensor<?x16xi32>, tensor<?x1xi32>
  return %y#0 : tensor<?x8xf32>
}
