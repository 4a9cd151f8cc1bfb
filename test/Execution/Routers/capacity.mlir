// Routers whose experts take a limited number of tokens; the rows of this file in
// the table of dialects/moe/README.md.
// RUN: %python %S/table.py --run=capacity --columns=parse,verify,reference,cpu

// Capacity is counted per sequence, here of four tokens.
func.func @switch_transformers(%l: tensor<?x8xf32>) -> (tensor<?x1xi32>, tensor<?x1xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<1> %s : tensor<?x8xf32> -> tensor<?x1xi32>
  %w = moe.weigh value %s, %e : tensor<?x8xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  %kept, %v = moe.limit %e, %w of 8 capacity 1 scope 4 : tensor<?x1xi32>, tensor<?x1xf32>
  return %kept, %v : tensor<?x1xi32>, tensor<?x1xf32>
}

func.func @nllb_moe(%l: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %kept, %v = moe.limit %e, %w of 8 capacity 2 renormalize {clamp = 1.1920929e-07}
      : tensor<?x2xi32>, tensor<?x2xf32>
  return %kept, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

// The same with the option to normalise before tokens are dropped.
func.func @nllb_moe_before(%l: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum {clamp = 1.1920929e-07}
      : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %kept, %v = moe.limit %e, %w of 8 capacity 2 : tensor<?x2xi32>, tensor<?x2xf32>
  return %kept, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @gshard(%l: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-9}
      : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %kept, %v = moe.limit %e, %w of 8 factor 2.0 round floor {cap_at_scope, min = 1}
      : tensor<?x2xi32>, tensor<?x2xf32>
  return %kept, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

// The second expert is there if g2 / (g1 + g2) is above 0.2: a gap of 1 - 2 * 0.2.
// The weights are those of both.
func.func @gshard_threshold(%l: tensor<?x8xf32>, %gap: f32)
    -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.gap<2, norm = top2> %s params(%gap : f32)
      : tensor<?x8xf32> -> tensor<?x2xi32>
  %both = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %both norm sum {eps = 1.0e-9}
      : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %kept, %v = moe.limit %e, %w of 8 factor 2.0 round floor {cap_at_scope, min = 1}
      : tensor<?x2xi32>, tensor<?x2xf32>
  return %kept, %v : tensor<?x2xi32>, tensor<?x2xf32>
}

func.func @deepspeed(%l: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh value %s, %e : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %kept, %v = moe.limit %e, %w of 8 factor 2.0 renormalize {min = 1, clamp = 1.1920929e-07}
      : tensor<?x2xi32>, tensor<?x2xf32>
  return %kept, %v : tensor<?x2xi32>, tensor<?x2xf32>
}
