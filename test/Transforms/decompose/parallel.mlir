// RUN: moe-opt %s --moe-decompose=parallel --split-input-file | FileCheck %s

// Tokens side by side.
// CHECK-LABEL: func.func @select
// CHECK:         scf.forall
// CHECK:           vector.transfer_write
// CHECK:           tensor.parallel_insert_slice
func.func @select(%k: tensor<?x4xf32>) -> tensor<?x2xi32> {
  %e = moe.select #moe.top_k<2> %k : tensor<?x4xf32> -> tensor<?x2xi32>
  return %e : tensor<?x2xi32>
}

// -----

// The slots of an expert are a run of a plan that has a row per slot; the place
// of each is a difference.
// CHECK-LABEL: func.func @limit
// CHECK:         linalg.generic
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into ins(%{{.+}} : tensor<2x?xi32>)
// CHECK-SAME:      tensor<5xi32>, tensor<?xi32>, tensor<2x?xi32>)
// CHECK:         linalg.generic
// CHECK-NOT:       scf.for
// CHECK:           tensor.extract %[[PLAN]]#2
func.func @limit(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> tensor<?x2xi32> {
  %f, %v = moe.limit %e, %w of 4 capacity 3 : tensor<?x2xi32>, tensor<?x2xf32>
  return %f : tensor<?x2xi32>
}

// -----

// With groups of tokens, a bucket per group and expert; an order by weight counts
// within the run.
// CHECK-LABEL: func.func @limit_by_weight
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into ins(%{{.+}} : tensor<?x2xi32>)
// CHECK-SAME:      tensor<?xi32>, tensor<?xi32>, tensor<?x2xi32>)
// CHECK:         linalg.generic
// CHECK:           scf.for
// CHECK:             tensor.extract %[[PLAN]]#1
func.func @limit_by_weight(%e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> tensor<?x2xi32> {
  %f, %v = moe.limit %e, %w of 4 capacity 3 scope 8 order by_weight : tensor<?x2xi32>, tensor<?x2xf32>
  return %f : tensor<?x2xi32>
}

// -----

// The entries of a token are a run of the bins sorted by token.
// CHECK-LABEL: func.func @weigh
// CHECK-SAME:    %[[S:.+]]: tensor<6x4xf32>, %[[T:.+]]: tensor<4x3xi32>
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into ins(%[[T]] : tensor<4x3xi32>)
// CHECK-SAME:      tensor<7xi32>, tensor<12xi32>, tensor<4x3xi32>)
// CHECK-NOT:     scf.for {{.+}} iter_args({{.+}}tensor
func.func @weigh(%s: tensor<6x4xf32>, %t: tensor<4x3xi32>) -> tensor<4x3xf32> {
  %w = moe.weigh value %s, %t by expert norm sum
      : tensor<6x4xf32>, tensor<4x3xi32> -> tensor<4x3xf32>
  return %w : tensor<4x3xf32>
}

// -----

// CHECK-LABEL: func.func @stats
// CHECK-SAME:    %[[E:.+]]: tensor<?x2xi32>
// CHECK:         %[[PLAN:.+]]:3 = moe.plan_into ins(%[[E]] : tensor<?x2xi32>)
// CHECK:         linalg.generic
// CHECK:           tensor.extract %[[PLAN]]#0
func.func @stats(%e: tensor<?x2xi32>, %s: tensor<?x4xf32>) -> tensor<4xi32> {
  %slots, %live, %mean = moe.stats %e, %s : tensor<?x2xi32>, tensor<?x4xf32>
      -> tensor<4xi32>, tensor<?xi32>, tensor<4xf32>
  return %slots : tensor<4xi32>
}

// -----

// Pairs that no plan made: every row writes its number where its slot is, and
// those without a pair behind all of them.
// CHECK-LABEL: func.func @combine
// CHECK:         scf.forall
// CHECK:           tensor.parallel_insert_slice
// CHECK:         linalg.generic
func.func @combine(%r: tensor<12x8xf32>, %p: tensor<12xi32>, %w: tensor<6x2xf32>,
                   %x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %y = moe.combine %r, %p, %w into %x
      : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// -----

// Runs of 64 tokens first, then what they gave: 5 of them for 300 tokens.
// CHECK-LABEL: func.func @score
// CHECK:         %[[MAXIMA:.+]] = linalg.generic {{.+}} outs(%{{.+}} : tensor<5x4xf32>)
// CHECK:           scf.for
// CHECK:         linalg.generic {{.+}} iterator_types = ["reduction", "parallel"]} ins(%[[MAXIMA]] : tensor<5x4xf32>)
// CHECK:         math.exp
// CHECK:         %[[SUMS:.+]] = linalg.generic {{.+}} outs(%{{.+}} : tensor<5x4xf32>)
// CHECK:         linalg.generic {{.+}} iterator_types = ["reduction", "parallel"]} ins(%[[SUMS]] : tensor<5x4xf32>)
func.func @score(%l: tensor<300x4xbf16>) -> tensor<300x4xbf16> {
  %s = moe.score softmax %l axis tokens : tensor<300x4xbf16> -> tensor<300x4xbf16>
  return %s : tensor<300x4xbf16>
}
