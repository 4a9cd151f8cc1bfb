// RUN: moe-opt %s --moe-fuse-plan \
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// A plan that nobody reads goes away; one with destinations stays as it is.
// CHECK-LABEL: func.func @done
// CHECK-SAME:    %[[E:.+]]: tensor<6x2xi32>, %[[O:.+]]: tensor<5xi32>, %[[P:.+]]: tensor<12xi32>, %[[Q:.+]]: tensor<6x2xi32>
// CHECK-NEXT:    moe.plan_into ins(%[[E]] : tensor<6x2xi32>) outs(%[[O]], %[[P]], %[[Q]] :
// CHECK-NEXT:    return
func.func @done(%e: tensor<6x2xi32>, %o0: tensor<5xi32>, %p0: tensor<12xi32>,
                %q0: tensor<6x2xi32>) -> tensor<5xi32> {
  %o, %p, %q = moe.plan_into ins(%e : tensor<6x2xi32>)
      outs(%o0, %p0, %q0 : tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>)
      -> tensor<5xi32>, tensor<12xi32>, tensor<6x2xi32>
  %unused:2 = moe.plan %e : tensor<6x2xi32> -> tensor<5xi32>, tensor<12xi32>
  return %o : tensor<5xi32>
}
