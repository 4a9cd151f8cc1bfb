// Virtual columns on every back end; columns.py has the cases.
// RUN: %python %S/columns.py --only virtual %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/columns.py --only virtual %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

func.func @identity_f32(%x: tensor<?x8xf32>, %e: tensor<?x3xi32>, %w: tensor<?x3xf32>,
    %init: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = moe.virtual %x, %e, %w into %init first 4 identity 2
      : tensor<?x8xf32>, tensor<?x3xi32>, tensor<?x3xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @identity_bf16(%x: tensor<?x8xbf16>, %e: tensor<?x3xi32>, %w: tensor<?x3xf32>,
    %init: tensor<?x8xbf16>) -> tensor<?x8xbf16> {
  %y = moe.virtual %x, %e, %w into %init first 4 identity 2
      : tensor<?x8xbf16>, tensor<?x3xi32>, tensor<?x3xf32> into tensor<?x8xbf16>
  return %y : tensor<?x8xbf16>
}

func.func @identity_f16(%x: tensor<?x8xf16>, %e: tensor<?x3xi32>, %w: tensor<?x3xf32>,
    %init: tensor<?x8xf16>) -> tensor<?x8xf16> {
  %y = moe.virtual %x, %e, %w into %init first 4 identity 2
      : tensor<?x8xf16>, tensor<?x3xi32>, tensor<?x3xf32> into tensor<?x8xf16>
  return %y : tensor<?x8xf16>
}

func.func @constant(%x: tensor<?x8xf32>, %e: tensor<?x3xi32>, %w: tensor<?x3xf32>,
    %init: tensor<?x8xf32>, %c: tensor<?x4xf32>, %v: tensor<2x8xf32>) -> tensor<?x8xf32> {
  %y = moe.virtual %x, %e, %w into %init first 4
      constant(%c, %v : tensor<?x4xf32>, tensor<2x8xf32>) identity 1
      : tensor<?x8xf32>, tensor<?x3xi32>, tensor<?x3xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @only_constant(%x: tensor<?x8xf32>, %e: tensor<?x3xi32>, %w: tensor<?x3xf32>,
    %init: tensor<?x8xf32>, %c: tensor<?x4xf32>, %v: tensor<2x8xf32>) -> tensor<?x8xf32> {
  %y = moe.virtual %x, %e, %w into %init first 4
      constant(%c, %v : tensor<?x4xf32>, tensor<2x8xf32>)
      : tensor<?x8xf32>, tensor<?x3xi32>, tensor<?x3xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
