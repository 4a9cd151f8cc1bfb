// The states of a router on every back end; state.py has the cases, with two
// layers of RMoE from published equations first.
// RUN: %python %S/state.py router_cell %t/reference -- moe-run %s --backend=reference
// RUN: %python %S/state.py router_cell %t/cpu -- moe-run %s --backend=cpu --remarks-filter-missed=none

#rows = affine_map<(t, e, p) -> (t, p)>
#experts = affine_map<(t, e, p) -> (e, p)>
#logits = affine_map<(t, e, p) -> (t, e)>

// Two layers share the cell and have expert embeddings of their own.
func.func @v22(%x1: tensor<1x2xf32>, %x2: tensor<1x2xf32>, %w: tensor<6x2xf32>,
               %u: tensor<6x2xf32>, %b: tensor<6xf32>, %c: tensor<6xf32>,
               %g1: tensor<3x2xf32>, %g2: tensor<3x2xf32>)
    -> (tensor<1x2xf32>, tensor<1x2xi32>, tensor<1x2xf32>,
        tensor<1x2xf32>, tensor<1x2xi32>, tensor<1x2xf32>) {
  %h0 = arith.constant dense<0.0> : tensor<1x2xf32>
  %h1 = moe.router_cell gru %x1, %h0
      weights(%w, %u : tensor<6x2xf32>, tensor<6x2xf32>)
      biases(%b, %c : tensor<6xf32>, tensor<6xf32>)
      : tensor<1x2xf32>, tensor<1x2xf32> -> tensor<1x2xf32>
  %e1, %w1 = call @route(%h1, %g1)
      : (tensor<1x2xf32>, tensor<3x2xf32>) -> (tensor<1x2xi32>, tensor<1x2xf32>)
  %h2 = moe.router_cell gru %x2, %h1
      weights(%w, %u : tensor<6x2xf32>, tensor<6x2xf32>)
      biases(%b, %c : tensor<6xf32>, tensor<6xf32>)
      : tensor<1x2xf32>, tensor<1x2xf32> -> tensor<1x2xf32>
  %e2, %w2 = call @route(%h2, %g2)
      : (tensor<1x2xf32>, tensor<3x2xf32>) -> (tensor<1x2xi32>, tensor<1x2xf32>)
  return %h1, %e1, %w1, %h2, %e2, %w2
      : tensor<1x2xf32>, tensor<1x2xi32>, tensor<1x2xf32>,
        tensor<1x2xf32>, tensor<1x2xi32>, tensor<1x2xf32>
}

func.func private @route(%h: tensor<1x2xf32>, %g: tensor<3x2xf32>)
    -> (tensor<1x2xi32>, tensor<1x2xf32>) {
  %zero = arith.constant dense<0.0> : tensor<1x3xf32>
  %l = linalg.matmul indexing_maps = [#rows, #experts, #logits]
      ins(%h, %g : tensor<1x2xf32>, tensor<3x2xf32>)
      outs(%zero : tensor<1x3xf32>) -> tensor<1x3xf32>
  %s = moe.score softmax %l : tensor<1x3xf32> -> tensor<1x3xf32>
  %e = moe.select #moe.top_k<2> %s : tensor<1x3xf32> -> tensor<1x2xi32>
  %w = moe.weigh value %s, %e norm sum
      : tensor<1x3xf32>, tensor<1x2xi32> -> tensor<1x2xf32>
  return %e, %w : tensor<1x2xi32>, tensor<1x2xf32>
}

// The product of the state is given.
func.func @gru_recurrent(%x: tensor<?x5xf32>, %h: tensor<?x3xf32>, %r: tensor<?x9xf32>,
                         %w: tensor<9x5xf32>, %b: tensor<9xf32>, %c: tensor<9xf32>) -> tensor<?x3xf32> {
  %0 = moe.router_cell gru %x, %h recurrent(%r : tensor<?x9xf32>) weights(%w : tensor<9x5xf32>)
      biases(%b, %c : tensor<9xf32>, tensor<9xf32>)
      : tensor<?x5xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

func.func @linear_recurrent(%x: tensor<?x3xf32>, %h: tensor<?x3xf32>, %r: tensor<?x3xf16>) -> tensor<?x3xf32> {
  %0 = moe.router_cell linear %x, %h recurrent(%r : tensor<?x3xf16>)
      : tensor<?x3xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

func.func @gru(%x: tensor<?x5xf32>, %h: tensor<?x3xf32>, %w: tensor<9x5xf32>,
               %u: tensor<9x3xf32>, %b: tensor<9xf32>, %c: tensor<9xf32>)
    -> tensor<?x3xf32> {
  %0 = moe.router_cell gru %x, %h
      weights(%w, %u : tensor<9x5xf32>, tensor<9x3xf32>)
      biases(%b, %c : tensor<9xf32>, tensor<9xf32>)
      : tensor<?x5xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

func.func @gru_plain(%x: tensor<?x5xf32>, %h: tensor<?x3xf32>,
                     %w: tensor<9x5xf32>, %u: tensor<9x3xf32>)
    -> tensor<?x3xf32> {
  %0 = moe.router_cell gru %x, %h
      weights(%w, %u : tensor<9x5xf32>, tensor<9x3xf32>)
      : tensor<?x5xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

func.func @gru2(%x: tensor<3x2xf32>, %h: tensor<3x2xf32>, %w: tensor<6x2xf32>,
                %u: tensor<6x2xf32>, %b: tensor<6xf32>, %c: tensor<6xf32>)
    -> tensor<3x2xf32> {
  %0 = moe.router_cell gru %x, %h
      weights(%w, %u : tensor<6x2xf32>, tensor<6x2xf32>)
      biases(%b, %c : tensor<6xf32>, tensor<6xf32>)
      : tensor<3x2xf32>, tensor<3x2xf32> -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

func.func @gru_f16(%x: tensor<?x5xf16>, %h: tensor<?x3xf16>,
                   %w: tensor<9x5xf16>, %u: tensor<9x3xf16>)
    -> tensor<?x3xf16> {
  %0 = moe.router_cell gru %x, %h
      weights(%w, %u : tensor<9x5xf16>, tensor<9x3xf16>)
      : tensor<?x5xf16>, tensor<?x3xf16> -> tensor<?x3xf16>
  return %0 : tensor<?x3xf16>
}

func.func @gru_bf16(%x: tensor<?x5xbf16>, %h: tensor<?x3xbf16>,
                    %w: tensor<9x5xbf16>, %u: tensor<9x3xbf16>)
    -> tensor<?x3xbf16> {
  %0 = moe.router_cell gru %x, %h
      weights(%w, %u : tensor<9x5xbf16>, tensor<9x3xbf16>)
      : tensor<?x5xbf16>, tensor<?x3xbf16> -> tensor<?x3xbf16>
  return %0 : tensor<?x3xbf16>
}

func.func @rnn(%x: tensor<?x5xf32>, %h: tensor<?x3xf32>, %w: tensor<3x5xf32>,
               %u: tensor<3x3xf32>, %b: tensor<3xf32>, %c: tensor<3xf32>)
    -> tensor<?x3xf32> {
  %0 = moe.router_cell rnn %x, %h
      weights(%w, %u : tensor<3x5xf32>, tensor<3x3xf32>)
      biases(%b, %c : tensor<3xf32>, tensor<3xf32>)
      : tensor<?x5xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

func.func @rnn_plain(%x: tensor<?x5xf32>, %h: tensor<?x3xf32>,
                     %w: tensor<3x5xf32>, %u: tensor<3x3xf32>)
    -> tensor<?x3xf32> {
  %0 = moe.router_cell rnn %x, %h
      weights(%w, %u : tensor<3x5xf32>, tensor<3x3xf32>)
      : tensor<?x5xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

func.func @lstm(%x: tensor<?x5xf32>, %h: tensor<?x3xf32>, %m: tensor<?x3xf32>,
                %w: tensor<12x5xf32>, %u: tensor<12x3xf32>,
                %b: tensor<12xf32>, %c: tensor<12xf32>)
    -> (tensor<?x3xf32>, tensor<?x3xf32>) {
  %0, %1 = moe.router_cell lstm %x, %h cell(%m : tensor<?x3xf32>)
      weights(%w, %u : tensor<12x5xf32>, tensor<12x3xf32>)
      biases(%b, %c : tensor<12xf32>, tensor<12xf32>)
      : tensor<?x5xf32>, tensor<?x3xf32> -> tensor<?x3xf32>, tensor<?x3xf32>
  return %0, %1 : tensor<?x3xf32>, tensor<?x3xf32>
}

func.func @ema(%x: tensor<?x3xf32>, %h: tensor<?x3xf32>, %a: tensor<3xf32>)
    -> tensor<?x3xf32> {
  %0 = moe.router_cell ema %x, %h weights(%a : tensor<3xf32>)
      : tensor<?x3xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

func.func @linear(%x: tensor<?x3xf32>, %h: tensor<?x3xf32>, %u: tensor<3x3xf32>)
    -> tensor<?x3xf32> {
  %0 = moe.router_cell linear %x, %h weights(%u : tensor<3x3xf32>)
      : tensor<?x3xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}
