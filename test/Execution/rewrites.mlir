// What passes make of these gives what they gave before, on every back end:
// rewritten.py says which pass takes which.
// RUN: %python %S/rewritten.py %t reference cpu

#all = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>

// Selected by logits, weighed by a softmax over the selected.
func.func @mixtral(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %off, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %one = arith.constant 1.0 : f32
      %minus = arith.negf %v0 : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %a = arith.divf %v0, %sum : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @narrow_sigmoid(%x: tensor<?x4xf32>, %l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score sigmoid %l : tensor<?x4xf32> -> tensor<?x4xbf16>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xbf16> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xbf16>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @factor(%l: tensor<?x4xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %factor = arith.constant 2.5 : f32
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %v = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<?x2xf32>) outs(%w : tensor<?x2xf32>) {
  ^bb0(%x: f32, %o: f32):
    %y = arith.mulf %x, %factor : f32
    linalg.yield %y : f32
  } -> tensor<?x2xf32>
  return %e, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @factor_of_sum(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0.0 : f32
  %factor = arith.constant 2.5 : f32
  %nothing = linalg.fill ins(%zero : f32) outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %off, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %one = arith.constant 1.0 : f32
      %minus = arith.negf %v0 : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %a = arith.divf %v0, %sum : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %nothing : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  %z = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<?x8xf32>) outs(%nothing : tensor<?x8xf32>) {
  ^bb0(%v: f32, %o: f32):
    %m = arith.mulf %factor, %v : f32
    linalg.yield %m : f32
  } -> tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

func.func @bins(%x: tensor<?x8xf32>, %s: tensor<?x4xf32>, %m: tensor<4x8x8xf32>, %i: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %t = moe.select #moe.top_k<3> %s by expert order by_index : tensor<?x4xf32> -> tensor<4x3xi32>
  %w = moe.weigh sigmoid %s, %t by expert norm sum : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x3xi32>) : tensor<?x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  %out = moe.experts rows(%r : tensor<12x8xf32>) weights(%m : tensor<4x8x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%rows: tensor<?x8xf32>, %me: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %rows, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.matmul ins(%rows, %me : tensor<?x8xf32>, tensor<8x8xf32>) outs(%f : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %i tokens(%t : tensor<4x3xi32>)
      : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @hidden(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %off, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %one = arith.constant 1.0 : f32
      %minus = arith.negf %v0 : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %a = arith.divf %v0, %sum : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @hidden_bias(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %off, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown, %mb : tensor<4x8x8xf32>, tensor<4x8x8xf32>, tensor<4x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>, %b: tensor<8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %one = arith.constant 1.0 : f32
      %minus = arith.negf %v0 : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %a = arith.divf %v0, %sum : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.generic {indexing_maps = [#all, #column, #all], iterator_types = ["parallel", "parallel"]}
        ins(%d, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %v1: f32, %o: f32):
      %a = arith.addf %v0, %v1 : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @hidden_bf16(%x: tensor<?x8xbf16>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xbf16>, %mdown: tensor<4x8x8xbf16>, %mb: tensor<4x8xbf16>, %init: tensor<?x8xbf16>) -> tensor<?x8xbf16> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %off, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<?x8xbf16>, tensor<?xi32> -> tensor<?x8xbf16>
  %out = moe.experts rows(%rows : tensor<?x8xbf16>) weights(%mup, %mdown : tensor<4x8x8xbf16>, tensor<4x8x8xbf16>) offsets(%off : tensor<5xi32>) -> tensor<?x8xbf16> {
  ^expert(%r: tensor<?x8xbf16>, %up: tensor<8x8xbf16>, %down: tensor<8x8xbf16>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : bf16
    %count = tensor.dim %r, %first : tensor<?x8xbf16>
    %blank = tensor.empty(%count) : tensor<?x8xbf16>
    %zeros = linalg.fill ins(%none : bf16) outs(%blank : tensor<?x8xbf16>) -> tensor<?x8xbf16>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xbf16>, tensor<8x8xbf16>) outs(%zeros : tensor<?x8xbf16>) -> tensor<?x8xbf16>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xbf16>) outs(%blank : tensor<?x8xbf16>) {
    ^bb0(%v0: bf16, %o: bf16):
      %a = arith.maximumf %v0, %none : bf16
      linalg.yield %a : bf16
    } -> tensor<?x8xbf16>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xbf16>, tensor<8x8xbf16>) outs(%zeros : tensor<?x8xbf16>) -> tensor<?x8xbf16>
    moe.yield %d : tensor<?x8xbf16>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xbf16>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xbf16>
  return %y : tensor<?x8xbf16>
}

func.func @relu(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %off, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %a = arith.maximumf %v0, %none : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @sparse(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<4> %s : tensor<?x4xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e : tensor<?x4xf32>, tensor<?x4xi32> -> tensor<?x4xf32>
  %off, %p = moe.plan %e : tensor<?x4xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 4 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %a = arith.maximumf %v0, %none : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x4xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @tiles(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %off, %p = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%rows : tensor<?x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %one = arith.constant 1.0 : f32
      %minus = arith.negf %v0 : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %a = arith.divf %v0, %sum : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @tiles_static(%x: tensor<8x8xf32>, %l: tensor<8x4xf32>, %mup: tensor<4x8x8xf32>, %mdown: tensor<4x8x8xf32>, %mb: tensor<4x8xf32>, %init: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %s = moe.score softmax %l : tensor<8x4xf32> -> tensor<8x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<8x4xf32> -> tensor<8x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<8x4xf32>, tensor<8x2xi32> -> tensor<8x2xf32>
  %off, %p = moe.plan %e : tensor<8x2xi32> -> tensor<5xi32>, tensor<16xi32>
  %rows = moe.dispatch %x, %p slots 2 : tensor<8x8xf32>, tensor<16xi32> -> tensor<16x8xf32>
  %out = moe.experts rows(%rows : tensor<16x8xf32>) weights(%mup, %mdown : tensor<4x8x8xf32>, tensor<4x8x8xf32>) offsets(%off : tensor<5xi32>) -> tensor<16x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %up: tensor<8x8xf32>, %down: tensor<8x8xf32>):
    %first = arith.constant 0 : index
    %none = arith.constant 0.0 : f32
    %count = tensor.dim %r, %first : tensor<?x8xf32>
    %blank = tensor.empty(%count) : tensor<?x8xf32>
    %zeros = linalg.fill ins(%none : f32) outs(%blank : tensor<?x8xf32>) -> tensor<?x8xf32>
    %u = linalg.matmul ins(%r, %up : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    %h = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
        ins(%u : tensor<?x8xf32>) outs(%blank : tensor<?x8xf32>) {
    ^bb0(%v0: f32, %o: f32):
      %one = arith.constant 1.0 : f32
      %minus = arith.negf %v0 : f32
      %exp = math.exp %minus : f32
      %sum = arith.addf %exp, %one : f32
      %a = arith.divf %v0, %sum : f32
      linalg.yield %a : f32
    } -> tensor<?x8xf32>
    %d = linalg.matmul ins(%h, %down : tensor<?x8xf32>, tensor<8x8xf32>) outs(%zeros : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %d : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %init : tensor<16x8xf32>, tensor<16xi32>, tensor<8x2xf32> into tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

func.func @state(%x: tensor<?x3xf32>, %h: tensor<?x2xf32>, %w: tensor<6x3xf32>, %u: tensor<6x2xf32>,
                 %b: tensor<6xf32>, %c: tensor<6xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<?x3xf32>) outs(%x : tensor<?x3xf32>) {
  ^bb0(%v: f32, %o: f32):
    %t = math.tanh %v : f32
    linalg.yield %t : f32
  } -> tensor<?x3xf32>
  %h1 = moe.router_cell gru %y, %h weights(%w, %u : tensor<6x3xf32>, tensor<6x2xf32>)
      biases(%b, %c : tensor<6xf32>, tensor<6xf32>) : tensor<?x3xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  %z = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<?x3xf32>) outs(%x : tensor<?x3xf32>) {
  ^bb0(%v: f32, %o: f32):
    %t = arith.mulf %v, %v : f32
    linalg.yield %t : f32
  } -> tensor<?x3xf32>
  %h2 = moe.router_cell gru %z, %h1 weights(%w, %u : tensor<6x3xf32>, tensor<6x2xf32>)
      biases(%b, %c : tensor<6xf32>, tensor<6xf32>) : tensor<?x3xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  return %h1, %h2 : tensor<?x2xf32>, tensor<?x2xf32>
}

func.func @samples(%x: tensor<5x8xf32>, %scores: tensor<10x16xf32>, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<5x8xf32> {
  %units = moe.select #moe.top_k<4> %scores : tensor<10x16xf32> -> tensor<10x4xi32>
  %ones = moe.weigh one %scores, %units : tensor<10x16xf32>, tensor<10x4xi32> -> tensor<10x4xf32>
  %y = moe.neurons pre %x, %units, %ones samples 2
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<5x8xf32>, tensor<10x4xi32>, tensor<10x4xf32> -> tensor<5x8xf32> {
  ^unit(%p: f32):
    %zero = arith.constant 0.0 : f32
    %a = arith.maximumf %p, %zero : f32
    moe.yield %a : f32
  }
  return %y : tensor<5x8xf32>
}

func.func @samples_of_three(%x: tensor<5x8xf32>, %scores: tensor<15x16xf32>, %up: tensor<16x8xf32>, %down: tensor<16x8xf32>) -> tensor<5x8xf32> {
  %units = moe.select #moe.top_k<4> %scores : tensor<15x16xf32> -> tensor<15x4xi32>
  %ones = moe.weigh one %scores, %units : tensor<15x16xf32>, tensor<15x4xi32> -> tensor<15x4xf32>
  %y = moe.neurons pre %x, %units, %ones samples 3
      up(%up : tensor<16x8xf32>) down(%down : tensor<16x8xf32>)
      : tensor<5x8xf32>, tensor<15x4xi32>, tensor<15x4xf32> -> tensor<5x8xf32> {
  ^unit(%p: f32):
    %a = math.tanh %p : f32
    moe.yield %a : f32
  }
  return %y : tensor<5x8xf32>
}
