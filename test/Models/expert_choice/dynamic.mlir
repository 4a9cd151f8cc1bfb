// Expert choice (Zhou et al., 2022) for any number of tokens: a MoE layer, a dense layer
// and two MoE layers, each behind a norm and beside a residual. Layers 1 and 4 are the
// paper's: a softmax over experts, of which every expert takes the `capacity` first of
// each group of 8 tokens. Layer 3 is that of Mesh TensorFlow: a softmax over all tokens,
// one group, weights divided by the experts that took the token. `capacity` is 8 c / 4
// for a capacity factor c; bins hold a factor of up to 4.

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#left = affine_map<(i, j, k) -> (i, k)>
#right = affine_map<(i, j, k) -> (j, k)>
#out = affine_map<(i, j, k) -> (i, j)>

func.func @main(%x: tensor<?x8xf32>, %capacity: i32,
                %norm1: tensor<8xf32>, %router1: tensor<4x8xf32>, %up1: tensor<4x12x8xf32>, %down1: tensor<4x8x12xf32>,
                %norm2: tensor<8xf32>, %up2: tensor<16x8xf32>, %down2: tensor<8x16xf32>,
                %norm3: tensor<8xf32>, %router3: tensor<4x8xf32>, %up3: tensor<4x12x8xf32>, %down3: tensor<4x8x12xf32>,
                %norm4: tensor<8xf32>, %router4: tensor<4x8xf32>, %up4: tensor<4x12x8xf32>, %down4: tensor<4x8x12xf32>)
    -> tensor<?x8xf32> {
  %n1 = call @norm(%x, %norm1) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %t1, %w1 = call @route_paper(%n1, %router1, %capacity)
      : (tensor<?x8xf32>, tensor<4x8xf32>, i32) -> (tensor<4x?xi32>, tensor<4x?xf32>)
  %x1 = call @experts(%n1, %t1, %w1, %up1, %down1, %x)
      : (tensor<?x8xf32>, tensor<4x?xi32>, tensor<4x?xf32>, tensor<4x12x8xf32>, tensor<4x8x12xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>

  %n2 = call @norm(%x1, %norm2) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %x2 = call @dense(%n2, %up2, %down2, %x1)
      : (tensor<?x8xf32>, tensor<16x8xf32>, tensor<8x16xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>

  %n3 = call @norm(%x2, %norm3) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %t3, %w3 = call @route_mesh(%n3, %router3, %capacity)
      : (tensor<?x8xf32>, tensor<4x8xf32>, i32) -> (tensor<4x?xi32>, tensor<4x?xf32>)
  %x3 = call @experts(%n3, %t3, %w3, %up3, %down3, %x2)
      : (tensor<?x8xf32>, tensor<4x?xi32>, tensor<4x?xf32>, tensor<4x12x8xf32>, tensor<4x8x12xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>

  %n4 = call @norm(%x3, %norm4) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %t4, %w4 = call @route_paper(%n4, %router4, %capacity)
      : (tensor<?x8xf32>, tensor<4x8xf32>, i32) -> (tensor<4x?xi32>, tensor<4x?xf32>)
  %x4 = call @experts(%n4, %t4, %w4, %up4, %down4, %x3)
      : (tensor<?x8xf32>, tensor<4x?xi32>, tensor<4x?xf32>, tensor<4x12x8xf32>, tensor<4x8x12xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>

  return %x4 : tensor<?x8xf32>
}

func.func private @route_paper(%x: tensor<?x8xf32>, %router: tensor<4x8xf32>, %capacity: i32)
    -> (tensor<4x?xi32>, tensor<4x?xf32>) {
  %l = call @logits(%x, %router) : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %t = moe.select #moe.top_k<8> %s by expert scope 8 count(%capacity : i32)
      : tensor<?x4xf32> -> tensor<4x?xi32>
  %w = moe.weigh value %s, %t by expert : tensor<?x4xf32>, tensor<4x?xi32> -> tensor<4x?xf32>
  return %t, %w : tensor<4x?xi32>, tensor<4x?xf32>
}

// An expert takes T c / 4 = T capacity / 8 of the T tokens, rounded down, but one at
// least.
func.func private @route_mesh(%x: tensor<?x8xf32>, %router: tensor<4x8xf32>, %capacity: i32)
    -> (tensor<4x?xi32>, tensor<4x?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %one = arith.constant 1 : i32
  %eight = arith.constant 8 : i32
  %tokens = arith.index_cast %n : index to i32
  %product = arith.muli %tokens, %capacity : i32
  %share = arith.divui %product, %eight : i32
  %count = arith.maxsi %share, %one : i32
  %l = call @logits(%x, %router) : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  %s = moe.score softmax %l axis tokens : tensor<?x4xf32> -> tensor<?x4xf32>
  %bins = moe.select #moe.top_k<24> %s by expert count(%count : i32)
      : tensor<?x4xf32> -> tensor<4x24xi32>
  %weights = moe.weigh value %s, %bins by expert norm hits
      : tensor<?x4xf32>, tensor<4x24xi32> -> tensor<4x24xf32>
  %t = tensor.cast %bins : tensor<4x24xi32> to tensor<4x?xi32>
  %w = tensor.cast %weights : tensor<4x24xf32> to tensor<4x?xf32>
  return %t, %w : tensor<4x?xi32>, tensor<4x?xf32>
}

func.func private @logits(%x: tensor<?x8xf32>, %router: tensor<4x8xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty(%n) : tensor<?x4xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %l = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %router : tensor<?x8xf32>, tensor<4x8xf32>) outs(%l1 : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %l : tensor<?x4xf32>
}

// Experts are two layers around a GELU.
func.func private @experts(%x: tensor<?x8xf32>, %t: tensor<4x?xi32>, %w: tensor<4x?xf32>,
                           %up: tensor<4x12x8xf32>, %down: tensor<4x8x12xf32>,
                           %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %offsets, %pairs = moe.plan %t by expert : tensor<4x?xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs tokens(%t : tensor<4x?xi32>)
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%up, %down : tensor<4x12x8xf32>, tensor<4x8x12xf32>)
      offsets(%offsets : tensor<5xi32>) -> tensor<?x8xf32> {
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
  %y = moe.combine %out, %pairs, %w into %residual tokens(%t : tensor<4x?xi32>)
      : tensor<?x8xf32>, tensor<?xi32>, tensor<4x?xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func private @dense(%x: tensor<?x8xf32>, %up: tensor<16x8xf32>, %down: tensor<8x16xf32>,
                         %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %h0 = tensor.empty(%n) : tensor<?x16xf32>
  %h1 = linalg.fill ins(%zero : f32) outs(%h0 : tensor<?x16xf32>) -> tensor<?x16xf32>
  %h = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %up : tensor<?x8xf32>, tensor<16x8xf32>) outs(%h1 : tensor<?x16xf32>) -> tensor<?x16xf32>
  %a = arith.maximumf %h, %h1 : tensor<?x16xf32>
  %y0 = tensor.empty(%n) : tensor<?x8xf32>
  %y1 = linalg.fill ins(%zero : f32) outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%a, %down : tensor<?x16xf32>, tensor<8x16xf32>) outs(%y1 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %sum = arith.addf %residual, %y : tensor<?x8xf32>
  return %sum : tensor<?x8xf32>
}

// LayerNorm without a bias.
func.func private @norm(%x: tensor<?x8xf32>, %g: tensor<8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %width = arith.constant 8.0 : f32
  %eps = arith.constant 1.0e-5 : f32
  %s0 = tensor.empty(%n) : tensor<?xf32>
  %s1 = linalg.fill ins(%zero : f32) outs(%s0 : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x8xf32>) outs(%s1 : tensor<?xf32>) {
  ^bb0(%v: f32, %o: f32):
    %next = arith.addf %o, %v : f32
    linalg.yield %next : f32
  } -> tensor<?xf32>
  %squares = linalg.generic {indexing_maps = [#all, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %sum : tensor<?x8xf32>, tensor<?xf32>) outs(%s1 : tensor<?xf32>) {
  ^bb0(%v: f32, %total: f32, %o: f32):
    %mean = arith.divf %total, %width : f32
    %off = arith.subf %v, %mean : f32
    %square = arith.mulf %off, %off : f32
    %next = arith.addf %o, %square : f32
    linalg.yield %next : f32
  } -> tensor<?xf32>
  %y0 = tensor.empty(%n) : tensor<?x8xf32>
  %y = linalg.generic {indexing_maps = [#all, #row, #row, #column, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum, %squares, %g : tensor<?x8xf32>, tensor<?xf32>, tensor<?xf32>, tensor<8xf32>)
      outs(%y0 : tensor<?x8xf32>) {
  ^bb0(%v: f32, %total: f32, %spread: f32, %gain: f32, %o: f32):
    %mean = arith.divf %total, %width : f32
    %off = arith.subf %v, %mean : f32
    %variance = arith.divf %spread, %width : f32
    %safe = arith.addf %variance, %eps : f32
    %scale = math.rsqrt %safe : f32
    %scaled = arith.mulf %off, %scale : f32
    %result = arith.mulf %scaled, %gain : f32
    linalg.yield %result : f32
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
