// Adaptive gating (Li et al., EMNLP 2023) for 10 tokens: a MoE layer, a
// dense layer and two MoE layers, each behind a norm and beside a residual. A token
// takes one expert or two, by a threshold that is an operand. Layers 1 and 4 measure
// the gap in probabilities, layer 3 in shares of the two best.
//
// Results: the tokens; per MoE layer the rows that its experts compute; the experts
// of the tokens of each.

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#left = affine_map<(i, j, k) -> (i, k)>
#right = affine_map<(i, j, k) -> (j, k)>
#out = affine_map<(i, j, k) -> (i, j)>

func.func @main(%x: tensor<10x8xf32>, %threshold: f32,
                %norm1: tensor<8xf32>, %router1: tensor<6x8xf32>, %up1: tensor<6x12x8xf32>, %down1: tensor<6x8x12xf32>,
                %norm2: tensor<8xf32>, %up2: tensor<16x8xf32>, %down2: tensor<8x16xf32>,
                %norm3: tensor<8xf32>, %router3: tensor<6x8xf32>, %up3: tensor<6x12x8xf32>, %down3: tensor<6x8x12xf32>,
                %norm4: tensor<8xf32>, %router4: tensor<6x8xf32>, %up4: tensor<6x12x8xf32>, %down4: tensor<6x8x12xf32>)
    -> (tensor<10x8xf32>, tensor<3xi32>, tensor<10x2xi32>, tensor<10x2xi32>, tensor<10x2xi32>) {
  %n1 = call @norm(%x, %norm1) : (tensor<10x8xf32>, tensor<8xf32>) -> tensor<10x8xf32>
  %e1, %w1 = call @route_full(%n1, %router1, %threshold)
      : (tensor<10x8xf32>, tensor<6x8xf32>, f32) -> (tensor<10x2xi32>, tensor<10x2xf32>)
  %x1, %rows1 = call @experts(%n1, %e1, %w1, %up1, %down1, %x)
      : (tensor<10x8xf32>, tensor<10x2xi32>, tensor<10x2xf32>, tensor<6x12x8xf32>, tensor<6x8x12xf32>, tensor<10x8xf32>)
      -> (tensor<10x8xf32>, tensor<1xi32>)

  %n2 = call @norm(%x1, %norm2) : (tensor<10x8xf32>, tensor<8xf32>) -> tensor<10x8xf32>
  %x2 = call @dense(%n2, %up2, %down2, %x1)
      : (tensor<10x8xf32>, tensor<16x8xf32>, tensor<8x16xf32>, tensor<10x8xf32>) -> tensor<10x8xf32>

  %n3 = call @norm(%x2, %norm3) : (tensor<10x8xf32>, tensor<8xf32>) -> tensor<10x8xf32>
  %e3, %w3 = call @route_top2(%n3, %router3, %threshold)
      : (tensor<10x8xf32>, tensor<6x8xf32>, f32) -> (tensor<10x2xi32>, tensor<10x2xf32>)
  %x3, %rows3 = call @experts(%n3, %e3, %w3, %up3, %down3, %x2)
      : (tensor<10x8xf32>, tensor<10x2xi32>, tensor<10x2xf32>, tensor<6x12x8xf32>, tensor<6x8x12xf32>, tensor<10x8xf32>)
      -> (tensor<10x8xf32>, tensor<1xi32>)

  %n4 = call @norm(%x3, %norm4) : (tensor<10x8xf32>, tensor<8xf32>) -> tensor<10x8xf32>
  %e4, %w4 = call @route_full(%n4, %router4, %threshold)
      : (tensor<10x8xf32>, tensor<6x8xf32>, f32) -> (tensor<10x2xi32>, tensor<10x2xf32>)
  %x4, %rows4 = call @experts(%n4, %e4, %w4, %up4, %down4, %x3)
      : (tensor<10x8xf32>, tensor<10x2xi32>, tensor<10x2xf32>, tensor<6x12x8xf32>, tensor<6x8x12xf32>, tensor<10x8xf32>)
      -> (tensor<10x8xf32>, tensor<1xi32>)

  %rows = tensor.concat dim(0) %rows1, %rows3, %rows4 : (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<3xi32>
  return %x4, %rows, %e1, %e3, %e4
      : tensor<10x8xf32>, tensor<3xi32>, tensor<10x2xi32>, tensor<10x2xi32>, tensor<10x2xi32>
}

// The second expert stays where p_0 - p_1 <= threshold; weights are the raw
// probabilities.
func.func private @route_full(%x: tensor<10x8xf32>, %router: tensor<6x8xf32>, %threshold: f32)
    -> (tensor<10x2xi32>, tensor<10x2xf32>) {
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty() : tensor<10x6xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<10x6xf32>) -> tensor<10x6xf32>
  %l = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %router : tensor<10x8xf32>, tensor<6x8xf32>) outs(%l1 : tensor<10x6xf32>) -> tensor<10x6xf32>
  %s = moe.score softmax %l : tensor<10x6xf32> -> tensor<10x6xf32>
  %e = moe.select #moe.gap<2> %s params(%threshold : f32) : tensor<10x6xf32> -> tensor<10x2xi32>
  %w = moe.weigh value %s, %e : tensor<10x6xf32>, tensor<10x2xi32> -> tensor<10x2xf32>
  return %e, %w : tensor<10x2xi32>, tensor<10x2xf32>
}

// Where (p_0 - p_1) / (p_0 + p_1) <= threshold.
func.func private @route_top2(%x: tensor<10x8xf32>, %router: tensor<6x8xf32>, %threshold: f32)
    -> (tensor<10x2xi32>, tensor<10x2xf32>) {
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty() : tensor<10x6xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<10x6xf32>) -> tensor<10x6xf32>
  %l = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %router : tensor<10x8xf32>, tensor<6x8xf32>) outs(%l1 : tensor<10x6xf32>) -> tensor<10x6xf32>
  %s = moe.score softmax %l : tensor<10x6xf32> -> tensor<10x6xf32>
  %e = moe.select #moe.gap<2, norm = top2> %s params(%threshold : f32) : tensor<10x6xf32> -> tensor<10x2xi32>
  %w = moe.weigh value %s, %e : tensor<10x6xf32>, tensor<10x2xi32> -> tensor<10x2xf32>
  return %e, %w : tensor<10x2xi32>, tensor<10x2xf32>
}

// Experts are two layers of ReLU. The second result counts the rows of all of them.
func.func private @experts(%x: tensor<10x8xf32>, %e: tensor<10x2xi32>, %w: tensor<10x2xf32>,
                           %up: tensor<6x12x8xf32>, %down: tensor<6x8x12xf32>,
                           %residual: tensor<10x8xf32>) -> (tensor<10x8xf32>, tensor<1xi32>) {
  %offsets, %pairs = moe.plan %e : tensor<10x2xi32> -> tensor<7xi32>, tensor<20xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<10x8xf32>, tensor<20xi32> -> tensor<20x8xf32>
  %out = moe.experts rows(%rows : tensor<20x8xf32>)
      weights(%up, %down : tensor<6x12x8xf32>, tensor<6x8x12xf32>)
      offsets(%offsets : tensor<7xi32>) -> tensor<20x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %w0: tensor<12x8xf32>, %w1: tensor<8x12xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %h0 = tensor.empty(%count) : tensor<?x12xf32>
    %h1 = linalg.fill ins(%none : f32) outs(%h0 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %h = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%r, %w0 : tensor<?x8xf32>, tensor<12x8xf32>) outs(%h1 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %a = arith.maximumf %h, %h1 : tensor<?x12xf32>
    %y0 = tensor.empty(%count) : tensor<?x8xf32>
    %y1 = linalg.fill ins(%none : f32) outs(%y0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%a, %w1 : tensor<?x12xf32>, tensor<8x12xf32>) outs(%y1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %pairs, %w into %residual
      : tensor<20x8xf32>, tensor<20xi32>, tensor<10x2xf32> into tensor<10x8xf32>
  %total = tensor.extract_slice %offsets[6] [1] [1] : tensor<7xi32> to tensor<1xi32>
  return %y, %total : tensor<10x8xf32>, tensor<1xi32>
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
