// RUN: moe-opt %s --moe-fuse-experts --split-input-file | FileCheck %s

// What once kept a body from being fused: work on whole rows splits it, operands
// of rows and shared ones join the epilogue.
// CHECK-NOT: moe.experts

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// Work on the rows of tokens alone comes before the first matmul, on all rows.
// CHECK-LABEL: func.func @row_operand
// CHECK-SAME:    %[[R:[^:]+]]: tensor<?x8xf32>
// CHECK:         %[[S:.+]] = arith.mulf %[[R]], %[[R]] : tensor<?x8xf32>
// CHECK:         moe.grouped_matmul ins(%[[S]] : tensor<?x8xf32>)
func.func @row_operand(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %s = arith.mulf %r, %r : tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%s, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %m : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// Nothing but the rows themselves: those of no expert become zero.
// CHECK-LABEL: func.func @no_matmul
// CHECK-SAME:    %[[R:[^:]+]]: tensor<?x8xf32>
// CHECK-NOT:     moe.
// CHECK:         %[[Y:.+]] = linalg.generic {{.+}} outs(%[[R]] : tensor<?x8xf32>)
// CHECK:         return %[[Y]]
func.func @no_matmul(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %r : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// A bias that all experts share is a vector of one row.
// CHECK-LABEL: func.func @shared_bias
// CHECK:         %[[V:.+]] = tensor.expand_shape %{{.+}} {{\[}}[0, 1]] output_shape [1, 8] : tensor<8xf32> into tensor<1x8xf32>
// CHECK:         moe.grouped_matmul
// CHECK-SAME:      vectors(%[[V]] : tensor<1x8xf32>)
// CHECK-SAME:      vector_parts vectors [0] offsets [0] strides [1] {
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32):
// CHECK-NEXT:      arith.addf %[[A]], %[[B]]
func.func @shared_bias(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>, %common: tensor<8xf32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) shared(%common : tensor<8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %c: tensor<8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %s = linalg.generic {indexing_maps = [#id, #row, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %c : tensor<?x8xf32>, tensor<8xf32>) outs(%e : tensor<?x8xf32>) {
    ^bb0(%in: f32, %b: f32, %out: f32):
      %sum = arith.addf %in, %b : f32
      linalg.yield %sum : f32
    } -> tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
#none = affine_map<(i, j) -> ()>
// A scalar of every expert is a vector whose first element all columns read.
// CHECK-LABEL: func.func @scalar
// CHECK:         %[[V:.+]] = tensor.expand_shape %{{.+}} {{\[}}[0, 1]] output_shape [4, 1] : tensor<4xf32> into tensor<4x1xf32>
// CHECK:         moe.grouped_matmul
// CHECK-SAME:      vectors(%[[V]] : tensor<4x1xf32>)
// CHECK-SAME:      vector_parts vectors [0] offsets [0] strides [0] {
func.func @scalar(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>, %scale: tensor<4xf32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w, %scale : tensor<4x8x8xf32>, tensor<4xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %c: tensor<f32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %s = linalg.generic {indexing_maps = [#id, #none, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m, %c : tensor<?x8xf32>, tensor<f32>) outs(%e : tensor<?x8xf32>) {
    ^bb0(%in: f32, %b: f32, %out: f32):
      %sum = arith.addf %in, %b : f32
      linalg.yield %sum : f32
    } -> tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// A reduction along the row stays, and reads no row that was not written.
// CHECK-LABEL: func.func @row_maximum
// CHECK:         %[[M:.+]] = moe.grouped_matmul
// CHECK-SAME:      zero_rest
// CHECK:         %[[V:.+]] = linalg.reduce ins(%[[M]] : tensor<?x8xf32>)
// CHECK:         linalg.broadcast ins(%[[V]] : tensor<?xf32>)
func.func @row_maximum(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %v0 = tensor.empty(%n) : tensor<?xf32>
    %v = linalg.reduce ins(%m : tensor<?x8xf32>) outs(%v0 : tensor<?xf32>)
        dimensions = [1]
        (%in: f32, %best: f32) {
          %max = arith.maximumf %in, %best : f32
          linalg.yield %max : f32
        }
    %s = linalg.broadcast ins(%v : tensor<?xf32>) outs(%e : tensor<?x8xf32>)
        dimensions = [1]
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// A matmul by weights that all experts share is work on each row by itself.
// CHECK-LABEL: func.func @shared_weights
// CHECK-SAME:    %[[R:[^:]+]]: tensor<?x8xf32>, {{.+}} %[[C:[^:]+]]: tensor<8x8xf32>)
// CHECK:         linalg.matmul {{.+}} ins(%[[R]], %[[C]] : tensor<?x8xf32>, tensor<8x8xf32>)
func.func @shared_weights(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>, %common: tensor<8x8xf32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) shared(%common : tensor<8x8xf32>)
      offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>, %c: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %c : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    moe.yield %m : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// The result of one matmul is added to that of the next in its epilogue.
// CHECK-LABEL: func.func @residual
// CHECK:         %[[M:.+]] = moe.grouped_matmul
// CHECK-NOT:       zero_rest
// CHECK:         moe.grouped_matmul ins(%[[M]] : tensor<?x8xf32>)
// CHECK-SAME:      rows(%[[M]] : tensor<?x8xf32>)
// CHECK-SAME:      row_parts rows [0] offsets [0] strides [1] {
// CHECK-NEXT:    ^bb0(%[[D:.+]]: f32, %[[ROW:.+]]: f32):
// CHECK-NEXT:      arith.addf %[[ROW]], %[[D]]
func.func @residual(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %d = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%m, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %s = arith.addf %m, %d : tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
// The number of the column is known outside an epilogue only.
// CHECK-LABEL: func.func @index
// CHECK:         %[[M:.+]] = moe.grouped_matmul
// CHECK:         linalg.generic {{.+}} ins(%[[M]] : tensor<?x8xf32>)
// CHECK:           linalg.index 1
func.func @index(%rows: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %offsets: tensor<5xi32>) -> tensor<?x8xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<8x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %e = tensor.empty(%n) : tensor<?x8xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<8x8xf32>)
        outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
    %s = linalg.generic {indexing_maps = [#id, #id],
                         iterator_types = ["parallel", "parallel"]}
        ins(%m : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
    ^bb0(%in: f32, %out: f32):
      %j = linalg.index 1 : index
      %k = arith.index_cast %j : index to i32
      %f = arith.sitofp %k : i32 to f32
      %p = arith.mulf %in, %f : f32
      linalg.yield %p : f32
    } -> tensor<?x8xf32>
    moe.yield %s : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}
