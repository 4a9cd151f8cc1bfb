// moe.neurons with numbers of units and samples that are known at run time only,
// with as few and as many as there can be, and with narrow floats.
// RUN: %python %S/state.py neurons_counts %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/state.py neurons_counts %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

// Four samples and five units at most, fewer at run time; each live sample
// counts 1 / k.
func.func @sampled(%key: tensor<?x12xf32>, %n: i32, %k: i32, %omega: f32,
                   %x: tensor<?x7xf32>, %up: tensor<12x7xf32>, %down: tensor<12x5xf32>)
    -> tensor<?x5xf32> {
  %u = moe.select #moe.top_k<5> %key count(%n : i32)
      : tensor<?x12xf32> -> tensor<?x5xi32>
  %c = moe.weigh sigmoid %key, %u factor(%omega : f32)
      : tensor<?x12xf32>, tensor<?x5xi32> -> tensor<?x5xf32>
  %y = moe.neurons post %x, %u, %c samples 4 count(%k : i32)
      up(%up : tensor<12x7xf32>) down(%down : tensor<12x5xf32>)
      : tensor<?x7xf32>, tensor<?x5xi32>, tensor<?x5xf32> -> tensor<?x5xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x5xf32>
}

// The same before an activation of which 0 is worth 1/2, with a count of i64.
func.func @sampled_logistic(%u: tensor<?x4xi32>, %c: tensor<?x4xf32>, %k: i64,
                            %x: tensor<?x7xf32>, %up: tensor<12x7xf32>, %down: tensor<12x5xf32>)
    -> tensor<?x5xf32> {
  %one = arith.constant 1.0 : f32
  %y = moe.neurons pre %x, %u, %c samples 3 count(%k : i64)
      up(%up : tensor<12x7xf32>) down(%down : tensor<12x5xf32>)
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

// One unit per sample, and all of them.
func.func @one(%x: tensor<?x7xf32>, %u: tensor<?x1xi32>, %c: tensor<?x1xf32>,
               %up: tensor<12x7xf32>, %down: tensor<12x5xf32>) -> tensor<?x5xf32> {
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<12x7xf32>) down(%down : tensor<12x5xf32>)
      : tensor<?x7xf32>, tensor<?x1xi32>, tensor<?x1xf32> -> tensor<?x5xf32> {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x5xf32>
}

func.func @every(%x: tensor<?x7xf32>, %u: tensor<?x12xi32>, %c: tensor<?x12xf32>,
                 %up: tensor<12x7xf32>, %down: tensor<12x5xf32>) -> tensor<?x5xf32> {
  %y = moe.neurons post %x, %u, %c samples 2
      up(%up : tensor<12x7xf32>) down(%down : tensor<12x5xf32>)
      : tensor<?x7xf32>, tensor<?x12xi32>, tensor<?x12xf32> -> tensor<?x5xf32> {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x5xf32>
}

func.func @f16(%x: tensor<?x40xf16>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>,
               %up: tensor<72x40xf16>, %b1: tensor<72xf16>, %down: tensor<72x24xf16>,
               %b2: tensor<24xf16>, %w: tensor<?x3xf16>) -> tensor<?x24xf16> {
  %y = moe.neurons pre %x, %u, %c samples 3
      up(%up, %b1 : tensor<72x40xf16>, tensor<72xf16>)
      down(%down, %b2 : tensor<72x24xf16>, tensor<24xf16>)
      sample_weights(%w : tensor<?x3xf16>)
      : tensor<?x40xf16>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x24xf16> {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x24xf16>
}

func.func @wide_bf16(%x: tensor<?x40xbf16>, %u: tensor<?x4xi32>, %c: tensor<?x4xf32>,
                     %up: tensor<72x40xbf16>, %b1: tensor<72xbf16>, %down: tensor<72x24xbf16>,
                     %b2: tensor<24xbf16>, %w: tensor<?x3xbf16>) -> tensor<?x24xbf16> {
  %y = moe.neurons post %x, %u, %c samples 3
      up(%up, %b1 : tensor<72x40xbf16>, tensor<72xbf16>)
      down(%down, %b2 : tensor<72x24xbf16>, tensor<24xbf16>)
      sample_weights(%w : tensor<?x3xbf16>)
      : tensor<?x40xbf16>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x24xbf16> {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  }
  return %y : tensor<?x24xbf16>
}
