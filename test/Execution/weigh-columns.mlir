// Columns that weigh nothing and columns that are always on, alone and in a gate;
// columns.py has the cases.
// RUN: %python %S/columns.py --only weigh %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/columns.py --only weigh %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none
// RUN: %python %S/columns.py --only route %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/columns.py --only route %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

// RUN: moe-opt %s --moe-fuse --remarks-filter-missed=none | FileCheck %s
// CHECK-LABEL: func.func @inkling(
// CHECK:         moe.gate ins(%arg0, %arg1 : tensor<?x16xf32>, tensor<7x16xf32>) key_bias(%arg2 : tensor<5xf32>)
// CHECK-SAME:    select #moe.top_k<3> on scores weigh value on scores always_on 2 norm sum
// CHECK-NOT:     moe.score
// CHECK-LABEL: func.func @logits(
// CHECK:         moe.gate
// CHECK-SAME:    on scores weigh softmax_selected on logits columns 4 always_on 2
// CHECK-LABEL: func.func @adamoe(
// CHECK:         moe.gate
// CHECK-SAME:    columns 4 norm sum

#row = affine_map<(t, e) -> (t, e)>
#bias = affine_map<(t, e) -> (e)>

func.func @columns(%s: tensor<?x6xf32>, %e: tensor<?x3xi32>) -> (tensor<?x3xf32>) {
  %w = moe.weigh value %s, %e columns 4 norm sum
      : tensor<?x6xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %w : tensor<?x3xf32>
}

func.func @guarded(%s: tensor<?x6xf32>, %e: tensor<?x3xi32>) -> (tensor<?x3xf32>) {
  %w = moe.weigh value %s, %e columns 4 norm sum {clamp = 1.0e-38}
      : tensor<?x6xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %w : tensor<?x3xf32>
}

func.func @softmax_columns(%s: tensor<?x6xf32>, %e: tensor<?x3xi32>) -> (tensor<?x3xf32>) {
  %w = moe.weigh softmax_selected %s, %e columns 4
      : tensor<?x6xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %w : tensor<?x3xf32>
}

func.func @always(%s: tensor<?x6xf32>, %e: tensor<?x3xi32>) -> (tensor<?x3xf32>, tensor<?x2xf32>) {
  %w, %a = moe.weigh sigmoid %s, %e always_on 2 norm sum {scale = 2.5}
      : tensor<?x6xf32>, tensor<?x3xi32> -> tensor<?x3xf32>, tensor<?x2xf32>
  return %w, %a : tensor<?x3xf32>, tensor<?x2xf32>
}

func.func @always_softmax(%s: tensor<?x6xf32>, %e: tensor<?x3xi32>) -> (tensor<?x3xf32>, tensor<?x2xf32>) {
  %w, %a = moe.weigh softmax_selected %s, %e columns 3 always_on 2
      : tensor<?x6xf32>, tensor<?x3xi32> -> tensor<?x3xf32>, tensor<?x2xf32>
  return %w, %a : tensor<?x3xf32>, tensor<?x2xf32>
}

func.func @always_bf16(%s: tensor<?x6xbf16>, %e: tensor<?x3xi32>) -> (tensor<?x3xbf16>, tensor<?x1xf32>) {
  %w, %a = moe.weigh value %s, %e always_on 1 norm sum
      : tensor<?x6xbf16>, tensor<?x3xi32> -> tensor<?x3xbf16>, tensor<?x1xf32>
  return %w, %a : tensor<?x3xbf16>, tensor<?x1xf32>
}

func.func @always_f16(%s: tensor<?x6xf16>, %e: tensor<?x3xi32>) -> (tensor<?x3xf16>, tensor<?x1xf32>) {
  %w, %a = moe.weigh value %s, %e always_on 1 norm sum
      : tensor<?x6xf16>, tensor<?x3xi32> -> tensor<?x3xf16>, tensor<?x1xf32>
  return %w, %a : tensor<?x3xf16>, tensor<?x1xf32>
}

func.func @inkling(%x: tensor<?x16xf32>, %r: tensor<7x16xf32>, %b: tensor<5xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %l0 = tensor.empty(%n) : tensor<?x7xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x7xf32>) -> tensor<?x7xf32>
  %l = linalg.matmul indexing_maps = [
        affine_map<(t, e, d) -> (t, d)>, affine_map<(t, e, d) -> (e, d)>,
        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<?x16xf32>, tensor<7x16xf32>)
      outs(%l1 : tensor<?x7xf32>) -> tensor<?x7xf32>
  %s = moe.score sigmoid %l : tensor<?x7xf32> -> tensor<?x7xf32>
  %named = tensor.extract_slice %s[0, 0] [%n, 5] [1, 1]
      : tensor<?x7xf32> to tensor<?x5xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                       iterator_types = ["parallel", "parallel"]}
      ins(%named, %b : tensor<?x5xf32>, tensor<5xf32>) outs(%named : tensor<?x5xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x5xf32>
  %e = moe.select #moe.top_k<3> %k : tensor<?x5xf32> -> tensor<?x3xi32>
  %w, %a = moe.weigh value %s, %e always_on 2 norm sum {scale = 1.5}
      : tensor<?x7xf32>, tensor<?x3xi32> -> tensor<?x3xf32>, tensor<?x2xf32>
  return %e, %w, %a : tensor<?x3xi32>, tensor<?x3xf32>, tensor<?x2xf32>
}

func.func @logits(%x: tensor<?x16xf32>, %r: tensor<7x16xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>, tensor<?x2xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %l0 = tensor.empty(%n) : tensor<?x7xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x7xf32>) -> tensor<?x7xf32>
  %l = linalg.matmul indexing_maps = [
        affine_map<(t, e, d) -> (t, d)>, affine_map<(t, e, d) -> (e, d)>,
        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<?x16xf32>, tensor<7x16xf32>)
      outs(%l1 : tensor<?x7xf32>) -> tensor<?x7xf32>
  %s = moe.score sigmoid %l : tensor<?x7xf32> -> tensor<?x7xf32>
  %named = tensor.extract_slice %s[0, 0] [%n, 5] [1, 1]
      : tensor<?x7xf32> to tensor<?x5xf32>
  %e = moe.select #moe.top_k<3> %named : tensor<?x5xf32> -> tensor<?x3xi32>
  %w, %a = moe.weigh softmax_selected %l, %e columns 4 always_on 2
      : tensor<?x7xf32>, tensor<?x3xi32> -> tensor<?x3xf32>, tensor<?x2xf32>
  return %e, %w, %a : tensor<?x3xi32>, tensor<?x3xf32>, tensor<?x2xf32>
}

func.func @adamoe(%x: tensor<?x16xf32>, %r: tensor<7x16xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %l0 = tensor.empty(%n) : tensor<?x7xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x7xf32>) -> tensor<?x7xf32>
  %l = linalg.matmul indexing_maps = [
        affine_map<(t, e, d) -> (t, d)>, affine_map<(t, e, d) -> (e, d)>,
        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<?x16xf32>, tensor<7x16xf32>)
      outs(%l1 : tensor<?x7xf32>) -> tensor<?x7xf32>
  %s = moe.score softmax %l : tensor<?x7xf32> -> tensor<?x7xf32>
  %e = moe.select #moe.top_k<3> %s : tensor<?x7xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e columns 4 norm sum
      : tensor<?x7xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @many(%x: tensor<?x16xf32>, %r: tensor<70x16xf32>, %b: tensor<67xf32>)
    -> (tensor<?x31xi32>, tensor<?x31xf32>, tensor<?x3xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %l0 = tensor.empty(%n) : tensor<?x70xf32>
  %l1 = linalg.fill ins(%zero : f32) outs(%l0 : tensor<?x70xf32>) -> tensor<?x70xf32>
  %l = linalg.matmul indexing_maps = [
        affine_map<(t, e, d) -> (t, d)>, affine_map<(t, e, d) -> (e, d)>,
        affine_map<(t, e, d) -> (t, e)>]
      ins(%x, %r : tensor<?x16xf32>, tensor<70x16xf32>)
      outs(%l1 : tensor<?x70xf32>) -> tensor<?x70xf32>
  %s = moe.score sigmoid %l : tensor<?x70xf32> -> tensor<?x70xf32>
  %named = tensor.extract_slice %s[0, 0] [%n, 67] [1, 1]
      : tensor<?x70xf32> to tensor<?x67xf32>
  %k = linalg.generic {indexing_maps = [#row, #bias, #row],
                       iterator_types = ["parallel", "parallel"]}
      ins(%named, %b : tensor<?x67xf32>, tensor<67xf32>) outs(%named : tensor<?x67xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x67xf32>
  %e = moe.select #moe.top_k<31> %k : tensor<?x67xf32> -> tensor<?x31xi32>
  %w, %a = moe.weigh value %s, %e always_on 3 norm sum
      : tensor<?x70xf32>, tensor<?x31xi32> -> tensor<?x31xf32>, tensor<?x3xf32>
  return %e, %w, %a : tensor<?x31xi32>, tensor<?x31xf32>, tensor<?x3xf32>
}
