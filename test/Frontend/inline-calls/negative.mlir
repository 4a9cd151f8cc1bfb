// RUN: moe-opt %s --moe-inline-calls --split-input-file | FileCheck %s

// Recursion, functions of several blocks, functions of others and functions that
// others may call stay.
// CHECK-LABEL: func.func @recursion
// CHECK:         call @again
// CHECK:       func.func private @again
func.func @recursion(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @again(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

func.func private @again(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @again(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// CHECK-LABEL: func.func @blocks
// CHECK:         call @branches
func.func @blocks(%c: i1, %x: f32) -> f32 {
  %y = call @branches(%c, %x) : (i1, f32) -> f32
  return %y : f32
}

func.func private @branches(%c: i1, %x: f32) -> f32 {
  cf.cond_br %c, ^yes, ^no(%x : f32)
^yes:
  %y = math.exp %x : f32
  cf.br ^no(%y : f32)
^no(%z: f32):
  return %z : f32
}

// -----

// CHECK-LABEL: func.func @public
// CHECK:         call @elsewhere
// CHECK:         call @shared
// CHECK:       func.func @shared
func.func @public(%x: f32) -> f32 {
  %y = call @elsewhere(%x) : (f32) -> f32
  %z = call @shared(%y) : (f32) -> f32
  return %z : f32
}

func.func private @elsewhere(f32) -> f32

func.func @shared(%x: f32) -> f32 {
  return %x : f32
}
