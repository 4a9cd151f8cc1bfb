// Weights of the two best of six tokens: normalised, raw, and as a softmax over
// the selected logits, which is the same as the first.
// RUN: %python %S/save.py %t.l.npy f32 "[[2.0,1.0,0.0,-1.0],[0.45,0.2,-0.5,0.1],[-1.0,0.5,1.5,0.9],[1.2,-0.4,0.6,1.08],[0.0,3.0,-2.0,0.4],[0.7,0.58,0.8,-0.3]]"
// RUN: %python %S/save.py %t.s.npy f32 "[[.643914,.236883,.087144,.032059],[.348404,.271337,.134742,.245516],[.041068,.184052,.500306,.274574],[.379128,.076545,.208070,.336257],[.044028,.884331,.005959,.065682],[.297622,.263967,.328923,.109489]]"
// RUN: %python %S/save.py %t.e.npy i32 "[[0,1],[0,1],[2,3],[0,3],[1,3],[2,0]]"
// RUN: %python %S/save.py %t.w.npy f32 \
// RUN:   "[[.731059,.268941],[.562177,.437823],[.645656,.354344],[.529964,.470036],[.930862,.069138],[.524979,.475021]]"
// RUN: moe-run %s --entry=mixtral --backend=reference --input=%t.s.npy --input=%t.e.npy --expect=%t.w.npy --atol=2e-6
// RUN: moe-run %s --entry=mixtral --backend=cpu --input=%t.s.npy --input=%t.e.npy --expect=%t.w.npy --atol=2e-6
// RUN: moe-run %s --entry=selected --backend=reference --input=%t.l.npy --input=%t.e.npy --expect=%t.w.npy --atol=2e-6
// RUN: %python %S/save.py %t.w.npy f32 \
// RUN:   "[[.643914,.236883],[.348404,.271337],[.500306,.274574],[.379128,.336257],[.884331,.065682],[.328923,.297622]]"
// RUN: moe-run %s --entry=raw --backend=reference --input=%t.s.npy --input=%t.e.npy --expect=%t.w.npy --atol=0

// Empty slots weigh nothing and take no part in sums, nor do ids that do not
// exist; a token without a live slot weighs zero, or NaN by 0 / 0 never.
// RUN: %python %S/save.py %t.s.npy f32 "[[.5,.25,.25,nan],[1,1,1,1],[0,0,0,0],[.5,nan,0,0]]"
// RUN: %python %S/save.py %t.e.npy i32 "[[0,-1],[-1,-1],[4,-7],[0,1]]"
// RUN: %python %S/save.py %t.w.npy f32 "[[1,0],[0,0],[0,0],[nan,nan]]"
// RUN: moe-run %s --entry=mixtral --backend=reference --input=%t.s.npy --input=%t.e.npy --expect=%t.w.npy
// RUN: moe-run %s --entry=selected --backend=reference --input=%t.s.npy --input=%t.e.npy --expect=%t.w.npy
// RUN: %python %S/save.py %t.s.npy f32 "[]" 0x4
// RUN: %python %S/save.py %t.e.npy i32 "[]" 0x2
// RUN: %python %S/save.py %t.w.npy f32 "[]" 0x2
// RUN: moe-run %s --entry=mixtral --backend=reference --input=%t.s.npy --input=%t.e.npy --expect=%t.w.npy

// Sigmoid of the selected (Llama 4), a constant, and eps with scale in bf16.
// RUN: %python %S/save.py %t.s.npy f32 "[[2,0,-2,1]]"
// RUN: %python %S/save.py %t.e.npy i32 "[[0,2]]"
// RUN: %python %S/save.py %t.w.npy f32 "[[.880797,.119203]]"
// RUN: moe-run %s --entry=sigmoid --backend=reference --input=%t.s.npy --input=%t.e.npy --expect=%t.w.npy
// RUN: %python %S/save.py %t.s.npy bf16 "[[.5,.25,.25,0],[0,0,0,0]]"
// RUN: %python %S/save.py %t.e.npy i32 "[[0,1],[2,3]]"
// RUN: %python %S/save.py %t.w.npy bf16 "[[1.25,.625],[0,0]]"
// RUN: moe-run %s --entry=scaled --backend=reference --input=%t.s.npy --input=%t.e.npy --expect=%t.w.npy --rtol=0 --atol=0

func.func @mixtral(%s: tensor<?x4xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
  %w = moe.weigh value %s, %e norm sum
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

func.func @raw(%s: tensor<?x4xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
  %w = moe.weigh value %s, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

func.func @selected(%l: tensor<?x4xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
  %w = moe.weigh softmax_selected %l, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

func.func @sigmoid(%l: tensor<?x4xf32>, %e: tensor<?x2xi32>) -> tensor<?x2xf32> {
  %w = moe.weigh sigmoid %l, %e
      : tensor<?x4xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  return %w : tensor<?x2xf32>
}

func.func @scaled(%s: tensor<?x4xbf16>, %e: tensor<?x2xi32>) -> tensor<?x2xbf16> {
  %w = moe.weigh value %s, %e norm sum {eps = 0.25, scale = 2.5}
      : tensor<?x4xbf16>, tensor<?x2xi32> -> tensor<?x2xbf16>
  return %w : tensor<?x2xbf16>
}
