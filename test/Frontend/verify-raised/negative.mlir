// RUN: moe-opt %s --moe-verify-raised=require --split-input-file --verify-diagnostics

// expected-error @below {{no MoE block was raised in this module}}
module {
  func.func @plain(%x: tensor<4xf32>) -> tensor<4xf32> {
    return %x : tensor<4xf32>
  }
}

// -----

func.func @gathered(%key: tensor<6x4xf32>, %w: tensor<4x3x8xf32>) -> tensor<6x3x8xf32> {
  %ids = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  %flat = tensor.collapse_shape %ids [[0, 1]] : tensor<6x1xi32> into tensor<6xi32>
  %empty = tensor.empty() : tensor<6x3x8xf32>
  %0 = linalg.generic {
      indexing_maps = [affine_map<(p, i, j) -> (p)>, affine_map<(p, i, j) -> (p, i, j)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<6xi32>) outs(%empty : tensor<6x3x8xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    // expected-error @below {{weights are still gathered by selected experts; the missed remarks say why}}
    %v = tensor.extract %w[%e, %i, %j] : tensor<4x3x8xf32>
    linalg.yield %v : f32
  } -> tensor<6x3x8xf32>
  return %0 : tensor<6x3x8xf32>
}

// -----

func.func @sort(%key: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %ids = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  // expected-error @below {{this sort was not raised; the missed remarks say why}}
  %sorted = moe.sort %key dimension 1 : tensor<6x4xf32> {
  ^compare(%a: f32, %b: f32):
    %before = arith.cmpf ogt, %a, %b : f32
    moe.yield %before : i1
  }
  return %sorted : tensor<6x4xf32>
}
