// Adaptive gating (Li et al., EMNLP 2023) for any number of tokens: a MoE layer, a
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

func.func @main(%x: tensor<?x8xf32>, %threshold: f32,
                %norm1: tensor<8xf32>, %router1: tensor<6x8xf32>, %up1: tensor<6x12x8xf32>, %down1: tensor<6x8x12xf32>,
                %norm2: tensor<8xf32>, %up2: tensor<16x8xf32>, %down2: tensor<8x16xf32>,
                %norm3: tensor<8xf32>, %router3: tensor<6x8xf32>, %up3: tensor<6x12x8xf32>, %down3: tensor<6x8x12xf32>,
                %norm4: tensor<8xf32>, %router4: tensor<6x8xf32>, %up4: tensor<6x12x8xf32>, %down4: tensor<6x8x12xf32>)
    -> (tensor<?x8xf32>, tensor<3xi32>, tensor<?x2xi32>, tensor<?x2xi32>, tensor<?x2xi32>) {
  %n1 = call @norm(%x, %norm1) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %e1, %w1 = call @route_full(%n1, %router1, %threshold)
      : (tensor<?x8xf32>, tensor<6x8xf32>, f32) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  %x1, %rows1 = call @experts(%n1, %e1, %w1, %up1, %down1, %x)
      : (tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<6x12x8xf32>, tensor<6x8x12xf32>, tensor<?x8xf32>)
      -> (tensor<?x8xf32>, tensor<1xi32>)

  %n2 = call @norm(%x1, %norm2) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %x2 = call @dense(%n2, %up2, %down2, %x1)
      : (tensor<?x8xf32>, tensor<16x8xf32>, tensor<8x16xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>

  %n3 = call @norm(%x2, %norm3) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %e3, %w3 = call @route_top2(%n3, %router3, %threshold)
      : (tensor<?x8xf32>, tensor<6x8xf32>, f32) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  %x3, %rows3 = call @experts(%n3, %e3, %w3, %up3, %down3, %x2)
      : (tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<6x12x8xf32>, tensor<6x8x12xf32>, tensor<?x8xf32>)
      -> (tensor<?x8xf32>, tensor<1xi32>)

  %n4 = call @norm(%x3, %norm4) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %e4, %w4 = call @route_full(%n4, %router4, %threshold)
      : (tensor<?x8xf32>, tensor<6x8xf32>, f32) -> (tensor<?x2xi32>, tensor<?x2xf32>)
  %x4, %rows4 = call @experts(%n4, %e4, %w4, %up4, %down4, %x3)
      : (tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<6x12x8xf32>, tensor<6x8x12xf32>, tensor<?x8xf32>)
      -> (tensor<?x8xf32>, tensor<1xi32>)

  %rows = tensor.concat dim(0) %rows1, %rows3, %rows4 : (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<3xi32>
  return %x4, %rows, %e1, %e3, %e4
      : tensor<?x8xf32>, tensor<3xi32>, tensor<?x2xi32>, tensor<?x2xi32>, tensor<?x2xi32>
}

// The second expert stays where p_0 - p_1 <= threshold; weights are the raw
// probabilities.
func.func private @route_full(%x: tensor<?x8xf32>, %router: tensor<6x8xf32>, %threshold: f32)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty(%n) : tensor<?x6xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x6xf32>) -> tensor<?x6xf32>
  %l = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %router : tensor<?x8xf32>, tensor<6x8xf32>) outs(%l1 : tensor<?x6xf32>) -> tensor<?x6xf32>
  %s = moe.score softmax %l : tensor<?x6xf32> -> tensor<?x6xf32>
  %e = moe.select #moe.gap<2> %s params(%threshold : f32) : tensor<?x6xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// Where (p_0 - p_1) / (p_0 + p_1) <= threshold.
func.func private @route_top2(%x: tensor<?x8xf32>, %router: tensor<6x8xf32>, %threshold: f32)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty(%n) : tensor<?x6xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x6xf32>) -> tensor<?x6xf32>
  %l = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %router : tensor<?x8xf32>, tensor<6x8xf32>) outs(%l1 : tensor<?x6xf32>) -> tensor<?x6xf32>
  %s = moe.score softmax %l : tensor<?x6xf32> -> tensor<?x6xf32>
  %e = moe.select #moe.gap<2, norm = top2> %s params(%threshold : f32) : tensor<?x6xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// Experts are two layers of ReLU. The second result counts the rows of all of them.
func.func private @experts(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>,
                           %up: tensor<6x12x8xf32>, %down: tensor<6x8x12xf32>,
                           %residual: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<1xi32>) {
  %offsets, %pairs = moe.plan %e : tensor<?x2xi32> -> tensor<7xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%up, %down : tensor<6x12x8xf32>, tensor<6x8x12xf32>)
      offsets(%offsets : tensor<7xi32>) -> tensor<?x8xf32> {
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
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  %total = tensor.extract_slice %offsets[6] [1] [1] : tensor<7xi32> to tensor<1xi32>
  return %y, %total : tensor<?x8xf32>, tensor<1xi32>
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

// The same for five thresholds, so that one compilation serves them all.
func.func @sweep(%x: tensor<?x8xf32>, %t0: f32, %t1: f32, %t2: f32, %t3: f32, %t4: f32,
                 %norm1: tensor<8xf32>, %router1: tensor<6x8xf32>, %up1: tensor<6x12x8xf32>, %down1: tensor<6x8x12xf32>,
                 %norm2: tensor<8xf32>, %up2: tensor<16x8xf32>, %down2: tensor<8x16xf32>,
                 %norm3: tensor<8xf32>, %router3: tensor<6x8xf32>, %up3: tensor<6x12x8xf32>, %down3: tensor<6x8x12xf32>,
                 %norm4: tensor<8xf32>, %router4: tensor<6x8xf32>, %up4: tensor<6x12x8xf32>, %down4: tensor<6x8x12xf32>)
    -> (tensor<5x?x8xf32>, tensor<5x3xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %y0 = tensor.empty(%n) : tensor<5x?x8xf32>
  %r0 = tensor.empty() : tensor<5x3xi32>
  %y, %r = scf.for %i = %c0 to %c5 step %c1 iter_args(%ys = %y0, %rs = %r0) -> (tensor<5x?x8xf32>, tensor<5x3xi32>) {
    %is1 = arith.cmpi eq, %i, %c1 : index
    %is2 = arith.cmpi eq, %i, %c2 : index
    %is3 = arith.cmpi eq, %i, %c3 : index
    %is4 = arith.cmpi eq, %i, %c4 : index
    %t01 = arith.select %is1, %t1, %t0 : f32
    %t02 = arith.select %is2, %t2, %t01 : f32
    %t03 = arith.select %is3, %t3, %t02 : f32
    %threshold = arith.select %is4, %t4, %t03 : f32
    %yi, %ri, %e1, %e3, %e4 = func.call @main(
        %x, %threshold, %norm1, %router1, %up1, %down1, %norm2, %up2, %down2,
        %norm3, %router3, %up3, %down3, %norm4, %router4, %up4, %down4)
        : (tensor<?x8xf32>, f32, tensor<8xf32>, tensor<6x8xf32>, tensor<6x12x8xf32>, tensor<6x8x12xf32>,
           tensor<8xf32>, tensor<16x8xf32>, tensor<8x16xf32>,
           tensor<8xf32>, tensor<6x8xf32>, tensor<6x12x8xf32>, tensor<6x8x12xf32>,
           tensor<8xf32>, tensor<6x8xf32>, tensor<6x12x8xf32>, tensor<6x8x12xf32>)
        -> (tensor<?x8xf32>, tensor<3xi32>, tensor<?x2xi32>, tensor<?x2xi32>, tensor<?x2xi32>)
    %y_next = tensor.insert_slice %yi into %ys[%i, 0, 0] [1, %n, 8] [1, 1, 1] : tensor<?x8xf32> into tensor<5x?x8xf32>
    %r_next = tensor.insert_slice %ri into %rs[%i, 0] [1, 3] [1, 1] : tensor<3xi32> into tensor<5x3xi32>
    scf.yield %y_next, %r_next : tensor<5x?x8xf32>, tensor<5x3xi32>
  }
  return %y, %r : tensor<5x?x8xf32>, tensor<5x3xi32>
}
