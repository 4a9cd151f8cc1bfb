// Vectors of experts against numpy: biases of interleaved columns, and spread out
// so far that they are loaded one by one; dot products and panels, epilogues on
// vectors and on scalars, odd sizes, experts without rows (whose biases are
// NaN), one hot expert.
// RUN: %python %S/reference.py grouped_matmul --to %t/up --tokens 129 --ids empty \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1
// RUN: moe-run %s --entry=up --backend=cpu \
// RUN:   --input=%t/up/in0.npy --input=%t/up/in1.npy --input=%t/up/in2.npy --input=%t/up/in3.npy --input=%t/up/in4.npy \
// RUN:   --expect=%t/up/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/up-few --tokens 7 \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1
// RUN: moe-run %s --entry=up --backend=cpu \
// RUN:   --input=%t/up-few/in0.npy --input=%t/up-few/in1.npy --input=%t/up-few/in2.npy --input=%t/up-few/in3.npy --input=%t/up-few/in4.npy \
// RUN:   --expect=%t/up-few/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/up-hot --tokens 64 --ids hot \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1
// RUN: moe-run %s --entry=up --backend=cpu \
// RUN:   --input=%t/up-hot/in0.npy --input=%t/up-hot/in1.npy --input=%t/up-hot/in2.npy --input=%t/up-hot/in3.npy --input=%t/up-hot/in4.npy \
// RUN:   --expect=%t/up-hot/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/up-1 --tokens 1 \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1
// RUN: moe-run %s --entry=up --backend=cpu \
// RUN:   --input=%t/up-1/in0.npy --input=%t/up-1/in1.npy --input=%t/up-1/in2.npy --input=%t/up-1/in3.npy --input=%t/up-1/in4.npy \
// RUN:   --expect=%t/up-1/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/up-0 --tokens 0 \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1
// RUN: moe-run %s --entry=up --backend=cpu \
// RUN:   --input=%t/up-0/in0.npy --input=%t/up-0/in1.npy --input=%t/up-0/in2.npy --input=%t/up-0/in3.npy --input=%t/up-0/in4.npy \
// RUN:   --expect=%t/up-0/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/odd --tokens 100 \
// RUN:   --experts 3 --slots 1 --depth 100 --width 13 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1 --type bf16 --sum-type bf16
// RUN: moe-run %s --entry=odd --backend=cpu \
// RUN:   --input=%t/odd/in0.npy --input=%t/odd/in1.npy --input=%t/odd/in2.npy --input=%t/odd/in3.npy --input=%t/odd/in4.npy \
// RUN:   --expect=%t/odd/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/odd-few --tokens 11 --ids empty \
// RUN:   --experts 3 --slots 1 --depth 100 --width 13 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1 --type bf16 --sum-type bf16
// RUN: moe-run %s --entry=odd --backend=cpu \
// RUN:   --input=%t/odd-few/in0.npy --input=%t/odd-few/in1.npy --input=%t/odd-few/in2.npy --input=%t/odd-few/in3.npy --input=%t/odd-few/in4.npy \
// RUN:   --expect=%t/odd-few/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/far --tokens 31 \
// RUN:   --experts 3 --depth 5 --width 21 --epilogue double --bias-stride 5
// RUN: moe-run %s --entry=far --backend=cpu \
// RUN:   --input=%t/far/in0.npy --input=%t/far/in1.npy --input=%t/far/in2.npy --input=%t/far/in3.npy \
// RUN:   --expect=%t/far/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/far-few --tokens 5 \
// RUN:   --experts 3 --depth 5 --width 21 --epilogue double --bias-stride 5
// RUN: moe-run %s --entry=far --backend=cpu \
// RUN:   --input=%t/far-few/in0.npy --input=%t/far-few/in1.npy --input=%t/far-few/in2.npy --input=%t/far-few/in3.npy \
// RUN:   --expect=%t/far-few/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/panel --tokens 31 --ids empty \
// RUN:   --experts 3 --depth 100 --width 21 --gather --bias-stride 3 --type bf16
// RUN: moe-run %s --entry=panel --backend=cpu \
// RUN:   --input=%t/panel/in0.npy --input=%t/panel/in1.npy --input=%t/panel/in2.npy --input=%t/panel/in3.npy --input=%t/panel/in4.npy \
// RUN:   --expect=%t/panel/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/down --tokens 64 \
// RUN:   --experts 60 --slots 8 --depth 16 --width 72 --type f16 --bias-stride 1
// RUN: moe-run %s --entry=down --backend=cpu \
// RUN:   --input=%t/down/in0.npy --input=%t/down/in1.npy --input=%t/down/in2.npy --input=%t/down/in3.npy \
// RUN:   --expect=%t/down/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/branch --tokens 9 \
// RUN:   --depth 8 --width 8 --gather --bias-stride 1
// RUN: moe-run %s --entry=branch --backend=cpu \
// RUN:   --input=%t/branch/in0.npy --input=%t/branch/in1.npy --input=%t/branch/in2.npy --input=%t/branch/in3.npy --input=%t/branch/in4.npy \
// RUN:   --expect=%t/branch/out0.npy

func.func @up(%x: tensor<?x72xf32>, %w: tensor<8x48x72xf32>,
    %bias: tensor<8x48xf32>, %o: tensor<9xi32>, %p: tensor<?xi32>)
    -> tensor<?x24xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x24xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x72xf32>)
      weights(%w : tensor<8x48x72xf32>)
      vectors(%bias : tensor<8x48xf32>) offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x24xf32>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      vector_parts vectors [0, 0] offsets [0, 1] strides [2, 2] {
  ^epilogue(%a0: f32, %a1: f32, %b0: f32, %b1: f32):
    %s0 = arith.addf %a0, %b0 : f32
    %s1 = arith.addf %a1, %b1 : f32
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
    moe.yield %r : f32
  } -> tensor<?x24xf32>
  return %h : tensor<?x24xf32>
}

// The sums are rounded before the biases are added.
func.func @odd(%x: tensor<?x100xbf16>, %w: tensor<3x26x100xbf16>,
    %bias: tensor<3x26xbf16>, %o: tensor<4xi32>, %p: tensor<?xi32>)
    -> tensor<?x13xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x13xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x100xbf16>)
      weights(%w : tensor<3x26x100xbf16>)
      vectors(%bias : tensor<3x26xbf16>) offsets(%o : tensor<4xi32>)
      gather(%p : tensor<?xi32>) slots 1 outs(%h0 : tensor<?x13xbf16>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      vector_parts vectors [0, 0] offsets [0, 1] strides [2, 2] {
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
  } -> tensor<?x13xbf16>
  return %h : tensor<?x13xbf16>
}

func.func @far(%x: tensor<?x5xf32>, %w: tensor<3x21x5xf32>,
    %bias: tensor<3x105xf32>, %o: tensor<4xi32>)
    -> tensor<?x21xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x5xf32>
  %h0 = tensor.empty(%n) : tensor<?x21xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x5xf32>)
      weights(%w : tensor<3x21x5xf32>)
      vectors(%bias : tensor<3x105xf32>) offsets(%o : tensor<4xi32>)
      outs(%h0 : tensor<?x21xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [5] {
  ^epilogue(%a0: f32, %b0: f32):
    %s0 = arith.addf %a0, %b0 : f32
    %r = arith.addf %s0, %s0 : f32
    moe.yield %r : f32
  } -> tensor<?x21xf32>
  return %h : tensor<?x21xf32>
}

// Panels for any number of rows, the last of them not full.
func.func @panel(%x: tensor<?x100xbf16>, %w: tensor<3x21x100xbf16>,
    %bias: tensor<3x63xbf16>, %o: tensor<4xi32>, %p: tensor<?xi32>)
    -> tensor<?x21xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x21xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x100xbf16>)
      weights(%w : tensor<3x21x100xbf16>)
      vectors(%bias : tensor<3x63xbf16>) offsets(%o : tensor<4xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x21xbf16>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [3]
      attributes {schedule = #moe.schedule<fma, tile = [4, 16, 8]>} {
  ^epilogue(%a0: f32, %b0: bf16):
    %b0w = arith.extf %b0 : bf16 to f32
    %s0 = arith.addf %a0, %b0w : f32
    %r = arith.addf %s0, %s0 : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x21xbf16>
  return %h : tensor<?x21xbf16>
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
      vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%a0: f32, %b0: f16):
    %b0w = arith.extf %b0 : f16 to f32
    %s0 = arith.addf %a0, %b0w : f32
    %r = arith.addf %s0, %s0 : f32
    %z = arith.truncf %r : f32 to f16
    moe.yield %z : f16
  } -> tensor<?x72xf16>
  return %h : tensor<?x72xf16>
}

// An epilogue that does not work on vectors.
func.func @branch(%x: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %bias: tensor<4x8xf32>, %o: tensor<5xi32>, %p: tensor<?xi32>)
    -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x8xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>)
      vectors(%bias : tensor<4x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x8xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1] {
  ^epilogue(%a0: f32, %b0: f32):
    %s0 = arith.addf %a0, %b0 : f32
    %zero = arith.constant 0.0 : f32
    %same = arith.cmpf ord, %s0, %s0 : f32
    %r = scf.if %same -> f32 {
      %d = arith.addf %s0, %s0 : f32
      scf.yield %d : f32
    } else {
      scf.yield %zero : f32
    }
    moe.yield %r : f32
  } -> tensor<?x8xf32>
  return %h : tensor<?x8xf32>
}
