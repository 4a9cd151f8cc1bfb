// Routers whose tokens pick as many experts as a rule says; the rows of this file in
// the table of dialects/moe/README.md.
// RUN: %python %S/table.py --run=rules --columns=parse,verify,reference,cpu

#id = affine_map<(t, e) -> (t, e)>

func.func @top_p(%l: tensor<?x8xf32>, %p: f32) -> (tensor<?x8xi32>, tensor<?x8xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.cumulative %s params(%p : f32) : tensor<?x8xf32> -> tensor<?x8xi32>
  %w = moe.weigh value %s, %e : tensor<?x8xf32>, tensor<?x8xi32> -> tensor<?x8xf32>
  return %e, %w : tensor<?x8xi32>, tensor<?x8xf32>
}

// An expert keeps tokens by slot, and by score within a slot.
func.func @xmoe(%l: tensor<?x8xf32>, %p: f32) -> (tensor<?x8xi32>, tensor<?x8xf32>) {
  %s = moe.score softmax %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.cumulative<strict = true> %s params(%p : f32)
      : tensor<?x8xf32> -> tensor<?x8xi32>
  %w = moe.weigh value %s, %e : tensor<?x8xf32>, tensor<?x8xi32> -> tensor<?x8xf32>
  %priority = linalg.generic {indexing_maps = [#id, #id],
                              iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<?x8xf32>) outs(%w : tensor<?x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %slot = linalg.index 1 : index
    %number = arith.index_cast %slot : index to i32
    %float = arith.sitofp %number : i32 to f32
    %before = arith.subf %in, %float : f32
    linalg.yield %before : f32
  } -> tensor<?x8xf32>
  %kept, %unused = moe.limit %e, %priority of 8 factor 1.25 order by_weight {min = 1}
      : tensor<?x8xi32>, tensor<?x8xf32>
  %v = moe.weigh value %s, %kept : tensor<?x8xf32>, tensor<?x8xi32> -> tensor<?x8xf32>
  return %kept, %v : tensor<?x8xi32>, tensor<?x8xf32>
}

func.func @remoe(%l: tensor<?x8xf32>) -> (tensor<?x8xi32>, tensor<?x8xf32>) {
  %s = moe.score relu %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.positive %s : tensor<?x8xf32> -> tensor<?x8xi32>
  %w = moe.weigh value %s, %e : tensor<?x8xf32>, tensor<?x8xi32> -> tensor<?x8xf32>
  return %e, %w : tensor<?x8xi32>, tensor<?x8xf32>
}

// The logits are cosines times a temperature, the thresholds sigmoids.
func.func @dynmoe(%l: tensor<?x8xf32>, %g: tensor<8xf32>)
    -> (tensor<?x8xi32>, tensor<?x8xf32>) {
  %s = moe.score sigmoid %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.above<min_active = 1> %s params(%g : tensor<8xf32>)
      : tensor<?x8xf32> -> tensor<?x8xi32>
  %w = moe.weigh one %s, %e norm hits : tensor<?x8xf32>, tensor<?x8xi32> -> tensor<?x8xf32>
  return %e, %w : tensor<?x8xi32>, tensor<?x8xf32>
}
