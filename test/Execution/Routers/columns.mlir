// Routers with a state or with columns that are no experts; the rows of this file in
// the table of dialects/moe/README.md.
// RUN: %python %S/table.py --run=columns --columns=parse,verify,reference,cpu

#id = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (e)>
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>

// Eight experts, four columns that give back the token.
func.func @longcat_flash(%l: tensor<?x12xf32>, %b: tensor<12xf32>, %x: tensor<?x4xf32>,
    %init: tensor<?x4xf32>) -> (tensor<?x5xi32>, tensor<?x5xf32>, tensor<?x4xf32>) {
  %s = moe.score softmax %l : tensor<?x12xf32> -> tensor<?x12xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x12xf32>, tensor<12xf32>) outs(%s : tensor<?x12xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x12xf32>
  %e = moe.select #moe.top_k<5> %k : tensor<?x12xf32> -> tensor<?x5xi32>
  %w = moe.weigh value %s, %e {scale = 6.0}
      : tensor<?x12xf32>, tensor<?x5xi32> -> tensor<?x5xf32>
  %y = moe.virtual %x, %e, %w into %init first 8 identity 4
      : tensor<?x4xf32>, tensor<?x5xi32>, tensor<?x5xf32> into tensor<?x4xf32>
  return %e, %w, %y : tensor<?x5xi32>, tensor<?x5xf32>, tensor<?x4xf32>
}

// Six experts, two columns that count in no sum.
func.func @adamoe(%l: tensor<?x8xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %s : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e columns 6 norm sum
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

// Four experts, two constant columns, a copy, and a zero that counts in no sum. The
// state are the logits; columns get the token twice.
func.func @moepp(%l: tensor<?x8xf32>, %before: tensor<?x8xf32>, %map: tensor<8x8xf32>,
    %x: tensor<?x4xf32>, %mix: tensor<?x4xf32>, %vectors: tensor<2x4xf32>,
    %init: tensor<?x4xf32>)
    -> (tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x4xf32>) {
  %h = moe.router_cell linear %l, %before weights(%map : tensor<8x8xf32>)
      : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?x8xf32>
  %s = moe.score softmax %h : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e columns 7 norm sum
      : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %twice = linalg.generic {indexing_maps = [#id, #id],
                           iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x4xf32>) outs(%x : tensor<?x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %sum = arith.addf %in, %in : f32
    linalg.yield %sum : f32
  } -> tensor<?x4xf32>
  %y = moe.virtual %twice, %e, %w into %init first 4
      constant(%mix, %vectors : tensor<?x4xf32>, tensor<2x4xf32>) identity 1
      : tensor<?x4xf32>, tensor<?x2xi32>, tensor<?x2xf32> into tensor<?x4xf32>
  return %h, %e, %w, %y
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x4xf32>
}

// Eight experts and a column that skips them. A matrix stands in for the layers
// between state and logits.
func.func @zaya(%x: tensor<?x4xf32>, %before: tensor<?x4xf32>, %a: tensor<4xf32>,
    %layers: tensor<9x4xf32>, %b: tensor<9xf32>)
    -> (tensor<?x4xf32>, tensor<?x1xi32>, tensor<?x1xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %t = moe.router_cell ema %x, %before weights(%a : tensor<4xf32>)
      : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %l0 = tensor.empty(%n) : tensor<?x9xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x9xf32>) -> tensor<?x9xf32>
  %l = linalg.matmul indexing_maps = [#x, #w, #y]
      ins(%t, %layers : tensor<?x4xf32>, tensor<9x4xf32>) outs(%l1 : tensor<?x9xf32>)
      -> tensor<?x9xf32>
  %s = moe.score softmax %l : tensor<?x9xf32> -> tensor<?x9xf32>
  %k = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%s, %b : tensor<?x9xf32>, tensor<9xf32>) outs(%s : tensor<?x9xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x9xf32>
  %e = moe.select #moe.top_k<1> %k : tensor<?x9xf32> -> tensor<?x1xi32>
  %w = moe.weigh value %s, %e columns 8 : tensor<?x9xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  return %t, %e, %w : tensor<?x4xf32>, tensor<?x1xi32>, tensor<?x1xf32>
}

func.func @rmoe_router(%x: tensor<?x4xf32>, %before: tensor<?x3xf32>, %wx: tensor<9x4xf32>,
    %wh: tensor<9x3xf32>, %bx: tensor<9xf32>, %bh: tensor<9xf32>, %embed: tensor<8x3xf32>)
    -> (tensor<?x3xf32>, tensor<?x2xi32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %h = moe.router_cell gru %x, %before weights(%wx, %wh : tensor<9x4xf32>, tensor<9x3xf32>)
      biases(%bx, %bh : tensor<9xf32>, tensor<9xf32>)
      : tensor<?x4xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
  %l0 = tensor.empty(%n) : tensor<?x8xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x8xf32>) -> tensor<?x8xf32>
  %l = linalg.matmul indexing_maps = [#x, #w, #y]
      ins(%h, %embed : tensor<?x3xf32>, tensor<8x3xf32>) outs(%l1 : tensor<?x8xf32>)
      -> tensor<?x8xf32>
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %h, %e, %w : tensor<?x3xf32>, tensor<?x2xi32>, tensor<?x2xf32>
}
