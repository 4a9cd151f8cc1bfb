// Grouped matmul with weights stored as [in, out] against numpy: side by side
// and interleaved, odd sizes, few rows and many, experts without rows (whose
// weights are NaN), one hot expert, no token and one.
// RUN: %python %S/run_op.py cpu %s halves %t/halves-0 grouped_matmul --in-out --tokens 0 \
// RUN:   --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather
// RUN: %python %S/run_op.py cpu %s halves %t/halves-1 grouped_matmul --in-out --tokens 1 \
// RUN:   --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather
// RUN: %python %S/run_op.py cpu %s halves %t/halves-7 grouped_matmul --in-out --tokens 7 \
// RUN:   --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --ids empty
// RUN: %python %S/run_op.py cpu %s halves %t/halves-129 grouped_matmul --in-out --tokens 129 \
// RUN:   --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --ids hot
// RUN: %python %S/run_op.py cpu %s interleaved %t/interleaved-0 grouped_matmul --in-out --tokens 0 \
// RUN:   --experts 3 --slots 1 --depth 100 --width 37 --parts 2 --epilogue swiglu --gather --interleaved --type bf16
// RUN: %python %S/run_op.py cpu %s interleaved %t/interleaved-1 grouped_matmul --in-out --tokens 1 \
// RUN:   --experts 3 --slots 1 --depth 100 --width 37 --parts 2 --epilogue swiglu --gather --interleaved --type bf16
// RUN: %python %S/run_op.py cpu %s interleaved %t/interleaved-9 grouped_matmul --in-out --tokens 9 \
// RUN:   --experts 3 --slots 1 --depth 100 --width 37 --parts 2 --epilogue swiglu --gather --interleaved --type bf16
// RUN: %python %S/run_op.py cpu %s interleaved %t/interleaved-100 grouped_matmul --in-out --tokens 100 \
// RUN:   --experts 3 --slots 1 --depth 100 --width 37 --parts 2 --epilogue swiglu --gather --interleaved --type bf16
// RUN: %python %S/run_op.py cpu %s three %t/three-31 grouped_matmul --in-out --tokens 31 \
// RUN:   --experts 3 --depth 5 --width 8 --parts 3 --epilogue sum_times --interleaved
// RUN: %python %S/run_op.py cpu %s down %t/down-64 grouped_matmul --in-out --tokens 64 \
// RUN:   --experts 60 --slots 8 --depth 16 --width 72 --type f16
// RUN: %python %S/run_op.py cpu %s panel %t/panel-3 grouped_matmul --in-out --tokens 3 \
// RUN:   --experts 3 --depth 71 --width 21 --gather --ids empty --type bf16
// RUN: %python %S/run_op.py cpu %s panel %t/panel-31 grouped_matmul --in-out --tokens 31 \
// RUN:   --experts 3 --depth 71 --width 21 --gather --ids empty --type bf16
// RUN: %python %S/run_op.py cpu %s tiny %t/tiny-2 grouped_matmul --in-out --tokens 2 \
// RUN:   --experts 1 --slots 1 --depth 1 --width 1
// RUN: %python %S/run_op.py cpu %s scheduled %t/scheduled-40 grouped_matmul --in-out --tokens 40 \
// RUN:   --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather
// RUN: %python %S/run_op.py cpu %s panels_only %t/panels_only-13 grouped_matmul --in-out --tokens 13 \
// RUN:   --experts 3 --slots 1 --depth 100 --width 37 --parts 2 --epilogue swiglu --gather --interleaved --type bf16

// Gate and up as halves.
func.func @halves(%x: tensor<?x72xf32>, %w: tensor<8x72x32xf32>,
    %o: tensor<9xi32>, %p: tensor<?xi32>) -> tensor<?x16xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x16xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x72xf32>)
      weights(%w : tensor<8x72x32xf32>) layouts [in_out] offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%gate: f32, %up: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %gate : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %gate, %s : f32
    %r = arith.mulf %q, %up : f32
    moe.yield %r : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}

// Interleaved, the second first.
func.func @interleaved(%x: tensor<?x100xbf16>, %w: tensor<3x100x74xbf16>,
    %o: tensor<4xi32>, %p: tensor<?xi32>) -> tensor<?x37xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x37xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x100xbf16>)
      weights(%w : tensor<3x100x74xbf16>) layouts [in_out] offsets(%o : tensor<4xi32>)
      gather(%p : tensor<?xi32>) slots 1 outs(%h0 : tensor<?x37xbf16>)
      parts weights [0, 0] offsets [1, 0] strides [2, 2] {
  ^epilogue(%up: f32, %gate: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %gate : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %gate, %s : f32
    %r = arith.mulf %q, %up : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x37xbf16>
  return %h : tensor<?x37xbf16>
}

// Three parts interleave.
func.func @three(%x: tensor<?x5xf32>, %w: tensor<3x5x24xf32>,
    %o: tensor<4xi32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x5xf32>
  %h0 = tensor.empty(%n) : tensor<?x8xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x5xf32>)
      weights(%w : tensor<3x5x24xf32>) layouts [in_out] offsets(%o : tensor<4xi32>)
      outs(%h0 : tensor<?x8xf32>)
      parts weights [0, 0, 0] offsets [0, 1, 2] strides [3, 3, 3] {
  ^epilogue(%a: f32, %b: f32, %c: f32):
    %s = arith.addf %a, %b : f32
    %r = arith.mulf %s, %c : f32
    moe.yield %r : f32
  } -> tensor<?x8xf32>
  return %h : tensor<?x8xf32>
}

// More experts than lanes of a warp.
func.func @down(%x: tensor<?x16xf16>, %w: tensor<60x16x72xf16>,
    %o: tensor<61xi32>) -> tensor<?x72xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x16xf16>
  %h0 = tensor.empty(%n) : tensor<?x72xf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x16xf16>)
      weights(%w : tensor<60x16x72xf16>) layouts [in_out] offsets(%o : tensor<61xi32>)
      outs(%h0 : tensor<?x72xf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    %r = arith.addf %a, %a : f32
    %z = arith.truncf %r : f32 to f16
    moe.yield %z : f16
  } -> tensor<?x72xf16>
  return %h : tensor<?x72xf16>
}

// Odd everything, and rows enough for a panel.
func.func @panel(%x: tensor<?x71xbf16>, %w: tensor<3x71x21xbf16>,
    %o: tensor<4xi32>, %p: tensor<?xi32>) -> tensor<?x21xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x21xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x71xbf16>)
      weights(%w : tensor<3x71x21xbf16>) layouts [in_out] offsets(%o : tensor<4xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x21xbf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    %r = arith.addf %a, %a : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x21xbf16>
  return %h : tensor<?x21xbf16>
}

// One of everything.
func.func @tiny(%x: tensor<?x1xf32>, %w: tensor<1x1x1xf32>,
    %o: tensor<2xi32>) -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x1xf32>
  %h0 = tensor.empty(%n) : tensor<?x1xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x1xf32>)
      weights(%w : tensor<1x1x1xf32>) layouts [in_out] offsets(%o : tensor<2xi32>)
      outs(%h0 : tensor<?x1xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    %r = arith.addf %a, %a : f32
    moe.yield %r : f32
  } -> tensor<?x1xf32>
  return %h : tensor<?x1xf32>
}

// A tile that fits no vector.
func.func @scheduled(%x: tensor<?x72xf32>, %w: tensor<8x72x32xf32>,
    %o: tensor<9xi32>, %p: tensor<?xi32>) -> tensor<?x16xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x16xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x72xf32>)
      weights(%w : tensor<8x72x32xf32>) layouts [in_out] offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1]
      attributes {schedule = #moe.schedule<dot, tile = [3, 5, 8]>} {
  ^epilogue(%gate: f32, %up: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %gate : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %gate, %s : f32
    %r = arith.mulf %q, %up : f32
    moe.yield %r : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}

// Panels alone.
func.func @panels_only(%x: tensor<?x100xbf16>, %w: tensor<3x100x74xbf16>,
    %o: tensor<4xi32>, %p: tensor<?xi32>) -> tensor<?x37xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x37xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x100xbf16>)
      weights(%w : tensor<3x100x74xbf16>) layouts [in_out] offsets(%o : tensor<4xi32>)
      gather(%p : tensor<?xi32>) slots 1 outs(%h0 : tensor<?x37xbf16>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      attributes {schedule = #moe.schedule<fma, tile = [4, 8, 8]>} {
  ^epilogue(%gate: f32, %up: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %gate : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %gate, %s : f32
    %r = arith.mulf %q, %up : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x37xbf16>
  return %h : tensor<?x37xbf16>
}
