// A MoE block between operations of a host's dialect; ../find-package.test builds
// the host. Its router starts from the logits' matmul; top-2 is a moe op already.

#pair = affine_map<(p, i, j) -> (p)>
#stack = affine_map<(p, i, j) -> (p, i, j)>
#token = affine_map<(t, s, d) -> (t, d)>
#slot = affine_map<(t, s, d) -> (t, s)>
#all = affine_map<(t, s, d) -> (t, s, d)>
#matrix = affine_map<(p, f) -> (p, f)>
#scores = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (t)>
#logits_x = affine_map<(t, e, d) -> (t, d)>
#logits_r = affine_map<(t, e, d) -> (e, d)>
#logits_y = affine_map<(t, e, d) -> (t, e)>

func.func @block(%x: tensor<6x8xf32> {host.name = "x"}, %router: tensor<4x8xf32>,
    %w1: tensor<4x16x8xf32>, %w2: tensor<4x8x16xf32>)
    -> (tensor<6x8xf32> {host.name = "y"}) attributes {host.priority = 3 : i64} {
  %scaled = stablehlo.scale %x by 0.5 {host.note = "before"} : tensor<6x8xf32> loc("scale_in")
  %zero = arith.constant 0.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %max_room = tensor.empty() : tensor<6xf32>
  %scores_room = tensor.empty() : tensor<6x4xf32>
  %least6 = linalg.fill ins(%least : f32) outs(%max_room : tensor<6xf32>) -> tensor<6xf32>
  %zero6 = linalg.fill ins(%zero : f32) outs(%max_room : tensor<6xf32>) -> tensor<6xf32>
  %logits_zero = linalg.fill ins(%zero : f32) outs(%scores_room : tensor<6x4xf32>) -> tensor<6x4xf32>
  %logits = linalg.matmul indexing_maps = [#logits_x, #logits_r, #logits_y]
      ins(%scaled, %router : tensor<6x8xf32>, tensor<4x8xf32>)
      outs(%logits_zero : tensor<6x4xf32>) -> tensor<6x4xf32> loc("logits")
  %max = linalg.generic {indexing_maps = [#scores, #row], iterator_types = ["parallel", "reduction"]}
      ins(%logits : tensor<6x4xf32>) outs(%least6 : tensor<6xf32>) {
  ^bb0(%l: f32, %m: f32):
    %larger = arith.maximumf %l, %m : f32
    linalg.yield %larger : f32
  } -> tensor<6xf32>
  %powers = linalg.generic {indexing_maps = [#scores, #row, #scores], iterator_types = ["parallel", "parallel"]}
      ins(%logits, %max : tensor<6x4xf32>, tensor<6xf32>) outs(%scores_room : tensor<6x4xf32>) {
  ^bb0(%l: f32, %m: f32, %out: f32):
    %difference = arith.subf %l, %m : f32
    %power = math.exp %difference : f32
    linalg.yield %power : f32
  } -> tensor<6x4xf32>
  %total = linalg.generic {indexing_maps = [#scores, #row], iterator_types = ["parallel", "reduction"]}
      ins(%powers : tensor<6x4xf32>) outs(%zero6 : tensor<6xf32>) {
  ^bb0(%p: f32, %s: f32):
    %next = arith.addf %s, %p : f32
    linalg.yield %next : f32
  } -> tensor<6xf32>
  %softmax = linalg.generic {indexing_maps = [#scores, #row, #scores], iterator_types = ["parallel", "parallel"]}
      ins(%powers, %total : tensor<6x4xf32>, tensor<6xf32>) outs(%scores_room : tensor<6x4xf32>) {
  ^bb0(%p: f32, %s: f32, %out: f32):
    %quotient = arith.divf %p, %s : f32
    linalg.yield %quotient : f32
  } -> tensor<6x4xf32> loc("softmax")
  %ids = moe.select #moe.top_k<2> %softmax : tensor<6x4xf32> -> tensor<6x2xi32> loc("top_k")
  %weights = moe.weigh value %softmax, %ids : tensor<6x4xf32>, tensor<6x2xi32> -> tensor<6x2xf32> loc("weigh")
  %flat = tensor.collapse_shape %ids [[0, 1]] : tensor<6x2xi32> into tensor<12xi32>
  %gather1_room = tensor.empty() : tensor<12x16x8xf32>
  %gather1 = linalg.generic {indexing_maps = [#pair, #stack], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<12xi32>) outs(%gather1_room : tensor<12x16x8xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = tensor.extract %w1[%e, %i, %j] : tensor<4x16x8xf32>
    linalg.yield %v : f32
  } -> tensor<12x16x8xf32> loc("gather_up")
  %gather2_room = tensor.empty() : tensor<12x8x16xf32>
  %gather2 = linalg.generic {indexing_maps = [#pair, #stack], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%flat : tensor<12xi32>) outs(%gather2_room : tensor<12x8x16xf32>) {
  ^bb0(%id: i32, %out: f32):
    %e = arith.index_cast %id : i32 to index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %v = tensor.extract %w2[%e, %i, %j] : tensor<4x8x16xf32>
    linalg.yield %v : f32
  } -> tensor<12x8x16xf32>
  %x_room = tensor.empty() : tensor<6x2x8xf32>
  %x_pairs = linalg.generic {indexing_maps = [#token, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scaled : tensor<6x8xf32>) outs(%x_room : tensor<6x2x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<6x2x8xf32>
  %x_flat = tensor.collapse_shape %x_pairs [[0, 1], [2]] : tensor<6x2x8xf32> into tensor<12x8xf32>
  %x_columns = tensor.expand_shape %x_flat [[0], [1, 2]] output_shape [12, 8, 1] : tensor<12x8xf32> into tensor<12x8x1xf32>
  %h_room = tensor.empty() : tensor<12x16x1xf32>
  %h_zero = linalg.fill ins(%zero : f32) outs(%h_room : tensor<12x16x1xf32>) -> tensor<12x16x1xf32>
  %h3 = linalg.batch_matmul ins(%gather1, %x_columns : tensor<12x16x8xf32>, tensor<12x8x1xf32>)
      outs(%h_zero : tensor<12x16x1xf32>) -> tensor<12x16x1xf32> loc("up")
  %h2 = tensor.collapse_shape %h3 [[0], [1, 2]] : tensor<12x16x1xf32> into tensor<12x16xf32>
  %act_room = tensor.empty() : tensor<12x16xf32>
  %act = linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%h2 : tensor<12x16xf32>) outs(%act_room : tensor<12x16xf32>) {
  ^bb0(%h: f32, %out: f32):
    %y = math.tanh %h : f32
    linalg.yield %y : f32
  } -> tensor<12x16xf32> loc("activation")
  %act3 = tensor.expand_shape %act [[0], [1, 2]] output_shape [12, 16, 1] : tensor<12x16xf32> into tensor<12x16x1xf32>
  %y_room = tensor.empty() : tensor<12x8x1xf32>
  %y_zero = linalg.fill ins(%zero : f32) outs(%y_room : tensor<12x8x1xf32>) -> tensor<12x8x1xf32>
  %y3 = linalg.batch_matmul ins(%gather2, %act3 : tensor<12x8x16xf32>, tensor<12x16x1xf32>)
      outs(%y_zero : tensor<12x8x1xf32>) -> tensor<12x8x1xf32> loc("down")
  %y2 = tensor.collapse_shape %y3 [[0], [1, 2]] : tensor<12x8x1xf32> into tensor<12x8xf32>
  %y_pairs = tensor.expand_shape %y2 [[0, 1], [2]] output_shape [6, 2, 8] : tensor<12x8xf32> into tensor<6x2x8xf32>
  %room8 = tensor.empty() : tensor<6x8xf32>
  %zero8 = linalg.fill ins(%zero : f32) outs(%room8 : tensor<6x8xf32>) -> tensor<6x8xf32>
  %y = linalg.generic {indexing_maps = [#all, #slot, #token], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%y_pairs, %weights : tensor<6x2x8xf32>, tensor<6x2xf32>) outs(%zero8 : tensor<6x8xf32>) {
  ^bb0(%row: f32, %w: f32, %sum: f32):
    %weighted = arith.mulf %row, %w : f32
    %next = arith.addf %sum, %weighted : f32
    linalg.yield %next : f32
  } -> tensor<6x8xf32> loc("weighted_sum")
  %out = stablehlo.scale %y by 2.0 {host.note = "after"} : tensor<6x8xf32> loc("scale_out")
  return %out : tensor<6x8xf32> loc("return")
} loc("block")

// Nothing of ours in here.
func.func @other(%x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %0 = stablehlo.scale %x by 3.0 {host.note = "other"} : tensor<6x8xf32> loc("other_scale")
  return %0 : tensor<6x8xf32>
}
