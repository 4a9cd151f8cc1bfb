// REQUIRES: cuda-driver

// Vectors of experts on the device against numpy, under the checkers of the PTX
// interpreter where that is the driver: tensor cores.
// RUN: %python %S/../reference.py grouped_matmul --to %t/up --tokens 129 --ids empty \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1 --type bf16
// RUN: %gpu_check -- moe-run %s --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up/in0.npy --input=%t/up/in1.npy --input=%t/up/in2.npy --input=%t/up/in3.npy --input=%t/up/in4.npy \
// RUN:   --expect=%t/up/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-1 --tokens 1 \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1 --type bf16
// RUN: %gpu_check -- moe-run %s --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-1/in0.npy --input=%t/up-1/in1.npy --input=%t/up-1/in2.npy --input=%t/up-1/in3.npy --input=%t/up-1/in4.npy \
// RUN:   --expect=%t/up-1/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-0 --tokens 0 \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1 --type bf16
// RUN: %gpu_check --may-launch-nothing -- moe-run %s --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-0/in0.npy --input=%t/up-0/in1.npy --input=%t/up-0/in2.npy --input=%t/up-0/in3.npy --input=%t/up-0/in4.npy \
// RUN:   --expect=%t/up-0/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/odd --tokens 100 \
// RUN:   --experts 3 --slots 1 --depth 136 --width 37 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 2 --type bf16 --sum-type bf16
// RUN: %gpu_check -- moe-run %s --entry=odd --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/odd/in0.npy --input=%t/odd/in1.npy --input=%t/odd/in2.npy --input=%t/odd/in3.npy --input=%t/odd/in4.npy \
// RUN:   --expect=%t/odd/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/down --tokens 64 \
// RUN:   --experts 60 --slots 8 --depth 16 --width 72 --type f16 --bias-stride 1
// RUN: %gpu_check -- moe-run %s --entry=down --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/down/in0.npy --input=%t/down/in1.npy --input=%t/down/in2.npy --input=%t/down/in3.npy \
// RUN:   --expect=%t/down/out0.npy

func.func @up(%x: tensor<?x72xbf16>, %w: tensor<8x48x72xbf16>,
    %bias: tensor<8x48xbf16>, %o: tensor<9xi32>, %p: tensor<?xi32>)
    -> tensor<?x24xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x24xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x72xbf16>)
      weights(%w : tensor<8x48x72xbf16>)
      vectors(%bias : tensor<8x48xbf16>) offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x24xbf16>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      vector_parts vectors [0, 0] offsets [0, 1] strides [2, 2] {
  ^epilogue(%a0: f32, %a1: f32, %b0: bf16, %b1: bf16):
    %b0w = arith.extf %b0 : bf16 to f32
    %s0 = arith.addf %a0, %b0w : f32
    %b1w = arith.extf %b1 : bf16 to f32
    %s1 = arith.addf %a1, %b1w : f32
    %one = arith.constant 1.0 : f32
    %low = arith.constant -1.0 : f32
    %slope = arith.constant 1.5 : f32
    %gate = arith.minimumf %s0, %one : f32
    %up0 = arith.minimumf %s1, %one : f32
    %up = arith.maximumf %up0, %low : f32
    %scaled = arith.mulf %gate, %slope : f32
    %minus = arith.negf %scaled : f32
    %exp = math.exp %minus : f32
    %below = arith.addf %one, %exp : f32
    %glu = arith.divf %gate, %below : f32
    %more = arith.addf %up, %one : f32
    %r = arith.mulf %more, %glu : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x24xbf16>
  return %h : tensor<?x24xbf16>
}

// Neighbours of odd rows are stored alone.
func.func @odd(%x: tensor<?x136xbf16>, %w: tensor<3x74x136xbf16>,
    %bias: tensor<3x148xbf16>, %o: tensor<4xi32>, %p: tensor<?xi32>)
    -> tensor<?x37xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x37xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x136xbf16>)
      weights(%w : tensor<3x74x136xbf16>)
      vectors(%bias : tensor<3x148xbf16>) offsets(%o : tensor<4xi32>)
      gather(%p : tensor<?xi32>) slots 1 outs(%h0 : tensor<?x37xbf16>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      vector_parts vectors [0, 0] offsets [0, 2] strides [4, 4]
      attributes {schedule = #moe.schedule<mma_sync, tile = [128, 128, 32]>} {
  ^epilogue(%a0: bf16, %a1: bf16, %b0: bf16, %b1: bf16):
    %a0w = arith.extf %a0 : bf16 to f32
    %b0w = arith.extf %b0 : bf16 to f32
    %s0 = arith.addf %a0w, %b0w : f32
    %a1w = arith.extf %a1 : bf16 to f32
    %b1w = arith.extf %b1 : bf16 to f32
    %s1 = arith.addf %a1w, %b1w : f32
    %one = arith.constant 1.0 : f32
    %low = arith.constant -1.0 : f32
    %slope = arith.constant 1.5 : f32
    %gate = arith.minimumf %s0, %one : f32
    %up0 = arith.minimumf %s1, %one : f32
    %up = arith.maximumf %up0, %low : f32
    %scaled = arith.mulf %gate, %slope : f32
    %minus = arith.negf %scaled : f32
    %exp = math.exp %minus : f32
    %below = arith.addf %one, %exp : f32
    %glu = arith.divf %gate, %below : f32
    %more = arith.addf %up, %one : f32
    %r = arith.mulf %more, %glu : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x37xbf16>
  return %h : tensor<?x37xbf16>
}

func.func @down(%x: tensor<?x16xf16>, %w: tensor<60x72x16xf16>,
    %bias: tensor<60x72xf16>, %o: tensor<61xi32>)
    -> tensor<?x72xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x16xf16>
  %h0 = tensor.empty(%n) : tensor<?x72xf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x16xf16>)
      weights(%w : tensor<60x72x16xf16>)
      vectors(%bias : tensor<60x72xf16>) offsets(%o : tensor<61xi32>)
      outs(%h0 : tensor<?x72xf16>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<mma_sync, tile = [16, 64, 64]>} {
  ^epilogue(%a0: f32, %b0: f16):
    %b0w = arith.extf %b0 : f16 to f32
    %s0 = arith.addf %a0, %b0w : f32
    %r = arith.addf %s0, %s0 : f32
    %z = arith.truncf %r : f32 to f16
    moe.yield %z : f16
  } -> tensor<?x72xf16>
  return %h : tensor<?x72xf16>
}
