// RUN: moe-opt %s --moe-decompose | FileCheck %s
// RUN: moe-opt %s --moe-decompose="report-unfused" --remarks-filter-missed=moe \
// RUN:   2>&1 | FileCheck %s --check-prefix=REPORT
// RUN: moe-opt %s --moe-optimize="target=cpu" --remarks-filter-missed=moe 2>&1 \
// RUN:   | FileCheck %s --check-prefix=STAYS

// A token finds its place in each bin, then each entry its token; nothing
// depends on the order of either.
// CHECK-LABEL: func.func @select
// CHECK-NOT:     moe.select
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]
// CHECK:           scf.for
// CHECK:             arith.cmpf ogt
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]
// CHECK:           scf.for
// CHECK:         return
// REPORT:      no fusion took this moe.select; it runs unfused
func.func @select(%k: tensor<?x4xf32>) -> tensor<4x3xi32> {
  %t = moe.select #moe.top_k<3> %k by expert : tensor<?x4xf32> -> tensor<4x3xi32>
  return %t : tensor<4x3xi32>
}

// A capacity is computed where it depends on the number of tokens; without a
// limit no slot looks at another.
// CHECK-LABEL: func.func @limit
// CHECK-NOT:     moe.limit
// CHECK:         arith.divf {{.+}} : f64
// CHECK:         arith.fptosi
// CHECK:         return
// CHECK-LABEL: func.func @unlimited
// CHECK-NOT:     scf.for
// CHECK:         return
// REPORT:      no fusion took this moe.limit; it runs unfused
// STAYS-LABEL: func.func @limit
// STAYS:         moe.limit
func.func @limit(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 factor 1.25 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @unlimited(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %f, %v = moe.limit %e, %w of 4 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

// CHECK-LABEL: func.func @stats
// CHECK-NOT:     moe.stats
// CHECK:         return
// REPORT:      no fusion took this moe.stats; it runs unfused
func.func @stats(%e: tensor<?x2xi32>, %s: tensor<?x4xf32>)
    -> (tensor<4xi32>, tensor<?xi32>, tensor<4xf32>) {
  %slots, %live, %mean = moe.stats %e, %s : tensor<?x2xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  return %slots, %live, %mean : tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
}
