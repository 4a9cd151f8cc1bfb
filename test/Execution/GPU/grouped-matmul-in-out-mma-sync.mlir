// REQUIRES: cuda-driver

// Grouped matmul with weights stored as [in, out] on tensor cores, under the
// checkers of the PTX interpreter where that is the driver.
// RUN: %gpu_check --may-launch-nothing -- %python %S/../run_op.py nvptx %s up %t/up-0 grouped_matmul --in-out --tokens 0 \
// RUN:   --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --type bf16
// RUN: %gpu_check -- %python %S/../run_op.py nvptx %s up %t/up-1 grouped_matmul --in-out --tokens 1 \
// RUN:   --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --type bf16
// RUN: %gpu_check -- %python %S/../run_op.py nvptx %s up %t/up-129 grouped_matmul --in-out --tokens 129 \
// RUN:   --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --type bf16 --ids empty
// RUN: %gpu_check -- %python %S/../run_op.py nvptx %s up %t/up-64 grouped_matmul --in-out --tokens 64 \
// RUN:   --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --type bf16 --ids hot
// RUN: %gpu_check -- %python %S/../run_op.py nvptx %s pair %t/pair-1 grouped_matmul --in-out --tokens 1 \
// RUN:   --experts 3 --slots 1 --depth 256 --width 36 --parts 2 --epilogue swiglu --gather --interleaved --type bf16
// RUN: %gpu_check -- %python %S/../run_op.py nvptx %s pair %t/pair-100 grouped_matmul --in-out --tokens 100 \
// RUN:   --experts 3 --slots 1 --depth 256 --width 36 --parts 2 --epilogue swiglu --gather --interleaved --type bf16
// RUN: %gpu_check -- %python %S/../run_op.py nvptx %s down %t/down-64 grouped_matmul --in-out --tokens 64 \
// RUN:   --experts 60 --slots 8 --depth 16 --width 72 --type f16
// RUN: %gpu_check -- %python %S/../run_op.py nvptx %s wide %t/wide-70 grouped_matmul --in-out --tokens 70 \
// RUN:   --experts 2 --slots 1 --depth 104 --width 136 --gather --type bf16
// RUN: %gpu_check -- %python %S/../run_op.py nvptx %s small %t/small-33 grouped_matmul --in-out --tokens 33 \
// RUN:   --experts 2 --slots 1 --depth 8 --width 100 --parts 2 --epilogue swiglu --interleaved --type f16

// The depth ends inside a block of 32.
func.func @up(%x: tensor<?x72xbf16>, %w: tensor<8x72x32xbf16>,
    %o: tensor<9xi32>, %p: tensor<?xi32>) -> tensor<?x16xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x16xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x72xbf16>)
      weights(%w : tensor<8x72x32xbf16>) layouts [in_out] offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x16xbf16>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%gate: f32, %up: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %gate : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %gate, %s : f32
    %r = arith.mulf %q, %up : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x16xbf16>
  return %h : tensor<?x16xbf16>
}

// Interleaved: both parts of a result in neighbouring accumulators.
func.func @pair(%x: tensor<?x256xbf16>, %w: tensor<3x256x72xbf16>,
    %o: tensor<4xi32>, %p: tensor<?xi32>) -> tensor<?x36xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x36xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x256xbf16>)
      weights(%w : tensor<3x256x72xbf16>) layouts [in_out] offsets(%o : tensor<4xi32>)
      gather(%p : tensor<?xi32>) slots 1 outs(%h0 : tensor<?x36xbf16>)
      parts weights [0, 0] offsets [1, 0] strides [2, 2]
      attributes {schedule = #moe.schedule<mma_sync, tile = [64, 128, 32]>} {
  ^epilogue(%up: f32, %gate: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %gate : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %gate, %s : f32
    %r = arith.mulf %q, %up : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x36xbf16>
  return %h : tensor<?x36xbf16>
}

// One short block of depth, more experts than lanes.
func.func @down(%x: tensor<?x16xf16>, %w: tensor<60x16x72xf16>,
    %o: tensor<61xi32>) -> tensor<?x72xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x16xf16>
  %h0 = tensor.empty(%n) : tensor<?x72xf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x16xf16>)
      weights(%w : tensor<60x16x72xf16>) layouts [in_out] offsets(%o : tensor<61xi32>)
      outs(%h0 : tensor<?x72xf16>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [16, 64, 64]>} {
  ^epilogue(%a: f32):
    %r = arith.addf %a, %a : f32
    %z = arith.truncf %r : f32 to f16
    moe.yield %z : f16
  } -> tensor<?x72xf16>
  return %h : tensor<?x72xf16>
}

// Two column tiles.
func.func @wide(%x: tensor<?x104xbf16>, %w: tensor<2x104x136xbf16>,
    %o: tensor<3xi32>, %p: tensor<?xi32>) -> tensor<?x136xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x136xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x104xbf16>)
      weights(%w : tensor<2x104x136xbf16>) layouts [in_out] offsets(%o : tensor<3xi32>)
      gather(%p : tensor<?xi32>) slots 1 outs(%h0 : tensor<?x136xbf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    %r = arith.addf %a, %a : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x136xbf16>
  return %h : tensor<?x136xbf16>
}

// Fewer depths than a block, rows that are no power of two.
func.func @small(%x: tensor<?x8xf16>, %w: tensor<2x8x200xf16>,
    %o: tensor<3xi32>) -> tensor<?x100xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf16>
  %h0 = tensor.empty(%n) : tensor<?x100xf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf16>)
      weights(%w : tensor<2x8x200xf16>) layouts [in_out] offsets(%o : tensor<3xi32>)
      outs(%h0 : tensor<?x100xf16>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      attributes {schedule = #moe.schedule<mma_sync, tile = [64, 96, 16]>} {
  ^epilogue(%gate: f32, %up: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %gate : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %gate, %s : f32
    %r = arith.mulf %q, %up : f32
    %z = arith.truncf %r : f32 to f16
    moe.yield %z : f16
  } -> tensor<?x100xf16>
  return %h : tensor<?x100xf16>
}
