// RUN: moe-opt %s --moe-raise-masked-top-k --split-input-file | FileCheck %s

#all = affine_map<(t, e) -> (t, e)>
#one = affine_map<(t, e) -> (t, 0)>

// GShard multiplies scores with 1 - one_hot: no score is below zero.
// CHECK-LABEL: func.func @product
// CHECK:         %[[S:.+]] = moe.score
// CHECK:         moe.select #moe.top_k<2> %[[S]]
// CHECK-NOT:     moe.select
func.func @product(%logits: tensor<6x4xf32>) -> (tensor<6x1xi32>, tensor<6x1xi32>, tensor<6x1xf32>) {
  %key = moe.score sigmoid %logits : tensor<6x4xf32> -> tensor<6x4xf32>
  %one = arith.constant 1.0 : f32
  %e1 = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  %room = tensor.empty() : tensor<6x4xf32>
  %masked = linalg.generic {indexing_maps = [#all, #one, #all], iterator_types = ["parallel", "parallel"]}
      ins(%key, %e1 : tensor<6x4xf32>, tensor<6x1xi32>) outs(%room : tensor<6x4xf32>) {
  ^bb0(%k: f32, %id: i32, %out: f32):
    %j = linalg.index 1 : index
    %column = arith.index_cast %j : index to i32
    %taken = arith.cmpi eq, %id, %column : i32
    %one_hot = arith.uitofp %taken : i1 to f32
    %others = arith.subf %one, %one_hot : f32
    %rest = arith.mulf %others, %k : f32
    linalg.yield %rest : f32
  } -> tensor<6x4xf32>
  %e2 = moe.select #moe.top_k<1> %masked : tensor<6x4xf32> -> tensor<6x1xi32>
  %v2 = moe.weigh value %masked, %e2 : tensor<6x4xf32>, tensor<6x1xi32> -> tensor<6x1xf32>
  return %e1, %e2, %v2 : tensor<6x1xi32>, tensor<6x1xi32>, tensor<6x1xf32>
}

// -----

#all = affine_map<(t, e) -> (t, e)>
#one = affine_map<(t, e) -> (t, 0)>

// CHECK-LABEL: func.func @dynamic
// CHECK:         moe.select #moe.top_k<2> %{{.+}} : tensor<?x4xf16> -> tensor<?x2xi32>
// CHECK-NOT:     moe.select
func.func @dynamic(%key: tensor<?x4xf16>, %room: tensor<?x4xf16>) -> (tensor<?x1xi32>, tensor<?x1xi32>, tensor<?x1xf16>) {
  %least = arith.constant 0xFC00 : f16
  %e1 = moe.select #moe.top_k<1> %key : tensor<?x4xf16> -> tensor<?x1xi32>
  %masked = linalg.generic {indexing_maps = [#all, #one, #all], iterator_types = ["parallel", "parallel"]}
      ins(%key, %e1 : tensor<?x4xf16>, tensor<?x1xi32>) outs(%room : tensor<?x4xf16>) {
  ^bb0(%k: f16, %id: i32, %out: f16):
    %j = linalg.index 1 : index
    %column = arith.index_cast %j : index to i32
    %taken = arith.cmpi eq, %id, %column : i32
    %rest = arith.select %taken, %least, %k : f16
    linalg.yield %rest : f16
  } -> tensor<?x4xf16>
  %e2 = moe.select #moe.top_k<1> %masked : tensor<?x4xf16> -> tensor<?x1xi32>
  %v2 = moe.weigh value %masked, %e2 : tensor<?x4xf16>, tensor<?x1xi32> -> tensor<?x1xf16>
  return %e1, %e2, %v2 : tensor<?x1xi32>, tensor<?x1xi32>, tensor<?x1xf16>
}
