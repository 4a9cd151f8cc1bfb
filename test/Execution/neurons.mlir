// Some units of one feed-forward layer, on every back end; state.py computes
// every sample of every token on its own.
// RUN: %python %S/state.py neurons %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/state.py neurons %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

#rows = affine_map<(r, f, d) -> (r, d)>
#units = affine_map<(r, f, d) -> (f, d)>
#keys = affine_map<(r, f, d) -> (r, f)>

// From the samples to the masked hidden vector, which is the result where both
// matrices are identities and the activation is one, too.
func.func @v23(%mean: tensor<1x2xf32>, %deviation: tensor<1x2xf32>,
               %noise: tensor<2x2xf32>, %mask: tensor<8x2xf32>,
               %x: tensor<1x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>)
    -> (tensor<2x2xi32>, tensor<1x8xf32>) {
  %z = moe.sample gaussian given %mean deviation(%deviation : tensor<1x2xf32>)
      noise(%noise : tensor<2x2xf32>) samples 2 : tensor<1x2xf32> -> tensor<2x2xf32>
  %zero = arith.constant dense<0.0> : tensor<2x8xf32>
  %g = linalg.matmul indexing_maps = [#rows, #units, #keys]
      ins(%z, %mask : tensor<2x2xf32>, tensor<8x2xf32>)
      outs(%zero : tensor<2x8xf32>) -> tensor<2x8xf32>
  %u = moe.select #moe.top_k<2> %g : tensor<2x8xf32> -> tensor<2x2xi32>
  %c = moe.weigh one %g, %u {scale = 0.5}
      : tensor<2x8xf32>, tensor<2x2xi32> -> tensor<2x2xf32>
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<8x8xf32>) down(%down : tensor<8x8xf32>)
      : tensor<1x8xf32>, tensor<2x2xi32>, tensor<2x2xf32> -> tensor<1x8xf32> {
  ^unit(%p: f32):
    moe.yield %p : f32
  }
  return %u, %y : tensor<2x2xi32>, tensor<1x8xf32>
}

func.func @post(%x: tensor<?x7xf32>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>,
                %up: tensor<12x7xf32>, %down: tensor<12x5xf32>)
    -> tensor<?x5xf32> {
  %y = moe.neurons post %x, %u, %c samples 3
      up(%up : tensor<12x7xf32>) down(%down : tensor<12x5xf32>)
      : tensor<?x7xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x5xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x5xf32>
}

func.func @post_logistic(%x: tensor<?x7xf32>, %u: tensor<?x4xi32>,
                         %c: tensor<?x4xf32>, %up: tensor<12x7xf32>,
                         %b1: tensor<12xf32>, %down: tensor<12x5xf32>,
                         %b2: tensor<5xf32>, %w: tensor<?x3xf32>)
    -> tensor<?x5xf32> {
  %one = arith.constant 1.0 : f32
  %y = moe.neurons post %x, %u, %c samples 3
      up(%up, %b1 : tensor<12x7xf32>, tensor<12xf32>)
      down(%down, %b2 : tensor<12x5xf32>, tensor<5xf32>)
      sample_weights(%w : tensor<?x3xf32>)
      : tensor<?x7xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x5xf32> {
  ^unit(%p: f32):
    %n = arith.negf %p : f32
    %e = math.exp %n : f32
    %d = arith.addf %one, %e : f32
    %a = arith.divf %one, %d : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x5xf32>
}

func.func @pre_logistic(%x: tensor<?x7xf32>, %u: tensor<?x4xi32>,
                        %c: tensor<?x4xf32>, %up: tensor<12x7xf32>,
                        %b1: tensor<12xf32>, %down: tensor<12x5xf32>,
                        %b2: tensor<5xf32>, %w: tensor<?x3xf32>)
    -> tensor<?x5xf32> {
  %one = arith.constant 1.0 : f32
  %y = moe.neurons pre %x, %u, %c samples 3
      up(%up, %b1 : tensor<12x7xf32>, tensor<12xf32>)
      down(%down, %b2 : tensor<12x5xf32>, tensor<5xf32>)
      sample_weights(%w : tensor<?x3xf32>)
      : tensor<?x7xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x5xf32> {
  ^unit(%p: f32):
    %n = arith.negf %p : f32
    %e = math.exp %n : f32
    %d = arith.addf %one, %e : f32
    %a = arith.divf %one, %d : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x5xf32>
}

func.func @pre_tanh(%x: tensor<?x7xf32>, %u: tensor<?x4xi32>,
                    %c: tensor<?x4xf32>, %up: tensor<12x7xf32>,
                    %b1: tensor<12xf32>, %down: tensor<12x5xf32>,
                    %b2: tensor<5xf32>, %w: tensor<?x3xf32>)
    -> tensor<?x5xf32> {
  %y = moe.neurons pre %x, %u, %c samples 3
      up(%up, %b1 : tensor<12x7xf32>, tensor<12xf32>)
      down(%down, %b2 : tensor<12x5xf32>, tensor<5xf32>)
      sample_weights(%w : tensor<?x3xf32>)
      : tensor<?x7xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x5xf32> {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x5xf32>
}

// Four units at most, fewer at run time.
func.func @counted(%key: tensor<6x12xf32>, %n: i32, %x: tensor<3x7xf32>,
                   %up: tensor<12x7xf32>, %down: tensor<12x5xf32>)
    -> tensor<3x5xf32> {
  %u = moe.select #moe.top_k<4> %key count(%n : i32)
      : tensor<6x12xf32> -> tensor<6x4xi32>
  %c = moe.weigh one %key, %u {scale = 0.5}
      : tensor<6x12xf32>, tensor<6x4xi32> -> tensor<6x4xf32>
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<12x7xf32>) down(%down : tensor<12x5xf32>)
      : tensor<3x7xf32>, tensor<6x4xi32>, tensor<6x4xf32> -> tensor<3x5xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<3x5xf32>
}

func.func @bf16(%x: tensor<?x7xbf16>, %u: tensor<?x4xi32>, %c: tensor<?x4xbf16>,
                %up: tensor<12x7xbf16>, %down: tensor<12x5xbf16>)
    -> tensor<?x5xbf16> {
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<12x7xbf16>) down(%down : tensor<12x5xbf16>)
      : tensor<?x7xbf16>, tensor<?x4xi32>, tensor<?x4xbf16> -> tensor<?x5xbf16> {
  ^unit(%p: bf16):
    %zero = arith.constant 0.0 : bf16
    %a = arith.maximumf %p, %zero : bf16
    moe.yield %a : bf16
  }
  return %y : tensor<?x5xbf16>
}
