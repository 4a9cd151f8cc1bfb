// Grouped matmul against numpy: gathered and plain rows, one to three parts side
// by side or interleaved, odd sizes, experts without rows (whose weights are
// NaN), one hot expert.
// RUN: %python %S/reference.py grouped_matmul --to %t/up --tokens 129 --experts 8 --depth 72 --width 16 \
// RUN:   --parts 2 --epilogue swiglu --gather --ids empty
// RUN: moe-run %s --entry=up --backend=cpu \
// RUN:   --input=%t/up/in0.npy --input=%t/up/in1.npy --input=%t/up/in2.npy --input=%t/up/in3.npy \
// RUN:   --expect=%t/up/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/up-hot --tokens 64 --experts 8 --depth 72 --width 16 \
// RUN:   --parts 2 --epilogue swiglu --gather --ids hot
// RUN: moe-run %s --entry=up --backend=cpu \
// RUN:   --input=%t/up-hot/in0.npy --input=%t/up-hot/in1.npy --input=%t/up-hot/in2.npy --input=%t/up-hot/in3.npy \
// RUN:   --expect=%t/up-hot/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/up-0 --tokens 0 --experts 8 --depth 72 --width 16 \
// RUN:   --parts 2 --epilogue swiglu --gather
// RUN: moe-run %s --entry=up --backend=cpu \
// RUN:   --input=%t/up-0/in0.npy --input=%t/up-0/in1.npy --input=%t/up-0/in2.npy --input=%t/up-0/in3.npy \
// RUN:   --expect=%t/up-0/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/up-1 --tokens 1 --experts 8 --depth 72 --width 16 \
// RUN:   --parts 2 --epilogue swiglu --gather
// RUN: moe-run %s --entry=up --backend=cpu \
// RUN:   --input=%t/up-1/in0.npy --input=%t/up-1/in1.npy --input=%t/up-1/in2.npy --input=%t/up-1/in3.npy \
// RUN:   --expect=%t/up-1/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/interleaved --tokens 7 --experts 3 --slots 1 --depth 100 \
// RUN:   --width 5 --parts 2 --epilogue swiglu --gather --interleaved --type bf16
// RUN: moe-run %s --entry=interleaved --backend=cpu \
// RUN:   --input=%t/interleaved/in0.npy --input=%t/interleaved/in1.npy --input=%t/interleaved/in2.npy --input=%t/interleaved/in3.npy \
// RUN:   --expect=%t/interleaved/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/down --tokens 64 --experts 60 --slots 8 --depth 16 \
// RUN:   --width 72 --type f16
// RUN: moe-run %s --entry=down --backend=cpu \
// RUN:   --input=%t/down/in0.npy --input=%t/down/in1.npy --input=%t/down/in2.npy \
// RUN:   --expect=%t/down/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/tiny --tokens 2 --experts 1 --slots 1 --depth 1 --width 1
// RUN: moe-run %s --entry=tiny --backend=cpu \
// RUN:   --input=%t/tiny/in0.npy --input=%t/tiny/in1.npy --input=%t/tiny/in2.npy \
// RUN:   --expect=%t/tiny/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/three --tokens 31 --experts 3 --depth 5 --width 8 \
// RUN:   --parts 3 --epilogue sum_times
// RUN: moe-run %s --entry=three --backend=cpu \
// RUN:   --input=%t/three/in0.npy --input=%t/three/in1.npy --input=%t/three/in2.npy \
// RUN:   --expect=%t/three/out0.npy
// RUN: %python %S/reference.py grouped_matmul --to %t/branch --tokens 9 --depth 8 --width 8 --gather
// RUN: moe-run %s --entry=branch --backend=cpu \
// RUN:   --input=%t/branch/in0.npy --input=%t/branch/in1.npy --input=%t/branch/in2.npy --input=%t/branch/in3.npy \
// RUN:   --expect=%t/branch/out0.npy

func.func @up(%x: tensor<?x72xf32>, %w: tensor<8x32x72xf32>,
    %o: tensor<9xi32>, %p: tensor<?xi32>)
    -> tensor<?x16xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x16xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x72xf32>)
      weights(%w : tensor<8x32x72xf32>) offsets(%o : tensor<9xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x16xf32>)
      parts weights [0, 0] offsets [0, 16] strides [1, 1] {
  ^epilogue(%a: f32, %b: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %a : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %a, %s : f32
    %r = arith.mulf %q, %b : f32
    moe.yield %r : f32
  } -> tensor<?x16xf32>
  return %h : tensor<?x16xf32>
}

func.func @interleaved(%x: tensor<?x100xbf16>, %w: tensor<3x10x100xbf16>,
    %o: tensor<4xi32>, %p: tensor<?xi32>)
    -> tensor<?x5xbf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x5xbf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x100xbf16>)
      weights(%w : tensor<3x10x100xbf16>) offsets(%o : tensor<4xi32>)
      gather(%p : tensor<?xi32>) slots 1 outs(%h0 : tensor<?x5xbf16>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2] {
  ^epilogue(%a: f32, %b: f32):
    %one = arith.constant 1.0 : f32
    %m = arith.negf %a : f32
    %e = math.exp %m : f32
    %s = arith.addf %one, %e : f32
    %q = arith.divf %a, %s : f32
    %r = arith.mulf %q, %b : f32
    %z = arith.truncf %r : f32 to bf16
    moe.yield %z : bf16
  } -> tensor<?x5xbf16>
  return %h : tensor<?x5xbf16>
}

func.func @down(%x: tensor<?x16xf16>, %w: tensor<60x72x16xf16>,
    %o: tensor<61xi32>)
    -> tensor<?x72xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x16xf16>
  %h0 = tensor.empty(%n) : tensor<?x72xf16>
  %h = moe.grouped_matmul ins(%x : tensor<?x16xf16>)
      weights(%w : tensor<60x72x16xf16>) offsets(%o : tensor<61xi32>)
      outs(%h0 : tensor<?x72xf16>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    %r = arith.addf %a, %a : f32
    %z = arith.truncf %r : f32 to f16
    moe.yield %z : f16
  } -> tensor<?x72xf16>
  return %h : tensor<?x72xf16>
}

func.func @tiny(%x: tensor<?x1xf32>, %w: tensor<1x1x1xf32>,
    %o: tensor<2xi32>)
    -> tensor<?x1xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x1xf32>
  %h0 = tensor.empty(%n) : tensor<?x1xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x1xf32>)
      weights(%w : tensor<1x1x1xf32>) offsets(%o : tensor<2xi32>)
      outs(%h0 : tensor<?x1xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    %r = arith.addf %a, %a : f32
    moe.yield %r : f32
  } -> tensor<?x1xf32>
  return %h : tensor<?x1xf32>
}

// With a schedule that no size is a multiple of.
func.func @three(%x: tensor<?x5xf32>, %w: tensor<3x24x5xf32>,
    %o: tensor<4xi32>)
    -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x5xf32>
  %h0 = tensor.empty(%n) : tensor<?x8xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x5xf32>)
      weights(%w : tensor<3x24x5xf32>) offsets(%o : tensor<4xi32>)
      outs(%h0 : tensor<?x8xf32>)
      parts weights [0, 0, 0] offsets [0, 8, 16] strides [1, 1, 1]
      attributes {schedule = #moe.schedule<dot, tile = [5, 3, 4]>} {
  ^epilogue(%a: f32, %b: f32, %c: f32):
    %s = arith.addf %a, %b : f32
    %r = arith.mulf %s, %c : f32
    moe.yield %r : f32
  } -> tensor<?x8xf32>
  return %h : tensor<?x8xf32>
}

// An epilogue that does not work on vectors.
func.func @branch(%x: tensor<?x8xf32>, %w: tensor<4x8x8xf32>,
    %o: tensor<5xi32>, %p: tensor<?xi32>)
    -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %p, %c0 : tensor<?xi32>
  %h0 = tensor.empty(%n) : tensor<?x8xf32>
  %h = moe.grouped_matmul ins(%x : tensor<?x8xf32>)
      weights(%w : tensor<4x8x8xf32>) offsets(%o : tensor<5xi32>)
      gather(%p : tensor<?xi32>) slots 2 outs(%h0 : tensor<?x8xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    %zero = arith.constant 0.0 : f32
    %same = arith.cmpf ord, %a, %a : f32
    %r = scf.if %same -> f32 {
      %d = arith.addf %a, %a : f32
      scf.yield %d : f32
    } else {
      scf.yield %zero : f32
    }
    moe.yield %r : f32
  } -> tensor<?x8xf32>
  return %h : tensor<?x8xf32>
}
