// RUN: moe-opt %s --moe-raise-masked-top-k --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

#all = affine_map<(t, e) -> (t, e)>
#one = affine_map<(t, e) -> (t, 0)>

// Zero is not below logits.
// CHECK-LABEL: func.func @product_of_logits
// CHECK-COUNT-2: moe.select #moe.top_k<1>
func.func @product_of_logits(%key: tensor<6x4xf32>) -> (tensor<6x1xi32>, tensor<6x1xi32>, tensor<6x1xf32>) {
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
  // expected-remark @below {{what stands for those taken may be larger than a key}}
  %e2 = moe.select #moe.top_k<1> %masked : tensor<6x4xf32> -> tensor<6x1xi32>
  %v2 = moe.weigh value %masked, %e2 : tensor<6x4xf32>, tensor<6x1xi32> -> tensor<6x1xf32>
  return %e1, %e2, %v2 : tensor<6x1xi32>, tensor<6x1xi32>, tensor<6x1xf32>
}

// -----

#all = affine_map<(t, e) -> (t, e)>
#one = affine_map<(t, e) -> (t, 0)>

// CHECK-LABEL: func.func @other_keys
// CHECK-COUNT-2: moe.select #moe.top_k<1>
func.func @other_keys(%key: tensor<6x4xf32>) -> (tensor<6x1xi32>, tensor<6x1xi32>, tensor<6x1xf32>) {
  %least = arith.constant 0xFF800000 : f32
  %e1 = moe.select #moe.top_k<1> %key : tensor<6x4xf32> -> tensor<6x1xi32>
  %room = tensor.empty() : tensor<6x4xf32>
  %masked = linalg.generic {indexing_maps = [#all, #one, #all], iterator_types = ["parallel", "parallel"]}
      ins(%key, %e1 : tensor<6x4xf32>, tensor<6x1xi32>) outs(%room : tensor<6x4xf32>) {
  ^bb0(%k: f32, %id: i32, %out: f32):
    %j = linalg.index 1 : index
    %column = arith.index_cast %j : index to i32
    %taken = arith.cmpi eq, %id, %column : i32
    %half = arith.mulf %k, %k : f32
    %rest = arith.select %taken, %least, %half : f32
    linalg.yield %rest : f32
  } -> tensor<6x4xf32>
  // expected-remark @below {{the keys of those not taken are not the keys before}}
  %e2 = moe.select #moe.top_k<1> %masked : tensor<6x4xf32> -> tensor<6x1xi32>
  %v2 = moe.weigh value %masked, %e2 : tensor<6x4xf32>, tensor<6x1xi32> -> tensor<6x1xf32>
  return %e1, %e2, %v2 : tensor<6x1xi32>, tensor<6x1xi32>, tensor<6x1xf32>
}
