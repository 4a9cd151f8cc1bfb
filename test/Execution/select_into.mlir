// Expert choice as one op, against numpy: no tokens, fewer than entries, groups
// with a short last one, keys that tie, NaN.
// RUN: %python %S/select_into.py %t -- moe-run %s --backend=cpu

func.func @all(%k: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> (tensor<4x7xi32>, tensor<4x7xf32>) {
  %t0 = tensor.empty() : tensor<4x7xi32>
  %w0 = tensor.empty() : tensor<4x7xf32>
  %t, %w = moe.select_into 7 ins(%k : tensor<?x4xf32>) weigh(%s : tensor<?x4xf32>)
      outs(%t0, %w0 : tensor<4x7xi32>, tensor<4x7xf32>) -> tensor<4x7xi32>, tensor<4x7xf32>
  return %t, %w : tensor<4x7xi32>, tensor<4x7xf32>
}

func.func @groups(%k: tensor<?x4xf32>, %n: i64) -> tensor<4x?xi32> {
  %c0 = arith.constant 0 : index
  %c7 = arith.constant 7 : index
  %c16 = arith.constant 16 : index
  %tokens = tensor.dim %k, %c0 : tensor<?x4xf32>
  %groups = arith.ceildivui %tokens, %c16 : index
  %width = arith.muli %groups, %c7 : index
  %t0 = tensor.empty(%width) : tensor<4x?xi32>
  %t = moe.select_into 7 scope 16 ins(%k : tensor<?x4xf32>) count(%n : i64) order by_index
      outs(%t0 : tensor<4x?xi32>) -> tensor<4x?xi32>
  return %t : tensor<4x?xi32>
}

func.func @nan_first(%k: tensor<?x4xf32>) -> tensor<4x7xi32> {
  %t0 = tensor.empty() : tensor<4x7xi32>
  %t = moe.select_into 7 ins(%k : tensor<?x4xf32>) nan first
      outs(%t0 : tensor<4x7xi32>) -> tensor<4x7xi32>
  return %t : tensor<4x7xi32>
}
