// RUN: moe-opt %s --moe-inline-calls | FileCheck %s

// A private function that calls another one.
// CHECK-LABEL: func.func @main
// CHECK-SAME:    %[[X:.+]]: tensor<4xf32>
// CHECK-NEXT:    %[[Y:.+]] = math.exp %[[X]]
// CHECK-NEXT:    %[[Z:.+]] = arith.addf %[[Y]], %[[Y]]
// CHECK-NEXT:    return %[[Z]]
// CHECK-NOT:   func.func private
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @outer(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func private @outer(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @inner(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %z = arith.addf %y, %y : tensor<4xf32>
  return %z : tensor<4xf32>
}

func.func private @inner(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = math.exp %x : tensor<4xf32>
  return %y : tensor<4xf32>
}
