// RUN: moe-opt %s --moe-fuse-neurons \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// The logistic function maps 0 to 1/2: units that nobody keeps count, too.
// CHECK-LABEL: func.func @logistic
// CHECK:         moe.neurons pre
func.func @logistic(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>,
                    %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  %one = arith.constant 1.0 : f32
  // expected-remark @below {{the mask is before an activation that is not known to map 0 to 0: every unit counts for every token}}
  %y = moe.neurons pre %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %n = arith.negf %p : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %a = arith.divf %one, %d : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}

// What a value from outside adds is not known.
// CHECK-LABEL: func.func @outside
// CHECK:         moe.neurons pre
func.func @outside(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>,
                   %shift: f32, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  // expected-remark @below {{not known to map 0 to 0}}
  %y = moe.neurons pre %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %a = arith.addf %p, %shift : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @samples
// CHECK:         moe.neurons pre
func.func @samples(%x: tensor<1x8xf32>, %u: tensor<33x4xi32>, %c: tensor<33x4xf32>,
                   %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<1x8xf32> {
  // expected-remark @below {{there are more than 32 samples}}
  %y = moe.neurons pre %x, %u, %c samples 33
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<1x8xf32>, tensor<33x4xi32>, tensor<33x4xf32> -> tensor<1x8xf32> {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  }
  return %y : tensor<1x8xf32>
}

// CHECK-LABEL: func.func @wide
// CHECK:         moe.neurons post
func.func @wide(%x: tensor<?x8xf64>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>,
                %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<?x8xf32> {
  // expected-remark @below {{an operand has wider floats}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<?x8xf64>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return %y : tensor<?x8xf32>
}
