// How many threads each kernel of a router that looks across tokens gets: none
// runs on one.
// REQUIRES: cuda-driver
// RUN: split-file %s %t
// RUN: %gpu_check --show-launches --seeds=1 -- moe-run %t/choice.mlir --backend=nvptx --compare=reference --dim=300 --dim=300 --remarks-filter-missed=none | FileCheck %t/choice.mlir
// RUN: %gpu_check --show-launches --seeds=1 -- moe-run %t/capacity.mlir --backend=nvptx --compare=reference --dim=300 --remarks-filter-missed=none | FileCheck %t/capacity.mlir

//--- choice.mlir
// A block per expert picks and weighs; a block per token finds its entries, and
// another one sums their rows.
// CHECK-NOT:  1 blocks of 1 threads
// CHECK:      main_select: 6 blocks of 256 threads
// CHECK-NEXT: main_generic{{.*}}: 3 blocks of 128 threads
// CHECK-NEXT: main_plan: 7 blocks of 256 threads
// CHECK-NEXT: main_generic{{.*}}: 38 blocks of 128 threads
// CHECK-NEXT: main_plan_1: 301 blocks of 256 threads
// CHECK-NEXT: main_gather_sum: 300 blocks of 32 threads
// CHECK-NOT:  threads
func.func @main(%l: tensor<?x6xf32>, %x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %s = moe.score softmax %l : tensor<?x6xf32> -> tensor<?x6xf32>
  %t = moe.select #moe.top_k<50> %s by expert : tensor<?x6xf32> -> tensor<6x50xi32>
  %w = moe.weigh value %s, %t by expert : tensor<?x6xf32>, tensor<6x50xi32> -> tensor<6x50xf32>
  %o, %p = moe.plan %t by expert : tensor<6x50xi32> -> tensor<7xi32>, tensor<300xi32>
  %r = moe.dispatch %x, %p tokens(%t : tensor<6x50xi32>) : tensor<?x16xf32>, tensor<300xi32> -> tensor<300x16xf32>
  %y = moe.combine %r, %p, %w into %x tokens(%t : tensor<6x50xi32>)
      : tensor<300x16xf32>, tensor<300xi32>, tensor<6x50xf32> into tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

//--- capacity.mlir
// A warp per token decides, a block per expert places, and a thread per slot
// looks whether its place is within capacity.
// CHECK-NOT:  1 blocks of 1 threads
// CHECK:      main_gate: 75 blocks of 128 threads
// CHECK-NEXT: main_generic: 5 blocks of 128 threads
// CHECK-NEXT: main_plan: 7 blocks of 256 threads
// CHECK-NEXT: main_generic_1: 5 blocks of 128 threads
// CHECK-NEXT: main_generic_2: 5 blocks of 128 threads
// CHECK-NOT:  threads
func.func @main(%l: tensor<?x6xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x6xf32> -> tensor<?x6xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x6xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x6xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %f, %v = moe.limit %e, %w of 6 factor 1.25 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f, %v : tensor<?x2xi32>, tensor<?x2xf32>
}
