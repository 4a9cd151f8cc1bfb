// RUN: moe-opt %s --moe-import-tm-tensor | FileCheck %s
// RUN: %python %S/rest.py %t
// RUN: moe-run %s --entry=scatter --backend=reference --input=%t/updates.npy --input=%t/indices.npy --input=%t/original.npy --expect=%t/scattered.npy
// RUN: moe-run %s --entry=scatter --backend=cpu --input=%t/updates.npy --input=%t/indices.npy --input=%t/original.npy --expect=%t/scattered.npy
// RUN: moe-run %s --entry=topk --backend=reference --input=%t/values.npy --expect=%t/top.npy --expect=%t/numbers.npy
// RUN: moe-run %s --entry=topk --backend=cpu --input=%t/values.npy --expect=%t/top.npy --expect=%t/numbers.npy
// RUN: moe-run %s --entry=attention --backend=reference --input=%t/query.npy --input=%t/key.npy --input=%t/value.npy --input=%t/mask.npy --expect=%t/attended.npy
// RUN: moe-run %s --entry=attention --backend=cpu --input=%t/query.npy --input=%t/key.npy --input=%t/value.npy --input=%t/mask.npy --expect=%t/attended.npy

// Updates to one place are combined in their order.
// CHECK-LABEL: func.func @scatter
// CHECK-NOT:     tm_tensor
// CHECK:         scf.for
// CHECK:         scf.for
// CHECK:           tensor.insert
func.func @scatter(%updates: tensor<?x3xf32>, %indices: tensor<?x1xi64>, %original: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %0 = "tm_tensor.scatter"(%updates, %indices, %original) <{dimension_map = array<i64: 0>, operandSegmentSizes = array<i32: 2, 1>, unique_indices = false}> ({
  ^bb0(%update: f32, %old: f32):
    %sum = arith.addf %old, %update : f32
    "tm_tensor.yield"(%sum) : (f32) -> ()
  }) : (tensor<?x3xf32>, tensor<?x1xi64>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// What the outputs hold takes part, and the lower number wins a tie.
// CHECK-LABEL: func.func @topk
// CHECK-NOT:     tm_tensor
// CHECK:         moe.sort
// CHECK:         tensor.extract_slice
func.func @topk(%values: tensor<2x6xf32>) -> (tensor<2x3xf32>, tensor<2x3xi32>) {
  %top = arith.constant dense<2.000000e+00> : tensor<2x3xf32>
  %numbers = arith.constant dense<9> : tensor<2x3xi32>
  %0:2 = "tm_tensor.topk"(%values, %top, %numbers) <{dimension = 1 : i64, operandSegmentSizes = array<i32: 1, 2>}> ({
  ^bb0(%a: f32, %b: f32):
    %more = arith.cmpf ogt, %a, %b : f32
    "tm_tensor.yield"(%more) : (i1) -> ()
  }) : (tensor<2x6xf32>, tensor<2x3xf32>, tensor<2x3xi32>) -> (tensor<2x3xf32>, tensor<2x3xi32>)
  return %0#0, %0#1 : tensor<2x3xf32>, tensor<2x3xi32>
}

// CHECK-LABEL: func.func @attention
// CHECK-NOT:     tm_tensor
// CHECK:         linalg.batch_matmul
// CHECK:         math.exp
// CHECK:         linalg.batch_matmul
func.func @attention(%query: tensor<2x3x4xf32>, %key: tensor<2x5x4xf32>, %value: tensor<2x5x6xf32>, %mask: tensor<2x3x5xf32>) -> tensor<2x3x6xf32> {
  %empty = tensor.empty() : tensor<2x3x6xf32>
  %0 = "tm_tensor.attention"(%query, %key, %value, %mask, %empty) <{operandSegmentSizes = array<i32: 4, 1>}> : (tensor<2x3x4xf32>, tensor<2x5x4xf32>, tensor<2x5x6xf32>, tensor<2x3x5xf32>, tensor<2x3x6xf32>) -> tensor<2x3x6xf32>
  return %0 : tensor<2x3x6xf32>
}
