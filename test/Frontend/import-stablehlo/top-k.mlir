// RUN: moe-opt %s --moe-import --moe-raise-sort-top-k --split-input-file | FileCheck %s
// RUN: mlir-opt %s --split-input-file --load-dialect-plugin=%moe_plugin --load-pass-plugin=%moe_plugin \
// RUN:   --allow-unregistered-dialect --pass-pipeline='builtin.module(moe-import-stablehlo,func.func(moe-raise-sort-top-k))' | FileCheck %s

// By our tool, and by one that does not know the dialects at all.

// Bare and as the composite that exports for accelerators have: a top-k that is
// recognised. The decomposition is not looked at.
// CHECK-LABEL: func.func @bare
// CHECK-SAME:    %[[KEYS:.+]]: tensor<6x4xf32>
// CHECK:         %[[IDS:.+]] = moe.select #moe.top_k<2> %[[KEYS]]
// CHECK:         %[[VALUES:.+]] = moe.weigh value %[[KEYS]], %[[IDS]]
// CHECK:         return %[[VALUES]], %[[IDS]]
func.func @bare(%keys: tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xi32>) {
  %0:2 = "chlo.top_k"(%keys) <{k = 2 : i64}> : (tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xi32>)
  return %0#0, %0#1 : tensor<6x2xf32>, tensor<6x2xi32>
}

// -----

// CHECK-LABEL: func.func @composite
// CHECK:         moe.select #moe.top_k<2>
// CHECK-NOT:     func.func private
func.func @composite(%keys: tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xi32>) {
  %0:2 = "stablehlo.composite"(%keys) <{composite_attributes = {k = 2 : i64}, decomposition = @impl, name = "chlo.top_k", version = 1 : i32}> : (tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xi32>)
  return %0#0, %0#1 : tensor<6x2xf32>, tensor<6x2xi32>
}
func.func private @impl(%keys: tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xi32>) {
  %0 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<6x4xi32>
  %1:2 = "stablehlo.sort"(%keys, %0) <{dimension = 1 : i64, is_stable = true}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>, %i: tensor<i32>, %j: tensor<i32>):
    %2 = "stablehlo.compare"(%a, %b) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    "stablehlo.return"(%2) : (tensor<i1>) -> ()
  }) : (tensor<6x4xf32>, tensor<6x4xi32>) -> (tensor<6x4xf32>, tensor<6x4xi32>)
  %3 = "stablehlo.slice"(%1#0) <{limit_indices = array<i64: 6, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<6x4xf32>) -> tensor<6x2xf32>
  %4 = "stablehlo.slice"(%1#1) <{limit_indices = array<i64: 6, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<6x4xi32>) -> tensor<6x2xi32>
  return %3, %4 : tensor<6x2xf32>, tensor<6x2xi32>
}

// -----

// The decomposition by itself: lowered, it still says the same.
// CHECK-LABEL: func.func @decomposed
// CHECK:         moe.select #moe.top_k<2>
func.func @decomposed(%keys: tensor<6x4xf32>) -> tensor<6x2xi32> {
  %0 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<6x4xi32>
  %1:2 = "stablehlo.sort"(%keys, %0) <{dimension = 1 : i64, is_stable = true}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>, %i: tensor<i32>, %j: tensor<i32>):
    %2 = "stablehlo.compare"(%a, %b) <{compare_type = #stablehlo<comparison_type TOTALORDER>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
    "stablehlo.return"(%2) : (tensor<i1>) -> ()
  }) : (tensor<6x4xf32>, tensor<6x4xi32>) -> (tensor<6x4xf32>, tensor<6x4xi32>)
  %4 = "stablehlo.slice"(%1#1) <{limit_indices = array<i64: 6, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<6x4xi32>) -> tensor<6x2xi32>
  return %4 : tensor<6x2xi32>
}
