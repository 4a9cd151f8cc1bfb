// RUN: moe-opt %s --moe-raise-sort-top-k --split-input-file | FileCheck %s

// Swapped operands, a smaller-than comparison and the key as second input mean
// the same; the number of tokens may be dynamic.
// CHECK-LABEL: func.func @swapped
// CHECK-SAME:    %[[KEYS:.+]]: tensor<?x4xf32>
// CHECK:         %[[IDS:.+]] = moe.select #moe.top_k<3> %[[KEYS]] : tensor<?x4xf32> -> tensor<?x3xi32>
// CHECK-NOT:     moe.sort
// CHECK:         return %[[IDS]]
func.func @swapped(%keys: tensor<?x4xf32>) -> tensor<?x3xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %keys, %c0 : tensor<?x4xf32>
  %empty = tensor.empty(%n) : tensor<?x4xi32>
  %columns = linalg.generic {
      indexing_maps = [affine_map<(t, e) -> (t, e)>],
      iterator_types = ["parallel", "parallel"]} outs(%empty : tensor<?x4xi32>) {
  ^bb0(%out: i32):
    %e = linalg.index 1 : index
    %i = arith.index_cast %e : index to i32
    linalg.yield %i : i32
  } -> tensor<?x4xi32>
  %sorted:2 = moe.sort %columns, %keys dimension 1 : tensor<?x4xi32>, tensor<?x4xf32> {
  ^compare(%i: i32, %j: i32, %a: f32, %b: f32):
    %before = arith.cmpf olt, %b, %a : f32
    moe.yield %before : i1
  }
  %m = tensor.dim %sorted#0, %c0 : tensor<?x4xi32>
  %ids = tensor.extract_slice %sorted#0[0, 0] [%m, 3] [1, 1] : tensor<?x4xi32> to tensor<?x3xi32>
  return %ids : tensor<?x3xi32>
}

// -----

// All columns: k = E.
// CHECK-LABEL: func.func @all
// CHECK:         moe.select #moe.top_k<4>
func.func @all(%keys: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %sorted = moe.sort %keys dimension 1 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf ogt, %a, %b : f32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted[0, 0] [6, 4] [1, 1] : tensor<6x4xf32> to tensor<6x4xf32>
  return %top : tensor<6x4xf32>
}

// -----

// Floats in total order, by their bits: a smaller-than comparison, and negative
// numbers turned around by a subtraction or by a mask.
// CHECK-LABEL: func.func @total_order
// CHECK:         moe.select #moe.top_k<2>
func.func @total_order(%keys: tensor<6x4xf32>) -> tensor<6x2xf32> {
  %sorted = moe.sort %keys dimension 1 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %c0 = arith.constant 0 : i32
    %c31 = arith.constant 31 : i32
    %most = arith.constant 2147483647 : i32
    %x = arith.bitcast %a : f32 to i32
    %negative = arith.cmpi slt, %x, %c0 : i32
    %turned = arith.subi %most, %x : i32
    %u = arith.select %negative, %turned, %x : i32
    %y = arith.bitcast %b : f32 to i32
    %sign = arith.shrsi %y, %c31 : i32
    %mask = arith.andi %sign, %most : i32
    %v = arith.xori %y, %mask : i32
    %before = arith.cmpi slt, %v, %u : i32
    moe.yield %before : i1
  }
  %top = tensor.extract_slice %sorted[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  return %top : tensor<6x2xf32>
}
