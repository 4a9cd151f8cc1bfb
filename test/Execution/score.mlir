// Scores of six tokens, and what NaN and infinities do: a NaN or +inf logit
// makes its own row NaN, -inf is a score of zero, a row of -inf is NaN.
// RUN: %python %S/save.py %t.l.npy f32 "[[2.0,1.0,0.0,-1.0],[0.45,0.2,-0.5,0.1],[-1.0,0.5,1.5,0.9],[1.2,-0.4,0.6,1.08],[0.0,3.0,-2.0,0.4],[0.7,0.58,0.8,-0.3]]"
// RUN: %python %S/save.py %t.s.npy f32 "[[.643914,.236883,.087144,.032059],[.348404,.271337,.134742,.245516],[.041068,.184052,.500306,.274574],[.379128,.076545,.208070,.336257],[.044028,.884331,.005959,.065682],[.297622,.263967,.328923,.109489]]"
// RUN: moe-run %s --entry=softmax --backend=reference --input=%t.l.npy --expect=%t.s.npy --atol=1e-6
// RUN: moe-run %s --entry=softmax --backend=cpu --input=%t.l.npy --expect=%t.s.npy --atol=1e-6
// RUN: %python %S/save.py %t.l.npy f32 \
// RUN:   "[[0,nan,0,0],[0,-inf,0,-inf],[-inf]*4,[0,inf,0,0],[100,100,-100,-100]]"
// RUN: %python %S/save.py %t.s.npy f32 "[[nan]*4,[.5,0,.5,0],[nan]*4,[nan]*4,[.5,.5,0,0]]"
// RUN: moe-run %s --entry=softmax --backend=reference --input=%t.l.npy --expect=%t.s.npy
// RUN: %python %S/save.py %t.l.npy f32 "[]" 0x4
// RUN: moe-run %s --entry=softmax --backend=reference --input=%t.l.npy --expect=%t.l.npy

// Elementwise ones; exp must not overflow.
// RUN: %python %S/save.py %t.l.npy f32 "[[0,2,-100,100],[nan,inf,-inf,-2]]"
// RUN: %python %S/save.py %t.s.npy f32 "[[.5,.880797,0,1],[nan,1,0,.119203]]"
// RUN: moe-run %s --entry=sigmoid --backend=reference --input=%t.l.npy --expect=%t.s.npy
// RUN: %python %S/save.py %t.s.npy f32 "[[.832555,1.458399,0,10],[nan,inf,0,.356270]]"
// RUN: moe-run %s --entry=sqrtsoftplus --backend=reference --input=%t.l.npy --expect=%t.s.npy
// RUN: %python %S/save.py %t.s.npy f32 "[[0,2,0,100],[nan,inf,0,0]]"
// RUN: moe-run %s --entry=relu --backend=reference --input=%t.l.npy --expect=%t.s.npy

// bf16 is computed in f32 and rounded once: 1/3 becomes 0.333984375.
// RUN: %python %S/save.py %t.l.npy bf16 "[[1,1,1],[0,-inf,-inf]]"
// RUN: %python %S/save.py %t.s.npy bf16 "[[0.333984375]*3,[1,0,0]]"
// RUN: moe-run %s --entry=bf16 --backend=reference --input=%t.l.npy --expect=%t.s.npy --rtol=0 --atol=0

// Over the tokens: columns add up to one, and a NaN stays in its column.
// RUN: %python %S/save.py %t.l.npy f32 "[[0,0,nan,-inf],[1.0986123,0,1,0]]"
// RUN: %python %S/save.py %t.s.npy f32 "[[.25,.5,nan,0],[.75,.5,nan,1]]"
// RUN: moe-run %s --entry=tokens --backend=reference --input=%t.l.npy --expect=%t.s.npy
// RUN: moe-run %s --entry=tokens --backend=cpu --input=%t.l.npy --expect=%t.s.npy
// RUN: %python %S/save.py %t.l.npy f32 "[]" 0x4
// RUN: moe-run %s --entry=tokens --backend=cpu --input=%t.l.npy --expect=%t.l.npy
func.func @tokens(%logits: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = moe.score softmax %logits axis tokens : tensor<?x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

func.func @softmax(%logits: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = moe.score softmax %logits : tensor<?x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

func.func @sigmoid(%logits: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = moe.score sigmoid %logits : tensor<?x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

func.func @sqrtsoftplus(%logits: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = moe.score sqrtsoftplus %logits : tensor<?x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

func.func @relu(%logits: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = moe.score relu %logits : tensor<?x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

func.func @bf16(%logits: tensor<?x3xbf16>) -> tensor<?x3xbf16> {
  %s = moe.score softmax %logits : tensor<?x3xbf16> -> tensor<?x3xbf16>
  return %s : tensor<?x3xbf16>
}
