// RUN: moe-opt %s --moe-gate-to-gpu --verify-diagnostics

func.func @too_many_experts(%logits: memref<?x2048xf32>, %e: memref<?x2xi32>,
                            %w: memref<?x2xf32>) {
  // expected-error @below {{has 2048 experts, but the GPU's gate takes at most 1024}}
  moe.gate ins(%logits : memref<?x2048xf32>)
      outs(%e, %w : memref<?x2xi32>, memref<?x2xf32>)
      score identity select #moe.top_k<2> on scores weigh value on scores
  return
}
