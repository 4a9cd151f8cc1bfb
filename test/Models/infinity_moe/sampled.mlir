// Infinity-MoE in its derived form for any number of tokens: three feed-forward layers of 16
// units, each behind a norm and beside a residual, of which a token keeps `count`
// (four at most) for each of `samples` samples (four at most), each of which counts
// as much. The layers differ in where the noise is
// from, in the mask and in its side.

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#left = affine_map<(i, j, k) -> (i, k)>
#right = affine_map<(i, j, k) -> (j, k)>
#out = affine_map<(i, j, k) -> (i, j)>

func.func @main(%x: tensor<?x8xf32>, %count: i32, %samples: i32, %seed: i64, %position: i64,
                %noise: tensor<?x3xf32>, %omega: tensor<?x4xf32>,
                %norm1: tensor<8xf32>, %mean1: tensor<3x8xf32>, %spread1: tensor<3x8xf32>,
                %mask1: tensor<16x3xf32>, %up1: tensor<16x8xf32>, %up_bias1: tensor<16xf32>,
                %down1: tensor<16x8xf32>, %down_bias1: tensor<8xf32>,
                %norm2: tensor<8xf32>, %mean2: tensor<3x8xf32>, %spread2: tensor<3x8xf32>,
                %mask2: tensor<16x3xf32>, %up2: tensor<16x8xf32>, %up_bias2: tensor<16xf32>,
                %down2: tensor<16x8xf32>, %down_bias2: tensor<8xf32>,
                %norm3: tensor<8xf32>, %mean3: tensor<3x8xf32>, %spread3: tensor<3x8xf32>,
                %mask3: tensor<16x3xf32>, %up3: tensor<16x8xf32>, %up_bias3: tensor<16xf32>,
                %down3: tensor<16x8xf32>, %down_bias3: tensor<8xf32>)
    -> tensor<?x8xf32> {
  %most = arith.constant 4 : i32
  %number = arith.minsi %samples, %most : i32
  %live = arith.sitofp %number : i32 to f32
  %whole = arith.constant 1.0 : f32
  %share = arith.divf %whole, %live : f32
  // A binary mask; noise from a counter.
  %n1 = call @norm(%x, %norm1) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %m1 = call @head(%n1, %mean1) : (tensor<?x8xf32>, tensor<3x8xf32>) -> tensor<?x3xf32>
  %r1 = call @head(%n1, %spread1) : (tensor<?x8xf32>, tensor<3x8xf32>) -> tensor<?x3xf32>
  %d1 = call @softplus(%r1) : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %z1 = moe.sample gaussian counter %m1 deviation(%d1 : tensor<?x3xf32>)
      seed(%seed) position(%position) samples 4 stream 1
      : tensor<?x3xf32> -> tensor<?x3xf32>
  %k1 = call @scores(%z1, %mask1) : (tensor<?x3xf32>, tensor<16x3xf32>) -> tensor<?x16xf32>
  %u1 = moe.select #moe.top_k<4> %k1 count(%count : i32) : tensor<?x16xf32> -> tensor<?x4xi32>
  %c1 = moe.weigh one %k1, %u1 factor(%share : f32) : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %y1 = moe.neurons post %n1, %u1, %c1 samples 4 count(%samples : i32)
      up(%up1, %up_bias1 : tensor<16x8xf32>, tensor<16xf32>)
      down(%down1, %down_bias1 : tensor<16x8xf32>, tensor<8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %root = arith.constant 0.70710678 : f32
    %q = arith.mulf %p, %root : f32
    %erf = math.erf %q : f32
    %sum = arith.addf %one, %erf : f32
    %cdf = arith.mulf %half, %sum : f32
    %a = arith.mulf %p, %cdf : f32
    moe.yield %a : f32
  }
  %x1 = linalg.add ins(%x, %y1 : tensor<?x8xf32>, tensor<?x8xf32>) outs(%y1 : tensor<?x8xf32>) -> tensor<?x8xf32>
  // A soft mask; noise that is given.
  %n2 = call @norm(%x1, %norm2) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %m2 = call @head(%n2, %mean2) : (tensor<?x8xf32>, tensor<3x8xf32>) -> tensor<?x3xf32>
  %r2 = call @head(%n2, %spread2) : (tensor<?x8xf32>, tensor<3x8xf32>) -> tensor<?x3xf32>
  %d2 = call @softplus(%r2) : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %z2 = moe.sample gaussian given %m2 deviation(%d2 : tensor<?x3xf32>)
      noise(%noise : tensor<?x3xf32>) samples 4
      : tensor<?x3xf32> -> tensor<?x3xf32>
  %k2 = call @scores(%z2, %mask2) : (tensor<?x3xf32>, tensor<16x3xf32>) -> tensor<?x16xf32>
  %u2 = moe.select #moe.top_k<4> %k2 count(%count : i32) : tensor<?x16xf32> -> tensor<?x4xi32>
  %c2 = moe.weigh sigmoid %k2, %u2 factor(%share : f32) : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %y2 = moe.neurons post %n2, %u2, %c2 samples 4 count(%samples : i32)
      up(%up2, %up_bias2 : tensor<16x8xf32>, tensor<16xf32>)
      down(%down2, %down_bias2 : tensor<16x8xf32>, tensor<8xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %none = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %none : f32
    moe.yield %a : f32
  }
  %x2 = linalg.add ins(%x1, %y2 : tensor<?x8xf32>, tensor<?x8xf32>) outs(%y2 : tensor<?x8xf32>) -> tensor<?x8xf32>
  // No noise; a soft mask before the activation, and a weight per sample.
  %n3 = call @norm(%x2, %norm3) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %m3 = call @head(%n3, %mean3) : (tensor<?x8xf32>, tensor<3x8xf32>) -> tensor<?x3xf32>
  %z3 = moe.sample gaussian mean %m3 samples 4
      : tensor<?x3xf32> -> tensor<?x3xf32>
  %k3 = call @scores(%z3, %mask3) : (tensor<?x3xf32>, tensor<16x3xf32>) -> tensor<?x16xf32>
  %u3 = moe.select #moe.top_k<4> %k3 count(%count : i32) : tensor<?x16xf32> -> tensor<?x4xi32>
  %c3 = moe.weigh sigmoid %k3, %u3 : tensor<?x16xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %y3 = moe.neurons pre %n3, %u3, %c3 samples 4 count(%samples : i32)
      up(%up3, %up_bias3 : tensor<16x8xf32>, tensor<16xf32>)
      down(%down3, %down_bias3 : tensor<16x8xf32>, tensor<8xf32>)
      sample_weights(%omega : tensor<?x4xf32>)
      : tensor<?x8xf32>, tensor<?x4xi32>, tensor<?x4xf32> -> tensor<?x8xf32> {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  }
  %x3 = linalg.add ins(%x2, %y3 : tensor<?x8xf32>, tensor<?x8xf32>) outs(%y3 : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %x3 : tensor<?x8xf32>
}

func.func private @head(%x: tensor<?x8xf32>, %w: tensor<3x8xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %y0 = tensor.empty(%n) : tensor<?x3xf32>
  %y1 = linalg.fill ins(%zero : f32) outs(%y0 : tensor<?x3xf32>) -> tensor<?x3xf32>
  %y = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %w : tensor<?x8xf32>, tensor<3x8xf32>) outs(%y1 : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

func.func private @softplus(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %y = linalg.generic {indexing_maps = [#all, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x3xf32>) outs(%x : tensor<?x3xf32>) {
  ^bb0(%v: f32, %o: f32):
    %e = math.exp %v : f32
    %l = math.log1p %e : f32
    linalg.yield %l : f32
  } -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

func.func private @scores(%z: tensor<?x3xf32>, %w: tensor<16x3xf32>) -> tensor<?x16xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %z, %c0 : tensor<?x3xf32>
  %zero = arith.constant 0.0 : f32
  %y0 = tensor.empty(%n) : tensor<?x16xf32>
  %y1 = linalg.fill ins(%zero : f32) outs(%y0 : tensor<?x16xf32>) -> tensor<?x16xf32>
  %y = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%z, %w : tensor<?x3xf32>, tensor<16x3xf32>) outs(%y1 : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// RMSNorm.
func.func private @norm(%x: tensor<?x8xf32>, %g: tensor<8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %width = arith.constant 8.0 : f32
  %eps = arith.constant 1.0e-5 : f32
  %s0 = tensor.empty(%n) : tensor<?xf32>
  %s1 = linalg.fill ins(%zero : f32) outs(%s0 : tensor<?xf32>) -> tensor<?xf32>
  %s = linalg.generic {indexing_maps = [#all, #row],
                       iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x8xf32>) outs(%s1 : tensor<?xf32>) {
  ^bb0(%v: f32, %sum: f32):
    %square = arith.mulf %v, %v : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<?xf32>
  %y0 = tensor.empty(%n) : tensor<?x8xf32>
  %y = linalg.generic {indexing_maps = [#all, #row, #column, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %s, %g : tensor<?x8xf32>, tensor<?xf32>, tensor<8xf32>)
      outs(%y0 : tensor<?x8xf32>) {
  ^bb0(%v: f32, %sum: f32, %gain: f32, %out: f32):
    %mean = arith.divf %sum, %width : f32
    %safe = arith.addf %mean, %eps : f32
    %scale = math.rsqrt %safe : f32
    %scaled = arith.mulf %v, %scale : f32
    %result = arith.mulf %scaled, %gain : f32
    linalg.yield %result : f32
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
