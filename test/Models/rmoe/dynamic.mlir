// RMoE (Qiu et al., ICLR 2025) for any number of tokens: a MoE layer, a dense layer and two
// MoE layers, each behind a norm and beside a residual. All routers share one GRU; a
// projector and the experts' embeddings belong to a layer.

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#left = affine_map<(i, j, k) -> (i, k)>
#right = affine_map<(i, j, k) -> (j, k)>
#out = affine_map<(i, j, k) -> (i, j)>

func.func @main(%x: tensor<?x8xf32>, %h0: tensor<?x4xf32>,
                %w: tensor<12x4xf32>, %u: tensor<12x4xf32>, %b: tensor<12xf32>, %c: tensor<12xf32>,
                %norm1: tensor<8xf32>, %project1: tensor<4x8xf32>, %embed1: tensor<5x4xf32>,
                %gate_up1: tensor<5x12x8xf32>, %down1: tensor<5x8x6xf32>,
                %norm2: tensor<8xf32>, %gate_up2: tensor<20x8xf32>, %down2: tensor<8x10xf32>,
                %norm3: tensor<8xf32>, %project3: tensor<4x8xf32>, %embed3: tensor<5x4xf32>,
                %gate_up3: tensor<5x12x8xf32>, %down3: tensor<5x8x6xf32>,
                %norm4: tensor<8xf32>, %project4: tensor<4x8xf32>, %embed4: tensor<5x4xf32>,
                %gate_up4: tensor<5x12x8xf32>, %down4: tensor<5x8x6xf32>)
    -> (tensor<?x8xf32>, tensor<?x4xf32>) {
  %n1 = call @norm(%x, %norm1) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %p1 = call @project(%n1, %project1) : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  %h1 = moe.router_cell gru %p1, %h0
      weights(%w, %u : tensor<12x4xf32>, tensor<12x4xf32>)
      biases(%b, %c : tensor<12xf32>, tensor<12xf32>) : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %x1 = call @moe(%n1, %h1, %embed1, %gate_up1, %down1, %x)
      : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<5x4xf32>, tensor<5x12x8xf32>, tensor<5x8x6xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  // The state goes around the dense layer.
  %n2 = call @norm(%x1, %norm2) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %x2 = call @dense(%n2, %gate_up2, %down2, %x1)
      : (tensor<?x8xf32>, tensor<20x8xf32>, tensor<8x10xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %n3 = call @norm(%x2, %norm3) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %p3 = call @project(%n3, %project3) : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  %h3 = moe.router_cell gru %p3, %h1
      weights(%w, %u : tensor<12x4xf32>, tensor<12x4xf32>)
      biases(%b, %c : tensor<12xf32>, tensor<12xf32>) : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %x3 = call @moe(%n3, %h3, %embed3, %gate_up3, %down3, %x2)
      : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<5x4xf32>, tensor<5x12x8xf32>, tensor<5x8x6xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %n4 = call @norm(%x3, %norm4) : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %p4 = call @project(%n4, %project4) : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  %h4 = moe.router_cell gru %p4, %h3
      weights(%w, %u : tensor<12x4xf32>, tensor<12x4xf32>)
      biases(%b, %c : tensor<12xf32>, tensor<12xf32>) : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %x4 = call @moe(%n4, %h4, %embed4, %gate_up4, %down4, %x3)
      : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<5x4xf32>, tensor<5x12x8xf32>, tensor<5x8x6xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return %x4, %h4 : tensor<?x8xf32>, tensor<?x4xf32>
}

func.func private @project(%x: tensor<?x8xf32>, %p: tensor<4x8xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %y0 = tensor.empty(%n) : tensor<?x4xf32>
  %y1 = linalg.fill ins(%zero : f32) outs(%y0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %p : tensor<?x8xf32>, tensor<4x8xf32>) outs(%y1 : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Experts see the normalised token, the router only the state.
func.func private @moe(%x: tensor<?x8xf32>, %h: tensor<?x4xf32>, %embed: tensor<5x4xf32>,
                       %gate_up: tensor<5x12x8xf32>, %down: tensor<5x8x6xf32>,
                       %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %l0 = tensor.empty(%n) : tensor<?x5xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x5xf32>) -> tensor<?x5xf32>
  %l = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%h, %embed : tensor<?x4xf32>, tensor<5x4xf32>) outs(%l1 : tensor<?x5xf32>) -> tensor<?x5xf32>
  %s = moe.score softmax %l : tensor<?x5xf32> -> tensor<?x5xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x5xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum
      : tensor<?x5xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x2xi32> -> tensor<6xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 2
      : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%gate_up, %down : tensor<5x12x8xf32>, tensor<5x8x6xf32>)
      offsets(%offsets : tensor<6xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %wgu: tensor<12x8xf32>, %wd: tensor<8x6xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %gu0 = tensor.empty(%count) : tensor<?x12xf32>
    %gu1 = linalg.fill ins(%none : f32) outs(%gu0 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %gu = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%r, %wgu : tensor<?x8xf32>, tensor<12x8xf32>) outs(%gu1 : tensor<?x12xf32>) -> tensor<?x12xf32>
    %gate = tensor.extract_slice %gu[0, 0] [%count, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %up = tensor.extract_slice %gu[0, 6] [%count, 6] [1, 1] : tensor<?x12xf32> to tensor<?x6xf32>
    %a0 = tensor.empty(%count) : tensor<?x6xf32>
    %a = linalg.generic {indexing_maps = [#all, #all, #all],
                         iterator_types = ["parallel", "parallel"]}
        ins(%gate, %up : tensor<?x6xf32>, tensor<?x6xf32>) outs(%a0 : tensor<?x6xf32>) {
    ^bb0(%g: f32, %u: f32, %o: f32):
      %minus = arith.negf %g : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %silu = arith.divf %g, %sum : f32
      %product = arith.mulf %silu, %u : f32
      linalg.yield %product : f32
    } -> tensor<?x6xf32>
    %dn0 = tensor.empty(%count) : tensor<?x8xf32>
    %dn1 = linalg.fill ins(%none : f32) outs(%dn0 : tensor<?x8xf32>) -> tensor<?x8xf32>
    %dn = linalg.matmul indexing_maps = [#left, #right, #out]
        ins(%a, %wd : tensor<?x6xf32>, tensor<8x6xf32>) outs(%dn1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %dn : tensor<?x8xf32>
  }
  %y = moe.combine %out, %pairs, %w into %residual
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func private @dense(%x: tensor<?x8xf32>, %wgu: tensor<20x8xf32>, %wd: tensor<8x10xf32>,
                         %residual: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %gu0 = tensor.empty(%n) : tensor<?x20xf32>
  %gu1 = linalg.fill ins(%zero : f32) outs(%gu0 : tensor<?x20xf32>) -> tensor<?x20xf32>
  %gu = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%x, %wgu : tensor<?x8xf32>, tensor<20x8xf32>) outs(%gu1 : tensor<?x20xf32>) -> tensor<?x20xf32>
  %gate = tensor.extract_slice %gu[0, 0] [%n, 10] [1, 1] : tensor<?x20xf32> to tensor<?x10xf32>
  %up = tensor.extract_slice %gu[0, 10] [%n, 10] [1, 1] : tensor<?x20xf32> to tensor<?x10xf32>
  %a0 = tensor.empty(%n) : tensor<?x10xf32>
  %a = linalg.generic {indexing_maps = [#all, #all, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%gate, %up : tensor<?x10xf32>, tensor<?x10xf32>) outs(%a0 : tensor<?x10xf32>) {
  ^bb0(%g: f32, %u: f32, %o: f32):
    %minus = arith.negf %g : f32
    %exp = math.exp %minus : f32
    %sum = arith.addf %exp, %one : f32
    %silu = arith.divf %g, %sum : f32
    %product = arith.mulf %silu, %u : f32
    linalg.yield %product : f32
  } -> tensor<?x10xf32>
  %dn0 = tensor.empty(%n) : tensor<?x8xf32>
  %dn1 = linalg.fill ins(%zero : f32) outs(%dn0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %dn = linalg.matmul indexing_maps = [#left, #right, #out]
      ins(%a, %wd : tensor<?x10xf32>, tensor<8x10xf32>) outs(%dn1 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = arith.addf %dn, %residual : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
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
