// Statistics, and the losses that are made of them, on every back end: stats.py has
// the cases, with published numbers where there are some.
// RUN: %python %S/stats.py %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/stats.py %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

#vector = affine_map<(i) -> (i)>
#none = affine_map<() -> ()>
#scalar = affine_map<(i) -> ()>

func.func @stats(%e: tensor<?x2xi32>, %s: tensor<?x4xf32>) -> (tensor<4xi32>, tensor<?xi32>, tensor<4xf32>) {
  %slots, %live, %mean = moe.stats %e, %s : tensor<?x2xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  return %slots, %live, %mean : tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
}

func.func @stats_bins(%t: tensor<4x3xi32>, %s: tensor<?x4xf32>) -> (tensor<4xi32>, tensor<?xi32>, tensor<4xf32>) {
  %slots, %live, %mean = moe.stats %t, %s by expert : tensor<4x3xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  return %slots, %live, %mean : tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
}

// E * sum of slots / T * mean score, over all slots (Hugging Face).
func.func @loss_hf(%l: tensor<?x4xf32>) -> tensor<f32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %tokens = tensor.dim %l, %c0 : tensor<?x4xf32>
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %slots, %live, %mean = moe.stats %e, %s : tensor<?x2xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  %start = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%start : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#vector, #vector, #scalar], iterator_types = ["reduction"]}
      ins(%slots, %mean : tensor<4xi32>, tensor<4xf32>) outs(%init : tensor<f32>) {
  ^bb0(%n: i32, %p: f32, %acc: f32):
    %share = arith.sitofp %n : i32 to f32
    %product = arith.mulf %share, %p : f32
    %next = arith.addf %acc, %product : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %scaled = linalg.generic {indexing_maps = [#none, #none], iterator_types = []}
      ins(%sum : tensor<f32>) outs(%start : tensor<f32>) {
  ^bb0(%x: f32, %unused: f32):
    %count = arith.index_cast %tokens : index to i32
    %f = arith.sitofp %count : i32 to f32
    %factor = arith.constant 4.0 : f32
    %product = arith.mulf %x, %factor : f32
    %loss = arith.divf %product, %f : f32
    linalg.yield %loss : f32
  } -> tensor<f32>
  return %scaled : tensor<f32>
}

// The same divided by k (Megatron).
func.func @loss_megatron(%l: tensor<?x4xf32>) -> tensor<f32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %tokens = tensor.dim %l, %c0 : tensor<?x4xf32>
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x4xf32> -> tensor<?x2xi32>
  %slots, %live, %mean = moe.stats %e, %s : tensor<?x2xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  %start = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%start : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#vector, #vector, #scalar], iterator_types = ["reduction"]}
      ins(%slots, %mean : tensor<4xi32>, tensor<4xf32>) outs(%init : tensor<f32>) {
  ^bb0(%n: i32, %p: f32, %acc: f32):
    %share = arith.sitofp %n : i32 to f32
    %product = arith.mulf %share, %p : f32
    %next = arith.addf %acc, %product : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %scaled = linalg.generic {indexing_maps = [#none, #none], iterator_types = []}
      ins(%sum : tensor<f32>) outs(%start : tensor<f32>) {
  ^bb0(%x: f32, %unused: f32):
    %count = arith.index_cast %tokens : index to i32
    %f = arith.sitofp %count : i32 to f32
    %factor = arith.constant 2.0 : f32
    %product = arith.mulf %x, %factor : f32
    %loss = arith.divf %product, %f : f32
    linalg.yield %loss : f32
  } -> tensor<f32>
  return %scaled : tensor<f32>
}

// Of the first choice only (Switch, GShard).
func.func @loss_switch(%l: tensor<?x4xf32>) -> tensor<f32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %tokens = tensor.dim %l, %c0 : tensor<?x4xf32>
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.top_k<1> %s : tensor<?x4xf32> -> tensor<?x1xi32>
  %slots, %live, %mean = moe.stats %e, %s : tensor<?x1xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  %start = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%start : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#vector, #vector, #scalar], iterator_types = ["reduction"]}
      ins(%slots, %mean : tensor<4xi32>, tensor<4xf32>) outs(%init : tensor<f32>) {
  ^bb0(%n: i32, %p: f32, %acc: f32):
    %share = arith.sitofp %n : i32 to f32
    %product = arith.mulf %share, %p : f32
    %next = arith.addf %acc, %product : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %scaled = linalg.generic {indexing_maps = [#none, #none], iterator_types = []}
      ins(%sum : tensor<f32>) outs(%start : tensor<f32>) {
  ^bb0(%x: f32, %unused: f32):
    %count = arith.index_cast %tokens : index to i32
    %f = arith.sitofp %count : i32 to f32
    %factor = arith.constant 4.0 : f32
    %product = arith.mulf %x, %factor : f32
    %loss = arith.divf %product, %f : f32
    linalg.yield %loss : f32
  } -> tensor<f32>
  return %scaled : tensor<f32>
}

// Adaptive gating: E * sum of f1 * mean score, f1 being the share that an expert
// has of the tokens with one expert; 0 where there are none. Then the share of
// tokens with two, which orders a curriculum.
func.func @loss_adaptive(%l: tensor<?x4xf32>, %t: f32) -> (tensor<f32>, tensor<f32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %tokens = tensor.dim %l, %c0 : tensor<?x4xf32>
  %s = moe.score softmax %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %e = moe.select #moe.gap<2> %s params(%t : f32) : tensor<?x4xf32> -> tensor<?x2xi32>
  %all, %live, %unused = moe.stats %e, %s : tensor<?x2xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  // The experts of tokens that have one.
  %shape = tensor.empty(%tokens) : tensor<?x2xi32>
  %lone = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
                          iterator_types = ["parallel", "parallel"]}
      ins(%e, %live : tensor<?x2xi32>, tensor<?xi32>) outs(%shape : tensor<?x2xi32>) {
  ^bb0(%id: i32, %n: i32, %out: i32):
    %one = arith.constant 1 : i32
    %none = arith.constant -1 : i32
    %is = arith.cmpi eq, %n, %one : i32
    %kept = arith.select %is, %id, %none : i32
    linalg.yield %kept : i32
  } -> tensor<?x2xi32>
  %slots, %ones, %mean = moe.stats %lone, %s : tensor<?x2xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  %start = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%start : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#vector, #vector, #scalar], iterator_types = ["reduction"]}
      ins(%slots, %mean : tensor<4xi32>, tensor<4xf32>) outs(%init : tensor<f32>) {
  ^bb0(%n: i32, %p: f32, %acc: f32):
    %share = arith.sitofp %n : i32 to f32
    %product = arith.mulf %share, %p : f32
    %next = arith.addf %acc, %product : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %zeroes = arith.constant dense<0> : tensor<i32>
  %singles = linalg.generic {indexing_maps = [#vector, #scalar], iterator_types = ["reduction"]}
      ins(%ones : tensor<?xi32>) outs(%zeroes : tensor<i32>) {
  ^bb0(%n: i32, %acc: i32):
    %next = arith.addi %acc, %n : i32
    linalg.yield %next : i32
  } -> tensor<i32>
  %loss = linalg.generic {indexing_maps = [#none, #none, #none], iterator_types = []}
      ins(%sum, %singles : tensor<f32>, tensor<i32>) outs(%start : tensor<f32>) {
  ^bb0(%x: f32, %n: i32, %out: f32):
    %one = arith.constant 1 : i32
    %count = arith.maxsi %n, %one : i32
    %f = arith.sitofp %count : i32 to f32
    %four = arith.constant 4.0 : f32
    %product = arith.mulf %x, %four : f32
    %q = arith.divf %product, %f : f32
    linalg.yield %q : f32
  } -> tensor<f32>
  %ratio = linalg.generic {indexing_maps = [#none, #none], iterator_types = []}
      ins(%singles : tensor<i32>) outs(%start : tensor<f32>) {
  ^bb0(%n: i32, %out: f32):
    %count = arith.index_cast %tokens : index to i32
    %two = arith.subi %count, %n : i32
    %a = arith.sitofp %two : i32 to f32
    %b = arith.sitofp %count : i32 to f32
    %q = arith.divf %a, %b : f32
    linalg.yield %q : f32
  } -> tensor<f32>
  return %loss, %ratio : tensor<f32>, tensor<f32>
}

// The mean over tokens of logsumexp(l)^2 needs no op of ours.
func.func @loss_z(%l: tensor<?x4xf32>) -> tensor<f32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %tokens = tensor.dim %l, %c0 : tensor<?x4xf32>
  %row = tensor.empty(%tokens) : tensor<?xf32>
  %low = linalg.fill ins(%lowest : f32) outs(%row : tensor<?xf32>) -> tensor<?xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%row : tensor<?xf32>) -> tensor<?xf32>
  %top = linalg.reduce { arith.maximumf } ins(%l : tensor<?x4xf32>) outs(%low : tensor<?xf32>) dimensions = [1]
  %sums = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>],
                          iterator_types = ["parallel", "reduction"]}
      ins(%l, %top : tensor<?x4xf32>, tensor<?xf32>) outs(%zeros : tensor<?xf32>) {
  ^bb0(%x: f32, %m: f32, %acc: f32):
    %shifted = arith.subf %x, %m : f32
    %exp = math.exp %shifted : f32
    %next = arith.addf %acc, %exp : f32
    linalg.yield %next : f32
  } -> tensor<?xf32>
  %start = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%start : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#vector, #vector, #scalar], iterator_types = ["reduction"]}
      ins(%sums, %top : tensor<?xf32>, tensor<?xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %m: f32, %acc: f32):
    %log = math.log %x : f32
    %z = arith.addf %log, %m : f32
    %square = arith.mulf %z, %z : f32
    %next = arith.addf %acc, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %scaled = linalg.generic {indexing_maps = [#none, #none], iterator_types = []}
      ins(%sum : tensor<f32>) outs(%start : tensor<f32>) {
  ^bb0(%x: f32, %unused: f32):
    %count = arith.index_cast %tokens : index to i32
    %f = arith.sitofp %count : i32 to f32
    %factor = arith.constant 1.0 : f32
    %product = arith.mulf %x, %factor : f32
    %loss = arith.divf %product, %f : f32
    linalg.yield %loss : f32
  } -> tensor<f32>
  return %scaled : tensor<f32>
}
