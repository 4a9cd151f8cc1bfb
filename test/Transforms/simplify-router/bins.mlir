// Entries of bins need no order where a combine puts every row back.
// RUN: moe-opt %s --moe-simplify-router --remarks-filter=moe --verify-diagnostics --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @unseen
// CHECK:         moe.select #moe.top_k<3> %{{.+}} by expert scope 6 :
func.func @unseen(%x: tensor<6x8xf32>, %s: tensor<6x4xf32>, %m: tensor<4x8x8xf32>, %i: tensor<6x8xf32>) -> tensor<6x8xf32> {
  // expected-remark @below {{nobody sees the order of the entries of a bin}}
  %t = moe.select #moe.top_k<3> %s by expert scope 6 order by_index : tensor<6x4xf32> -> tensor<4x3xi32>
  %w = moe.weigh value %s, %t by expert norm sum : tensor<6x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x3xi32>) : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
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
      : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// CHECK-LABEL: func.func @returned
// CHECK:         order by_index
func.func @returned(%s: tensor<6x4xf32>) -> tensor<4x3xi32> {
  // expected-remark @below {{others than the stages behind it read the bins}}
  %t = moe.select #moe.top_k<3> %s by expert order by_index : tensor<6x4xf32> -> tensor<4x3xi32>
  return %t : tensor<4x3xi32>
}

// -----

// CHECK-LABEL: func.func @weights
// CHECK:         order by_index
func.func @weights(%s: tensor<6x4xf32>) -> tensor<4x3xf32> {
  // expected-remark @below {{others than a combine read the weights}}
  %t = moe.select #moe.top_k<3> %s by expert order by_index : tensor<6x4xf32> -> tensor<4x3xi32>
  %w = moe.weigh value %s, %t by expert norm sum : tensor<6x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
}

// -----

// CHECK-LABEL: func.func @pairs
// CHECK:         order by_index
func.func @pairs(%s: tensor<6x4xf32>) -> tensor<12xi32> {
  // expected-remark @below {{others than the stages behind it read the pairs}}
  %t = moe.select #moe.top_k<3> %s by expert order by_index : tensor<6x4xf32> -> tensor<4x3xi32>
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  return %p : tensor<12xi32>
}

// -----

// CHECK-LABEL: func.func @rows
// CHECK:         order by_index
func.func @rows(%x: tensor<6x8xf32>, %s: tensor<6x4xf32>) -> tensor<12x8xf32> {
  // expected-remark @below {{others than a combine read the rows}}
  %t = moe.select #moe.top_k<3> %s by expert order by_index : tensor<6x4xf32> -> tensor<4x3xi32>
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x3xi32>) : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return %r : tensor<12x8xf32>
}

// -----

// A token at a time by its own order: slots are summed in it.
// CHECK-LABEL: func.func @slots
// CHECK:         order by_index
func.func @slots(%s: tensor<6x4xf32>) -> tensor<6x2xf32> {
  %e = moe.select #moe.top_k<2> %s order by_index : tensor<6x4xf32> -> tensor<6x2xi32>
  %w = moe.weigh value %s, %e norm sum : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  return %w : tensor<6x2xf32>
}

// -----

// What row 0 is to a body that adds up its rows.
// CHECK-LABEL: func.func @mixed
// CHECK:         order by_index
func.func @mixed(%x: tensor<6x8xf32>, %s: tensor<6x4xf32>, %i: tensor<6x8xf32>) -> tensor<6x8xf32> {
  // expected-remark @below {{a body mixes the rows of its expert}}
  %t = moe.select #moe.top_k<3> %s by expert order by_index : tensor<6x4xf32> -> tensor<4x3xi32>
  %w = moe.weigh value %s, %t by expert : tensor<6x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  %o, %p = moe.plan %t by expert : tensor<4x3xi32> -> tensor<5xi32>, tensor<12xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<4x3xi32>) : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  %out = moe.experts rows(%r : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%rows: tensor<?x8xf32>):
    %first = tensor.extract_slice %rows[0, 0] [1, 8] [1, 1] : tensor<?x8xf32> to tensor<8xf32>
    %c0 = arith.constant 0 : index
    %n = tensor.dim %rows, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %y = linalg.broadcast ins(%first : tensor<8xf32>) outs(%e : tensor<?x8xf32>) dimensions = [0]
    moe.yield %y : tensor<?x8xf32>
  }
  %y = moe.combine %out, %p, %w into %i tokens(%t : tensor<4x3xi32>)
      : tensor<12x8xf32>, tensor<12xi32>, tensor<4x3xf32> into tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
