// Softmax over the tokens of a group; columns.py has the cases.
// RUN: %python %S/columns.py --only score %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/columns.py --only score %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

func.func @scoped_f32(%l: tensor<?x5xf32>) -> tensor<?x5xf32> {
  %s = moe.score softmax %l axis tokens scope 3 : tensor<?x5xf32> -> tensor<?x5xf32>
  return %s : tensor<?x5xf32>
}

func.func @scoped_bf16(%l: tensor<?x5xbf16>) -> tensor<?x5xbf16> {
  %s = moe.score softmax %l axis tokens scope 3 : tensor<?x5xbf16> -> tensor<?x5xbf16>
  return %s : tensor<?x5xbf16>
}

func.func @scoped_f16(%l: tensor<?x5xf16>) -> tensor<?x5xf16> {
  %s = moe.score softmax %l axis tokens scope 3 : tensor<?x5xf16> -> tensor<?x5xf16>
  return %s : tensor<?x5xf16>
}

func.func @large(%l: tensor<?x5xf32>) -> tensor<?x5xf32> {
  %s = moe.score softmax %l axis tokens scope 1000 : tensor<?x5xf32> -> tensor<?x5xf32>
  return %s : tensor<?x5xf32>
}

func.func @one(%l: tensor<?x5xf32>) -> tensor<?x5xf32> {
  %s = moe.score softmax %l axis tokens scope 1 : tensor<?x5xf32> -> tensor<?x5xf32>
  return %s : tensor<?x5xf32>
}
