// One case per numbered constraint of neurons, at least.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @neurons_c1_depth(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x7xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op expected static matrices [F, D] and [F, D'] for rows of 'tensor<?x8xf32>', found 'tensor<16x7xf32>' and 'tensor<16x6xf32>'}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x7xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c1_units(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<15x6xf32>) {
  // expected-error @below {{expected static matrices [F, D] and [F, D']}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<15x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c1_dynamic(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<?x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{expected static matrices [F, D] and [F, D']}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<?x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c1_none(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<0x8xf32>, %down: tensor<0x6xf32>) {
  // expected-error @below {{expected static matrices [F, D] and [F, D']}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<0x8xf32>) down(%down : tensor<0x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c2_width(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op result has type 'tensor<?x7xf32>', expected the rows of 'tensor<?x8xf32>' and the width of 'tensor<16x6xf32>'}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x7xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c2_rows(%x: tensor<5x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{result has type 'tensor<4x6xf32>', expected the rows of 'tensor<5x8xf32>'}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<5x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<4x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c3_samples(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op needs at least one sample, found 0}}
  %y = moe.neurons post %x, %u, %c samples 0
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c3_rows(%x: tensor<5x8xf32>, %u: tensor<5x4xi32>, %c: tensor<5x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op units and coefficients have types 'tensor<5x4xi32>' and 'tensor<5x4xf32>', expected 2 rows of static width for each of 'tensor<5x8xf32>'}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<5x8xf32>, tensor<5x4xi32>, tensor<5x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c3_odd_rows(%x: tensor<?x8xf32>, %u: tensor<5x4xi32>, %c: tensor<5x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{units and coefficients have types 'tensor<5x4xi32>'}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<5x4xi32>, tensor<5x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c3_shapes(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x3xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{units and coefficients have types 'tensor<?x4xi32>' and 'tensor<?x3xf32>'}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x3xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c3_slots(%x: tensor<?x8xf32>, %u: tensor<?x?xi32>, %c: tensor<?x?xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{units and coefficients have types 'tensor<?x?xi32>'}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x?xi32>, tensor<?x?xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c4_up(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>, %b1: tensor<6xf32>) {
  // expected-error @below {{'moe.neurons' op biases need 16 entries going up and 6 going down}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up, %b1 : tensor<16x8xf32>, tensor<6xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c4_down(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>, %b2: tensor<16xf32>) {
  // expected-error @below {{biases need 16 entries going up and 6 going down}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down, %b2 : tensor<16x6xf32>, tensor<16xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c5_samples(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>, %w: tensor<?x3xf32>) {
  // expected-error @below {{'moe.neurons' op sample_weights have type 'tensor<?x3xf32>', expected 2 for each of 'tensor<?x8xf32>'}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      sample_weights(%w : tensor<?x3xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c5_dynamic(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>, %w: tensor<?x?xf32>) {
  // expected-error @below {{sample_weights have type 'tensor<?x?xf32>', expected 2}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      sample_weights(%w : tensor<?x?xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_c6_argument(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op the activation takes one float, found ('i32')}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: i32):
    %a = arith.sitofp %p : i32 to f32
    moe.yield %a : f32
  }
  return
}

// -----

func.func @neurons_c6_no_argument(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op the activation takes one float, found ()}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
    %a = arith.constant 1.0 : f32
    moe.yield %a : f32
  }
  return
}

// -----

func.func @neurons_c6_yield(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op the activation must yield one float}}
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p, %p : f32, f32
  }
  return
}

// -----

func.func @neurons_c6_effects(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    // expected-error @below {{'memref.alloc' op has side effects, which an activation must not have}}
    %m = memref.alloc() : memref<4xf32>
    moe.yield %p : f32
  }
  return
}

// -----

func.func @neurons_no_block(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op region #0 ('activation') failed to verify constraint: region with 1 blocks}}
  %y = "moe.neurons"(%x, %u, %c, %up, %down) <{side = 0 : i32, samples = 2 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1, 0, 0, 0>}> ({}) : (tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32>, tensor<16x8xf32>, tensor<16x6xf32>) -> tensor<?x6xf32>
  return
}

// -----

func.func @neurons_no_terminator(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op expects a non-empty block}}
  %y = "moe.neurons"(%x, %u, %c, %up, %down) <{side = 0 : i32, samples = 2 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1, 0, 0, 0>}> ({
  ^unit(%p: f32):
  }) : (tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32>, tensor<16x8xf32>, tensor<16x6xf32>) -> tensor<?x6xf32>
  return
}

// -----

func.func @neurons_other_terminator(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  // expected-error @below {{'moe.neurons' op the activation must yield one float}}
  %y = "moe.neurons"(%x, %u, %c, %up, %down) <{side = 0 : i32, samples = 2 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1, 0, 0, 0>}> ({
  ^unit(%p: f32):
    llvm.unreachable
  }) : (tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32>, tensor<16x8xf32>, tensor<16x6xf32>) -> tensor<?x6xf32>
  return
}

// -----

func.func @neurons_c7_count(%x: tensor<?x8xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %up: tensor<16x8xf32>, %down: tensor<16x6xf32>) {
  %three = arith.constant 3 : i32
  // expected-error @below {{'moe.neurons' op has 2 samples, but counts 3}}
  %y = moe.neurons post %x, %u, %c samples 2 count(%three : i32)
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x6xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x6xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return
}
