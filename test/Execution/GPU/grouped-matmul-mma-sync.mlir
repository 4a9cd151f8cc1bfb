// REQUIRES: cuda-driver

// Grouped matmul on the device against numpy, under the checkers of the PTX
// interpreter where that is the driver: tensor cores.
// RUN: %python %S/../reference.py grouped_matmul --to %t/up --tokens 129 --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --ids empty --type bf16
// RUN: %gpu_check -- moe-run %s --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up/in0.npy --input=%t/up/in1.npy --input=%t/up/in2.npy --input=%t/up/in3.npy \
// RUN:   --expect=%t/up/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-hot --tokens 64 --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --ids hot --type bf16
// RUN: %gpu_check -- moe-run %s --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-hot/in0.npy --input=%t/up-hot/in1.npy --input=%t/up-hot/in2.npy --input=%t/up-hot/in3.npy \
// RUN:   --expect=%t/up-hot/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-1 --tokens 1 --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --type bf16
// RUN: %gpu_check -- moe-run %s --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-1/in0.npy --input=%t/up-1/in1.npy --input=%t/up-1/in2.npy --input=%t/up-1/in3.npy \
// RUN:   --expect=%t/up-1/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-0 --tokens 0 --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --type bf16
// RUN: %gpu_check --may-launch-nothing -- moe-run %s --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-0/in0.npy --input=%t/up-0/in1.npy --input=%t/up-0/in2.npy --input=%t/up-0/in3.npy \
// RUN:   --expect=%t/up-0/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/odd --tokens 100 --experts 3 --slots 1 --depth 256 --width 37 --parts 2 --epilogue swiglu --gather --interleaved --type bf16
// RUN: %gpu_check -- moe-run %s --entry=odd --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/odd/in0.npy --input=%t/odd/in1.npy --input=%t/odd/in2.npy --input=%t/odd/in3.npy \
// RUN:   --expect=%t/odd/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/down --tokens 64 --experts 60 --slots 8 --depth 16 --width 72 --type f16
// RUN: %gpu_check -- moe-run %s --entry=down --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/down/in0.npy --input=%t/down/in1.npy --input=%t/down/in2.npy \
// RUN:   --expect=%t/down/out0.npy

// The depth ends inside a block of 32.
func.func @up(%x: tensor<?x72xbf16>, %w: tensor<8x32x72xbf16>,
    %o: tensor<9xi32>, %p: tensor<?xi32>) -> tensor<?x16xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x16xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x72xbf16>)
      weights(%w : tensor<8x32x72xbf16>) offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x16xbf16>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%a0: f32, %a1: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %a0 : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %a0, %s : f32
    %r = arith.mulf %q, %a1 : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x16xbf16>
  return %h : tensor<?x16xbf16>
}

// Eight blocks of depth go round the ring; neighbours of odd rows are stored alone.
func.func @odd(%x: tensor<?x256xbf16>, %w: tensor<3x74x256xbf16>,
    %o: tensor<4xi32>, %p: tensor<?xi32>) -> tensor<?x37xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x37xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x256xbf16>)
      weights(%w : tensor<3x74x256xbf16>) offsets(%o : tensor<4xi32>)
      gather(%p : tensor<?xi32>) slots 1 outs(%h0 : tensor<?x37xbf16>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      attributes {schedule = #moe.schedule<mma_sync, tile = [128, 128, 32]>} {
  ^epilogue(%a0: f32, %a1: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %a0 : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %a0, %s : f32
    %r = arith.mulf %q, %a1 : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x37xbf16>
  return %h : tensor<?x37xbf16>
}

// More experts than lanes; one short block of depth.
func.func @down(%x: tensor<?x16xf16>, %w: tensor<60x72x16xf16>,
    %o: tensor<61xi32>) -> tensor<?x72xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x16xf16>
  %h0 = tensor.empty(%n) : tensor<?x72xf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x16xf16>)
      weights(%w : tensor<60x72x16xf16>) offsets(%o : tensor<61xi32>)
      outs(%h0 : tensor<?x72xf16>)
      parts weights [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [16, 64, 64]>} {
  ^epilogue(%a0: f32):
    %r = arith.addf %a0, %a0 : f32
    %z = arith.truncf %r : f32 to f16
    moe.yield %z : f16
  } -> tensor<?x72xf16>
  return %h : tensor<?x72xf16>
}
