// RUN: moe-opt %s --moe-fuse-combine --split-input-file \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// CHECK-NOT: moe.gather_sum

func.func @foreign_pairs(%rows: tensor<?x8xf32>, %p: tensor<?xi32>,
                         %w: tensor<?x2xf32>, %x: tensor<?x8xf32>)
    -> tensor<?x8xf32> {
  // expected-remark @below {{the pairs do not come from a moe.plan_into}}
  %y = moe.combine %rows, %p, %w into %x
      : tensor<?x8xf32>, tensor<?xi32>, tensor<?x2xf32> into tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// Pair 3 is slot 1 of token 1 to the plan, and slot 3 of token 0 to the combine.
func.func @other_slots(%rows: tensor<12x8xf32>, %e: tensor<6x2xi32>,
                       %w: tensor<3x4xf32>, %x: tensor<3x8xf32>,
                       %o0: tensor<5xi32>, %p0: tensor<12xi32>,
                       %q0: tensor<6x2xi32>) -> tensor<3x8xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<6x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
  // expected-remark @below {{the weights have 4 slots, but the plan has 2}}
  %y = moe.combine %rows, %p, %w into %x
      : tensor<12x8xf32>, tensor<12xi32>, tensor<3x4xf32> into tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

// -----

// Bins of another number than the rows of the plan.
func.func @other_bins(%rows: tensor<8x8xf32>, %e: tensor<2x4xi32>,
                      %t: tensor<4x2xi32>, %w: tensor<4x2xf32>,
                      %x: tensor<4x8xf32>, %o0: tensor<5xi32>,
                      %p0: tensor<8xi32>, %q0: tensor<2x4xi32>)
    -> tensor<4x8xf32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<2x4xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<8xi32>, tensor<2x4xi32>)
      -> tensor<5xi32>, tensor<8xi32>, tensor<2x4xi32>
  // expected-remark @below {{the weights have 2 slots, but the plan has 4}}
  %y = moe.combine %rows, %p, %w into %x tokens(%t : tensor<4x2xi32>)
      : tensor<8x8xf32>, tensor<8xi32>, tensor<4x2xf32> into tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
