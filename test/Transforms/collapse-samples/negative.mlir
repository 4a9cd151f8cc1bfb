// RUN: moe-opt %s --moe-collapse-samples \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// A share of a sample is no mask.
// CHECK-LABEL: func.func @share
// CHECK:         moe.neurons pre
func.func @share(%x: tensor<?x8xf32>, %scores: tensor<?x16xf32>, %c: tensor<?x4xf32>, %s: tensor<?x2xf32>,
    %table: tensor<9x4xi32>, %ids: tensor<?xi32>, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %units = moe.select #moe.top_k<4> %scores : tensor<?x16xf32> -> tensor<?x4xi32>
  %w = moe.weigh one %scores, %units {scale = 0.5} : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  // expected-remark @below {{coefficients are not known to be one in distinct slots}}
  %y = moe.neurons pre %x, %units, %w samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}

// Nor is a soft one.
// CHECK-LABEL: func.func @soft
// CHECK:         moe.neurons pre
func.func @soft(%x: tensor<?x8xf32>, %scores: tensor<?x16xf32>, %c: tensor<?x4xf32>, %s: tensor<?x2xf32>,
    %table: tensor<9x4xi32>, %ids: tensor<?xi32>, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %units = moe.select #moe.top_k<4> %scores : tensor<?x16xf32> -> tensor<?x4xi32>
  %w = moe.weigh sigmoid %scores, %units : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  // expected-remark @below {{coefficients are not known to be one in distinct slots}}
  %y = moe.neurons pre %x, %units, %w samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}

// A table may name a unit twice, which then counts two.
// CHECK-LABEL: func.func @twice
// CHECK:         moe.neurons pre
func.func @twice(%x: tensor<?x8xf32>, %scores: tensor<?x16xf32>, %c: tensor<?x4xf32>, %s: tensor<?x2xf32>,
    %table: tensor<9x4xi32>, %ids: tensor<?xi32>, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %units = moe.select #moe.table<4> %scores params(%table : tensor<9x4xi32>) token_params(%ids : tensor<?xi32>) : tensor<?x16xf32> -> tensor<?x4xi32>
  %w = moe.weigh one %scores, %units : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  // expected-remark @below {{coefficients are not known to be one in distinct slots}}
  %y = moe.neurons pre %x, %units, %w samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}

// act(0) = 1 counts for every unit that is masked.
// CHECK-LABEL: func.func @not_zero
// CHECK:         moe.neurons pre
func.func @not_zero(%x: tensor<?x8xf32>, %scores: tensor<?x16xf32>, %c: tensor<?x4xf32>, %s: tensor<?x2xf32>,
    %table: tensor<9x4xi32>, %ids: tensor<?xi32>, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %units = moe.select #moe.top_k<4> %scores : tensor<?x16xf32> -> tensor<?x4xi32>
  %w = moe.weigh one %scores, %units : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  // expected-remark @below {{the activation is not known to be zero at zero}}
  %y = moe.neurons pre %x, %units, %w samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %one = arith.constant 1.0 : f32
    %a = arith.addf %p, %one : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}

// Three terms round where three times one does not.
// CHECK-LABEL: func.func @three
// CHECK:         moe.neurons pre
func.func @three(%x: tensor<?x8xf32>, %scores: tensor<?x16xf32>, %c: tensor<?x4xf32>, %s: tensor<?x2xf32>,
    %table: tensor<9x4xi32>, %ids: tensor<?xi32>, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %units = moe.select #moe.top_k<4> %scores : tensor<?x16xf32> -> tensor<?x4xi32>
  %w = moe.weigh one %scores, %units : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  // expected-remark @below {{sums over samples round in other places, which needs allow-reassociation}}
  %y = moe.neurons pre %x, %units, %w samples 3
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}

// And so do weights of samples.
// CHECK-LABEL: func.func @weighed
// CHECK:         moe.neurons pre
func.func @weighed(%x: tensor<?x8xf32>, %scores: tensor<?x16xf32>, %c: tensor<?x4xf32>, %s: tensor<?x2xf32>,
    %table: tensor<9x4xi32>, %ids: tensor<?xi32>, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %units = moe.select #moe.top_k<4> %scores : tensor<?x16xf32> -> tensor<?x4xi32>
  %w = moe.weigh one %scores, %units : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  // expected-remark @below {{sums over samples round in other places, which needs allow-reassociation}}
  %y = moe.neurons pre %x, %units, %w samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      sample_weights(%s : tensor<?x2xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}
