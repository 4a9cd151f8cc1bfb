// What ops on bins give, on every back end: bins.py has the cases, with
// published numbers where there are some.
// RUN: %python %S/bins.py %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/bins.py %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

func.func @v9(%l: tensor<?x4xf32>) -> (tensor<4x3xi32>, tensor<4x3xf32>) {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %t = moe.select #moe.top_k<3> %s by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  %w = moe.weigh value %s, %t by expert : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %t, %w : tensor<4x3xi32>, tensor<4x3xf32>
}

func.func @v9b(%l: tensor<?x4xf32>) -> (tensor<4x3xi32>, tensor<4x3xf32>) {
  %s = moe.score softmax %l axis tokens : tensor<?x4xf32> -> tensor<?x4xf32>
  %t = moe.select #moe.top_k<3> %s by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  %w = moe.weigh value %s, %t by expert norm hits : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %t, %w : tensor<4x3xi32>, tensor<4x3xf32>
}

func.func @plain(%k: tensor<?x4xf32>) -> tensor<4x3xi32> {
  %t = moe.select #moe.top_k<3> %k by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  return %t : tensor<4x3xi32>
}

func.func @scoped(%k: tensor<?x4xf32>) -> (tensor<4x?xi32>, tensor<5xi32>, tensor<?xi32>) {
  %t = moe.select #moe.top_k<3> %k by expert scope 4 : tensor<?x4xf32> -> tensor<4x?xi32>
  %o, %p = moe.plan %t by expert : tensor<4x?xi32> -> tensor<5xi32>, tensor<?xi32>
  return %t, %o, %p : tensor<4x?xi32>, tensor<5xi32>, tensor<?xi32>
}

func.func @plan(%t: tensor<4x3xi32>) -> (tensor<5xi32>, tensor<12xi32>) {
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  return %o, %p : tensor<5xi32>, tensor<12xi32>
}

func.func @ordered(%k: tensor<?x4xf32>) -> tensor<4x?xi32> {
  %t = moe.select #moe.top_k<3> %k by expert scope 5 order by_index : tensor<?x4xf32> -> tensor<4x?xi32>
  return %t : tensor<4x?xi32>
}

func.func @static(%k: tensor<7x4xf32>) -> tensor<4x6xi32> {
  %t = moe.select #moe.top_k<2> %k by expert scope 3 : tensor<7x4xf32> -> tensor<4x6xi32>
  return %t : tensor<4x6xi32>
}

func.func @counted(%k: tensor<?x4xf32>, %n: i64) -> tensor<4x?xi32> {
  %t = moe.select #moe.top_k<3> %k by expert scope 4 count(%n : i64) : tensor<?x4xf32> -> tensor<4x?xi32>
  return %t : tensor<4x?xi32>
}

func.func @nan_first(%k: tensor<?x4xf32>) -> tensor<4x3xi32> {
  %t = moe.select #moe.top_k<3> %k by expert nan first : tensor<?x4xf32> -> tensor<4x3xi32>
  return %t : tensor<4x3xi32>
}

func.func @narrow(%k: tensor<?x4xbf16>) -> tensor<4x3xi32> {
  %t = moe.select #moe.top_k<3> %k by expert : tensor<?x4xbf16> -> tensor<4x3xi32>
  return %t : tensor<4x3xi32>
}

func.func @weigh_hits(%s: tensor<?x4xf32>, %t: tensor<4x3xi32>) -> tensor<4x3xf32> {
  %w = moe.weigh value %s, %t by expert norm hits : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
}

func.func @weigh_sum(%s: tensor<?x4xf32>, %t: tensor<4x3xi32>) -> tensor<4x3xf32> {
  %w = moe.weigh value %s, %t by expert norm sum : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
}

func.func @weigh_softmax_selected(%s: tensor<?x4xf32>, %t: tensor<4x3xi32>) -> tensor<4x3xf32> {
  %w = moe.weigh softmax_selected %s, %t by expert : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
}

func.func @weigh_lp(%s: tensor<?x4xf32>, %t: tensor<4x3xi32>) -> tensor<4x3xf32> {
  %w = moe.weigh value %s, %t by expert norm lp {p = 2.0} : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
}

func.func @weigh_sigmoid(%s: tensor<?x4xf32>, %t: tensor<4x3xi32>) -> tensor<4x3xf32> {
  %w = moe.weigh sigmoid %s, %t by expert : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
}

func.func @weigh_factors(%s: tensor<?x4xf32>, %t: tensor<4x3xi32>, %g: tensor<4xf32>, %f: f32) -> tensor<4x3xf32> {
  %w = moe.weigh value %s, %t by expert per_expert(%g : tensor<4xf32>) factor(%f : f32) {scale = 2.0} : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
}

func.func @dispatch(%x: tensor<?x8xf32>, %p: tensor<12xi32>, %t: tensor<4x3xi32>) -> tensor<12x8xf32> {
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x3xi32>) : tensor<?x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return %r : tensor<12x8xf32>
}

func.func @combine(%r: tensor<12x8xf32>, %p: tensor<12xi32>, %w: tensor<4x3xf32>, %i: tensor<?x8xf32>, %t: tensor<4x3xi32>) -> tensor<?x8xf32> {
  %y = moe.combine %r, %p, %w into %i tokens(%t : tensor<4x3xi32>)
      : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @block(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %m: tensor<4x8x8xf32>, %i: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %t = moe.select #moe.top_k<3> %s by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  %w = moe.weigh value %s, %t by expert : tensor<?x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x3xi32>) : tensor<?x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  %out = moe.experts rows(%r : tensor<12x8xf32>) weights(%m : tensor<4x8x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%rows: tensor<?x8xf32>, %me: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %rows, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.matmul ins(%rows, %me : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%f : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %i tokens(%t : tensor<4x3xi32>)
      : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @block_scoped(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %m: tensor<4x8x8xf32>, %i: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %t = moe.select #moe.top_k<3> %s by expert scope 4 : tensor<?x4xf32> -> tensor<4x?xi32>
  %w = moe.weigh value %s, %t by expert : tensor<?x4xf32>, tensor<4x?xi32> -> tensor<4x?xf32>
  %o, %p = moe.plan %t by expert : tensor<4x?xi32> -> tensor<5xi32>, tensor<?xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x?xi32>) : tensor<?x8xf32>, tensor<?xi32> -> tensor<?x8xf32>
  %out = moe.experts rows(%r : tensor<?x8xf32>) weights(%m : tensor<4x8x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<?x8xf32> {
  ^expert(%rows: tensor<?x8xf32>, %me: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %rows, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %y = linalg.matmul ins(%rows, %me : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%f : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %i tokens(%t : tensor<4x?xi32>)
      : tensor<?x8xf32>, tensor<?xi32>, tensor<4x?xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
