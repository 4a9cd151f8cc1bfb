// Expert choice (Zhou et al., 2022) for 10 tokens: a MoE layer, a dense layer and two
// MoE layers, each behind a norm and beside a residual. Layers 1 and 4 are the paper's: a
// softmax over experts, of which every expert takes the first tokens. Layer 3 is that of
// Mesh TensorFlow: a softmax over tokens, weights divided by the experts that took the
// token. The 10 tokens are one group. The capacity stands in the next lines alone: 2 is
// 10 c / 4 for a capacity factor c of 1.

#capacity = #moe.top_k<2>
!bins = tensor<4x2xi32>
!weights = tensor<4x2xf32>
!pairs = tensor<8xi32>
!rows = tensor<8x8xf32>

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#left = affine_map<(i, j, k) -> (i, k)>
#right = affine_map<(i, j, k) -> (j, k)>
#out = affine_map<(i, j, k) -> (i, j)>

func.func @main(%x: tensor<10x8xf32>,
                %norm1: tensor<8xf32>, %router1: tensor<4x8xf32>, %up1: tensor<4x12x8xf32>, %down1: tensor<4x8x12xf32>,
                %norm2: tensor<8xf32>, %up2: tensor<16x8xf32>, %down2: tensor<8x16xf32>,
                %norm3: tensor<8xf32>, %router3: tensor<4x8xf32>, %up3: tensor<4x12x8xf32>, %down3: tensor<4x8x12xf32>,
                %norm4: tensor<8xf32>, %router4: tensor<4x8xf32>, %up4: tensor<4x12x8xf32>, %down4: tensor<4x8x12xf32>)
    -> tensor<10x8xf32> {
  %n1 = call @norm(%x, %norm1) : (tensor<10x8xf32>, tensor<8xf32>) -> tensor<10x8xf32>
  %t1, %w1 = call @route_paper(%n1, %router1)
      : (tensor<10x8xf32>, tensor<4x8xf32>) -> (!bins, !weights)
  %x1 = call @experts(%n1, %t1, %w1, %up1, %down1, %x)
      : (tensor<10x8xf32>, !bins, !weights, tensor<4x12x8xf32>, tensor<4x8x12xf32>, tensor<10x8xf32>) -> tensor<10x8xf32>

  %n2 = call @norm(%x1, %norm2) : (tensor<10x8xf32>, tensor<8xf32>) -> tensor<10x8xf32>
  %x2 = call @dense(%n2, %up2, %down2, %x1)
      : (tensor<10x8xf32>, tensor<16x8xf32>, tensor<8x16xf32>, tensor<10x8xf32>) -> tensor<10x8xf32>

  %n3 = call @norm(%x2, %norm3) : (tensor<10x8xf32>, tensor<8xf32>) -> tensor<10x8xf32>
  %t3, %w3 = call @route_mesh(%n3, %router3)
      : (tensor<10x8xf32>, tensor<4x8xf32>) -> (!bins, !weights)
  %x3 = call @experts(%n3, %t3, %w3, %up3, %down3, %x2)
      : (tensor<10x8xf32>, !bins, !weights, tensor<4x12x8xf32>, tensor<4x8x12xf32>, tensor<10x8xf32>) -> tensor<10x8xf32>

  %n4 = call @norm(%x3, %norm4) : (tensor<10x8xf32>, tensor<8xf32>) -> tensor<10x8xf32>
  %t4, %w4 = call @route_paper(%n4, %router4)
      : (tensor<10x8xf32>, tensor<4x8xf32>) -> (!bins, !weights)
  %x4 = call @experts(%n4, %t4, %w4, %up4, %down4, %x3)
      : (tensor<10x8xf32>, !bins, !weights, tensor<4x12x8xf32>, tensor<4x8x12xf32>, tensor<10x8xf32>) -> tensor<10x8xf32>

  return %x4 : tensor<10x8xf32>
}

func.func private @route_paper(%x: tensor<10x8xf32>, %router: tensor<4x8xf32>)
    -> (!bins, !weights) {
  %l = call @logits(%x, %router) : (tensor<10x8xf32>, tensor<4x8xf32>) -> tensor<10x4xf32>
  %s = moe.score softmax %l : tensor<10x4xf32> -> tensor<10x4xf32>
  %t = moe.select #capacity %s by expert scope 10 : tensor<10x4xf32> -> !bins
  %w = moe.weigh value %s, %t by expert : tensor<10x4xf32>, !bins -> !weights
  return %t, %w : !bins, !weights
}

func.func private @route_mesh(%x: tensor<10x8xf32>, %router: tensor<4x8xf32>)
    -> (!bins, !weights) {
  %l = call @logits(%x, %router) : (tensor<10x8xf32>, tensor<4x8xf32>) -> tensor<10x4xf32>
  %s = moe.score softmax %l axis tokens : tensor<10x4xf32> -> tensor<10x4xf32>
  %t = moe.select #capacity %s by expert scope 10 : tensor<10x4xf32> -> !bins
  %w = moe.weigh value %s, %t by expert norm hits : tensor<10x4xf32>, !bins -> !weights
  return %t, %w : !bins, !weights
}

func.func private @logits(%x: tensor<10x8xf32>, %router: tensor<4x8xf32>) -> tensor<10x4xf32> {
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty() : tensor<10x4xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<10x4xf32>) -> tensor<10x4xf32>
  %l = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %router : tensor<10x8xf32>, tensor<4x8xf32>) outs(%l1 : tensor<10x4xf32>) -> tensor<10x4xf32>
  return %l : tensor<10x4xf32>
}

// Experts are two layers around a GELU.
func.func private @experts(%x: tensor<10x8xf32>, %t: !bins, %w: !weights,
                           %up: tensor<4x12x8xf32>, %down: tensor<4x8x12xf32>,
                           %residual: tensor<10x8xf32>) -> tensor<10x8xf32> {
  %offsets, %pairs = moe.plan %t by expert : !bins -> tensor<5xi32>, !pairs
  %rows = moe.dispatch %x, %pairs tokens(%t : !bins)
      : tensor<10x8xf32>, !pairs -> !rows
  %out = moe.experts rows(%rows : !rows)
      weights(%up, %down : tensor<4x12x8xf32>, tensor<4x8x12xf32>)
      offsets(%offsets : tensor<5xi32>) -> !rows {
  ^expert(%r: tensor<?x8xf32>, %w0: tensor<12x8xf32>, %w1: tensor<8x12xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %root = arith.constant 0.70710678 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %h0 = tensor.empty(%count) : tensor<?x12xf32>
    %h1 = linalg.fill ins(%none : f32) outs(%h0 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %h = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%r, %w0 : tensor<?x8xf32>, tensor<12x8xf32>) outs(%h1 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %a = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%h : tensor<?x12xf32>) outs(%h0 : tensor<?x12xf32>) {
    ^bb0(%p: f32, %o: f32):
      %q = arith.mulf %p, %root : f32
      %erf = math.erf %q : f32
      %sum = arith.addf %one, %erf : f32
      %cdf = arith.mulf %half, %sum : f32
      %gelu = arith.mulf %p, %cdf : f32
      linalg.yield %gelu : f32
    } -> tensor<?x12xf32>
    %y0 = tensor.empty(%count) : tensor<?x8xf32>
    %y1 = linalg.fill ins(%none : f32) outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%a, %w1 : tensor<?x12xf32>, tensor<8x12xf32>) outs(%y1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %pairs, %w into %residual tokens(%t : !bins)
      : !rows, !pairs, !weights into tensor<10x8xf32>
  return %y : tensor<10x8xf32>
}

func.func private @dense(%x: tensor<10x8xf32>, %up: tensor<16x8xf32>, %down: tensor<8x16xf32>,
                         %residual: tensor<10x8xf32>) -> tensor<10x8xf32> {
  %zero = arith.constant 0.0 : f32
  %h0 = tensor.empty() : tensor<10x16xf32>
  %h1 = linalg.fill ins(%zero : f32) outs(%h0 : tensor<10x16xf32>) -> tensor<10x16xf32>
  %h = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %up : tensor<10x8xf32>, tensor<16x8xf32>) outs(%h1 : tensor<10x16xf32>) -> tensor<10x16xf32>
  %a = arith.maximumf %h, %h1 : tensor<10x16xf32>
  %y0 = tensor.empty() : tensor<10x8xf32>
  %y1 = linalg.fill ins(%zero : f32) outs(%y0 : tensor<10x8xf32>) -> tensor<10x8xf32>
  %y = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%a, %down : tensor<10x16xf32>, tensor<8x16xf32>) outs(%y1 : tensor<10x8xf32>) -> tensor<10x8xf32>
  %sum = arith.addf %residual, %y : tensor<10x8xf32>
  return %sum : tensor<10x8xf32>
}

// LayerNorm without a bias.
func.func private @norm(%x: tensor<10x8xf32>, %g: tensor<8xf32>) -> tensor<10x8xf32> {
  %zero = arith.constant 0.0 : f32
  %width = arith.constant 8.0 : f32
  %eps = arith.constant 1.0e-5 : f32
  %s0 = tensor.empty() : tensor<10xf32>
  %s1 = linalg.fill ins(%zero : f32) outs(%s0 : tensor<10xf32>) -> tensor<10xf32>
  %sum = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<10x8xf32>) outs(%s1 : tensor<10xf32>) {
  ^bb0(%v: f32, %o: f32):
    %next = arith.addf %o, %v : f32
    linalg.yield %next : f32
  } -> tensor<10xf32>
  %squares = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %sum : tensor<10x8xf32>, tensor<10xf32>) outs(%s1 : tensor<10xf32>) {
  ^bb0(%v: f32, %total: f32, %o: f32):
    %mean = arith.divf %total, %width : f32
    %off = arith.subf %v, %mean : f32
    %square = arith.mulf %off, %off : f32
    %next = arith.addf %o, %square : f32
    linalg.yield %next : f32
  } -> tensor<10xf32>
  %y0 = tensor.empty() : tensor<10x8xf32>
  %y = linalg.generic {indexing_maps = [#all, #row, #row, #column, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum, %squares, %g : tensor<10x8xf32>, tensor<10xf32>, tensor<10xf32>, tensor<8xf32>)
      outs(%y0 : tensor<10x8xf32>) {
  ^bb0(%v: f32, %total: f32, %spread: f32, %gain: f32, %o: f32):
    %mean = arith.divf %total, %width : f32
    %off = arith.subf %v, %mean : f32
    %variance = arith.divf %spread, %width : f32
    %safe = arith.addf %variance, %eps : f32
    %scale = math.rsqrt %safe : f32
    %scaled = arith.mulf %off, %scale : f32
    %result = arith.mulf %scaled, %gain : f32
    linalg.yield %result : f32
  } -> tensor<10x8xf32>
  return %y : tensor<10x8xf32>
}
