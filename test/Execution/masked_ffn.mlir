// The layer in tiles of one token and of three: right, and bit by bit the same. masked_ffn.py leaves out what no token keeps, and fills it with NaN.
// RUN: %python %S/masked_ffn.py %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

#all = affine_map<(t, j) -> (t, j)>

func.func @post(%x: tensor<?x37xf32>, %u: tensor<?x20xi32>, %c: tensor<?x20xf32>,
                %k: i32, %up: tensor<150x37xf32>, %b1: tensor<150xf32>,
                %down: tensor<150x45xf32>, %b2: tensor<45xf32>)
    -> (tensor<?x45xf32>, tensor<?x45xi32>) {
  %y1 = call @post1(%x, %u, %c, %k, %up, %b1, %down, %b2)
      : (tensor<?x37xf32>, tensor<?x20xi32>, tensor<?x20xf32>, i32, tensor<150x37xf32>, tensor<150xf32>, tensor<150x45xf32>, tensor<45xf32>) -> tensor<?x45xf32>
  %y3 = call @post3(%x, %u, %c, %k, %up, %b1, %down, %b2)
      : (tensor<?x37xf32>, tensor<?x20xi32>, tensor<?x20xf32>, i32, tensor<150x37xf32>, tensor<150xf32>, tensor<150x45xf32>, tensor<45xf32>) -> tensor<?x45xf32>
  %d = call @differences(%y1, %y3) : (tensor<?x45xf32>, tensor<?x45xf32>) -> tensor<?x45xi32>
  return %y3, %d : tensor<?x45xf32>, tensor<?x45xi32>
}

func.func @pre(%x: tensor<?x37xf32>, %u: tensor<?x20xi32>, %c: tensor<?x20xf32>,
                %k: i32, %up: tensor<150x37xf32>, %b1: tensor<150xf32>,
                %down: tensor<150x45xf32>, %b2: tensor<45xf32>, %w: tensor<?x3xf32>)
    -> (tensor<?x45xf32>, tensor<?x45xi32>) {
  %y1 = call @pre1(%x, %u, %c, %k, %up, %b1, %down, %b2, %w)
      : (tensor<?x37xf32>, tensor<?x20xi32>, tensor<?x20xf32>, i32, tensor<150x37xf32>, tensor<150xf32>, tensor<150x45xf32>, tensor<45xf32>, tensor<?x3xf32>) -> tensor<?x45xf32>
  %y3 = call @pre3(%x, %u, %c, %k, %up, %b1, %down, %b2, %w)
      : (tensor<?x37xf32>, tensor<?x20xi32>, tensor<?x20xf32>, i32, tensor<150x37xf32>, tensor<150xf32>, tensor<150x45xf32>, tensor<45xf32>, tensor<?x3xf32>) -> tensor<?x45xf32>
  %d = call @differences(%y1, %y3) : (tensor<?x45xf32>, tensor<?x45xf32>) -> tensor<?x45xi32>
  return %y3, %d : tensor<?x45xf32>, tensor<?x45xi32>
}

// Bits that are not the same in both; a NaN differs from nothing.
func.func private @differences(%a: tensor<?x45xf32>, %b: tensor<?x45xf32>) -> tensor<?x45xi32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %a, %c0 : tensor<?x45xf32>
  %empty = tensor.empty(%t) : tensor<?x45xi32>
  %d = linalg.generic {indexing_maps = [#all, #all, #all],
                       iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<?x45xf32>, tensor<?x45xf32>) outs(%empty : tensor<?x45xi32>) {
  ^bb0(%p: f32, %q: f32, %o: i32):
    %zero = arith.constant 0 : i32
    %pi = arith.bitcast %p : f32 to i32
    %qi = arith.bitcast %q : f32 to i32
    %any = arith.xori %pi, %qi : i32
    %nan = arith.cmpf uno, %p, %q : f32
    %result = arith.select %nan, %zero, %any : i32
    linalg.yield %result : i32
  } -> tensor<?x45xi32>
  return %d : tensor<?x45xi32>
}

func.func private @post1(%x: tensor<?x37xf32>, %u: tensor<?x20xi32>, %c: tensor<?x20xf32>,
                         %k: i32, %up: tensor<150x37xf32>, %b1: tensor<150xf32>,
                         %down: tensor<150x45xf32>, %b2: tensor<45xf32>)
    -> tensor<?x45xf32> {
  %c0 = arith.constant 0 : index
  %tile = arith.constant 1 : index
  %t = tensor.dim %x, %c0 : tensor<?x37xf32>
  %rows = tensor.dim %u, %c0 : tensor<?x20xi32>
  %tiles = arith.ceildivui %t, %tile : index
  %y0 = tensor.empty(%t) : tensor<?x45xf32>
  %h0 = tensor.empty(%t) : tensor<?x150xf32>
  %f0 = tensor.empty(%t) : tensor<?x150xf32>
  %k0 = tensor.empty(%t) : tensor<?x150xi32>
  %l0 = tensor.empty(%tiles) : tensor<?x150xi32>
  %n0 = tensor.empty(%tiles) : tensor<?x3xi32>
  %y:6 = moe.masked_ffn post
      ins(%x, %u, %c : tensor<?x37xf32>, tensor<?x20xi32>, tensor<?x20xf32>)
      samples 3 count(%k : i32)
      up(%up, %b1 : tensor<150x37xf32>, tensor<150xf32>)
      down(%down, %b2 : tensor<150x45xf32>, tensor<45xf32>)
      tile 1 outs(%y0, %h0, %f0, %k0, %l0, %n0 : tensor<?x45xf32>, tensor<?x150xf32>,
           tensor<?x150xf32>, tensor<?x150xi32>, tensor<?x150xi32>, tensor<?x3xi32>) {
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
  } -> tensor<?x45xf32>, tensor<?x150xf32>, tensor<?x150xf32>, tensor<?x150xi32>,
       tensor<?x150xi32>, tensor<?x3xi32>
  return %y#0 : tensor<?x45xf32>
}

func.func private @post3(%x: tensor<?x37xf32>, %u: tensor<?x20xi32>, %c: tensor<?x20xf32>,
                         %k: i32, %up: tensor<150x37xf32>, %b1: tensor<150xf32>,
                         %down: tensor<150x45xf32>, %b2: tensor<45xf32>)
    -> tensor<?x45xf32> {
  %c0 = arith.constant 0 : index
  %tile = arith.constant 3 : index
  %t = tensor.dim %x, %c0 : tensor<?x37xf32>
  %rows = tensor.dim %u, %c0 : tensor<?x20xi32>
  %tiles = arith.ceildivui %t, %tile : index
  %y0 = tensor.empty(%t) : tensor<?x45xf32>
  %h0 = tensor.empty(%t) : tensor<?x150xf32>
  %f0 = tensor.empty(%t) : tensor<?x150xf32>
  %k0 = tensor.empty(%t) : tensor<?x150xi32>
  %l0 = tensor.empty(%tiles) : tensor<?x150xi32>
  %n0 = tensor.empty(%tiles) : tensor<?x3xi32>
  %y:6 = moe.masked_ffn post
      ins(%x, %u, %c : tensor<?x37xf32>, tensor<?x20xi32>, tensor<?x20xf32>)
      samples 3 count(%k : i32)
      up(%up, %b1 : tensor<150x37xf32>, tensor<150xf32>)
      down(%down, %b2 : tensor<150x45xf32>, tensor<45xf32>)
      tile 3 outs(%y0, %h0, %f0, %k0, %l0, %n0 : tensor<?x45xf32>, tensor<?x150xf32>,
           tensor<?x150xf32>, tensor<?x150xi32>, tensor<?x150xi32>, tensor<?x3xi32>) {
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
  } -> tensor<?x45xf32>, tensor<?x150xf32>, tensor<?x150xf32>, tensor<?x150xi32>,
       tensor<?x150xi32>, tensor<?x3xi32>
  return %y#0 : tensor<?x45xf32>
}

func.func private @pre1(%x: tensor<?x37xf32>, %u: tensor<?x20xi32>, %c: tensor<?x20xf32>,
                         %k: i32, %up: tensor<150x37xf32>, %b1: tensor<150xf32>,
                         %down: tensor<150x45xf32>, %b2: tensor<45xf32>, %w: tensor<?x3xf32>)
    -> tensor<?x45xf32> {
  %c0 = arith.constant 0 : index
  %tile = arith.constant 1 : index
  %t = tensor.dim %x, %c0 : tensor<?x37xf32>
  %rows = tensor.dim %u, %c0 : tensor<?x20xi32>
  %tiles = arith.ceildivui %t, %tile : index
  %y0 = tensor.empty(%t) : tensor<?x45xf32>
  %h0 = tensor.empty(%t) : tensor<?x150xf32>
  %f0 = tensor.empty(%rows) : tensor<?x150xf32>
  %k0 = tensor.empty(%t) : tensor<?x150xi32>
  %l0 = tensor.empty(%tiles) : tensor<?x150xi32>
  %n0 = tensor.empty(%tiles) : tensor<?x3xi32>
  %y:6 = moe.masked_ffn pre
      ins(%x, %u, %c : tensor<?x37xf32>, tensor<?x20xi32>, tensor<?x20xf32>)
      samples 3 count(%k : i32)
      up(%up, %b1 : tensor<150x37xf32>, tensor<150xf32>)
      down(%down, %b2 : tensor<150x45xf32>, tensor<45xf32>)
      sample_weights(%w : tensor<?x3xf32>)
      tile 1 outs(%y0, %h0, %f0, %k0, %l0, %n0 : tensor<?x45xf32>, tensor<?x150xf32>,
           tensor<?x150xf32>, tensor<?x150xi32>, tensor<?x150xi32>, tensor<?x3xi32>) {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  } -> tensor<?x45xf32>, tensor<?x150xf32>, tensor<?x150xf32>, tensor<?x150xi32>,
       tensor<?x150xi32>, tensor<?x3xi32>
  return %y#0 : tensor<?x45xf32>
}

func.func private @pre3(%x: tensor<?x37xf32>, %u: tensor<?x20xi32>, %c: tensor<?x20xf32>,
                         %k: i32, %up: tensor<150x37xf32>, %b1: tensor<150xf32>,
                         %down: tensor<150x45xf32>, %b2: tensor<45xf32>, %w: tensor<?x3xf32>)
    -> tensor<?x45xf32> {
  %c0 = arith.constant 0 : index
  %tile = arith.constant 3 : index
  %t = tensor.dim %x, %c0 : tensor<?x37xf32>
  %rows = tensor.dim %u, %c0 : tensor<?x20xi32>
  %tiles = arith.ceildivui %t, %tile : index
  %y0 = tensor.empty(%t) : tensor<?x45xf32>
  %h0 = tensor.empty(%t) : tensor<?x150xf32>
  %f0 = tensor.empty(%rows) : tensor<?x150xf32>
  %k0 = tensor.empty(%t) : tensor<?x150xi32>
  %l0 = tensor.empty(%tiles) : tensor<?x150xi32>
  %n0 = tensor.empty(%tiles) : tensor<?x3xi32>
  %y:6 = moe.masked_ffn pre
      ins(%x, %u, %c : tensor<?x37xf32>, tensor<?x20xi32>, tensor<?x20xf32>)
      samples 3 count(%k : i32)
      up(%up, %b1 : tensor<150x37xf32>, tensor<150xf32>)
      down(%down, %b2 : tensor<150x45xf32>, tensor<45xf32>)
      sample_weights(%w : tensor<?x3xf32>)
      tile 3 outs(%y0, %h0, %f0, %k0, %l0, %n0 : tensor<?x45xf32>, tensor<?x150xf32>,
           tensor<?x150xf32>, tensor<?x150xi32>, tensor<?x150xi32>, tensor<?x3xi32>) {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  } -> tensor<?x45xf32>, tensor<?x150xf32>, tensor<?x150xf32>, tensor<?x150xi32>,
       tensor<?x150xi32>, tensor<?x3xi32>
  return %y#0 : tensor<?x45xf32>
}
