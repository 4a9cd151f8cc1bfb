// RUN: moe-opt %s --moe-fuse-experts --split-input-file | FileCheck %s

// A caller may read the rows that belong to no expert: they are zeroed.
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func.func @returned
// CHECK:         %[[M:.+]] = moe.grouped_matmul
// CHECK-SAME:      zero_rest parts
// CHECK:         return %[[M]]
func.func @returned(%rows: tensor<?x8xf32>, %w: tensor<4x16x8xf32>,
                    %offsets: tensor<5xi32>) -> tensor<?x16xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x16xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<16x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    moe.yield %m : tensor<?x16xf32>
  }
  return %y : tensor<?x16xf32>
}

// -----

// A combine with pairs of the plan that made the offsets reads none of them.
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func.func @combined
// CHECK:         %[[M:.+]] = moe.grouped_matmul
// CHECK-NOT:       zero_rest
// CHECK:         moe.combine %[[M]]
func.func @combined(%rows: tensor<?x8xf32>, %w: tensor<4x16x8xf32>,
                    %e: tensor<?x2xi32>, %weights: tensor<?x2xf32>,
                    %init: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %offsets, %pairs = moe.plan %e : tensor<?x2xi32> -> tensor<5xi32>, tensor<?xi32>
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x16xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<16x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    moe.yield %m : tensor<?x16xf32>
  }
  %z = moe.combine %y, %pairs, %weights into %init
      : tensor<?x16xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x16xf32>
  return %z : tensor<?x16xf32>
}

// -----

// Work on whole rows reads those of no expert, and what it makes of them is
// zeroed again.
// CHECK:       #[[$LAST:.+]] = affine_map<(d0, d1) -> (4)>
// CHECK-LABEL: func.func @split_at_the_end
// CHECK-SAME:    %[[O:[^:]+]]: tensor<5xi32>)
// CHECK:         %[[M:.+]] = moe.grouped_matmul
// CHECK-SAME:      zero_rest parts
// CHECK:         %[[T:.+]] = linalg.broadcast
// CHECK:         %[[Y:.+]] = linalg.generic {indexing_maps = [#[[$LAST]],
// CHECK-SAME:      ins(%[[O]] : tensor<5xi32>) outs(%[[T]]
// CHECK:           %[[ROW:.+]] = linalg.index 0
// CHECK:           arith.cmpi slt
// CHECK:           arith.select
// CHECK:         return %[[Y]]
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
func.func @split_at_the_end(%rows: tensor<?x8xf32>, %w: tensor<4x16x8xf32>,
                            %offsets: tensor<5xi32>) -> tensor<?x16xf32> {
  %y = moe.experts rows(%rows : tensor<?x8xf32>)
      weights(%w : tensor<4x16x8xf32>) offsets(%offsets : tensor<5xi32>)
      -> tensor<?x16xf32> {
  ^expert(%r: tensor<?x8xf32>, %a: tensor<16x8xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %n = tensor.dim %r, %c0 : tensor<?x8xf32>
    %m0 = tensor.empty(%n) : tensor<?x16xf32>
    %m1 = linalg.fill ins(%zero : f32) outs(%m0 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %m = linalg.matmul indexing_maps = [#x, #w, #y]
        ins(%r, %a : tensor<?x8xf32>, tensor<16x8xf32>)
        outs(%m1 : tensor<?x16xf32>) -> tensor<?x16xf32>
    %s0 = tensor.empty(%n) : tensor<?xf32>
    %s1 = linalg.fill ins(%zero : f32) outs(%s0 : tensor<?xf32>) -> tensor<?xf32>
    %s = linalg.reduce { arith.addf } ins(%m : tensor<?x16xf32>)
        outs(%s1 : tensor<?xf32>) dimensions = [1]
    %all = linalg.broadcast ins(%s : tensor<?xf32>) outs(%m0 : tensor<?x16xf32>) dimensions = [1]
    moe.yield %all : tensor<?x16xf32>
  }
  return %y : tensor<?x16xf32>
}
