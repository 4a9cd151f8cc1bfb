// Samples from given noise, from a counter and without noise, on every back
// end; state.py computes the generator on its own.
// RUN: %python %S/state.py sample %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/state.py sample %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

func.func @given(%mean: tensor<?x2xf32>, %deviation: tensor<?x2xf32>,
                 %noise: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %z = moe.sample gaussian given %mean deviation(%deviation : tensor<?x2xf32>)
      noise(%noise : tensor<?x2xf32>) samples 2 : tensor<?x2xf32> -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

func.func @counter(%mean: tensor<?x3xf32>, %deviation: tensor<?x3xf32>,
                   %seed: i64, %position: i64) -> tensor<?x3xf32> {
  %z = moe.sample gaussian counter %mean deviation(%deviation : tensor<?x3xf32>)
      seed(%seed) position(%position) samples 3 stream 5
      : tensor<?x3xf32> -> tensor<?x3xf32>
  return %z : tensor<?x3xf32>
}

func.func @stream(%mean: tensor<32x16xf32>, %deviation: tensor<32x16xf32>,
                  %seed: i64) -> tensor<128x16xf32> {
  %z = moe.sample gaussian counter %mean deviation(%deviation : tensor<32x16xf32>)
      seed(%seed) samples 4 stream -2 : tensor<32x16xf32> -> tensor<128x16xf32>
  return %z : tensor<128x16xf32>
}

func.func @bf16(%mean: tensor<?x4xbf16>, %deviation: tensor<?x4xbf16>,
                %seed: i64) -> tensor<?x4xbf16> {
  %z = moe.sample gaussian counter %mean deviation(%deviation : tensor<?x4xbf16>)
      seed(%seed) samples 2 : tensor<?x4xbf16> -> tensor<?x4xbf16>
  return %z : tensor<?x4xbf16>
}

func.func @mean(%mean: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %z = moe.sample gaussian mean %mean samples 2 : tensor<?x3xf32> -> tensor<?x3xf32>
  return %z : tensor<?x3xf32>
}
