// What looks across tokens, and what a warp does with many experts, at sizes that
// take more than one step, warp or pass: against the plain loops of the
// reference. Keys are rounded, so that they tie.
// RUN: split-file %s %t
// RUN: %python %S/scopes.py %t -- moe-run --backend=cpu --remarks-filter-missed=none

//--- pick.mlir
// dims: 301
func.func @main(%k: tensor<?x3xf32>) -> (tensor<3x37xi32>, tensor<3x37xbf16>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x3xf32>
  %like = tensor.empty(%tokens) : tensor<?x3xf32>
  %q = linalg.map ins(%k : tensor<?x3xf32>) outs(%like : tensor<?x3xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 3.4641 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %t = moe.select #moe.top_k<37> %q by expert : tensor<?x3xf32> -> tensor<3x37xi32>
  %w = moe.weigh value %k, %t by expert : tensor<?x3xf32>, tensor<3x37xi32> -> tensor<3x37xbf16>
  return %t, %w : tensor<3x37xi32>, tensor<3x37xbf16>
}

//--- pick-none.mlir
// dims: 0
func.func @main(%k: tensor<?x3xf32>) -> (tensor<3x5xi32>, tensor<3x5xbf16>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x3xf32>
  %like = tensor.empty(%tokens) : tensor<?x3xf32>
  %q = linalg.map ins(%k : tensor<?x3xf32>) outs(%like : tensor<?x3xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 3.4641 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %t = moe.select #moe.top_k<5> %q by expert : tensor<?x3xf32> -> tensor<3x5xi32>
  %w = moe.weigh value %k, %t by expert : tensor<?x3xf32>, tensor<3x5xi32> -> tensor<3x5xbf16>
  return %t, %w : tensor<3x5xi32>, tensor<3x5xbf16>
}

//--- pick-one.mlir
// dims: 1
func.func @main(%k: tensor<?x3xf32>) -> (tensor<3x5xi32>, tensor<3x5xbf16>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x3xf32>
  %like = tensor.empty(%tokens) : tensor<?x3xf32>
  %q = linalg.map ins(%k : tensor<?x3xf32>) outs(%like : tensor<?x3xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 3.4641 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %t = moe.select #moe.top_k<5> %q by expert : tensor<?x3xf32> -> tensor<3x5xi32>
  %w = moe.weigh value %k, %t by expert : tensor<?x3xf32>, tensor<3x5xi32> -> tensor<3x5xbf16>
  return %t, %w : tensor<3x5xi32>, tensor<3x5xbf16>
}

//--- pick-scoped.mlir
// dims: 257
func.func @main(%k: tensor<?x3xf32>) -> (tensor<3x?xi32>, tensor<3x?xbf16>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x3xf32>
  %like = tensor.empty(%tokens) : tensor<?x3xf32>
  %q = linalg.map ins(%k : tensor<?x3xf32>) outs(%like : tensor<?x3xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 3.4641 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %t = moe.select #moe.top_k<9> %q by expert scope 100 : tensor<?x3xf32> -> tensor<3x?xi32>
  %w = moe.weigh value %k, %t by expert : tensor<?x3xf32>, tensor<3x?xi32> -> tensor<3x?xbf16>
  return %t, %w : tensor<3x?xi32>, tensor<3x?xbf16>
}

//--- pick-by-index.mlir
// dims: 300
func.func @main(%k: tensor<?x2xf32>) -> (tensor<2x64xi32>, tensor<2x64xbf16>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x2xf32>
  %like = tensor.empty(%tokens) : tensor<?x2xf32>
  %q = linalg.map ins(%k : tensor<?x2xf32>) outs(%like : tensor<?x2xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 2.8284 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %t = moe.select #moe.top_k<64> %q by expert order by_index : tensor<?x2xf32> -> tensor<2x64xi32>
  %w = moe.weigh value %k, %t by expert : tensor<?x2xf32>, tensor<2x64xi32> -> tensor<2x64xbf16>
  return %t, %w : tensor<2x64xi32>, tensor<2x64xbf16>
}

//--- pick-nan-first.mlir
// dims: 90
func.func @main(%k: tensor<?x3xf32>) -> (tensor<3x20xi32>, tensor<3x20xbf16>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x3xf32>
  %like = tensor.empty(%tokens) : tensor<?x3xf32>
  %q = linalg.map ins(%k : tensor<?x3xf32>) outs(%like : tensor<?x3xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 3.4641 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %t = moe.select #moe.top_k<20> %q by expert nan first : tensor<?x3xf32> -> tensor<3x20xi32>
  %w = moe.weigh value %k, %t by expert : tensor<?x3xf32>, tensor<3x20xi32> -> tensor<3x20xbf16>
  return %t, %w : tensor<3x20xi32>, tensor<3x20xbf16>
}

//--- pick-counted.mlir
// More entries than shared memory holds; few of them are filled.
func.func @main(%k: tensor<4300x1xf32>) -> tensor<1x4200xi32> {
  %n = arith.constant 300 : index
  %like = tensor.empty() : tensor<4300x1xf32>
  %q = linalg.map ins(%k : tensor<4300x1xf32>) outs(%like : tensor<4300x1xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 2.0000 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %t = moe.select #moe.top_k<4200> %q by expert count(%n : index) : tensor<4300x1xf32> -> tensor<1x4200xi32>
  return %t : tensor<1x4200xi32>
}

//--- pick-double.mlir
// dims: 70
func.func @main(%k: tensor<?x2xf64>) -> tensor<2x33xi32> {
  %t = moe.select #moe.top_k<33> %k by expert : tensor<?x2xf64> -> tensor<2x33xi32>
  return %t : tensor<2x33xi32>
}

//--- pick-half.mlir
// dims: 130
func.func @main(%k: tensor<?x3xf16>) -> tensor<3x40xi32> {
  %t = moe.select #moe.top_k<40> %k by expert : tensor<?x3xf16> -> tensor<3x40xi32>
  return %t : tensor<3x40xi32>
}

//--- limit-slot-major.mlir
// dims: 150
func.func @main(%k: tensor<?x7xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x7xf32>
  %like = tensor.empty(%tokens) : tensor<?x7xf32>
  %q = linalg.map ins(%k : tensor<?x7xf32>) outs(%like : tensor<?x7xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 5.2915 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.top_k<3> %k : tensor<?x7xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %q, %e : tensor<?x7xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  %f, %v = moe.limit %e, %w of 7 factor 0.75 {times_k} : tensor<?x3xi32>, tensor<?x3xf32>
  return %f, %v : tensor<?x3xi32>, tensor<?x3xf32>
}

//--- limit-token-major.mlir
// dims: 150
func.func @main(%k: tensor<?x7xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x7xf32>
  %like = tensor.empty(%tokens) : tensor<?x7xf32>
  %q = linalg.map ins(%k : tensor<?x7xf32>) outs(%like : tensor<?x7xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 5.2915 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.top_k<3> %k : tensor<?x7xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %q, %e : tensor<?x7xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  %f, %v = moe.limit %e, %w of 7 factor 0.75 order token_major {times_k} : tensor<?x3xi32>, tensor<?x3xf32>
  return %f, %v : tensor<?x3xi32>, tensor<?x3xf32>
}

//--- limit-by-weight.mlir
// dims: 150
func.func @main(%k: tensor<?x7xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x7xf32>
  %like = tensor.empty(%tokens) : tensor<?x7xf32>
  %q = linalg.map ins(%k : tensor<?x7xf32>) outs(%like : tensor<?x7xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 5.2915 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.top_k<3> %k : tensor<?x7xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %q, %e : tensor<?x7xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  %f, %v = moe.limit %e, %w of 7 factor 0.75 order by_weight {times_k} : tensor<?x3xi32>, tensor<?x3xf32>
  return %f, %v : tensor<?x3xi32>, tensor<?x3xf32>
}

//--- limit-scoped.mlir
// dims: 150
func.func @main(%k: tensor<?x7xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x7xf32>
  %like = tensor.empty(%tokens) : tensor<?x7xf32>
  %q = linalg.map ins(%k : tensor<?x7xf32>) outs(%like : tensor<?x7xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 5.2915 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.top_k<3> %k : tensor<?x7xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %q, %e : tensor<?x7xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  %f, %v = moe.limit %e, %w of 7 factor 0.75 scope 64 {times_k} : tensor<?x3xi32>, tensor<?x3xf32>
  return %f, %v : tensor<?x3xi32>, tensor<?x3xf32>
}

//--- limit-renormalize.mlir
// dims: 150
func.func @main(%k: tensor<?x7xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x7xf32>
  %like = tensor.empty(%tokens) : tensor<?x7xf32>
  %q = linalg.map ins(%k : tensor<?x7xf32>) outs(%like : tensor<?x7xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 5.2915 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.top_k<3> %k : tensor<?x7xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %q, %e : tensor<?x7xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  %f, %v = moe.limit %e, %w of 7 factor 0.75 scope 64 order token_major renormalize {times_k} : tensor<?x3xi32>, tensor<?x3xf32>
  return %f, %v : tensor<?x3xi32>, tensor<?x3xf32>
}

//--- limit-priority.mlir
// dims: 150 150
func.func @main(%k: tensor<?x7xf32>, %p: tensor<?xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %e = moe.select #moe.top_k<3> %k : tensor<?x7xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %k, %e : tensor<?x7xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  %f, %v = moe.limit %e, %w of 7 factor 0.75 priority(%p : tensor<?xf32>) {times_k} : tensor<?x3xi32>, tensor<?x3xf32>
  return %f, %v : tensor<?x3xi32>, tensor<?x3xf32>
}

//--- bins.mlir
// Weights that are normalised over what picked a token, and the sum of its rows.
// dims: 130 130
func.func @main(%k: tensor<?x5xf32>, %x: tensor<?x24xf32>) -> (tensor<5x40xf32>, tensor<?x24xf32>, tensor<5xi32>, tensor<?xi32>) {
  %s = moe.score softmax %k axis tokens : tensor<?x5xf32> -> tensor<?x5xf32>
  %t = moe.select #moe.top_k<40> %s by expert : tensor<?x5xf32> -> tensor<5x40xi32>
  %w = moe.weigh softmax_selected %s, %t by expert norm sum : tensor<?x5xf32>, tensor<5x40xi32> -> tensor<5x40xf32>
  %o, %p = moe.plan %t by expert : tensor<5x40xi32> -> tensor<6xi32>, tensor<200xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<5x40xi32>) : tensor<?x24xf32>, tensor<200xi32> -> tensor<200x24xf32>
  %y = moe.combine %r, %p, %w into %x tokens(%t : tensor<5x40xi32>)
      : tensor<200x24xf32>, tensor<200xi32>, tensor<5x40xf32> into tensor<?x24xf32>
  %slots, %live, %mean = moe.stats %t, %s by expert : tensor<5x40xi32>, tensor<?x5xf32>
      -> tensor<5xi32>, tensor<?xi32>, tensor<5xf32>
  return %w, %y, %slots, %live : tensor<5x40xf32>, tensor<?x24xf32>, tensor<5xi32>, tensor<?xi32>
}

//--- bins-scoped.mlir
// dims: 70 70
func.func @main(%k: tensor<?x5xf32>, %x: tensor<?x24xbf16>) -> (tensor<5x?xf32>, tensor<?x24xbf16>) {
  %t = moe.select #moe.top_k<9> %k by expert scope 32 : tensor<?x5xf32> -> tensor<5x?xi32>
  %w = moe.weigh sigmoid %k, %t by expert norm hits : tensor<?x5xf32>, tensor<5x?xi32> -> tensor<5x?xf32>
  %o, %p = moe.plan %t by expert : tensor<5x?xi32> -> tensor<6xi32>, tensor<?xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<5x?xi32>) : tensor<?x24xbf16>, tensor<?xi32> -> tensor<?x24xbf16>
  %y = moe.combine %r, %p, %w into %x tokens(%t : tensor<5x?xi32>)
      : tensor<?x24xbf16>, tensor<?xi32>, tensor<5x?xf32> into tensor<?x24xbf16>
  return %w, %y : tensor<5x?xf32>, tensor<?x24xbf16>
}

//--- foreign-pairs.mlir
// Pairs from outside: every row finds its slot.
func.func @main(%r: tensor<12x24xf32>, %w: tensor<6x2xf32>, %i: tensor<6x24xf32>) -> tensor<6x24xf32> {
  %p = arith.constant dense<[0, 5, 6, 1, 3, 8, 11, -1, -1, -1, -1, -1]> : tensor<12xi32>
  %y = moe.combine %r, %p, %w into %i
      : tensor<12x24xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x24xf32>
  return %y : tensor<6x24xf32>
}

//--- stats.mlir
// dims: 150
func.func @main(%k: tensor<?x7xf32>) -> (tensor<7xi32>, tensor<?xi32>, tensor<7xf32>) {
  %e = moe.select #moe.top_k<3> %k : tensor<?x7xf32> -> tensor<?x3xi32>
  %slots, %live, %mean = moe.stats %e, %k : tensor<?x3xi32>, tensor<?x7xf32>
      -> tensor<7xi32>, tensor<?xi32>, tensor<7xf32>
  return %slots, %live, %mean : tensor<7xi32>, tensor<?xi32>, tensor<7xf32>
}

//--- gate-many.mlir
// dims: 6
func.func @main(%k: tensor<?x100xf32>) -> (tensor<?x70xi32>, tensor<?x70xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x100xf32>
  %like = tensor.empty(%tokens) : tensor<?x100xf32>
  %q = linalg.map ins(%k : tensor<?x100xf32>) outs(%like : tensor<?x100xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 20.0000 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.top_k<70> %q : tensor<?x100xf32> -> tensor<?x70xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x100xf32>, tensor<?x70xi32> -> tensor<?x70xf32>
  return %e, %w : tensor<?x70xi32>, tensor<?x70xf32>
}

//--- gate-all.mlir
// dims: 6
func.func @main(%k: tensor<?x72xf32>) -> (tensor<?x72xi32>, tensor<?x72xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x72xf32>
  %like = tensor.empty(%tokens) : tensor<?x72xf32>
  %q = linalg.map ins(%k : tensor<?x72xf32>) outs(%like : tensor<?x72xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 16.9706 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.top_k<72> %q order by_index : tensor<?x72xf32> -> tensor<?x72xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x72xf32>, tensor<?x72xi32> -> tensor<?x72xf32>
  return %e, %w : tensor<?x72xi32>, tensor<?x72xf32>
}

//--- gate-groups.mlir
// dims: 6
func.func @main(%k: tensor<?x256xf32>) -> (tensor<?x8xi32>, tensor<?x8xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x256xf32>
  %like = tensor.empty(%tokens) : tensor<?x256xf32>
  %q = linalg.map ins(%k : tensor<?x256xf32>) outs(%like : tensor<?x256xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 32.0000 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.top_k<8> %q groups <n = 8, keep = 4, top = 2> : tensor<?x256xf32> -> tensor<?x8xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x256xf32>, tensor<?x8xi32> -> tensor<?x8xf32>
  return %e, %w : tensor<?x8xi32>, tensor<?x8xf32>
}

//--- gate-many-groups.mlir
// dims: 6
func.func @main(%k: tensor<?x80xf32>) -> (tensor<?x5xi32>, tensor<?x5xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x80xf32>
  %like = tensor.empty(%tokens) : tensor<?x80xf32>
  %q = linalg.map ins(%k : tensor<?x80xf32>) outs(%like : tensor<?x80xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 17.8885 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.top_k<5> %q groups <n = 40, keep = 35, top = 1, fill = zero> nan last : tensor<?x80xf32> -> tensor<?x5xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x80xf32>, tensor<?x5xi32> -> tensor<?x5xf32>
  return %e, %w : tensor<?x5xi32>, tensor<?x5xf32>
}

//--- gate-gap.mlir
// dims: 6
func.func @main(%k: tensor<?x90xf32>) -> (tensor<?x6xi32>, tensor<?x6xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x90xf32>
  %like = tensor.empty(%tokens) : tensor<?x90xf32>
  %q = linalg.map ins(%k : tensor<?x90xf32>) outs(%like : tensor<?x90xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 18.9737 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %p = arith.constant 1.0 : f32
  %e = moe.select #moe.gap<6> %q params(%p : f32) : tensor<?x90xf32> -> tensor<?x6xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x90xf32>, tensor<?x6xi32> -> tensor<?x6xf32>
  return %e, %w : tensor<?x6xi32>, tensor<?x6xf32>
}

//--- gate-cumulative.mlir
// dims: 6
func.func @main(%k: tensor<?x90xf32>) -> (tensor<?x90xi32>, tensor<?x90xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x90xf32>
  %like = tensor.empty(%tokens) : tensor<?x90xf32>
  %q = linalg.map ins(%k : tensor<?x90xf32>) outs(%like : tensor<?x90xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 18.9737 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %p = arith.constant 30.0 : f32
  %e = moe.select #moe.cumulative %q params(%p : f32) : tensor<?x90xf32> -> tensor<?x90xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x90xf32>, tensor<?x90xi32> -> tensor<?x90xf32>
  return %e, %w : tensor<?x90xi32>, tensor<?x90xf32>
}

//--- gate-positive.mlir
// dims: 6
func.func @main(%k: tensor<?x90xf32>) -> (tensor<?x90xi32>, tensor<?x90xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x90xf32>
  %like = tensor.empty(%tokens) : tensor<?x90xf32>
  %q = linalg.map ins(%k : tensor<?x90xf32>) outs(%like : tensor<?x90xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 18.9737 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.positive %q : tensor<?x90xf32> -> tensor<?x90xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x90xf32>, tensor<?x90xi32> -> tensor<?x90xf32>
  return %e, %w : tensor<?x90xi32>, tensor<?x90xf32>
}

//--- gate-above.mlir
// dims: 6
func.func @main(%k: tensor<?x100xf32>, %p: tensor<100xf32>) -> (tensor<?x100xi32>, tensor<?x100xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x100xf32>
  %like = tensor.empty(%tokens) : tensor<?x100xf32>
  %q = linalg.map ins(%k : tensor<?x100xf32>) outs(%like : tensor<?x100xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 20.0000 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %e = moe.select #moe.above %q params(%p : tensor<100xf32>) : tensor<?x100xf32> -> tensor<?x100xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x100xf32>, tensor<?x100xi32> -> tensor<?x100xf32>
  return %e, %w : tensor<?x100xi32>, tensor<?x100xf32>
}

//--- gate-above-few.mlir
// dims: 6
func.func @main(%k: tensor<?x40xf32>) -> (tensor<?x6xi32>, tensor<?x6xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x40xf32>
  %like = tensor.empty(%tokens) : tensor<?x40xf32>
  %q = linalg.map ins(%k : tensor<?x40xf32>) outs(%like : tensor<?x40xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 12.6491 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %p = arith.constant dense<2.5> : tensor<40xf32>
  %e = moe.select #moe.above<max = 6, min_active = 4> %q params(%p : tensor<40xf32>) : tensor<?x40xf32> -> tensor<?x6xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x40xf32>, tensor<?x6xi32> -> tensor<?x6xf32>
  return %e, %w : tensor<?x6xi32>, tensor<?x6xf32>
}

//--- gate-counted.mlir
// dims: 6
func.func @main(%k: tensor<?x70xf32>) -> (tensor<?x66xi32>, tensor<?x66xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x70xf32>
  %like = tensor.empty(%tokens) : tensor<?x70xf32>
  %q = linalg.map ins(%k : tensor<?x70xf32>) outs(%like : tensor<?x70xf32>) (%key: f32, %old: f32) {
    %scale = arith.constant 16.7332 : f32
    %scaled = arith.mulf %key, %scale : f32
    %rounded = math.floor %scaled : f32
    linalg.yield %rounded : f32
  }
  %n = arith.constant 40 : index
  %e = moe.select #moe.top_k<66> %q count(%n : index) order by_index : tensor<?x70xf32> -> tensor<?x66xi32>
  %w = moe.weigh value %q, %e norm hits : tensor<?x70xf32>, tensor<?x66xi32> -> tensor<?x66xf32>
  return %e, %w : tensor<?x66xi32>, tensor<?x66xf32>
}

//--- gate-wide-bias.mlir
// The bias is added in f32 to scores that were rounded.
// dims: 9
#row = affine_map<(t, e) -> (t, e)>
#bias = affine_map<(t, e) -> (e)>
func.func @main(%l: tensor<?x40xf32>, %b: tensor<40xf32>) -> (tensor<?x4xi32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %l, %c0 : tensor<?x40xf32>
  %s = moe.score sigmoid %l : tensor<?x40xf32> -> tensor<?x40xbf16>
  %wide = arith.extf %s : tensor<?x40xbf16> to tensor<?x40xf32>
  %empty = tensor.empty(%n) : tensor<?x40xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                       iterator_types = ["parallel", "parallel"]}
      ins(%wide, %b : tensor<?x40xf32>, tensor<40xf32>) outs(%empty : tensor<?x40xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x40xf32>
  %e = moe.select #moe.top_k<4> %k : tensor<?x40xf32> -> tensor<?x4xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<?x40xbf16>, tensor<?x4xi32> -> tensor<?x4xf32>
  return %e, %w : tensor<?x4xi32>, tensor<?x4xf32>
}

//--- gate-always-on.mlir
// Slots name 60 of 70 columns, which take fewer steps of a warp.
// dims: 6
#row = affine_map<(t, e) -> (t, e)>
#bias = affine_map<(t, e) -> (e)>
func.func @main(%l: tensor<?x70xf32>, %b: tensor<60xf32>)
    -> (tensor<?x5xi32>, tensor<?x5xf32>, tensor<?x10xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %l, %c0 : tensor<?x70xf32>
  %s = moe.score softmax %l : tensor<?x70xf32> -> tensor<?x70xf32>
  %named = tensor.extract_slice %s[0, 0] [%n, 60] [1, 1] : tensor<?x70xf32> to tensor<?x60xf32>
  %empty = tensor.empty(%n) : tensor<?x60xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                       iterator_types = ["parallel", "parallel"]}
      ins(%named, %b : tensor<?x60xf32>, tensor<60xf32>) outs(%empty : tensor<?x60xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x60xf32>
  %e = moe.select #moe.top_k<5> %k groups <n = 12, keep = 5, top = 2> order by_index : tensor<?x60xf32> -> tensor<?x5xi32>
  %w, %a = moe.weigh value %s, %e columns 45 always_on 10 norm sum
      : tensor<?x70xf32>, tensor<?x5xi32> -> tensor<?x5xf32>, tensor<?x10xf32>
  return %e, %w, %a : tensor<?x5xi32>, tensor<?x5xf32>, tensor<?x10xf32>
}

//--- gate-always-on-many.mlir
// All 70 columns that slots can name are ranked, and those are kept that are
// positive.
// dims: 6
func.func @main(%l: tensor<?x98xf32>)
    -> (tensor<?x70xi32>, tensor<?x70xf32>, tensor<?x28xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %l, %c0 : tensor<?x98xf32>
  %k = tensor.extract_slice %l[0, 0] [%n, 70] [1, 1] : tensor<?x98xf32> to tensor<?x70xf32>
  %e = moe.select #moe.positive %k : tensor<?x70xf32> -> tensor<?x70xi32>
  %w, %a = moe.weigh softmax_selected %l, %e always_on 28
      : tensor<?x98xf32>, tensor<?x70xi32> -> tensor<?x70xf32>, tensor<?x28xf32>
  return %e, %w, %a : tensor<?x70xi32>, tensor<?x70xf32>, tensor<?x28xf32>
}
