// RUN: moe-opt %s --moe-raise=require | FileCheck %s
// RUN: moe-run %s --entry=moved --backend=cpu --compare=reference
// RUN: moe-run %s --entry=dynamic --backend=cpu --compare=reference --dim=0 --dim=0
// RUN: moe-run %s --entry=dynamic --backend=cpu --compare=reference --dim=1 --dim=1
// RUN: moe-run %s --entry=dynamic --backend=cpu --compare=reference --dim=7 --dim=7 --seed=3
// RUN: moe-run %s --entry=one --backend=cpu --compare=reference
// RUN: moe-run %s --entry=narrow --backend=cpu --compare=reference --rtol=2e-2 --atol=2e-2

#id = affine_map<(t, d) -> (t, d)>
#t = affine_map<(t, d) -> (t)>
#slot = affine_map<(t, e, s) -> (t, s)>
#mask = affine_map<(t, e, s) -> (t, e)>

// The stack has the experts in another order than the selection.
// CHECK-LABEL: func.func @moved
// CHECK:         moe.combine
func.func @moved(%x: tensor<6x8xf32>, %key: tensor<6x3xf32>, %u: tensor<3x8x4xf32>, %v: tensor<3x4x8xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<6x4xf32>) -> tensor<6x4xf32>
  %yr = tensor.empty() : tensor<6x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<6x8xf32>) -> tensor<6x8xf32>
  %us0 = tensor.extract_slice %u[1, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs0 = tensor.extract_slice %v[1, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h0 = linalg.matmul ins(%x, %us0 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a0 = math.tanh %h0 : tensor<6x4xf32>
  %r0 = linalg.matmul ins(%a0, %vs0 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us1 = tensor.extract_slice %u[2, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs1 = tensor.extract_slice %v[2, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h1 = linalg.matmul ins(%x, %us1 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a1 = math.tanh %h1 : tensor<6x4xf32>
  %r1 = linalg.matmul ins(%a1, %vs1 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w1 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  %us2 = tensor.extract_slice %u[0, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs2 = tensor.extract_slice %v[0, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h2 = linalg.matmul ins(%x, %us2 : tensor<6x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<6x4xf32>) -> tensor<6x4xf32>
  %a2 = math.tanh %h2 : tensor<6x4xf32>
  %r2 = linalg.matmul ins(%a2, %vs2 : tensor<6x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<6x8xf32>) -> tensor<6x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<6x8xf32>, tensor<6x8xf32>, tensor<6xf32>) outs(%yr : tensor<6x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<6x8xf32>
  return %y2 : tensor<6x8xf32>
}

// CHECK-LABEL: func.func @dynamic
// CHECK:         moe.combine
func.func @dynamic(%x: tensor<?x8xf32>, %key: tensor<?x3xf32>, %u0: tensor<8x4xf32>, %v0: tensor<4x8xf32>, %u1: tensor<8x4xf32>, %v1: tensor<4x8xf32>, %u2: tensor<8x4xf32>, %v2: tensor<4x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %ids = moe.select #moe.top_k<2> %key : tensor<?x3xf32> -> tensor<?x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<?x3xf32>, tensor<?x2xi32> -> tensor<?x2xf32>
  %mr = tensor.empty(%n) : tensor<?x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<?x3xf32>) -> tensor<?x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<?x2xi32>, tensor<?x2xf32>) outs(%mi : tensor<?x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<?x3xf32>
  %hr = tensor.empty(%n) : tensor<?x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<?x4xf32>) -> tensor<?x4xf32>
  %yr = tensor.empty(%n) : tensor<?x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<?x8xf32>) -> tensor<?x8xf32>
  %h0 = linalg.matmul ins(%x, %u0 : tensor<?x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<?x4xf32>) -> tensor<?x4xf32>
  %a0 = math.tanh %h0 : tensor<?x4xf32>
  %r0 = linalg.matmul ins(%a0, %v0 : tensor<?x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<?x8xf32>) -> tensor<?x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [%n, 1] [1, 1] : tensor<?x3xf32> to tensor<?xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?xf32>) outs(%yr : tensor<?x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x8xf32>
  %h1 = linalg.matmul ins(%x, %u1 : tensor<?x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<?x4xf32>) -> tensor<?x4xf32>
  %a1 = math.tanh %h1 : tensor<?x4xf32>
  %r1 = linalg.matmul ins(%a1, %v1 : tensor<?x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<?x8xf32>) -> tensor<?x8xf32>
  %w1 = tensor.extract_slice %mask[0, 1] [%n, 1] [1, 1] : tensor<?x3xf32> to tensor<?xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?xf32>) outs(%yr : tensor<?x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x8xf32>
  %h2 = linalg.matmul ins(%x, %u2 : tensor<?x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<?x4xf32>) -> tensor<?x4xf32>
  %a2 = math.tanh %h2 : tensor<?x4xf32>
  %r2 = linalg.matmul ins(%a2, %v2 : tensor<?x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<?x8xf32>) -> tensor<?x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [%n, 1] [1, 1] : tensor<?x3xf32> to tensor<?xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?xf32>) outs(%yr : tensor<?x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<?x8xf32>
  return %y2 : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @one
// CHECK:         moe.combine
func.func @one(%x: tensor<1x8xf32>, %key: tensor<1x3xf32>, %u: tensor<3x8x4xf32>, %v: tensor<3x4x8xf32>) -> tensor<1x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<1x3xf32> -> tensor<1x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<1x3xf32>, tensor<1x2xi32> -> tensor<1x2xf32>
  %mr = tensor.empty() : tensor<1x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<1x3xf32>) -> tensor<1x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<1x2xi32>, tensor<1x2xf32>) outs(%mi : tensor<1x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<1x3xf32>
  %hr = tensor.empty() : tensor<1x4xf32>
  %hi = linalg.fill ins(%zero : f32) outs(%hr : tensor<1x4xf32>) -> tensor<1x4xf32>
  %yr = tensor.empty() : tensor<1x8xf32>
  %yi = linalg.fill ins(%zero : f32) outs(%yr : tensor<1x8xf32>) -> tensor<1x8xf32>
  %us0 = tensor.extract_slice %u[0, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs0 = tensor.extract_slice %v[0, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h0 = linalg.matmul ins(%x, %us0 : tensor<1x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<1x4xf32>) -> tensor<1x4xf32>
  %a0 = math.tanh %h0 : tensor<1x4xf32>
  %r0 = linalg.matmul ins(%a0, %vs0 : tensor<1x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<1x8xf32>) -> tensor<1x8xf32>
  %w0 = tensor.extract_slice %mask[0, 0] [1, 1] [1, 1] : tensor<1x3xf32> to tensor<1xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<1x8xf32>, tensor<1x8xf32>, tensor<1xf32>) outs(%yr : tensor<1x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<1x8xf32>
  %us1 = tensor.extract_slice %u[1, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs1 = tensor.extract_slice %v[1, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h1 = linalg.matmul ins(%x, %us1 : tensor<1x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<1x4xf32>) -> tensor<1x4xf32>
  %a1 = math.tanh %h1 : tensor<1x4xf32>
  %r1 = linalg.matmul ins(%a1, %vs1 : tensor<1x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<1x8xf32>) -> tensor<1x8xf32>
  %w1 = tensor.extract_slice %mask[0, 1] [1, 1] [1, 1] : tensor<1x3xf32> to tensor<1xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<1x8xf32>, tensor<1x8xf32>, tensor<1xf32>) outs(%yr : tensor<1x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<1x8xf32>
  %us2 = tensor.extract_slice %u[2, 0, 0] [1, 8, 4] [1, 1, 1] : tensor<3x8x4xf32> to tensor<8x4xf32>
  %vs2 = tensor.extract_slice %v[2, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf32> to tensor<4x8xf32>
  %h2 = linalg.matmul ins(%x, %us2 : tensor<1x8xf32>, tensor<8x4xf32>) outs(%hi : tensor<1x4xf32>) -> tensor<1x4xf32>
  %a2 = math.tanh %h2 : tensor<1x4xf32>
  %r2 = linalg.matmul ins(%a2, %vs2 : tensor<1x4xf32>, tensor<4x8xf32>) outs(%yi : tensor<1x8xf32>) -> tensor<1x8xf32>
  %w2 = tensor.extract_slice %mask[0, 2] [1, 1] [1, 1] : tensor<1x3xf32> to tensor<1xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<1x8xf32>, tensor<1x8xf32>, tensor<1xf32>) outs(%yr : tensor<1x8xf32>) {
  ^bb0(%acc: f32, %r: f32, %f: f32, %out: f32):
    %p = arith.mulf %r, %f : f32
    %s = arith.addf %acc, %p : f32
    linalg.yield %s : f32
  } -> tensor<1x8xf32>
  return %y2 : tensor<1x8xf32>
}

// CHECK-LABEL: func.func @narrow
// CHECK:         moe.combine {{.+}} {product_type = bf16, sum_type = bf16}
func.func @narrow(%x: tensor<6x8xbf16>, %key: tensor<6x3xf32>, %u0: tensor<8x4xbf16>, %v0: tensor<4x8xbf16>, %u1: tensor<8x4xbf16>, %v1: tensor<4x8xbf16>, %u2: tensor<8x4xbf16>, %v2: tensor<4x8xbf16>) -> tensor<6x8xbf16> {
  %zero = arith.constant 0.0 : bf16
  %zero32 = arith.constant 0.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x3xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x3xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %mr = tensor.empty() : tensor<6x3xf32>
  %mi = linalg.fill ins(%zero32 : f32) outs(%mr : tensor<6x3xf32>) -> tensor<6x3xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%ids, %weights : tensor<6x2xi32>, tensor<6x2xf32>) outs(%mi : tensor<6x3xf32>) {
  ^bb0(%id: i32, %weight: f32, %out: f32):
    %e = linalg.index 1 : index
    %e32 = arith.index_cast %e : index to i32
    %here = arith.cmpi eq, %e32, %id : i32
    %term = arith.select %here, %weight, %zero32 : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<6x3xf32>
  %hr = tensor.empty() : tensor<6x4xbf16>
  %hi = linalg.fill ins(%zero : bf16) outs(%hr : tensor<6x4xbf16>) -> tensor<6x4xbf16>
  %yr = tensor.empty() : tensor<6x8xbf16>
  %yi = linalg.fill ins(%zero : bf16) outs(%yr : tensor<6x8xbf16>) -> tensor<6x8xbf16>
  %h0 = linalg.matmul ins(%x, %u0 : tensor<6x8xbf16>, tensor<8x4xbf16>) outs(%hi : tensor<6x4xbf16>) -> tensor<6x4xbf16>
  %a0 = math.tanh %h0 : tensor<6x4xbf16>
  %r0 = linalg.matmul ins(%a0, %v0 : tensor<6x4xbf16>, tensor<4x8xbf16>) outs(%yi : tensor<6x8xbf16>) -> tensor<6x8xbf16>
  %w0 = tensor.extract_slice %mask[0, 0] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y0 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%yi, %r0, %w0 : tensor<6x8xbf16>, tensor<6x8xbf16>, tensor<6xf32>) outs(%yr : tensor<6x8xbf16>) {
  ^bb0(%acc: bf16, %r: bf16, %f: f32, %out: bf16):
    %f16 = arith.truncf %f : f32 to bf16
    %p = arith.mulf %r, %f16 : bf16
    %s = arith.addf %acc, %p : bf16
    linalg.yield %s : bf16
  } -> tensor<6x8xbf16>
  %h1 = linalg.matmul ins(%x, %u1 : tensor<6x8xbf16>, tensor<8x4xbf16>) outs(%hi : tensor<6x4xbf16>) -> tensor<6x4xbf16>
  %a1 = math.tanh %h1 : tensor<6x4xbf16>
  %r1 = linalg.matmul ins(%a1, %v1 : tensor<6x4xbf16>, tensor<4x8xbf16>) outs(%yi : tensor<6x8xbf16>) -> tensor<6x8xbf16>
  %w1 = tensor.extract_slice %mask[0, 1] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y1 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y0, %r1, %w1 : tensor<6x8xbf16>, tensor<6x8xbf16>, tensor<6xf32>) outs(%yr : tensor<6x8xbf16>) {
  ^bb0(%acc: bf16, %r: bf16, %f: f32, %out: bf16):
    %f16 = arith.truncf %f : f32 to bf16
    %p = arith.mulf %r, %f16 : bf16
    %s = arith.addf %acc, %p : bf16
    linalg.yield %s : bf16
  } -> tensor<6x8xbf16>
  %h2 = linalg.matmul ins(%x, %u2 : tensor<6x8xbf16>, tensor<8x4xbf16>) outs(%hi : tensor<6x4xbf16>) -> tensor<6x4xbf16>
  %a2 = math.tanh %h2 : tensor<6x4xbf16>
  %r2 = linalg.matmul ins(%a2, %v2 : tensor<6x4xbf16>, tensor<4x8xbf16>) outs(%yi : tensor<6x8xbf16>) -> tensor<6x8xbf16>
  %w2 = tensor.extract_slice %mask[0, 2] [6, 1] [1, 1] : tensor<6x3xf32> to tensor<6xf32>
  %y2 = linalg.generic {indexing_maps = [#id, #id, #t, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y1, %r2, %w2 : tensor<6x8xbf16>, tensor<6x8xbf16>, tensor<6xf32>) outs(%yr : tensor<6x8xbf16>) {
  ^bb0(%acc: bf16, %r: bf16, %f: f32, %out: bf16):
    %f16 = arith.truncf %f : f32 to bf16
    %p = arith.mulf %r, %f16 : bf16
    %s = arith.addf %acc, %p : bf16
    linalg.yield %s : bf16
  } -> tensor<6x8xbf16>
  return %y2 : tensor<6x8xbf16>
}
