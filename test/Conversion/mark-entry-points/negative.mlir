// RUN: moe-opt %s --moe-mark-entry-points | FileCheck %s

// Private functions and declarations are nobody's entry.
// CHECK:     func.func private @helper(%{{.+}}: tensor<4xf32>) -> tensor<4xf32> {
// CHECK:     func.func private @elsewhere(tensor<4xf32>){{$}}
func.func private @helper(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
func.func private @elsewhere(tensor<4xf32>)

// What says that it may be written is believed.
// CHECK:     func.func @destination(%{{.+}}: tensor<4xf32> {bufferization.writable = true})
func.func @destination(%x: tensor<4xf32> {bufferization.writable = true}) {
  return
}
