// RUN: moe-opt %s --moe-verify-raised --split-input-file --verify-diagnostics

// expected-warning @below {{no MoE block was raised in this module}}
module {
  func.func @plain(%x: tensor<4xf32>) -> tensor<4xf32> {
    return %x : tensor<4xf32>
  }
}

// -----

// A selection alone is already something.
module {
  func.func @router(%key: tensor<6x4xf32>) -> tensor<6x2xi32> {
    %ids = moe.select #moe.top_k<2> %key : tensor<6x4xf32> -> tensor<6x2xi32>
    return %ids : tensor<6x2xi32>
  }
}
