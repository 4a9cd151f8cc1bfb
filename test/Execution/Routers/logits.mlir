// Routers that choose by the logits themselves, or by the id of the token; the rows
// of this file in the table of dialects/moe/README.md.
// RUN: %python %S/table.py --run=logits --columns=parse,verify,reference,cpu

#id = affine_map<(t, e) -> (t, e)>
#row = affine_map<(t, e) -> (e)>

func.func @granitemoe(%l: tensor<?x8xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %e = moe.select #moe.top_k<3> %l : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh softmax_selected %l, %e
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

// The bias is one of the router: it weighs, too.
func.func @gpt_oss(%product: tensor<?x8xf32>, %b: tensor<8xf32>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %l = linalg.generic {indexing_maps = [#id, #row, #id],
                       iterator_types = ["parallel", "parallel"]}
      ins(%product, %b : tensor<?x8xf32>, tensor<8xf32>) outs(%product : tensor<?x8xf32>) {
  ^bb0(%left: f32, %right: f32, %out: f32):
    %sum = arith.addf %left, %right : f32
    linalg.yield %sum : f32
  } -> tensor<?x8xf32>
  %e = moe.select #moe.top_k<3> %l : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh softmax_selected %l, %e
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @cohere2_sigmoid(%l: tensor<?x8xf32>) -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %e = moe.select #moe.top_k<3> %l : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh sigmoid %l, %e norm sum
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

// The experts read rows that are weighed already.
func.func @llama4(%l: tensor<?x8xf32>, %x: tensor<?x4xf32>)
    -> (tensor<?x1xi32>, tensor<?x1xf32>, tensor<?x4xf32>) {
  %e = moe.select #moe.top_k<1> %l : tensor<?x8xf32> -> tensor<?x1xi32>
  %w = moe.weigh sigmoid %l, %e : tensor<?x8xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  %offsets, %pairs = moe.plan %e : tensor<?x1xi32> -> tensor<9xi32>, tensor<?xi32>
  %rows = moe.dispatch %x, %pairs slots 1 weights(%w : tensor<?x1xf32>)
      : tensor<?x4xf32>, tensor<?xi32> -> tensor<?x4xf32>
  return %e, %w, %rows : tensor<?x1xi32>, tensor<?x1xf32>, tensor<?x4xf32>
}

func.func @phimoe(%l: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %e = moe.select #moe.top_k<2> %l : tensor<?x8xf32> -> tensor<?x2xi32>
  %w = moe.weigh band_softmax %l, %e {band = 0.01}
      : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %e, %w : tensor<?x2xi32>, tensor<?x2xf32>
}

// Tokens choose by their ids, and weigh by what the router says.
func.func @deepseek_v4_hash(%l: tensor<?x8xf32>, %table: tensor<?x3xi32>, %ids: tensor<?xi64>)
    -> (tensor<?x3xi32>, tensor<?x3xf32>) {
  %s = moe.score sqrtsoftplus %l : tensor<?x8xf32> -> tensor<?x8xf32>
  %e = moe.select #moe.table<3> %s params(%table : tensor<?x3xi32>)
      token_params(%ids : tensor<?xi64>) : tensor<?x8xf32> -> tensor<?x3xi32>
  %w = moe.weigh value %s, %e norm sum {eps = 1.0e-20, scale = 1.5}
      : tensor<?x8xf32>, tensor<?x3xi32> -> tensor<?x3xf32>
  return %e, %w : tensor<?x3xi32>, tensor<?x3xf32>
}

func.func @hash_layers(%l: tensor<?x8xf32>, %table: tensor<?x1xi32>, %ids: tensor<?xi64>)
    -> (tensor<?x1xi32>, tensor<?x1xf32>) {
  %e = moe.select #moe.table<1> %l params(%table : tensor<?x1xi32>)
      token_params(%ids : tensor<?xi64>) : tensor<?x8xf32> -> tensor<?x1xi32>
  %w = moe.weigh one %l, %e : tensor<?x8xf32>, tensor<?x1xi32> -> tensor<?x1xf32>
  return %e, %w : tensor<?x1xi32>, tensor<?x1xf32>
}
