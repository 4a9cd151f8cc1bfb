// The curriculum of adaptive gating, section 3.2, on every back end: curriculum.py has the
// cases. A layer counts per sample the tokens with two experts; the next epoch starts
// with the sample that has the fewest, and goes on by cosine similarity to it.
// RUN: %python %S/curriculum.py %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/curriculum.py %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>

// What a trainer reads of a layer: slots per expert, experts per token, mean scores,
// and the share of tokens with two experts in each of the samples of `length` tokens.
func.func @layer(%s: tensor<?x4xf32>, %threshold: f32, %length: i64)
    -> (tensor<4xi32>, tensor<?xi32>, tensor<4xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %e = moe.select #moe.gap<2> %s params(%threshold : f32) : tensor<?x4xf32> -> tensor<?x2xi32>
  %slots, %live, %mean = moe.stats %e, %s : tensor<?x2xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  %size = arith.index_cast %length : i64 to index
  %tokens = tensor.dim %s, %c0 : tensor<?x4xf32>
  %samples = arith.divui %tokens, %size : index
  %grid = tensor.expand_shape %live [[0, 1]] output_shape [%samples, %size] : tensor<?xi32> into tensor<?x?xi32>
  %r0 = tensor.empty(%samples) : tensor<?xf32>
  %r1 = linalg.fill ins(%zero : f32) outs(%r0 : tensor<?xf32>) -> tensor<?xf32>
  %ratio = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%grid : tensor<?x?xi32>) outs(%r1 : tensor<?xf32>) {
  ^bb0(%count: i32, %sum: f32):
    %two = arith.constant 2 : i32
    %is_two = arith.cmpi eq, %count, %two : i32
    %one = arith.uitofp %is_two : i1 to f32
    %parts = arith.sitofp %length : i64 to f32
    %share = arith.divf %one, %parts : f32
    %next = arith.addf %sum, %share : f32
    linalg.yield %next : f32
  } -> tensor<?xf32>
  return %slots, %live, %mean, %ratio : tensor<4xi32>, tensor<?xi32>, tensor<4xf32>, tensor<?xf32>
}

// The samples in order, of complexity[sample, layer]. A zero vector has similarity 0
// to all; equal similarities go by rising total, and then by number.
func.func @order(%c: tensor<?x3xf32>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %c, %c0 : tensor<?x3xf32>
  %f0 = tensor.empty(%n) : tensor<?xf32>
  %f1 = linalg.fill ins(%zero : f32) outs(%f0 : tensor<?xf32>) -> tensor<?xf32>
  %i0 = tensor.empty(%n) : tensor<?xi32>
  %totals = linalg.reduce { arith.addf } ins(%c : tensor<?x3xf32>) outs(%f1 : tensor<?xf32>) dimensions = [1]
  %numbers = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      outs(%i0 : tensor<?xi32>) {
  ^bb0(%o: i32):
    %i = linalg.index 0 : index
    %number = arith.index_cast %i : index to i32
    linalg.yield %number : i32
  } -> tensor<?xi32>
  // The anchor comes first.
  %sorted, %by_total = moe.sort %totals, %numbers dimension 0 : tensor<?xf32>, tensor<?xi32> {
  ^compare(%a: f32, %b: f32, %i: i32, %j: i32):
    %before = arith.cmpf olt, %a, %b : f32
    moe.yield %before : i1
  }
  %squares = arith.mulf %c, %c : tensor<?x3xf32>
  %norms = linalg.reduce { arith.addf } ins(%squares : tensor<?x3xf32>) outs(%f1 : tensor<?xf32>) dimensions = [1]
  %dots = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%c : tensor<?x3xf32>) outs(%f1 : tensor<?xf32>) {
  ^bb0(%v: f32, %sum: f32):
    %layer = linalg.index 1 : index
    %first = arith.constant 0 : index
    %id = tensor.extract %by_total[%first] : tensor<?xi32>
    %anchor = arith.index_cast %id : i32 to index
    %other = tensor.extract %c[%anchor, %layer] : tensor<?x3xf32>
    %product = arith.mulf %v, %other : f32
    %next = arith.addf %sum, %product : f32
    linalg.yield %next : f32
  } -> tensor<?xf32>
  %similarities = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                                  iterator_types = ["parallel"]}
      ins(%dots, %norms : tensor<?xf32>, tensor<?xf32>) outs(%f0 : tensor<?xf32>) {
  ^bb0(%dot: f32, %norm: f32, %o: f32):
    %none = arith.constant 0.0 : f32
    %most = arith.constant 2.0 : f32
    %i = linalg.index 0 : index
    %first = arith.constant 0 : index
    %id = tensor.extract %by_total[%first] : tensor<?xi32>
    %anchor = arith.index_cast %id : i32 to index
    %anchor_norm = tensor.extract %norms[%anchor] : tensor<?xf32>
    %product = arith.mulf %norm, %anchor_norm : f32
    %root = math.sqrt %product : f32
    %cosine = arith.divf %dot, %root : f32
    %is_vector = arith.cmpf ogt, %product, %none : f32
    %defined = arith.select %is_vector, %cosine, %none : f32
    %is_anchor = arith.cmpi eq, %i, %anchor : index
    %similarity = arith.select %is_anchor, %most, %defined : f32
    linalg.yield %similarity : f32
  } -> tensor<?xf32>
  %s, %t, %order = moe.sort %similarities, %totals, %numbers dimension 0
      : tensor<?xf32>, tensor<?xf32>, tensor<?xi32> {
  ^compare(%a: f32, %b: f32, %ta: f32, %tb: f32, %i: i32, %j: i32):
    %nearer = arith.cmpf ogt, %a, %b : f32
    %same = arith.cmpf oeq, %a, %b : f32
    %fewer = arith.cmpf olt, %ta, %tb : f32
    %tie = arith.andi %same, %fewer : i1
    %before = arith.ori %nearer, %tie : i1
    moe.yield %before : i1
  }
  return %order : tensor<?xi32>
}
